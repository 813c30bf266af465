"""The noise explorer: its batches against their law, and what its artists show."""

import numpy as np
import pytest
import torch

from bn_course.explorers.noise import POPULATION, NoiseExplorer, Params, compute, orders, population


@pytest.mark.parametrize("feature", ["normal", "after a ReLU", "two groups"])
@pytest.mark.parametrize("size", [4, 16, 128, 512])
def test_means_scatter_as_the_law_of_a_finite_population_says(feature, size):
    result = compute(Params(batch_size=size, example=0.0, feature=feature))
    assert result.mean.std() == pytest.approx(result.law, rel=0.25, abs=1e-9)


def test_the_others_have_mean_zero_and_deviation_one():
    for feature in ("normal", "after a ReLU", "two groups"):
        values = population(feature, 0)
        assert len(values) == POPULATION - 1
        assert (values.mean(), values.std()) == pytest.approx((0, 1), abs=1e-9)


def test_x_hat_is_that_of_torch_in_training_mode():
    result = compute(Params(batch_size=8, example=2.0))
    layer = torch.nn.BatchNorm1d(1, dtype=torch.float64)
    for draw in (0, 57, 199):
        batch = np.append(2.0, population("normal", 0)[orders(0)[draw, :7]])
        assert layer(torch.from_numpy(batch[:, None]))[0].item() == pytest.approx(result.x_hat[draw])


def test_all_of_the_data_have_no_noise():
    result = compute(Params(batch_size=512, example=1.5))
    np.testing.assert_allclose(result.mean, result.true_mean, atol=1e-12)
    np.testing.assert_allclose(result.x_hat, result.true_x_hat, rtol=1e-12)


def test_an_example_stays_within_the_root_of_n_minus_one():
    for size in (2, 4, 16):
        assert abs(compute(Params(batch_size=size, example=3.0)).x_hat).max() <= np.sqrt(size - 1)


def test_the_artists_show_the_draws_so_far():
    explorer = NoiseExplorer(draws=40)
    assert explorer.error is None
    np.testing.assert_array_equal(explorer.view.x_hats.get_ydata(), explorer.result.x_hat[:40])
    np.testing.assert_array_equal(explorer.view.statistics.get_xdata(), explorer.result.mean[:40])
    np.testing.assert_array_equal(explorer.view.last_statistics.get_ydata(), explorer.result.std[39:40])
    assert set(explorer.view.inference.get_ydata()) == {explorer.result.true_x_hat}
    assert f"{explorer.result.x_hat[:40].mean():.2f} ±" in explorer.view.titles[1].get_text()


def test_before_the_first_draw():
    explorer = NoiseExplorer(draws=0)
    assert explorer.error is None
    assert len(explorer.view.x_hats.get_ydata()) == 0
    assert "No batch drawn yet" in explorer.alt


def test_the_alternative_text_gives_the_numbers():
    explorer = NoiseExplorer(batch_size=4, example=2.0)
    assert "200 batches of 4" in explorer.alt
    assert f"{explorer.result.x_hat.max():.2f}" in explorer.alt
    assert f"at inference it is {explorer.result.true_x_hat:.2f}" in explorer.alt
