"""What was handed in: the notebooks to be graded, and by name what is there and is not graded."""

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bn_course.grading.catalogue import lessons
from bn_course.workshop import archive
from bn_course.workshop.archive import Unreadable, left_behind

_ARCHIVE = re.compile(r"\.(zip|tar|tgz|gz|bz2|xz|7z|rar)$", re.IGNORECASE)
_NEARLY = re.compile(r"\.ipynb\b", re.IGNORECASE)  # .IPYNB, .ipynb.json, .ipynb.txt

_COPY = re.compile(r"-Copy\d+|[\W\d_]")  # what a system adds to a file's name

# How Moodle, Canvas and GitHub Classroom name what they hand over; a path is matched from its beginning.
_LAYOUTS = (
    re.compile(r"(?:.*/)?(?P<name>[^/]+)_\d+_assignsubmission_file_?[^/]*(?:/.*)?"),
    re.compile(r"(?:.*/)?(?P<name>[^/_]+)(?:_LATE)?_\d+_\d+_[^/]+"),
    re.compile(r"(?:.*/)?(?P<task>[^/]+)-submissions/(?P=task)-(?P<name>[^/]+)/.*"),
    re.compile(r"(?:.*/)?submitted/(?P<name>[^/]+)/.*"),
)


@dataclass(frozen=True)
class Handed:
    """The notebooks, each once and in order; what is left, and why; how many files systems left behind."""

    notebooks: tuple[Path, ...]
    left: tuple[tuple[Path, str], ...]
    passed_over: int

    def said(self) -> list[str]:
        """What is not graded, in lines."""
        lines = [f"not graded: {shown(path)}: {why}" for path, why in self.left]
        if self.passed_over:
            lines.append(f"passed over: {self.passed_over} copies that macOS or Jupyter keep for themselves")
        return lines


def find(paths: Sequence[Path], unzip: bool = False) -> Handed:
    """What is in `paths` and in the folders among them; with `unzip`, in the archives among them too."""
    notebooks: dict[Path, None] = {}
    left: dict[Path, str] = {}
    passed_over = 0
    for path, named in _files(paths):
        if not named and left_behind(path):
            passed_over += 1
        elif _ARCHIVE.search(path.name):
            try:
                notebooks.update(dict.fromkeys(_in_archive(path, unzip)))
            except Unreadable as error:
                left[path] = str(error)
        elif named or path.suffix == ".ipynb":
            notebooks[path] = None
        elif _NEARLY.search(path.name):
            left[path] = "it is not called .ipynb; if it is a notebook, rename it"
    return Handed(tuple(notebooks), tuple(left.items()), passed_over)


def _files(paths: Sequence[Path]) -> Iterator[tuple[Path, bool]]:
    """Every file, and whether it was named: what was is graded whatever it is called."""
    for path in paths:
        if os.path.isdir(path) and not path.is_symlink() and path.suffix != ".ipynb":
            inside = (
                Path(folder, name)
                for folder, below, names in os.walk(path)
                for name in _entries(below, names)
            )
            yield from ((file, False) for file in sorted(inside))
        else:
            yield path, True


def _entries(below: list[str], names: list[str]) -> list[str]:
    """The files of a folder, and the folders that are called like a notebook, which are not gone into."""
    called = [name for name in below if name.endswith(".ipynb")]
    below[:] = [name for name in below if name not in called]
    return [*names, *called]


def _in_archive(path: Path, unzip: bool) -> list[Path]:
    if not path.name.lower().endswith(".zip"):
        raise Unreadable("it is an archive: unpack it, or have it handed in as a .zip")
    if not unzip:
        raise Unreadable("it is an archive: --unzip grades the notebooks in it")
    return [path / name for name in archive.notebooks(path)]


def learner(path: Path) -> str:
    """Whose submission this is, as far as its path says: a name, else the folder and the file."""
    for layout in _LAYOUTS:
        if found := layout.fullmatch(shown(path)):
            return found["name"]
    lesson = next((stem for stem in lessons() if stem in path.stem), "")
    more = _COPY.sub("", path.stem.replace(lesson, ""))
    folders = [
        shown(folder.name) for folder in path.absolute().parents if folder.name not in (*lessons(), "")
    ]
    folder = folders[0].removesuffix(".zip") if folders else ""
    return "/".join(filter(None, (folder, shown(path.stem) if more else "")))


def shown(path: Path | str) -> str:
    """A path as text that can be written anywhere: a name that is not UTF-8 shows its bytes."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")
