"""'In your own words': a question at a lesson's end, to be answered and compared. Nothing is scored."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from bn_course.grading.catalogue import lessons
from bn_course.review import memory


@dataclass(frozen=True)
class Explanation:
    """A lesson's question, a model answer of two sentences, and three points to look for."""

    lesson: str
    question: str
    answer: str
    points: tuple[str, ...]


@cache
def explanation(name: str) -> Explanation:
    """What a lesson asks: '02' or '02_forward_pass'. ValueError where there is none."""
    found = [stem for stem in lessons() if name in (stem, stem[:2])]
    if not found:
        raise ValueError(f"there is no lesson called {name!r}: 00 to {lessons()[-1][:2]}")
    file = files("bn_course.checks") / found[0] / "own_words.toml"
    words = tomllib.loads(file.read_text(encoding="utf-8"))
    return Explanation(found[0], words["question"], words["answer"], tuple(words["points"]))


def keep(lesson: str, text: str, ticked: list[bool]) -> str | None:
    """Keep what was written and ticked. Returns None, or why it could not be saved."""
    return memory.change(lambda state: state["own_words"].update({lesson: {"text": text, "ticked": ticked}}))


def kept(state: Mapping) -> list[dict]:
    """Every explanation that was written: lesson, question, text and the points that the learner ticked."""
    rows = []
    for stem in lessons():
        entry, asked = state["own_words"].get(stem), explanation(stem)
        if entry:
            ticked = [point for point, tick in zip(asked.points, entry["ticked"], strict=False) if tick]
            row = {"lesson": stem, "question": asked.question, "text": entry["text"], "ticked": ticked}
            rows.append(row)
    return rows
