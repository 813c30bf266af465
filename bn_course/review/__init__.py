"""Items that come back, an inventory before and after the course, and explanations in one's own words.

    from bn_course.review import inventory, own_words, review

Everything loads on first use, since the lessons' items import this package.
"""


def review(before: str = ""):
    """A review: what is due, at most fifteen items in ten minutes.

    With `before`, a lesson such as '03', three items from the lessons before it, due ones first.
    Raises ValueError where there is no such lesson.
    """
    from bn_course.review.api import review_box

    return review_box(before)


def inventory(which: str):
    """The inventory of 24 items: 'before' lesson 01, or 'after' lesson 14. No outcome is shown."""
    from bn_course.review.api import inventory_box

    return inventory_box(which)


def own_words(lesson: str):
    """What a lesson, '02', should have taught, to be explained in one's own words and compared."""
    from bn_course.review.own_words_box import OwnWordsBox

    return OwnWordsBox(lesson)
