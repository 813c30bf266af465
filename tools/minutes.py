"""How long each lesson takes to read, beside the minutes that it announces.

    python tools/minutes.py

A minute is 200 words, 10 lines of code or one prediction; an explorer takes three. What is folded away, the
sources, and what has minutes of its own (a review, the inventory, one's own words) are not counted.
"""

import re
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from bn_course.workshop.slides import ALONE

NOTEBOOKS = Path(__file__).resolve().parent.parent / "notebooks"
WORDS, LINES, PREDICTION, EXPLORER = 200, 10, 1, 3
APART = (*ALONE, "sources")  # ids of cells
ANNOUNCED = re.compile(r"^\*\*Time\*\* (\d+) minutes", re.MULTILINE)


@dataclass
class Part:
    """A lesson, or one of its parts: what it is called, the minutes it announces, and those it takes."""

    name: str
    announced: int
    measured: float


def main() -> None:
    print(f"{'':44} announced  measured")
    for path in sorted(NOTEBOOKS.glob("*.ipynb")):
        for part in parts(nbformat.read(path, as_version=4)):
            print(f"{part.name:44} {part.announced:9}  {part.measured:8.0f}")


def parts(lesson: NotebookNode) -> list[Part]:
    """The lesson as a whole, and after it each of its parts, where it says the time of several.

    A part begins where its time is announced; what stands before the first belongs to it.
    """
    places = [n for n, cell in enumerate(lesson.cells) if ANNOUNCED.search(cell.source)]
    begins, ends = [0, 0, *places[2:]], [None, *places[2:], None]
    return [
        _part(lesson.cells[place], lesson.cells[begin:end])
        for place, begin, end in zip(places, begins, ends, strict=False)
    ]


def _part(announcement: NotebookNode, cells: list[NotebookNode]) -> Part:
    name = announcement.source.splitlines()[0].lstrip("# ")
    return Part(name, int(ANNOUNCED.search(announcement.source)[1]), sum(map(minutes, cells)))


def minutes(cell: NotebookNode) -> float:
    """How long one cell takes."""
    if cell.id.startswith(APART):
        return 0
    if cell.cell_type == "markdown":
        return len(re.sub(r"(?s)<details>.*?</details>", "", cell.source).split()) / WORDS
    if cell.source.startswith("predict("):
        return PREDICTION
    if re.search(r"\w+Explorer\(", cell.source):
        return EXPLORER
    return sum(1 for line in cell.source.splitlines() if line.strip()) / LINES


if __name__ == "__main__":
    main()
