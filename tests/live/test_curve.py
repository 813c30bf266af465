"""A curve says where its runs have no value, and its band stays where values can lie."""

import numpy as np
import pytest

from bn_course.live import curve, subplots

X = [1, 10, 100, 1000]
RUNS = np.array([[0.9, 0.96, 0.8, np.nan], [0.8, 0.98, np.nan, np.nan]])


@pytest.fixture
def ax():
    ax = subplots()[1]
    curve(ax, X, RUNS, [0.7, 0.9, np.nan, np.nan], [1.2, 1.1, np.nan, np.nan], "#0072B2", (0, 1), marker="o")
    return ax


def test_the_line_is_the_mean_where_every_run_has_a_value(ax):
    line, *_ = ax.lines
    np.testing.assert_allclose(line.get_xydata(), [[1, 0.85], [10, 0.97]])
    assert line.get_marker() == "o"


def test_the_band_stays_within_the_ends(ax):
    corners = ax.collections[0].get_paths()[0].vertices
    assert corners[:, 1].min() == 0.7
    assert corners[:, 1].max() == 1


def test_runs_without_a_value_are_crosses_and_those_beside_them_dots(ax):
    _, dots, crosses = ax.lines
    there = dots.get_xydata()[~np.isnan(dots.get_ydata())]
    np.testing.assert_array_equal(there, [[100, 0.8]])
    assert sorted(crosses.get_xdata()) == [100, 1000, 1000]
    assert set(crosses.get_ydata()) == {0}


def test_where_every_run_has_a_value_there_is_nothing_but_line_and_band():
    ax = subplots()[1]
    curve(ax, X[:2], RUNS[:, :2], [0.7, 0.9], [1.0, 1.0], "#0072B2", (0, 1))
    assert [len(line.get_xdata()) for line in ax.lines] == [2, 0]
