"""When a run has got there, and stays there."""

from collections.abc import Sequence


def steps_to_target(accuracies: Sequence[float], target: float) -> int | None:
    """The first step, counted from 0, from which the accuracy is never below `target` again.

    Equal counts as reached. None where the last accuracy is below the target, or there is none. To pass the
    target once is not enough: a run that jumps about passes it by luck.
    """
    reached = None
    for step, accuracy in enumerate(accuracies):
        if not accuracy >= target:  # NaN is no accuracy that counts
            reached = None
        elif reached is None:
            reached = step
    return reached
