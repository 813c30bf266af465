"""Use several objects of one class in turn: do they keep apart?"""

from collections.abc import Sequence

from bn_course.drivers import history


def side_by_side(answer, arguments: Sequence, turns: Sequence[tuple[int, Sequence]]) -> tuple:
    """As `history`, with several objects: a turn is (which, steps); each is made at its first turn."""
    subjects = {}
    given = []
    for which, steps in turns:
        if which not in subjects:
            subjects[which] = answer(*arguments)
        given.extend(history(lambda subject=subjects[which]: subject, (), steps))
    return tuple(given)
