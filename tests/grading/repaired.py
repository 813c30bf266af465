"""Wrong answers in other people's styles, each with the lines of the places that mend it marked `# here`.

What stands before the first answer of a file is the cell above it. `# none` marks a mistake that no edit of
the catalogue mends.
"""

from dataclasses import dataclass
from pathlib import Path

import pytest

from bn_course.grading.catalogue import find_question
from bn_course.grading.judge import draw_probes
from bn_course.grading.run import run_here

FOLDER = Path(__file__).parent / "repair" / "answers"


@dataclass(frozen=True)
class Answer:
    """One answer: the cell above it and its own, and the lines in the latter that are wrong."""

    question: str
    title: str
    above: str
    text: str

    @property
    def lines(self) -> set[int]:
        return {n for n, line in enumerate(self.text.splitlines(), 1) if line.endswith("# here")}

    def asked(self):
        """The question, its probes, and what the reference does with them."""
        question = find_question(self.question)
        probes = draw_probes(question)
        return question, probes, [run_here(question.reference, probe) for probe in probes]

    def found_by(self, places) -> bool:
        """Are these the places: the marked ones, or one that is marked among two that would do?"""
        lines = {place.line for place in places}
        if not self.lines:
            return not places
        if places and places[0].role == "either":
            return bool(lines & self.lines)
        return lines == self.lines


def read(name: str) -> list[Answer]:
    """The answers of one file."""
    above, *parts = (FOLDER / name).read_text(encoding="utf-8").split("\n#### ")
    found = []
    for part in parts:
        heading, _, text = part.partition("\n")
        question, _, title = heading.partition(": ")
        found.append(Answer(question, title, above, text))
    return found


FILES = sorted(path.name for path in FOLDER.glob("*.txt"))
ANSWERS = [answer for name in FILES for answer in read(name)]


def parameters(answers=ANSWERS):
    return [pytest.param(a, id=f"{a.question}-{a.title.replace(' ', '-')}") for a in answers]
