"""When a run has got there, and stays there."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bn_course.nets.speed import steps_to_target


@pytest.mark.parametrize(
    ("accuracies", "step"),
    [
        ([0.5, 0.9, 0.95], 1),
        ([0.9, 0.5, 0.9], 2),
        ([0.9, 0.9], 0),
        ([0.9, 0.89], None),
        ([0.1], None),
        ([], None),
        ([0.95, float("nan")], None),
        (np.array([0.2, 1.0]), 1),
    ],
)
def test_the_first_step_from_which_it_stays(accuracies, step):
    assert steps_to_target(accuracies, 0.9) == step


@given(st.lists(st.floats(0, 1), max_size=12), st.floats(0, 1))
def test_it_is_the_definition(accuracies, target):
    stays = [all(a >= target for a in accuracies[i:]) for i in range(len(accuracies))]
    assert steps_to_target(accuracies, target) == (stays.index(True) if True in stays else None)
