"""A room's inventories and explanations, from the review files that learners handed in."""

import os
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from bn_course.grading.catalogue import lessons
from bn_course.review import memory
from bn_course.review.explanations import kept
from bn_course.review.gain import gains, held
from bn_course.review.inventory_forms import FORMS, form, is_right
from bn_course.review.statistics import Statistics, statistics
from bn_course.workshop.handed import learner


@dataclass(frozen=True)
class Handed:
    """One learner's: the finished forms, as answers by item, and the explanations."""

    learner: str
    answers: dict[str, dict[str, str]]
    own_words: list[dict]


def read(places: Iterable[Path]) -> list[Handed]:
    """The review files among `places` and below them: of what learners hand in only what is sound counts."""
    files = {f for place in places for f in (place.rglob("review.json") if place.is_dir() else [place])}
    found = (_read(file) for file in sorted(files) if file.name == "review.json")
    return [handed for handed in found if handed]


def _read(file: Path) -> Handed | None:
    try:
        state, _ = memory.read(file.read_text(encoding="utf-8", errors="replace"))
    except OSError:
        return None
    answers = {which: _finished(state["inventory"].get(which), which) for which in FORMS}
    taken = {which: sheet for which, sheet in answers.items() if sheet}
    # A file's own name says nothing of whose it is; what stands for a lesson's notebook says as little.
    whose = learner(file.with_name(f"{lessons()[0]}.ipynb"))
    some = taken or state["own_words"]
    return Handed(whose or os.fspath(file.parent), taken, kept(state)) if some else None


def _finished(entry: dict | None, which: str) -> dict[str, str]:
    answers = entry["answers"] if entry else {}
    return {name: answers[name] for name in form(which)} if form(which).keys() <= answers.keys() else {}


def statistics_of(room: Sequence[Handed], which: str) -> Statistics:
    """A form's statistics over all who finished it."""
    sheets = [handed.answers[which] for handed in room if which in handed.answers]
    return statistics([{name: is_right(sheet, name) for name in form(which)} for sheet in sheets])


def beliefs_of(room: Sequence[Handed], which: str) -> Counter[str]:
    """How many of the room hold which belief, by that form."""
    sheets = [handed.answers[which] for handed in room if which in handed.answers]
    return Counter(key for sheet in sheets for key in held(sheet, which))


def gain_of(room: Sequence[Handed]) -> dict[str, float]:
    """The normalised gain of the room's means by idea, of those who finished both forms."""
    both = [gains(_as_kept(handed)) for handed in room if len(handed.answers) == len(FORMS)]
    found = {}
    for rows in zip(*both, strict=True):
        before, after, most = (sum(getattr(row, name) for row in rows) for name in ("before", "after", "of"))
        if before < most:
            found[rows[0].idea] = (after - before) / (most - before)
    return found


def _as_kept(handed: Handed) -> dict:
    return {which: {"answers": sheet, "finished": True} for which, sheet in handed.answers.items()}


def to_dict(room: Sequence[Handed]) -> dict:
    """The room, ready for JSON."""
    forms = {
        which: asdict(statistics_of(room, which)) | {"beliefs": dict(beliefs_of(room, which))}
        for which in FORMS
    }
    words = [{"learner": handed.learner, **row} for handed in room for row in handed.own_words]
    return {"inventory": forms, "gain": gain_of(room), "own_words": words}


def summary(room: Sequence[Handed]) -> list[str]:
    """The room's inventories in lines of text; nothing where nobody handed in a form."""
    lines = []
    for which in FORMS:
        found = statistics_of(room, which)
        if found.scores:
            lines += [f"Inventory, {which} the course: {len(found.scores)} learners", *_form_lines(found)]
            known = beliefs_of(room, which).most_common(10)
            lines += [f"  {times:3} of {len(found.scores)}: {key}" for key, times in known]
    if gain := gain_of(room):
        lines += ["Normalised gain of the room:", *(f"  {idea:32} {g:+.2f}" for idea, g in gain.items())]
    return lines


def _form_lines(found: Statistics) -> list[str]:
    scores = Counter(found.scores)
    lines = ["  right answers: " + ", ".join(f"{score} ({n})" for score, n in scores.items())]
    if found.alpha is None:
        lines.append("  reliability: not to be had from so few, or from scores that are all alike")
    else:
        low, high = found.interval
        lines.append(f"  reliability, Cronbach's α: {found.alpha:.2f}, 95 % interval {low:.2f} to {high:.2f}")
    for item in found.items:
        told = "-" if item.discrimination is None else f"{item.discrimination:+.2f}"
        lines.append(f"  {item.name:24} {item.difficulty:4.0%} right, with the rest {told}")
    return lines
