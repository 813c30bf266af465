"""The diagnosis at scale: hundreds of right answers and thousands of wrong ones to every question.

    python benchmarks/diagnosis.py [--ways 200] [--triples 200] [--jobs 2] [QUESTION …]

Writes evidence/diagnosis.json where all questions are asked. Of each question: generated right answers (none
may be rejected), every mistake alone and again in other styles (each rejected and named), every pair of
mistakes (each rejected; how many of them are named) and triples, drawn at random (each rejected). Everything
is seeded. It can be stopped: nothing is written then.
"""

import argparse
import json
import platform
import random
import sys
import time
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import replace
from datetime import date
from importlib.metadata import version
from multiprocessing import get_context
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from bn_course.grading.catalogue import catalogue
from bn_course.grading.compare import same
from bn_course.grading.diagnose import diagnose
from bn_course.grading.judge import judge_here
from bn_course.grading.question import SEED, Question
from bn_course.grading.run import Outcome, run_here

REPOSITORY = Path(__file__).resolve().parent.parent
EVIDENCE = REPOSITORY / "evidence" / "diagnosis.json"
sys.path.insert(0, str(REPOSITORY / "tests" / "grading"))

from ways import FAMILIES, go_together, right_ways, wrong_ways  # noqa: E402

STYLES = 2  # in which each single mistake is made again


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("questions", nargs="*", metavar="QUESTION")
    parser.add_argument("--ways", type=int, default=200, help="right answers to each question")
    parser.add_argument("--triples", type=int, default=200, help="triples of mistakes of each question")
    parser.add_argument("--jobs", type=int, default=2)
    asked = parser.parse_args()
    names = asked.questions or list(catalogue())
    if unknown := set(names) - set(catalogue()):
        parser.error(f"there is no question called {', '.join(sorted(unknown))}")
    start = time.perf_counter()
    found = measure_all(names, asked.ways, asked.triples, asked.jobs)
    result = {
        "what": "right answers, mistakes, pairs and triples of them, all generated, and what was said",
        "total": added(found.values()),
        "families": {f: added(found[n] for n in members if n in found) for f, members in FAMILIES.items()},
        "questions": {name: found[name] for name in names},
        "seed": SEED,
        "seconds": round(time.perf_counter() - start),
        "jobs": asked.jobs,
        "versions": {name: version(name) for name in ("numpy", "torch")}
        | {"python": platform.python_version()},
        "date": date.today().isoformat(),
    }
    Console(width=max(140, Console().width)).print(table(result))
    if not asked.questions:
        EVIDENCE.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    sys.exit(bool(faults(result["total"])))


def measure_all(names: list[str], ways: int, triples: int, jobs: int) -> dict[str, dict[str, int]]:
    """The counts of every question, those with the most pairs first."""
    found = {}
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    longest_first = sorted(names, key=lambda name: -len(catalogue()[name].pairs))
    with ProcessPoolExecutor(jobs, get_context("spawn")) as pool, Progress(*columns) as progress:
        task = progress.add_task("questions", total=len(names))
        futures = {pool.submit(measure, name, ways, triples): name for name in longest_first}
        try:
            for future in as_completed(futures):
                found[futures[future]] = future.result()
                progress.advance(task)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            for process in list(pool._processes.values()):
                process.terminate()
            raise
    return found


def measure(name: str, ways: int, triples: int) -> dict[str, int]:
    """The counts of one question."""
    import torch

    torch.set_num_threads(1)
    question = catalogue()[name]
    recorded = Recorded(question)
    counts = Counter()
    counts.update(of_right_answers(question, ways))
    counts.update(of_styles(question))
    counts.update(recorded.of_singles())
    counts.update(recorded.of_pairs())
    counts.update(recorded.of_triples(triples))
    return dict(counts)


def of_right_answers(question: Question, ways: int) -> dict[str, int]:
    """How many right answers there are, how many are rejected, and how many results differ in some bit."""
    probe = question.probes(np.random.default_rng(SEED))[0]
    results, rejected = set(), 0
    made = right_ways(question, ways)
    for way in made:
        rejected += not judge_here(question, way.answer).passed
        results.add(repr(_bits(run_here(way.answer, probe).value)))
    return {"right": len(made), "right_rejected": rejected, "right_results": len(results)}


def _bits(value: Any) -> Any:
    if isinstance(value, tuple):
        return tuple(map(_bits, value))
    return value.tobytes() if isinstance(value, np.ndarray) else value


