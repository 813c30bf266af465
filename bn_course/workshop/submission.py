"""Read a submission: whatever the file is, the answer is cells or a sentence that says what is wrong."""

import json
import stat
from dataclasses import dataclass
from pathlib import Path

from bn_course.grading.catalogue import catalogue, lessons
from bn_course.workshop import archive
from bn_course.workshop.archive import LARGEST, Unreadable

_NO_FILE = {
    stat.S_IFLNK: "it is a link, and links are not followed",
    stat.S_IFDIR: "it is a folder",
    stat.S_IFIFO: "it is a named pipe",
    stat.S_IFSOCK: "it is a socket",
}


@dataclass(frozen=True)
class Submission:
    """The code cells of a notebook, and the lesson that it answers."""

    path: Path
    cells: tuple[str, ...]
    lesson: str


def read(path: Path, lesson: str | None = None) -> Submission:
    """Read a notebook of any version. Raises Unreadable."""
    cells = tuple(_code_cells(content(path)))
    return Submission(path, cells, lesson or _lesson(path, cells))


def content(path: Path) -> bytes:
    """The bytes of a plain file or of a file in an archive. Raises Unreadable for anything else, at once."""
    for parent in path.parents:
        if parent.suffix.lower() == ".zip" and parent.is_file():
            return archive.read(parent, path.relative_to(parent).as_posix())
    try:
        about = path.lstat()
        if not stat.S_ISREG(about.st_mode):
            raise Unreadable(_NO_FILE.get(stat.S_IFMT(about.st_mode), "it is a device"))
        if about.st_size > LARGEST:
            raise Unreadable(f"it has {about.st_size / 2**20:.0f} MB; the largest allowed has 20")
        return path.read_bytes()
    except FileNotFoundError:
        raise Unreadable("there is no such file") from None
    except OSError as error:
        raise Unreadable(f"it cannot be read ({error.strerror})") from None


def _code_cells(text: bytes) -> list[str]:
    """The code, read without nbformat: it refuses, or warns of, much that can be graded."""
    try:
        book = json.loads(text.decode("utf-8-sig"))
        cells = (
            book["cells"] if "cells" in book else [c for sheet in book["worksheets"] for c in sheet["cells"]]
        )
        return ["".join(_source(cell)) for cell in cells if cell["cell_type"] == "code"]
    except Exception as error:  # a hostile file can fail in any way
        reason = (str(error).splitlines() or [type(error).__name__])[0][:200]
        raise Unreadable(f"it is not a notebook ({reason})") from None


def _source(cell: dict) -> str | list[str]:
    """`source` since version 4 of the format, `input` before it."""
    return cell["source"] if "source" in cell else cell["input"]


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
