"""What is kept of reviews, inventories and explanations: one file beside the progress, as safe as that.

`cards` holds for each item the card of the scheduler, how often it was asked and what was chosen wrongly;
`inventory` the answers before and after the course; `own_words` what a learner wrote at a lesson's end.
"""

from typing import Any

import fsrs

from bn_course.grading import progress
from bn_course.grading.kept import Kept
from bn_course.grading.levels import count, read_levels, whole_if

VERSION = 1


def empty() -> dict:
    """The state of somebody who has reviewed nothing yet."""
    return {"version": VERSION, "cards": {}, "inventory": {}, "own_words": {}}


def _card(entry: Any) -> bool:
    if not isinstance(entry, dict) or not count(entry.get("times")) or not _counts(entry.get("missed")):
        return False
    try:
        card = fsrs.Card.from_dict(entry.get("card"))
        return card.due.tzinfo is not None and card.last_review is not None and card.stability > 0
    except (AttributeError, KeyError, TypeError, ValueError, OverflowError):
        return False


def _counts(value: Any) -> bool:
    return isinstance(value, dict) and all(map(count, value.values()))


def _form(entry: Any) -> bool:
    if not isinstance(entry, dict) or not isinstance(entry.get("finished"), bool):
        return False
    answers = entry.get("answers")
    return isinstance(answers, dict) and all(isinstance(key, str) for key in answers.values())


def _words(entry: Any) -> bool:
    if not isinstance(entry, dict) or not isinstance(entry.get("text"), str):
        return False
    ticked = entry.get("ticked")
    return isinstance(ticked, list) and all(isinstance(tick, bool) for tick in ticked)


_LEVELS = {"cards": whole_if(_card), "inventory": whole_if(_form), "own_words": whole_if(_words)}


def read(text: str) -> tuple[dict, bool]:
    """What is sound in a review file's text, and whether that is all of it."""
    return read_levels(text, VERSION, _LEVELS, {})


_FILE = Kept("review", "Your review", VERSION, empty, read)
path, load, word = _FILE.path, _FILE.load, _FILE.word


def change(edit) -> str | None:
    """Apply `edit` to the state and save it, and see that the learner's seed is kept too."""
    if "seed" not in progress.load():
        progress.change(progress.keep_seed)
    return _FILE.change(edit)
