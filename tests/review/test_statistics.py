"""A room's statistics, against hand-made numbers, published ones, and simulated rooms."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bn_course.review.statistics import cronbach, statistics


def sheets(rows):
    return [{f"item-{n}": bool(hit) for n, hit in enumerate(row)} for row in rows]


def test_difficulty_discrimination_and_scores():
    found = statistics(sheets([[1, 1, 1], [1, 1, 0], [1, 0, 0], [0, 0, 0]]))
    assert found.scores == (0, 1, 2, 3)
    assert [item.difficulty for item in found.items] == [0.75, 0.5, 0.25]
    rest = np.array([2, 1, 0, 0])
    assert found.items[0].discrimination == pytest.approx(np.corrcoef([1, 1, 1, 0], rest)[0, 1])


def test_alpha_by_hand():
    # item variances 1/4, 1/3, 1/4 (÷ 3 of 4 learners: 0.25, 0.333, 0.25), variance of the scores 5/3
    rows = np.array([[1, 1, 1], [1, 1, 0], [1, 0, 0], [0, 0, 0]], float)
    assert cronbach(rows) == pytest.approx(1.5 * (1 - (0.25 + 1 / 3 + 0.25) / (5 / 3)))
    assert cronbach(np.ones((4, 3))) is None
    assert cronbach(np.ones((1, 3))) is None


def test_items_that_are_one_item_are_perfectly_reliable():
    found = statistics(sheets([[1, 1, 1], [0, 0, 0], [1, 1, 1]]))
    assert found.alpha == pytest.approx(1.0)
    assert found.interval == pytest.approx((1.0, 1.0))
    assert all(item.discrimination == pytest.approx(1.0) for item in found.items)


def test_the_interval_holds_the_truth_nineteen_times_in_twenty():
    rng, k, learners, rounds = np.random.default_rng(3), 10, 30, 400
    truth = k * 0.3 / (1 + (k - 1) * 0.3)  # Spearman and Brown: items of correlation 0.3
    hits = 0
    for _ in range(rounds):
        rows = np.sqrt(0.3) * rng.normal(size=(learners, 1)) + np.sqrt(0.7) * rng.normal(size=(learners, k))
        low, high = _interval_of(rows)
        hits += low <= truth <= high
    assert 0.92 < hits / rounds < 0.98


def _interval_of(rows):
    from bn_course.review import statistics as module

    return module._interval(cronbach(rows), *rows.shape)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.lists(st.booleans(), min_size=4, max_size=4), max_size=12))
def test_any_room_has_statistics_and_the_order_of_learners_does_not_matter(rows):
    found = statistics(sheets(rows))
    assert len(found.scores) == len(rows)
    assert all(0 <= item.difficulty <= 1 for item in found.items)
    assert found.alpha is None or found.interval[0] <= found.alpha <= found.interval[1] <= 1 + 1e-9
    assert statistics(sheets(rows[::-1])).scores == found.scores


def test_sheets_of_different_items_are_refused():
    with pytest.raises(ValueError, match="every sheet needs the same items"):
        statistics([{"a": True}, {"b": True}])
