"""The boxes that a notebook shows."""

from bn_course.grading import progress
from bn_course.grading.catalogue import lessons
from bn_course.review import memory, schedule
from bn_course.review.box import QuizBox
from bn_course.review.choosing import choose
from bn_course.review.inventory_forms import Taking
from bn_course.review.run import Review

WARM_UP = 3  # items before a lesson


def review_box(before: str) -> QuizBox:
    """The box of a review, or of three items before a lesson."""
    if not before:
        names = choose(memory.load(), progress.load(), schedule.now())
        told = "A review to do in JupyterLab: what is due, ten minutes at most."
        return QuizBox(Review(names), "Review", told)
    earlier = _before(before)
    names = choose(memory.load(), progress.load(), schedule.now(), WARM_UP, earlier)
    told = "Three items from earlier lessons, to be answered in JupyterLab."
    return QuizBox(Review(names), "Before you go on", told)


def inventory_box(which: str) -> QuizBox:
    """The box of one form of the inventory."""
    told = f"The inventory, {which} the course: 24 items to be answered in JupyterLab."
    return QuizBox(Taking(which), f"Inventory, {which} the course", told)


def _before(lesson: str) -> list[str]:
    stems = [stem for stem in lessons() if lesson in (stem, stem[:2])]
    if not stems:
        raise ValueError(f"there is no lesson called {lesson!r}: 00 to {lessons()[-1][:2]}")
    return [stem for stem in lessons() if stem < stems[0]]
