"""The small models: their layers, in order, and how their weights are drawn."""

import pytest
import torch
from torch import nn

from bn_course.nets import cnn, initialise, mlp, norm_layer, residual_mlp, seeded


def kinds(model):
    return [type(layer).__name__ for layer in model]


def test_norm_stands_before_the_activation_or_after_it():
    assert kinds(mlp([4, 8, 3])) == ["Linear", "BatchNorm1d", "ReLU", "Linear"]
    after = mlp([4, 8, 3], activation=nn.Sigmoid, order="after")
    assert kinds(after) == ["Linear", "Sigmoid", "BatchNorm1d", "Linear"]
    with pytest.raises(ValueError, match="'before' or 'after'"):
        mlp([4, 8, 3], order="behind")


@pytest.mark.parametrize(
    ("norm", "order", "bias"),
    [("batch", "before", False), ("batch", "after", True), ("layer", "before", True), (None, "before", True)],
)
def test_a_bias_that_batch_norm_would_take_away_is_left_out(norm, order, bias):
    assert (mlp([4, 8, 3], norm, order=order)[0].bias is not None) == bias


@pytest.mark.parametrize("norm", ["none", "batch", "layer", "group", "instance"])
def test_every_norm_keeps_the_shape_of_images(norm):
    x = torch.randn(4, 16, 5, 7)
    assert norm_layer(norm, 16, dims=2)(x).shape == x.shape
    assert cnn(norm=norm)(torch.randn(4, 1, 8, 8)).shape == (4, 10)


@pytest.mark.parametrize("norm", ["none", "batch", "layer", "group"])
def test_every_norm_of_vectors_fits_the_models(norm):
    assert mlp([4, 16, 16, 3], norm)(torch.randn(5, 4)).shape == (5, 3)
    assert residual_mlp(4, 16, 2, 3, norm)(torch.randn(5, 4)).shape == (5, 3)


def test_a_norm_of_ones_own():
    assert kinds(mlp([4, 8, 3], norm=lambda d: nn.Dropout(1 / d)))[1] == "Dropout"


def test_layer_norm_of_images_is_over_all_but_the_batch():
    y = norm_layer("layer", 16, dims=2)(torch.randn(4, 16, 5, 7) * 3 + 2)
    assert y.mean((1, 2, 3)).abs().max() < 1e-5


@pytest.mark.parametrize("norm", ["weight", "instance"])
def test_an_impossible_norm_is_refused(norm):
    with pytest.raises(ValueError, match="norm"):
        norm_layer(norm, 16)


def test_residual_blocks_add_to_what_they_got():
    model = residual_mlp(4, 16, 2, 3)
    nn.init.zeros_(model[1].branch[-1].weight)
    nn.init.zeros_(model[1].branch[-1].bias)
    h = torch.randn(5, 16)
    assert torch.equal(model[1](h), h)


@pytest.mark.parametrize(
    ("how", "deviation"), [("he", (2 / 500) ** 0.5), ("xavier", (2 / 900) ** 0.5), (0.3, 0.3)]
)
def test_initialisation_has_the_deviation_that_it_says(how, deviation):
    with seeded(0):
        layer = initialise(nn.Sequential(nn.Linear(500, 400)), how)[0]
    assert layer.weight.std().item() == pytest.approx(deviation, rel=0.01)
    assert not layer.bias.any()


def test_torchs_own_initialisation_is_smaller_than_hes_by_what_the_docstring_says():
    with seeded(0):
        default = nn.Linear(500, 400).weight.std().item()
    assert default == pytest.approx((1 / 1500) ** 0.5, rel=0.01)
    assert default / (2 / 500) ** 0.5 == pytest.approx(0.41, abs=0.005)


def test_an_unknown_initialisation_is_refused():
    with pytest.raises(ValueError, match="'he', 'xavier' or a deviation"):
        initialise(mlp([4, 8, 3]), "orthogonal")
