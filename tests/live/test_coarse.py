"""Numbers in words: each interval has one name, and together they cover the line."""

import pytest

from bn_course.live import coarse


@pytest.mark.parametrize(
    ("value", "said"),
    [(2.6, "under 8"), (8, "8 to 35"), (34.9, "8 to 35"), (35, "at least 35"), (float("inf"), "at least 35")],
)
def test_a_value_is_said_by_its_neighbours(value, said):
    assert coarse(value, 8, 35) == said


def test_one_bound_has_two_sides():
    assert {coarse(v, 0.5) for v in (0.1, 0.9)} == {"under 0.5", "at least 0.5"}
