"""The gradient explorer: what is removed, what is left, and what the figure shows of it."""

import numpy as np
import pytest

from bn_course.explorers.gradient import GradientExplorer, Params, compute, describe, directions
from bn_course.norms import standardize, standardize_backward


@pytest.mark.parametrize("examples", [3, 4, 8, 16])
def test_directions_are_at_right_angles_and_of_one_length(examples):
    found = directions(examples, seed=0)
    np.testing.assert_allclose(found @ found.T / examples, np.eye(3), atol=1e-12)


def test_a_batch_of_two_has_no_third_direction():
    assert not directions(2, seed=0)[2].any()
    assert compute(Params(examples=2, take_out=2)).share < 1e-3


def test_what_is_left_is_the_backward_pass_of_standardize():
    result = compute(Params(take_out=2, shift=-0.5, spread=2.0, rest=0.75, ratio=3.0))
    batch = directions(8, Params.seed)[1][:, None]
    x_hat = standardize(batch, axes=0, eps=1 / 9)
    np.testing.assert_allclose(result.x_hat, x_hat[:, 0])
    inv_std = np.array([[1 / np.sqrt(1 + 1 / 9)]])
    dx = standardize_backward(result.stages[0][:, None], x_hat, inv_std, axes=0)
    np.testing.assert_allclose(result.shown, dx[:, 0] / inv_std[0, 0])


def test_each_stage_takes_out_its_part():
    parts = compute(Params(shift=2.0, spread=-1.0, rest=0.5)).parts
    np.testing.assert_allclose(parts[0], [2.0, -1.0, 0.5])
    np.testing.assert_allclose(parts[1], [0.0, -1.0, 0.5], atol=1e-12)
    np.testing.assert_allclose(parts[2], [0.0, -1e-4, 0.5], atol=1e-6)  # ε leaves one part in 10 000


def test_epsilon_lets_the_spread_through():
    half = compute(Params(take_out=2, shift=0.0, spread=1.0, rest=0.0, ratio=1.0))
    assert half.share == pytest.approx(0.5)


def test_angle_and_share_follow_pythagoras():
    result = compute(Params(take_out=2, shift=1.0, spread=1.0, rest=1.0))
    assert result.share == pytest.approx(1 / np.sqrt(3), abs=1e-4)
    assert result.angle == pytest.approx(np.degrees(np.arccos(1 / np.sqrt(3))), abs=0.01)


def test_says_so_when_there_is_no_gradient():
    nothing = compute(Params(shift=0.0, spread=0.0, rest=0.0, take_out=2))
    assert "There is no gradient" in describe(nothing)
    assert np.isnan(nothing.angle)


def test_the_figure_shows_the_result():
    explorer = GradientExplorer(take_out=2, spread=2.0, ratio=1.0)
    view, result = explorer.view, explorer.result
    np.testing.assert_array_equal(view.new.get_ydata(), result.shown)
    np.testing.assert_array_equal(view.old.get_ydata(), result.stages[0])
    best = np.polyfit(result.x_hat, result.shown, 1)
    np.testing.assert_allclose(view.line.get_ydata(), np.polyval(best, view.line.get_xdata()))


def test_the_arrow_of_what_is_left_appears_with_it():
    explorer = GradientExplorer()
    assert not explorer.view.after.get_visible()
    explorer.set(take_out=1)
    assert explorer.view.after.get_visible()
    explorer.set(take_out=2, rest=0.0)
    assert not explorer.view.after.get_visible()
    assert "Nothing is left" in explorer.alt
