"""Search for the one place, or the two, whose change makes an answer pass every probe."""

import pickle
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from itertools import combinations

import numpy as np

from bn_course.drivers import PLAIN
from bn_course.grading.compare import close, contract_fault
from bn_course.grading.question import Probe, Question
from bn_course.grading.repair import catalogue
from bn_course.grading.repair.edit import Edit
from bn_course.grading.repair.place import Place
from bn_course.grading.repair.program import Switched, text_of, with_edits
from bn_course.grading.repair.showing import Showing
from bn_course.grading.repair.source import NotUnderstood, definitions
from bn_course.grading.run import Outcome, run_here

RunEdited = Callable[[dict], list[tuple[Outcome, float]]]
"""Runs an edited program, here or in another process: `drivers.edited.run_edited` says with what. Fewer
outcomes than jobs where there was no time for all, or where an edit ended the process that ran it."""

MOST = 2500  # candidates in one program
MOST_SITES = 24  # of an edit that is made everywhere
BATCH = 150  # jobs at once: as many are lost where one ends its process
FEW = 8  # candidates that are run on all other probes at once
FIRST, ALL, END = 0.8, 0.9, 1.0  # shares of the budget: to try edits on one probe, on all, to confirm
SINGLES = 0.6  # as FIRST, for single edits, so that something is left for two
PAIRED = 60  # edits of which two are tried together

Candidate = tuple[Edit, ...]
Trial = tuple[Probe, Outcome]  # and what the reference does with it


class _OutOfBudget(Exception):  # noqa: N818 - the search ends
    pass


def find_place(
    question: Question,
    source: str,
    probes: Sequence[Probe],
    expected: Sequence[Outcome],
    run_edited: RunEdited,
    budget: float | None = None,
) -> tuple[Place, ...]:
    """Where one change makes the answer pass: one place, or two of which each alone ("either") or both
    ("together", "alike") do; none where that is not certain.

    `source` holds the definition of the question's name, and of what it calls, at its top level. `expected`
    are the outcomes of the reference for `probes`; they are compared here and handed to nobody. `budget` is
    in seconds of processor time: half a second for plain calls, more where a probe is a history or a model.
    """
    if budget is None:
        budget = 0.5 if all(probe.driver in PLAIN for probe in probes) else 1.2
    try:
        tree = definitions(source, question.name)
        search = _Search(question, tree, list(zip(probes, expected, strict=True)), run_edited, budget)
        return _places(Showing(source, tree), search) if search.order else ()
    except (NotUnderstood, _OutOfBudget, RecursionError):
        return ()


def _places(showing: Showing, search: "_Search") -> tuple[Place, ...]:
    singles = search.singles()
    if singles:
        places = _distinct(showing, search, singles)
        role = "alone" if len(places) == 1 else "either"
        return tuple(showing.place(edits, role) for edits in places) if len(places) <= 2 else ()
    for role, look in (("alike", search.groups), ("together", search.pairs)):
        found = look()
        sets = {frozenset(id(showing.statement(e)) for e in candidate): candidate for candidate in found}
        smallest = min(sets, key=len, default=frozenset())
        if smallest and all(smallest <= other for other in sets) and search.confirmed(sets[smallest]):
            return _together(showing, sets[smallest], role)
        if sets:
            return ()
    return ()


def _distinct(showing, search, singles: Sequence[Candidate]) -> list[list[Edit]]:
    """The edits that were confirmed, by the statement that they change."""
    by_statement: dict[int, list[Edit]] = {}
    for (edit,) in singles:
        by_statement.setdefault(id(showing.statement(edit)), []).append(edit)
    if len(by_statement) > 4:
        return [*by_statement.values()]
    confirmed = [[e for e in edits if search.confirmed((e,))] for edits in by_statement.values()]
    return [edits for edits in confirmed if edits]


def _together(showing: Showing, candidate: Candidate, role: str) -> tuple[Place, ...]:
    by_statement: dict[int, list[Edit]] = {}
    for edit in candidate:
        by_statement.setdefault(id(showing.statement(edit)), []).append(edit)
    places = tuple(showing.place(edits, role) for edits in by_statement.values())
    return tuple(sorted(places, key=lambda place: (place.line, place.start))) if len(places) <= 3 else ()


