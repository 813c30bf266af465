"""The padding explorer: its statistics against the formula and the masked norm, and what its artists show."""

import numpy as np
import pytest

from bn_course.explorers.padding import LENGTHS, PaddingExplorer, Params, compute, expected_error
from bn_course.norms import masked_batch_norm


def as_batch(result):
    x = np.zeros((len(result.lengths), result.steps, 1))
    x[np.arange(result.steps) < result.lengths[:, None], 0] = result.values
    return x


@pytest.mark.parametrize("lengths", list(LENGTHS))
@pytest.mark.parametrize("filled", ["its longest sequence", "64 steps"])
def test_statistics_are_those_of_the_formula(lengths, filled):
    result = compute(Params(lengths=lengths, filled=filled, mean=-1.5))
    p = result.share
    assert result.wrong_mean == pytest.approx((1 - p) * result.mean)
    assert result.wrong_var == pytest.approx((1 - p) * result.var + p * (1 - p) * result.mean**2)
    x = as_batch(result)
    assert (x.mean(), x.var()) == pytest.approx((result.wrong_mean, result.wrong_var))


def test_left_out_it_is_the_masked_norm():
    result = compute(Params())
    y = masked_batch_norm(as_batch(result), result.lengths, np.ones(1), np.zeros(1), eps=0)
    valid = np.arange(result.steps) < result.lengths[:, None]
    np.testing.assert_allclose(y[valid, 0], result.x_hat)


def test_without_padding_nothing_is_wrong():
    result = compute(Params(lengths="all alike"))
    assert result.share == 0
    assert result.error == pytest.approx(0, abs=1e-12)
    assert "nothing goes wrong" in PaddingExplorer(lengths="all alike").view.titles["curve"].get_text()


@pytest.mark.parametrize("mean", [-4.0, 0.0, 2.0])
def test_the_curve_is_the_error_of_many_steps(mean):
    x = mean + np.random.default_rng(0).normal(size=200_000)
    padded = np.concatenate([x, np.zeros(300_000)])
    wrong, right = (x - padded.mean()) / padded.std(), (x - x.mean()) / x.std()
    assert expected_error(0.6, mean) == pytest.approx(np.sqrt(np.mean((wrong - right) ** 2)), rel=0.02)


def test_even_a_mean_of_zero_is_not_safe():
    assert expected_error(0.75, 0.0) == pytest.approx(1.0)  # deviation 1/2: every value doubled


def test_artists_show_the_result():
    explorer = PaddingExplorer(count=4, longest=64, lengths="one long, the rest short")
    assert explorer.error is None
    cells = explorer.view.cells.get_array()
    assert cells.shape == (32, 64)
    assert (cells == 2).mean() == pytest.approx(1 - explorer.result.share)
    assert (cells == 0).sum() == 0
    np.testing.assert_array_equal(explorer.view.line.get_ydata(), explorer.result.curve)
    assert explorer.view.here.get_xdata()[0] == explorer.result.share
    heights = explorer.view.wrong.get_data().values
    assert heights.sum() / 6 == pytest.approx(1, abs=0.01)


def test_the_alternative_text_gives_the_numbers():
    explorer = PaddingExplorer(longest=16, filled="64 steps")
    assert "16 sequences of 2 to 16 steps, filled up to 64" in explorer.alt
    assert f"{explorer.result.error:.2f}" in explorer.alt
