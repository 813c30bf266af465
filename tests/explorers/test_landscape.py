"""The landscape explorer: its losses against the definition, and what its artists show."""

import numpy as np
import pytest
import torch
from torch.nn.functional import cross_entropy

from bn_course.explorers.landscape import (
    EXAMPLES,
    LAST,
    LOST,
    SIZES,
    WITHIN,
    LandscapeExplorer,
    Params,
    begin,
    compute,
)
from bn_course.nets import digits


@pytest.mark.parametrize("norm", ["none", "batch"])
def test_the_first_curve_is_the_loss_along_the_gradient_at_initialisation(norm):
    result = compute(Params(step=0))
    model = begin("ReLU, 4 layers", norm, seed=0)
    batch = digits().train[:EXAMPLES]
    x = batch.x.double()
    loss = cross_entropy(model(x), batch.y)
    assert result.start[norm][0] == pytest.approx(loss.item(), rel=1e-12)
    parameters = list(model.parameters())
    start = [p.detach().clone() for p in parameters]
    slopes = torch.autograd.grad(loss, parameters)
    for index in (0, 6, 12):
        with torch.no_grad():
            for p, w, g in zip(parameters, start, slopes, strict=True):
                p.copy_(w - SIZES[index] * g)
        expected = cross_entropy(model(x), batch.y).item()
        assert result.curve(norm)[index] == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize(
    ("net", "layer", "std"),
    [
        ("ReLU, 4 layers", 3, (2 / 64) ** 0.5),
        ("tanh, 4 layers", 0, (2 / 128) ** 0.5),
    ],
)
def test_weights_are_numpy_s_at_the_deviation_that_suits_the_activation(net, layer, std):
    """PyTorch's normal numbers are others on other processors; the first weights are those of the seed."""
    model = begin(net, "batch", seed=3)
    assert model[layer].weight.std().item() == pytest.approx(std, rel=0.05)
    first = np.random.default_rng(3).normal(0, (2 / 128) ** 0.5 if "tanh" in net else (2 / 64) ** 0.5)
    assert model[0].weight[0, 0].item() == first


def test_range_is_that_of_the_shaded_step_sizes():
    result = compute(Params())
    chosen = result.losses["batch"][7, WITHIN]
    assert result.ranges("batch")[7] == pytest.approx(np.ptp(chosen))
    assert result.ranges("batch").shape == (LAST + 1,)


def test_looking_along_the_gradient_does_not_disturb_the_training():
    losses = compute(Params(rate=0.3)).start["batch"]
    assert losses[-1] < 0.3 * losses[0]
    assert len(losses) == LAST + 1


def test_relu_is_smoother_with_batch_norm_and_a_sigmoid_plateau_is_not():
    relu, sigmoid = compute(Params()), compute(Params(net="sigmoid, 3 layers", rate=0.1))
    assert np.median(relu.ranges("none")) > 5 * np.median(relu.ranges("batch"))
    assert np.median(sigmoid.ranges("none")) < np.median(sigmoid.ranges("batch"))


def test_a_run_that_diverges_is_drawn_at_the_top():
    explorer = LandscapeExplorer(net="ReLU, 20 layers", rate=1.0, seed=2, step=LAST)
    assert explorer.error is None
    assert np.isfinite(explorer.result.losses["none"]).all()
    assert explorer.result.start["none"][-1] == LOST
    assert explorer.view.titles[1].get_text() == "Without batch norm it has diverged"


def test_artists_show_the_step():
    explorer = LandscapeExplorer(step=25)
    assert explorer.error is None
    for norm in ("none", "batch"):
        np.testing.assert_allclose(explorer.view.curves[norm].get_ydata(), explorer.result.losses[norm][25])
        assert explorer.view.dots[norm].get_xdata() == [25]
    assert "step 25" in explorer.view.titles[0].get_text()
    assert "after 25 training steps" in explorer.alt