class _Search:
    def __init__(self, question, tree, trials, run_edited, budget):
        self.question, self.tree, self.trials, self.run_edited = question, tree, trials, run_edited
        self.budget, self.started, self.elsewhere = budget, time.process_time(), 0.0
        self.longest = budget / 4
        self.order = self._ordered()
        self.edits = self._catalogued() if self.order else []
        self.fresh: list[Trial] = []
        self.kept: list[tuple[Edit, Outcome]] = []  # what single edits do to the first probe

    def _catalogued(self) -> list[Edit]:
        given = [probe.args for probe, _ in self.trials]
        return catalogue.edits(self.tree, self.question.reference, given)

    def _run(self, program: str, jobs: Sequence[tuple[Sequence[int], Probe]], share: float = ALL) -> list:
        """The outcome and the seconds of each job, or None where it has none."""
        done: list = []
        for start in range(0, len(jobs), BATCH):
            batch = jobs[start : start + BATCH]
            left = share * self.budget - (time.process_time() - self.started) - self.elsewhere
            if left <= 0:
                break
            found = self._timed(self._request(program, batch, left))
            done += [*found, *[None] * (len(batch) - len(found))]
        if not done:
            raise _OutOfBudget
        return [*done, *[None] * (len(jobs) - len(done))]

    def _timed(self, request: dict) -> list:
        here, wall = time.process_time(), time.perf_counter()
        found = self.run_edited(request)
        took = sum(took for _, took in found) if found else time.perf_counter() - wall
        self.elsewhere += max(0.0, took - (time.process_time() - here))
        return found

    def _request(self, program: str, jobs, left: float) -> dict:
        probes = list({id(probe): probe for _, probe in jobs}.values())
        numbers = {id(probe): number for number, probe in enumerate(probes)}
        return {
            "program": program,
            "name": self.question.name,
            "probes": tuple((probe.driver, probe.args) for probe in probes),
            "jobs": tuple((tuple(on), numbers[id(probe)]) for on, probe in jobs),
            "seconds": left,
            "longest": self.longest,
        }

    def _ordered(self) -> list[Trial]:
        """The trials, first those that fail, the quickest of them first; none where none fails."""
        done = self._run(text_of(with_edits(self.tree, ())), [((), probe) for probe, _ in self.trials])
        if None in done:
            raise _OutOfBudget
        least = max(0.01, self.budget / 200)  # a collection of garbage may come in between
        self.longest = min(self.longest, max(least, 20 * max(took for _, took in done)))
        wrong = [
            not self._right(trial, outcome) for trial, (outcome, _) in zip(self.trials, done, strict=True)
        ]
        ordered = sorted(range(len(done)), key=lambda i: (not wrong[i], done[i][1]))
        return [self.trials[i] for i in ordered] if any(wrong) else []

    def _right(self, trial: Trial, outcome: Outcome) -> bool:
        probe, expected = trial
        if expected.failure:
            return bool(outcome.failure)
        if outcome.failure or outcome.mutated:
            return False
        if contract_fault(expected.value, outcome.value, probe.returns or self.question.returns):
            return False
        return close(expected.value, outcome.value, probe)

    def _passing(self, candidates: Sequence[Candidate], share: float = FIRST) -> list[Candidate]:
        """Those that are right on every probe, as far as a share of the time goes."""
        if not candidates:
            return []
        switched = Switched(self.tree, candidates)
        alive, left = list(range(len(candidates))), self.order
        while alive and left:
            now, left = (left, []) if len(alive) <= FEW else (left[:1], left[1:])
            jobs = [(switched.settings[i], probe) for i in alive for probe, _ in now]
            done = iter(self._run(switched.text, jobs, share))
            outcomes = {i: [next(done) for _ in now] for i in alive}
            if share == SINGLES:
                self.kept = [(candidates[i][0], got[0][0]) for i, got in outcomes.items() if got[0]]
            share = ALL
            alive = [i for i, got in outcomes.items() if self._all_right(now, got)]
        return [candidates[i] for i in alive]

    def _all_right(self, trials: Sequence[Trial], done: Sequence) -> bool:
        return all(got and self._right(trial, got[0]) for trial, got in zip(trials, done, strict=True))

    def singles(self) -> list[Candidate]:
        return self._passing([(edit,) for edit in self.edits[:MOST]], SINGLES)

    def groups(self) -> list[Candidate]:
        """The same edit everywhere, without the places that do not need it."""
        kinds: dict[tuple, list[Edit]] = {}
        for edit in self.edits:
            if edit.kind:
                kinds.setdefault(edit.kind, []).append(edit)
        candidates = [tuple(edits) for edits in kinds.values() if 2 <= len(edits) <= MOST_SITES]
        return [self._minimal(candidate) for candidate in self._passing(candidates)]

    def _minimal(self, candidate: Candidate) -> Candidate:
        for edit in candidate:
            fewer = tuple(other for other in candidate if other is not edit)
            if len(fewer) >= 2 and self._passing([fewer]):
                candidate = fewer
        return candidate

    def pairs(self) -> list[Candidate]:
        """Two edits that only together mend, those first that come near to right by themselves."""
        found: list[Candidate] = []
        pairs = self._promising()
        with suppress(_OutOfBudget, RecursionError):  # too many at one place are too deep a program
            for start in range(0, len(pairs), BATCH):
                found += self._passing(pairs[start : start + BATCH])
        return found

    def _promising(self) -> list[Candidate]:
        _, expected = self.order[0]
        different: dict[bytes, tuple[Edit, Outcome]] = {}  # of the edits that do the same, the first
        for edit, outcome in self.kept:
            if not outcome.failure:
                different.setdefault(_fingerprint(outcome), (edit, outcome))
        scored = [(_distance(expected, outcome), edit) for edit, outcome in different.values()]
        scored = sorted(scored, key=lambda s: (s[0], s[1].rank))
        edits = [edit for _, edit in scored][:PAIRED]
        ordered = sorted(combinations(range(len(edits)), 2), key=sum)
        return [(edits[i], edits[j]) for i, j in ordered]

    def confirmed(self, candidate: Candidate) -> bool:
        """Does it pass when the source is rebuilt with it, on probes drawn afresh too?"""
        if not self.fresh:
            drawn = self.question.probes(np.random.default_rng())
            self.fresh = [(probe, run_here(self.question.reference, probe)) for probe in drawn]
        trials = [*self.trials, *self.fresh]
        done = self._run(text_of(with_edits(self.tree, candidate)), [((), probe) for probe, _ in trials], END)
        return self._all_right(trials, done)


