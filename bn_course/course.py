"""Where the course's files are, and how a learner gets, and gets back, their own copies.

In a checkout the learner works in the repository itself. An installed wheel carries the files in
`bn_course/_course/`, and `start` copies them to a folder of the learner's. `bn_course/_course/exercises/`
is in both: `make exercises` writes it, nobody edits it, and `reset` restores from it.
"""

import os
import re
import shutil
import stat
import sys
import tempfile
from datetime import datetime
from itertools import count
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent
_PACKAGED = _PACKAGE / "_course"
_REPOSITORY = _PACKAGE.parent

WORK = "bn-course"  # what `start` calls the learner's folder
DRIVE = Path("/drive")  # in a browser tab: what the browser keeps


class UnknownExercise(ValueError):  # noqa: N818 - says what is wrong
    """No exercise is called that; the message says which there are."""


def in_browser() -> bool:
    """Whether this is Pyodide, in a browser's tab."""
    return sys.platform == "emscripten"


def in_checkout() -> bool:
    """Whether the package runs from the course's repository, not from an installed wheel."""
    return (_REPOSITORY / "pyproject.toml").is_file() and (_REPOSITORY / "notebooks").is_dir()


def folder(name: str) -> Path:
    """The course's own `notebooks`, `exercises` or `solutions`."""
    return (_REPOSITORY if in_checkout() else _PACKAGED) / name


def workspace() -> Path:
    """The folder with the learner's `notebooks` and `exercises`: the repository, or their copy.

    Without a repository that is the working folder or the nearest above it that holds both; where none
    does, it is `bn-course` in the working folder, which need not exist yet.
    """
    if in_checkout():
        return _REPOSITORY
    here = Path.cwd()
    for place in (here, *here.parents):
        if (place / "notebooks").is_dir() and (place / "exercises").is_dir():
            return place
    return here / WORK


def start(target: Path) -> int:
    """Copy the course's notebooks and exercises to `target`. Returns how many files were new.

    A file that is there already is a learner's, and is left as it is.
    """
    new = 0
    for name in ("notebooks", "exercises"):
        (target / name).mkdir(parents=True, exist_ok=True)
        for file in sorted(folder(name).glob("*.ipynb")):
            copy = target / name / file.name
            if not copy.exists():
                write(copy, file.read_bytes())
                new += 1
    return new


def exercises() -> list[str]:
    """The stems of all exercises, in order."""
    return sorted(file.stem for file in (_PACKAGED / "exercises").glob("*.ipynb"))


def appendices() -> list[str]:
    """The stems of notebooks that go further than a lesson and ask no questions: 13b_further_afield."""
    stems = (file.stem for file in folder("notebooks").glob("*.ipynb"))
    return sorted(stem for stem in stems if not re.match(r"\d\d_", stem))


def stub(stem: str) -> bytes:
    """An exercise as it comes."""
    return (_PACKAGED / "exercises" / f"{stem}.ipynb").read_bytes()


def stem_of(name: str) -> str:
    """The stem meant by '2', '02', '02_forward_pass' or 'exercises/02_forward_pass.ipynb'.

    Raises UnknownExercise where there is none.
    """
    wanted = Path(name).name.removesuffix(".ipynb")
    for stem in exercises():
        if wanted == stem or (wanted.isdigit() and stem.startswith(f"{wanted.zfill(2)}_")):
            return stem
    known = ", ".join(exercises()) or "none yet"
    raise UnknownExercise(f"there is no exercise called {name!r}; there are: {known}")


def reset(name: str) -> tuple[Path, Path | None]:
    """Restore the stub of an exercise, keeping the old file beside it under a dated name.

    Returns the restored file and the kept one (None where the exercise was missing or untouched).
    Raises UnknownExercise, and OSError where a file cannot be written; the old file is then unharmed.
    """
    stem = stem_of(name)
    target = workspace() / "exercises" / f"{stem}.ipynb"
    given = Path(name)
    if given.is_file() and not (target.exists() and given.samefile(target)):
        raise UnknownExercise(f"{name} is not the exercise; that is {target}")
    given_out = stub(stem)
    if not target.exists():
        write(target, given_out)
        return target, None
    old = target.read_bytes()
    if old == given_out:
        return target, None
    kept = keep(target, old)
    write(target, given_out)
    return target, kept


def keep(file: Path, content: bytes) -> Path:
    """Save `content` beside `file` under a dated name that nothing has yet."""
    date = datetime.now().strftime("%Y-%m-%d-%H%M%S")
    for number in count(1):
        again = "" if number == 1 else f"-{number}"
        kept = file.with_name(f"{file.stem}.{date}{again}{file.suffix}")
        try:
            with kept.open("xb") as copy:  # x: never over an older one
                copy.write(content)
        except FileExistsError:
            continue
        if file.exists():
            shutil.copymode(file, kept)
        return kept
    raise AssertionError("count() has no end")


def write(file: Path, content: bytes) -> None:
    """Write the whole file or nothing: an interrupted copy would later pass for the learner's own.

    Who may read and write a file that is there already stays as it is.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    # mkstemp's 0o600 would shut out a shared folder's other readers
    mode = stat.S_IMODE(file.stat().st_mode) if file.exists() else 0o644
    descriptor, temporary = tempfile.mkstemp(dir=file.parent, prefix=".writing-")
    try:
        with os.fdopen(descriptor, "wb") as copy:
            copy.write(content)
        os.chmod(temporary, mode)
        os.replace(temporary, file)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
