"""Read a submission: whatever the file is, the answer is cells or a sentence that says what is wrong."""

import json
from dataclasses import dataclass
from pathlib import Path

import nbformat

from bn_course.grading.catalogue import catalogue, lessons

LARGEST = 20 * 2**20


class Unreadable(ValueError):  # noqa: N818 - says what the file is
    """This is no notebook that can be graded; the message says why."""


@dataclass(frozen=True)
class Submission:
    """The code cells of a notebook, and the lesson that it answers."""

    path: Path
    cells: tuple[str, ...]
    lesson: str


def read(path: Path, lesson: str | None = None) -> Submission:
    """Read a notebook of any version. Raises Unreadable."""
    if path.is_symlink():
        raise Unreadable("it is a link, and links are not followed")
    if path.is_dir():
        raise Unreadable("it is a folder")
    if not path.is_file():
        raise Unreadable("there is no such file")
    if path.stat().st_size > LARGEST:
        raise Unreadable(f"it has {path.stat().st_size / 2**20:.0f} MB; the largest allowed has 20")
    cells = tuple(_code_cells(path))
    return Submission(path, cells, lesson or _lesson(path, cells))


def _code_cells(path: Path) -> list[str]:
    try:
        text = path.read_text(encoding="utf-8")
        book = nbformat.reads(json.dumps(json.loads(text)), as_version=4)
        return ["".join(cell["source"]) for cell in book["cells"] if cell["cell_type"] == "code"]
    except Exception as error:  # a hostile file can fail in any way
        reason = (str(error).splitlines() or [type(error).__name__])[0][:200]
        raise Unreadable(f"it is not a notebook ({reason})") from None


def _lesson(path: Path, cells: tuple[str, ...]) -> str:
    """The lesson named by the file or its folder, else the one most of whose answers it defines."""
    for name in (path.stem, path.parent.name):
        for stem in lessons():
            if stem in name:
                return stem
    text = "\n".join(cells)
    defined = [
        q.lesson for q in catalogue().values() if f"def {q.name}(" in text or f"class {q.name}" in text
    ]
    if not defined:
        raise Unreadable("it answers no question of any lesson")
    return max(sorted(set(defined)), key=defined.count)
