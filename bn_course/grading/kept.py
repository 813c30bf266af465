"""A small JSON file of the learner's, in their own data folder, that is not lost.

Two kernels may write at once (a lock, then read, change and replace; in a browser there is no lock, and the
last to write wins), the power may fail (the file is replaced whole or not at all), the disk may be full or
read-only (the work goes on, with a warning, from memory). Of a damaged file what is sound is kept, and the
file as it was is set aside under another name, with a word about it. A file that a newer course wrote is
read, and left as it is. What the course no longer asks stays in the file.
"""

import errno
import json
import os
import shutil
import tempfile
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from bn_course import course

_NEWER = "a newer version of the course wrote it: bn-course update"
NOWHERE = Path(os.devnull) / "bn-course"  # a folder that nothing can be written in
unsaved: dict[Path, dict] = {}  # what could not be written, for this process
_words: dict[Path, str] = {}  # what has happened to a file, until somebody was told


def home() -> Path:
    """Where the course keeps the learner's state."""
    if chosen := os.environ.get("BN_COURSE_HOME"):
        return Path(chosen)
    if course.in_browser():
        return course.DRIVE / ".bn-course"  # what lies elsewhere is gone after a reload
    from platformdirs import user_data_path  # here, as the lock's package: a browser has neither

    try:
        return user_data_path("bn-course", appauthor=False)
    except RuntimeError:  # no HOME, and nobody of this number in the system's list
        return NOWHERE


@dataclass(frozen=True)
class Kept:
    """One such file: its name, what it holds in words, its version, and what is sound in its text."""

    name: str
    what: str
    version: int
    empty: Callable[[], dict]
    read: Callable[[str], tuple[dict, bool]]

    def path(self) -> Path:
        return home() / f"{self.name}.json"

    def load(self) -> dict:
        """The state as it is on disk, or as it is in memory when the disk cannot be written."""
        target = self.path()
        if target in unsaved:
            return unsaved[target]
        state, whole = self._read(target)
        if not whole and (word := self.change(lambda state: None)):
            _words[target] = word
        return state

    def word(self) -> str | None:
        """What the learner should know of the file, once: that it was damaged, or is a newer course's."""
        if self.load()["version"] > self.version:
            return f"{self.what} is not saved in {self.path()}: {_NEWER}."
        return _words.pop(self.path(), None)

    def change(self, edit: Callable[[dict], None]) -> str | None:
        """Apply `edit` to the state and save it. Returns None, or what the learner should know of it."""
        target = self.path()
        edited = False
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            with _locked(target):
                state, whole = (unsaved[target], True) if target in unsaved else self._read(target)
                if state["version"] > self.version:
                    raise OSError(None, _NEWER)
                if not whole:
                    _words[target] = self._set_aside(target)
                edit(state)
                unsaved[target], edited = state, True
                _replace(target, state)
                del unsaved[target]
        except OSError as error:  # the lock's Timeout is one
            if not edited:
                unsaved[target] = self.load() if target in unsaved else self._read(target)[0]
                edit(unsaved[target])
            why = error.strerror or "another program holds it"
            return f"{self.what} could not be saved in {target} ({why}); it is kept until this kernel stops."
        return _words.pop(target, None)

    def _read(self, target: Path) -> tuple[dict, bool]:
        """What is sound in a file, and whether that is all of it; nothing at all where there is none."""
        try:
            text = target.read_text(encoding="utf-8", errors="replace")
        except OSError:
            return self.empty(), True
        state, whole = self.read(text)
        return state, whole and "\ufffd" not in text

    def _set_aside(self, target: Path) -> str:
        """Keep a damaged file under another name; it stays in place until the sound part replaces it."""
        stamp = datetime.now().strftime("%Y-%m-%d-%H%M%S-%f")
        kept = target.with_name(f"{self.name}-damaged-{stamp}.json")
        shutil.copyfile(target, kept)
        what = f"{self.what} in {target} was damaged"
        return f"{what}: what is sound is kept, and what it was is in {kept.name}."


def _locked(target: Path) -> AbstractContextManager:
    try:
        from filelock import FileLock
    except ImportError:
        return nullcontext()
    return FileLock(f"{target}.lock", timeout=5)


def _replace(target: Path, state: dict) -> None:
    if course.in_browser():  # a file there is written whole when it is closed, and renaming takes many steps
        text = json.dumps(state, indent=1, ensure_ascii=False)
        target.write_text(text, encoding="utf-8")
        if target.read_text(encoding="utf-8") != text:  # whether it was kept, nothing else tells
            raise OSError(errno.ENOSPC, "the browser's storage is full")
        return
    descriptor, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.stem}-", suffix=".json")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(state, file, indent=1, ensure_ascii=False)
            file.flush()
            os.fsync(file.fileno())
        os.replace(name, target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
