"""What a learner has done so far: questions, predictions, and the number from which orders are drawn."""

import secrets

from bn_course.grading.kept import Kept, home
from bn_course.grading.progress_file import VERSION, empty, read

__all__ = ["change", "home", "keep_seed", "load", "path", "seed", "word"]

_FILE = Kept("progress", "Your progress", VERSION, empty, read)
path, load, change, word = _FILE.path, _FILE.load, _FILE.change, _FILE.word

_fresh = secrets.randbits(31)  # the learner's seed, until something is kept


def seed() -> int:
    """The learner's own number, from which the order of choices is drawn."""
    return load().get("seed", _fresh)


def keep_seed(state: dict) -> None:
    """Put the seed into a state that is about to be kept."""
    state.setdefault("seed", _fresh)