def of_styles(question: Question) -> dict[str, int]:
    """Every single mistake, made in other styles."""
    counts = Counter(styled=0, styled_rejected=0, styled_named=0)
    for seed in range(STYLES):
        ways = wrong_ways(question, question.diagnosable, seed)
        for (misconception, _), way in zip(question.diagnosable, ways, strict=True):
            report = judge_here(question, way.answer)
            counts["styled"] += 1
            counts["styled_rejected"] += not report.passed
            counts["styled_named"] += report.diagnosis == (misconception.key,)
    return counts


class Recorded:
    """What every mistake and every pair of mistakes gives on every probe, run once.

    An answer is diagnosed as it would be at a check, but from what is recorded: of thousands of explanations
    only those are looked at that agree with it roughly.
    """

    def __init__(self, question: Question):
        rng = np.random.default_rng(SEED)
        self.question = question
        self.probes = [*question.probes(rng), question.probes(rng)[0]]
        self.expected = [run_here(question.reference, probe) for probe in self.probes]
        self.numbered = [replace(p, driver="call", args=(i,)) for i, p in enumerate(self.probes)]
        self.outcomes: dict[str, list[Outcome]] = {}
        exact = next(i for i, probe in enumerate(self.probes) if not probe.rounding)
        tolerance = self.probes[exact].rtol + self.probes[exact].atol
        self.singles = Rough(
            question.diagnosable, list(map(self._made, question.diagnosable)), exact, tolerance
        )
        self.pairs = Rough(question.pairs, list(map(self._made, question.pairs)), exact, tolerance)

    def run(self, knobs: Mapping[str, Any]) -> list[Outcome]:
        """The outcomes of the variant with these knobs."""
        key = repr(sorted(knobs.items()))
        if key not in self.outcomes:
            answer = self.question.with_knobs(knobs)
            self.outcomes[key] = [run_here(answer, probe) for probe in self.probes]
        return self.outcomes[key]

    def _made(self, explanation: tuple) -> list[Outcome]:
        return self.run(explanation[1])

    def _answer(self, knobs: Mapping[str, Any]) -> Callable[[int], Any]:
        """What gives on the numbered probes what is recorded for these knobs."""
        outcomes = self.run(knobs)

        def answer(number):
            if outcomes[number].failure:
                raise RuntimeError
            return outcomes[number].value

        return answer

    def rejected(self, outcomes: list[Outcome]) -> bool:
        return not self._same(self.expected, outcomes)

    def _same(self, ones: list[Outcome], others: list[Outcome]) -> bool:
        return all(map(same, ones, others, self.probes))

    def diagnosis(self, outcomes: list[Outcome], pairs: bool = True) -> set[str]:
        question = SimpleNamespace(
            reference=lambda number: number,
            misconceptions=self.question.misconceptions,
            with_knobs=self._answer,
            diagnosable=self.singles.near(outcomes),
            pairs=self.pairs.near(outcomes) if pairs else [],
        )
        return set(diagnose(question, self.numbered, self.expected, outcomes))

    def of_singles(self) -> dict[str, int]:
        counts = Counter(singles=0, singles_rejected=0, singles_named=0)
        for misconception, knobs in self.question.diagnosable:
            outcomes = self.run(knobs)
            counts["singles"] += 1
            counts["singles_rejected"] += self.rejected(outcomes)
            counts["singles_named"] += self.diagnosis(outcomes) == {misconception.key}
        return counts

    def of_pairs(self) -> dict[str, int]:
        """What is said of every pair.

        `as_one`: a single mistake gives the same on every probe, and is named. Of the others: `both` are
        named, `one` of them, `none`, or something else (`other`).
        """
        counts = Counter(dict.fromkeys(_PAIRS, 0))
        for (first, second), knobs in self.question.pairs:
            outcomes = self.run(knobs)
            made, said = {first.key, second.key}, self.diagnosis(outcomes)
            as_one = said != made and self.diagnosis(outcomes, pairs=False)
            counts["pairs"] += 1
            counts["pairs_rejected"] += self.rejected(outcomes)
            counts[f"pairs_{'as_one' if as_one else _answered(made, said)}"] += 1
        return counts

    def of_triples(self, count: int) -> dict[str, int]:
        """Of triples drawn at random: how many are rejected, and how many are told something wrong."""
        counts = Counter(triples=0, triples_rejected=0, triples_some=0, triples_none=0, triples_other=0)
        for made, knobs in triples(self.question, count):
            answer = self.question.with_knobs(knobs)
            outcomes = [run_here(answer, probe) for probe in self.probes]
            said = self.diagnosis(outcomes)
            counts["triples"] += 1
            counts["triples_rejected"] += self.rejected(outcomes)
            counts["triples_other" if said - made else "triples_some" if said else "triples_none"] += 1
        return counts