def _fingerprint(outcome: Outcome) -> bytes:
    """The same for outcomes that differ by less than the last bits of float32."""
    return pickle.dumps([_single(part) for part in _parts(outcome.value)])


def _single(part):
    if not isinstance(part, np.ndarray):
        return part
    with np.errstate(all="ignore"):  # what is too large or small for float32 is ∞ or 0
        return part.astype(np.complex64 if part.dtype.kind == "c" else np.float32)


def _distance(expected: Outcome, outcome: Outcome) -> float:
    """0 to 2: how far from right, with the share of wrong entries counting most; 3 for what raises."""
    if outcome.failure or expected.failure:
        return 3.0
    wanted, found = _parts(expected.value), _parts(outcome.value)
    if len(wanted) != len(found):
        return 2.0
    return sum(map(_part_distance, wanted, found)) / max(1, len(wanted))


def _parts(value) -> list:
    return list(value) if isinstance(value, tuple) else [value]


def _part_distance(wanted, found) -> float:
    if not isinstance(wanted, np.ndarray) or not isinstance(found, np.ndarray):
        return 0.0 if type(wanted) is type(found) else 2.0
    if wanted.shape != found.shape or not np.issubdtype(found.dtype, np.number):
        return 2.0
    return float(np.mean(~np.isclose(found, wanted, rtol=1e-5, atol=1e-6)))
