"""What a learner has done so far, kept in one small JSON file in their own data folder.

Two kernels may write at once (a lock, then read, change and replace), the power may fail (the file is
replaced whole or not at all), the disk may be full or read-only (the work goes on, with a warning, from
memory), and a damaged file is set aside under another name, never overwritten. A file that a newer course
wrote is read, and left as it is. What the course no longer asks stays in the file.
"""

import json
import os
import tempfile
from collections.abc import Callable
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

from filelock import FileLock
from platformdirs import user_data_path

_EMPTY = {"version": 1, "questions": {}, "predictions": {}}
_unsaved: dict[Path, dict] = {}  # what could not be written, for this process


def home() -> Path:
    """Where the course keeps the learner's state."""
    chosen = os.environ.get("BN_COURSE_HOME")
    return Path(chosen) if chosen else user_data_path("bn-course", appauthor=False)


def path() -> Path:
    return home() / "progress.json"


def load() -> dict:
    """The state as it is on disk, or as it is in memory when the disk cannot be written."""
    if path() in _unsaved:
        return _unsaved[path()]
    return _read(path())


def change(edit: Callable[[dict], None]) -> str | None:
    """Apply `edit` to the state and save it. Returns None, or why it could not be saved."""
    target = path()
    edited = False
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with _locked(target):
            state = _unsaved.get(target) or _read(target)
            if state["version"] > _EMPTY["version"]:
                raise OSError(None, "a newer version of the course wrote it: bn-course update")
            edit(state)
            _unsaved[target], edited = state, True
            _replace(target, state)
            del _unsaved[target]
    except OSError as error:  # the lock's Timeout is one
        if not edited:
            _unsaved[target] = load()
            edit(_unsaved[target])
        reason = error.strerror or "another program holds it"
        return f"Your progress could not be saved in {target} ({reason}); it is kept until this kernel stops."
    return None


@contextmanager
def _locked(target: Path):
    with FileLock(f"{target}.lock", timeout=5):
        yield


def _read(target: Path) -> dict:
    try:
        state = json.loads(target.read_text(encoding="utf-8"))
        if not all(isinstance(state[key], type(value)) for key, value in _EMPTY.items()):
            raise ValueError  # it is no progress file
    except OSError:
        return json.loads(json.dumps(_EMPTY))
    except (ValueError, KeyError, TypeError):
        _set_aside(target)
        return json.loads(json.dumps(_EMPTY))
    return state


def _set_aside(target: Path) -> None:
    stamp = datetime.now().strftime("%Y-%m-%d-%H%M%S-%f")
    with suppress(OSError):  # a disk that cannot be written keeps the damaged file where it is
        target.rename(target.with_name(f"progress-damaged-{stamp}.json"))


def _replace(target: Path, state: dict) -> None:
    descriptor, name = tempfile.mkstemp(dir=target.parent, prefix=".progress-", suffix=".json")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(state, file, indent=1, ensure_ascii=False)
            file.flush()
            os.fsync(file.fileno())
        os.replace(name, target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
