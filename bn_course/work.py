"""A learner's work as one file: it goes from a browser to an installed course, and back.

`my-work.zip` holds the exercises in which something was written, the progress, and what was reviewed. What
comes in never overwrites an answer: where both have one, the one that was here is kept beside, under a dated
name.
"""

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

from bn_course import course, joining, notebook_file
from bn_course.grading import progress, progress_file
from bn_course.review import memory
from bn_course.update import carry_over, sources

NAME = "my-work.zip"
_STATES = {  # of each: what it is, where it is kept, how its text is read, how two become one
    "progress.json": ("Your progress", progress, progress_file.read, joining.progress),
    "review.json": ("What you reviewed", memory, memory.read, joining.review),
}
_LARGEST = 20_000_000  # bytes of one unpacked file: a notebook with its figures has one or two million


class NoWork(ValueError):  # noqa: N818 - says what is wrong
    """A file holds no work of this course."""


def pack() -> bytes:
    """The exercises that differ from their stubs, the progress and the reviews, as a .zip file."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for stem in course.exercises():
            file = course.workspace() / "exercises" / f"{stem}.ipynb"
            mine = notebook_file.read(file.read_bytes()) if file.exists() else None
            if mine and sources(mine) != sources(_stub(stem)):
                archive.write(file, f"exercises/{file.name}")
        for name, (_, kept, *_) in _STATES.items():
            archive.writestr(name, json.dumps(kept.load(), ensure_ascii=False, indent=1))
    return target.getvalue()


def unpack(content: bytes, said: Callable[[str], None] = print) -> None:
    """Bring packed work in; `said` is told, a line each, what changed. Raises NoWork, and OSError."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            wanted = {*_STATES, *(f"exercises/{stem}.ipynb" for stem in course.exercises())}
            parts = {e.filename: _part(archive, e) for e in archive.infolist() if e.filename in wanted}
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError) as error:
        raise NoWork(f"this is no {NAME} of the course: {error}") from None
    exercises = [(stem, parts.get(f"exercises/{stem}.ipynb")) for stem in course.exercises()]
    theirs = [(stem, notebook) for stem, text in exercises if text and (notebook := notebook_file.read(text))]
    if not theirs and not parts.keys() & _STATES.keys():
        raise NoWork(f"this is no {NAME} of the course: it holds neither exercises nor progress")
    for stem, notebook in theirs:
        _bring(stem, notebook, said)
    for name in filter(parts.__contains__, _STATES):
        said(_joined(name, parts[name].decode(errors="replace")))


def _joined(name: str, text: str) -> str:
    """Bring a state in; returns what the learner should know of it."""
    what, kept, read, join = _STATES[name]
    theirs, whole = read(text)
    word = kept.change(lambda mine: join(mine, theirs)) or f"{what} is joined with what was here."
    return word if whole else f"{word} In the file, {name} was damaged: what is sound of it came."


def _part(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    if entry.file_size > _LARGEST:
        raise NoWork(f"{entry.filename} is too large for a notebook of the course")
    return archive.read(entry)


def _stub(stem: str) -> dict:
    return notebook_file.read(course.stub(stem))


def _bring(stem: str, theirs: dict, said: Callable[[str], None]) -> None:
    file = course.workspace() / "exercises" / f"{stem}.ipynb"
    result = carry_over(theirs, _stub(stem))
    here = file.read_bytes() if file.exists() else b""
    mine = notebook_file.read(here)
    if mine and sources(mine) == sources(result):
        return
    kept = ""
    if here and (mine is None or sources(mine) != sources(_stub(stem))):
        kept = f" What was here is in {course.keep(file, here).name}, beside it."
    course.write(file, notebook_file.write(result))
    said(f"{file.name}: your answers are here.{kept}")


def save(file: Path) -> Path:
    """Write the packed work to `file`, or into it where it is a folder; returns where it is."""
    target = file / NAME if file.is_dir() else file
    course.write(target, pack())
    return target
