"""Use one object of a class, or several in turn: do they keep apart?"""

from collections.abc import Sequence

from bn_course.drivers import history, with_zero


def one(answer, arguments: Sequence, steps: Sequence[Sequence]) -> tuple:
    """`history`, of a layer that may refuse ε = 0: then `with_zero` has it made with the least above it."""
    return with_zero(lambda *given: history(answer, given, steps), *arguments)


def side_by_side(answer, arguments: Sequence, turns: Sequence[tuple[int, Sequence]]) -> tuple:
    """As `history`, with several objects: a turn is (which, steps); each is made at its first turn."""
    subjects = {}
    given = []
    for which, steps in turns:
        if which not in subjects:
            subjects[which] = answer(*arguments)
        given.extend(history(lambda subject=subjects[which]: subject, (), steps))
    return tuple(given)
