"""What a learner reads of a question: the task, hints, and words for each mistake, from `words.toml`.

A lesson's file has a table for each question: `task`, `ask`, `hints`, and `mistakes`, each with what the
learner did and why it matters. Words that several questions use stand once: in `mistakes` of the
lesson's file, or of the course's. The nearest words count: the question's, the lesson's, the course's.
"""

import tomllib
from dataclasses import replace
from functools import cache
from pathlib import Path

from bn_course import checks
from bn_course.grading.question import Misconception, Question

_FOLDER = Path(checks.__file__).parent


def worded(question: Question, stem: str) -> Question:
    """The question of the lesson `stem` with its words. KeyError where a mistake has none."""
    own = read(stem)[question.name]
    known = read("")["mistakes"] | read(stem).get("mistakes", {}) | own.get("mistakes", {})

    def said(mistake: Misconception) -> Misconception:
        did, why = known[mistake.key]
        return replace(mistake, did=did, why=why)

    return replace(
        question,
        task=own["task"],
        ask=tuple(own["ask"]),
        hints=tuple(own["hints"]),
        misconceptions=tuple(map(said, question.misconceptions)),
    )


@cache
def read(stem: str) -> dict:
    """The words of a lesson, or with an empty stem those of the whole course."""
    return tomllib.loads((_FOLDER / stem / "words.toml").read_text(encoding="utf-8"))
