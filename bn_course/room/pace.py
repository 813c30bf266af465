"""The minutes that a room took for each section, against the plan of docs/plans.md that it followed."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from statistics import median

from bn_course import course
from bn_course.grading.catalogue import catalogue, predictions
from bn_course.room.store import INSTRUCTOR, Row

_ROW = re.compile(r"^\| (\d+):(\d\d) \| (\d+) \| \[(.*?)\]\(.*?\) \| (.*?) ?\| (.*?) ?\|", re.M)


@dataclass(frozen=True)
class Planned:
    """A row of a plan: when it begins, in minutes, and the predictions and questions that tell of it."""

    section: str
    at: int
    minutes: int
    names: tuple[str, ...]


@dataclass(frozen=True)
class Paced:
    """A section that the room was in: when it began, in minutes from the first, and how long until the next.

    `planned` is what the plan has between the same two sections; None for the last, which nothing ends.
    """

    section: str
    began: float
    took: float | None
    planned: int | None


@cache
def plans() -> dict[str, tuple[Planned, ...]]:
    """Every plan's rows by its heading; a plan of two days is two."""
    text = (course.folder("docs") / "plans.md").read_text(encoding="utf-8")
    parts = re.split(r"^###? ", text, flags=re.MULTILINE)[1:]
    tables = {part.partition("\n")[0]: tuple(map(_planned, _ROW.findall(part))) for part in parts}
    return {title: rows for title, rows in tables.items() if rows}


def _planned(row: tuple[str, ...]) -> Planned:
    hours, minutes, length, section, collect, does = row
    named = re.findall(r"`([\w-]+)`", f"{collect} {does}")
    names = tuple(name for name in named if name in predictions() or name in catalogue())
    return Planned(section, 60 * int(hours) + int(minutes), int(length), names)


def followed(rows: Sequence[Row]) -> tuple[str, list[Paced]] | None:
    """The plan of whose sections the room was in most, and its pace; None where it was in fewer than two."""
    began = _began(rows)
    found = {title: _visited(plan, began) for title, plan in plans().items()}
    title = max(found, key=lambda name: (len(found[name]), -len(plans()[name])))
    return (title, _paced(found[title])) if len(found[title]) > 1 else None


def _began(rows: Iterable[Row]) -> dict[str, float]:
    """When the room came to each prediction and question: its vote was opened or, where it had none, the
    median learner first did something there."""
    opened: dict[str, float] = {}
    firsts: dict[str, dict[str, float]] = defaultdict(dict)
    for row in rows:
        name = row.body.get("section") if row.kind == "seen" else row.body.get("question")
        if row.learner == INSTRUCTOR and row.kind == "open":
            opened.setdefault(name, row.received)
        elif row.learner != INSTRUCTOR and name:
            firsts[name].setdefault(row.learner, row.received)
    return {name: median(each.values()) for name, each in firsts.items()} | opened


def _visited(plan: Iterable[Planned], began: Mapping[str, float]) -> list[tuple[float, Planned]]:
    times = [(min((began[n] for n in one.names if n in began), default=None), one) for one in plan]
    return sorted(((when, one) for when, one in times if when is not None), key=lambda each: each[0])


def _paced(visited: Sequence[tuple[float, Planned]]) -> list[Paced]:
    start = visited[0][0]
    found = []
    for (when, one), (then, following) in pairwise(visited):
        ahead = following.at - one.at
        planned = ahead if ahead > 0 else None
        found.append(Paced(one.section, (when - start) / 60, (then - when) / 60, planned))
    when, last = visited[-1]
    return [*found, Paced(last.section, (when - start) / 60, None, None)]