class Rough:
    """Explanations by what they give on one exact probe, all compared with an answer at once."""

    def __init__(self, explanations: list, outcomes: list[list[Outcome]], probe: int, tolerance: float):
        self.explanations, self.probe, self.tolerance = explanations, probe, tolerance
        self.rounding = np.array([_of_rounding(explanation) for explanation in explanations], dtype=bool)
        rows = [_flat(outcome[probe]) for outcome in outcomes]
        self.sizes = np.array([len(row) for row in rows])
        self.rows = {n: np.stack([row for row in rows if len(row) == n]) for n in set(self.sizes)}

    def near(self, outcomes: list[Outcome]) -> list:
        """Those that agree on the probe within four times the tolerance, and those of rounding."""
        answer = _flat(outcomes[self.probe])
        kept = self.rounding.copy()
        if len(answer) in self.rows:
            rows = self.rows[len(answer)]
            scale = max(1.0, np.abs(answer[np.isfinite(answer)]).max(initial=0.0))
            with np.errstate(invalid="ignore"):
                near = np.abs(rows - answer) <= 4 * self.tolerance * scale
                near |= (rows == answer) | (np.isnan(rows) & np.isnan(answer))
            kept[self.sizes == len(answer)] |= near.all(axis=1)
        return [self.explanations[i] for i in np.flatnonzero(kept)]


def _of_rounding(explanation: tuple) -> bool:
    made = explanation[0]
    return any(m.rounding for m in (made if isinstance(made, tuple) else (made,)))


def _flat(outcome: Outcome) -> np.ndarray:
    """All numbers of an outcome, one after the other; what is no number as one."""
    if outcome.failure:
        return np.zeros(0)
    return np.array(list(_numbers(outcome.value)), dtype=np.float64)


def _numbers(value: Any) -> Iterator[float]:
    if isinstance(value, tuple):
        for item in value:
            yield from _numbers(item)
    elif isinstance(value, np.ndarray):
        yield from value.ravel().tolist()
    else:
        yield float(zlib.crc32(repr(value).encode()))


_PAIRS = tuple(f"pairs{end}" for end in ("", "_rejected", "_both", "_as_one", "_one", "_none", "_other"))


def _answered(made: set[str], said: set[str]) -> str:
    return "other" if said - made else ("none", "one", "both")[len(said)]


def triples(question: Question, count: int) -> list[tuple[set[str], dict]]:
    """Three mistakes at once, on different knobs: `count` of them, or all where there are no more."""
    rng = random.Random(f"{question.name} {SEED}")
    found = {}
    for _ in range(20 * count if len(question.diagnosable) > 2 else 0):
        three = sorted(rng.sample(range(len(question.diagnosable)), 3))
        mistakes = [question.diagnosable[i] for i in three]
        if go_together(mistakes) and len(found) < count:
            knobs = {name: value for _, setting in mistakes for name, value in setting.items()}
            found[tuple(three)] = ({m.key for m, _ in mistakes}, knobs)
    return list(found.values())


def added(counts: Iterable[dict[str, int]]) -> dict[str, int]:
    total = Counter()
    for of_one in counts:
        total.update({"questions": 1, **of_one})
    return dict(total)


def faults(total: dict[str, int]) -> int:
    """How often the course's promise is broken."""
    return total.get("right_rejected", 0) + sum(
        total.get(kind, 0) - total.get(f"{kind}_{done}", 0)
        for kind, done in (
            *(("singles", "rejected"), ("singles", "named"), ("styled", "rejected"), ("styled", "named")),
            *(("pairs", "rejected"), ("triples", "rejected")),
        )
    )


def table(result: dict) -> Table:
    drawn = Table(title=f"Diagnosis at scale, {result['date']}, {result['seconds']} s")
    drawn.add_column("family")
    for heading in (
        *("right", "rejected", "mistakes", "named", "in styles", "named", "pairs", "rejected"),
        *("both named", "as one", "one", "none", "other", "triples", "rejected"),
    ):
        drawn.add_column(heading, justify="right")
    families = {f: c for f, c in result["families"].items() if c}
    for family, counts in [*families.items(), ("all", result["total"])]:
        drawn.add_row(family, *_row(Counter(counts)), end_section=family == list(families)[-1])
    return drawn


def _row(c: Counter) -> list[str]:
    return [
        f"{c['right']}",
        f"{c['right_rejected']}",
        *(
            f"{c[kind]}"
            for kind in ("singles", "singles_named", "styled", "styled_named", "pairs", "pairs_rejected")
        ),
        *(
            f"{c[f'pairs_{said}'] / max(1, c['pairs']):.1%}"
            for said in ("both", "as_one", "one", "none", "other")
        ),
        *(f"{c[kind]}" for kind in ("triples", "triples_rejected")),
    ]


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit("stopped: nothing is written")
