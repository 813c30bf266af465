"""The signals explorer: its gradients against numerical ones, its numbers against theory, its artists."""

import numpy as np
import pytest

from bn_course.explorers.signals import ACTIVATIONS, EDGES, WIDTH, Params, SignalsExplorer, compute, draws
from bn_course.norms import batch_norm


def forward(x, weights, activation, normalised):
    for weight in weights:
        a = x @ weight
        a = batch_norm(a, np.ones(WIDTH), np.zeros(WIDTH)) if normalised else a
        x = ACTIVATIONS[activation][0](a)
    return x


@pytest.mark.parametrize("normalised", [False, True])
@pytest.mark.parametrize("activation", list(ACTIVATIONS))
def test_the_gradient_is_that_of_the_net(activation, normalised):
    """Squared sizes of ∂L/∂x from random directional derivatives: E(d·g)² = |g|² for d of unit variance."""
    params = Params(depth=3, gain=1.2, activation=activation, batch_norm=normalised)
    x, weights, upstream = draws(0)
    weights = weights[:3] * 1.2 / np.sqrt(WIDTH)
    upstream = upstream / np.sqrt((upstream**2).mean())
    rng = np.random.default_rng(1)
    slopes = []
    for _ in range(200):
        direction = rng.normal(size=x.shape) * 1e-6
        change = forward(x + direction, weights, activation, normalised) - forward(
            x - direction, weights, activation, normalised
        )
        slopes.append((change * upstream).sum() / 2e-6)
    size = np.sqrt(np.mean(np.square(slopes)) / x.size)
    assert compute(params).gradients[0] == pytest.approx(size, rel=0.2)


def test_layers_are_those_of_the_net():
    result = compute(Params(depth=5, gain=0.8, activation="tanh", batch_norm=True))
    x, weights, _ = draws(0)
    expected = forward(x, weights[:5] * 0.8 / np.sqrt(WIDTH), "tanh", True)
    np.testing.assert_allclose(result.layers[-1], expected, atol=1e-12)
    assert result.stds[-1] == pytest.approx(expected.std())


def mean_square(result):
    return np.mean(result.layers[-1] ** 2)


def test_he_keeps_the_mean_square_and_one_halves_it():
    """Averaged over draws: at width 64 one net strays by a factor of two in 20 layers."""
    draw = range(20)
    kept = np.mean([np.log(mean_square(compute(Params(depth=10, gain=2**0.5, seed=s)))) for s in draw])
    halved = np.mean([np.log(mean_square(compute(Params(depth=10, gain=1.0, seed=s)))) for s in draw])
    assert abs(kept) < 0.6
    assert halved == pytest.approx(kept - 10 * np.log(2))


def test_batch_norm_makes_the_initial_scale_irrelevant_forward():
    small, large = (compute(Params(gain=gain, batch_norm=True)) for gain in (0.1, 10.0))
    np.testing.assert_allclose(small.stds, large.stds, rtol=0.05)


def test_sigmoid_layers_make_the_examples_alike():
    result = compute(Params(depth=20, activation="sigmoid"))
    assert result.stds[-1] > 0.05
    assert result.between[-1] < 1e-9


def test_values_beyond_three_are_counted_at_the_ends():
    histogram = compute(Params(depth=20, gain=10.0, activation="none")).histograms[-1]
    assert set(np.argsort(histogram)[-2:]) == {0, len(EDGES) - 2}
    assert histogram.max() == 1


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"gain": 0.5}, "vanishes"),
        ({"gain": 10.0}, "explodes"),
        ({"gain": 10.0, "activation": "tanh"}, "saturates"),
        ({"depth": 20, "activation": "sigmoid"}, "alike"),
        ({"gain": 2**0.5}, "survives"),
    ],
)
def test_says_what_became_of_the_signal(params, words):
    explorer = SignalsExplorer()
    explorer.set(**params)
    assert explorer.error is None
    assert words in explorer.view.verdict.get_text()
    assert words in explorer.alt


def test_artists_show_the_result():
    explorer = SignalsExplorer()
    explorer.set(depth=4, gain=2.0)
    view, result = explorer.view, explorer.result
    np.testing.assert_array_equal(view.stds.get_ydata(), result.stds)
    np.testing.assert_array_equal(view.gradients.get_ydata(), result.gradients)
    values, edges, baseline = view.patches[3].get_data()
    np.testing.assert_allclose(baseline - values, 0.9 * result.histograms[3])
    np.testing.assert_array_equal(edges, EDGES)
    assert [patch.get_visible() for patch in view.patches] == [True] * 5 + [False] * 16
