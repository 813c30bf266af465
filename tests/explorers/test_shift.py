"""The shift explorer: its arithmetic against torch's layers, and what its artists show."""

import numpy as np
import pytest
import torch
from torch import nn

from bn_course.explorers.shift import (
    SAMPLES,
    WAYS,
    Params,
    ShiftExplorer,
    batches,
    changed,
    compute,
    forward,
    pictures,
    statistics_of,
    trained,
)
from bn_course.nets.recalibrate import recalibrate


def model_of(network):
    """The same network as torch layers."""
    layers = []
    for norm in network.norms:
        linear = nn.Linear(norm.weight.shape[1], norm.weight.shape[0], bias=False, dtype=torch.float64)
        layer = nn.BatchNorm1d(len(norm.gamma), eps=norm.eps, dtype=torch.float64)
        linear.weight.data = torch.tensor(norm.weight)
        layer.weight.data, layer.bias.data = torch.tensor(norm.gamma), torch.tensor(norm.beta)
        layer.running_mean, layer.running_var = torch.tensor(norm.mean), torch.tensor(norm.var)
        layers += [linear, layer, nn.ReLU()]
    last = nn.Linear(network.weight.shape[1], network.weight.shape[0], dtype=torch.float64)
    last.weight.data, last.bias.data = torch.tensor(network.weight), torch.tensor(network.bias)
    return nn.Sequential(*layers, last).eval()


@pytest.fixture(scope="module")
def network():
    return trained(0)


def test_scores_are_those_of_torch_in_both_modes_and_adapted(network):
    x = changed(pictures()[1][0], Params(noise=0.5, brightness=1.0), np.random.default_rng(1))
    model, inputs = model_of(network), torch.tensor(x)
    with torch.no_grad():
        np.testing.assert_allclose(forward(network, x), model(inputs).numpy(), atol=1e-9)
        np.testing.assert_allclose(forward(network, x, None), model.train()(inputs).numpy(), atol=1e-9)
        recalibrate(model, [inputs[:100]])
        adapted = forward(network, x, statistics_of(network, x[:100]))
        np.testing.assert_allclose(adapted, model.eval()(inputs).numpy(), atol=1e-9)


def test_contrast_and_brightness_are_adapted_away_and_the_rest_is_not():
    for shift in ({"contrast": 0.3}, {"contrast": 3.0}, {"contrast": 1.0, "brightness": 2.0}):
        result = compute(Params(**shift, count=256))
        assert result.accuracy["adapted"] > 95
        assert result.accuracy["source"] < 93
    assert compute(Params(contrast=1.0, noise=1.5, count=256)).accuracy["adapted"] < 80
    assert compute(Params(contrast=1.0, inverted=True, count=256)).accuracy["adapted"] < 20


def test_the_source_is_at_home_where_nothing_is_changed():
    result = compute(Params(contrast=1.0))
    assert result.accuracy["source"] > 95
    mean, deviation = result.units["source"]
    assert abs(mean).max() < 0.6
    assert abs(np.log(deviation)).max() < 0.5


def test_two_images_are_too_few():
    assert compute(Params(count=2)).accuracy["adapted"] < compute(Params(count=64)).accuracy["adapted"] - 20


def test_batches_hold_every_image_once_and_none_stands_alone():
    x = np.arange(501)
    for size in (2, 4, 256):
        parts = batches(x, size)
        np.testing.assert_array_equal(np.concatenate(parts), x)
        assert min(map(len, parts)) >= size


def test_bars_images_and_dots_show_the_result():
    explorer = ShiftExplorer(contrast=0.5, count=8)
    assert explorer.error is None
    widths = [bar.get_width() for bar in explorer.view.bars]
    np.testing.assert_allclose(widths, [explorer.result.accuracy[way] for way in WAYS])
    for image, picture in zip(explorer.view.images, explorer.result.images, strict=True):
        np.testing.assert_array_equal(image.get_array(), picture)
    assert len(explorer.view.images) == SAMPLES
    np.testing.assert_allclose(explorer.view.dots["adapted"].get_ydata(), explorer.result.units["adapted"][1])
    assert "adapted to 8 images" in explorer.alt


def test_the_title_follows_the_numbers():
    explorer = ShiftExplorer()
    assert explorer.view.title.get_text() == "Adapted statistics bring it back"
    explorer.set(contrast=1.0)
    assert explorer.view.title.get_text() == "The source's statistics still do"
    explorer.set(inverted=True)
    assert explorer.view.title.get_text() == "Adapting does not help"
