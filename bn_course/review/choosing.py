"""Which items a session has: what is due, then what was not asked yet; ideas mixed."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from itertools import islice

from bn_course.grading.catalogue import catalogue
from bn_course.grading.shuffle import shuffled
from bn_course.review.bank import bank
from bn_course.review.schedule import due

SIZE = 15  # items of a session, at most


def choose(
    review: Mapping, progress: Mapping, at: datetime, size: int = SIZE, lessons: Collection[str] | None = None
) -> list[str]:
    """The names of a session's items, at most `size`, from the lessons that were met or from `lessons`.

    Due items come first, the most overdue before all others; then new ones, those before all others that
    can show a mistake which the learner has made. What cannot be asked where this runs waits.
    """
    allowed = met(review, progress) if lessons is None else lessons
    known = [name for name in due(review["cards"], at) if name in bank()]
    waiting = [name for name in known if lessons is None or bank()[name].lesson in allowed]
    made = mistakes(review, progress)
    new = [i for i in bank().values() if i.lesson in allowed and i.name not in review["cards"]]
    any_order = shuffled([item.name for item in new], "new", progress.get("seed", 0))
    any_order.sort(key=lambda name: not bank()[name].keys & made)
    return mixed(list(islice(filter(_can_be_asked, [*waiting, *any_order]), size)))


def _can_be_asked(name: str) -> bool:
    """Whether what the item computes with is here: no browser has PyTorch."""
    try:
        bank()[name].asked(0)
    except ImportError:
        return False
    return True


def met(review: Mapping, progress: Mapping) -> set[str]:
    """The lessons in which something was predicted, tried or reviewed."""
    begun = {name[:2] for name in progress["predictions"]}
    questions = catalogue()
    tried = {questions[name].lesson for name in progress["questions"] if name in questions}
    asked = {bank()[name].lesson for name in review["cards"] if name in bank()}
    return tried | asked | {item.lesson for item in bank().values() if item.lesson[:2] in begun}


def mistakes(review: Mapping, progress: Mapping) -> frozenset[str]:
    """The keys of the misconceptions that the learner's answers have shown."""
    diagnosed = {key for entry in progress["questions"].values() for key in entry["diagnoses"]}
    return frozenset(diagnosed | {key for entry in review["cards"].values() for key in entry["missed"]})


def mixed(names: Sequence[str]) -> list[str]:
    """The same items, the first stays first, and neighbours of one idea are parted where that can be done."""
    left, found = list(names), []
    while left:
        last = bank()[found[-1]].idea if found else None
        following = next((name for name in left if bank()[name].idea != last), left[0])
        left.remove(following)
        found.append(following)
    return found
