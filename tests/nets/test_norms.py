"""The norms in PyTorch against torch's own and against the NumPy ones, in float64, forward and backward."""

import numpy as np
import pytest
import torch
from torch import nn

from bn_course import norms
from bn_course.nets.norms import (
    GroupNorm,
    InstanceNorm,
    LayerNorm,
    RMSNorm,
    WeightStandardizedConv2d,
    standardize,
)


class ChannelsLast(nn.Module):
    """torch's layer norm over axis 1."""

    def __init__(self, features, eps):
        super().__init__()
        self.norm = nn.LayerNorm(features, eps)

    def forward(self, x):
        return self.norm(x.movedim(1, -1)).movedim(-1, 1)


EPS = 0.1  # large, so that a misplaced eps shows
CASES = {
    "layer (6, 4)": (LayerNorm(4, EPS), nn.LayerNorm(4, EPS), (6, 4)),
    "layer (3, 5, 4)": (LayerNorm(4, EPS), nn.LayerNorm(4, EPS), (3, 5, 4)),
    "layer, axis 1": (LayerNorm(4, EPS, axis=1), ChannelsLast(4, EPS), (3, 4, 5, 2)),
    "rms (6, 4)": (RMSNorm(4, EPS), nn.RMSNorm(4, EPS), (6, 4)),
    "rms (3, 5, 4)": (RMSNorm(4, EPS), nn.RMSNorm(4, EPS), (3, 5, 4)),
    "instance (3, 4, 7)": (InstanceNorm(4, EPS), nn.InstanceNorm1d(4, EPS, affine=True), (3, 4, 7)),
    "instance (3, 4, 5, 2)": (InstanceNorm(4, EPS), nn.InstanceNorm2d(4, EPS, affine=True), (3, 4, 5, 2)),
    **{
        f"group of {groups} {shape}": (GroupNorm(groups, 6, EPS), nn.GroupNorm(groups, 6, EPS), shape)
        for groups in (1, 2, 3, 6)
        for shape in [(3, 6, 5, 2), (2, 6, 3, 2, 2)]
    },
    "group of 2 (3, 6)": (GroupNorm(2, 6, EPS), nn.GroupNorm(2, 6, EPS), (3, 6)),
}


@pytest.fixture(params=CASES.values(), ids=list(CASES))
def case(request):
    """(ours, torch's, x, dy): both layers with the same γ and β, not 1 and 0."""
    ours, theirs, shape = request.param
    generator = torch.Generator().manual_seed(2016)
    for mine, other in zip(ours.double().parameters(), theirs.double().parameters(), strict=True):
        mine.data = torch.randn(mine.shape, generator=generator, dtype=torch.float64) + 1
        other.data = mine.data.clone()
    x, dy = torch.randn(2, *shape, generator=generator, dtype=torch.float64)
    return ours, theirs, 2 + 3 * x, dy


def run(layer, x, dy):
    """(y, dx, dgamma, dbeta)"""
    x = x.clone().requires_grad_()
    y = layer(x)
    return [y, *torch.autograd.grad(y, [x, *layer.parameters()], dy)]


def test_values_and_gradients_are_torch_s(case):
    ours, theirs, x, dy = case
    for mine, other in zip(run(ours, x, dy), run(theirs, x, dy), strict=True):
        torch.testing.assert_close(mine, other, rtol=1e-9, atol=1e-11)


def test_gradients_are_those_of_central_differences(case):
    ours, _, x, _ = case
    assert torch.autograd.gradcheck(ours, x.requires_grad_())


def test_nothing_depends_on_the_other_examples_nor_on_the_mode(case):
    ours, _, x, _ = case
    torch.testing.assert_close(ours(x)[:1], ours(x[:1]), rtol=1e-12, atol=1e-12)
    torch.testing.assert_close(ours.eval()(x), ours.train()(x), rtol=0, atol=0)


def numpy_of(*tensors):
    return [tensor.detach().numpy() for tensor in tensors]


def test_they_are_the_numpy_norms():
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(3, 6, 4, 5, generator=generator, dtype=torch.float64)
    gamma, beta = np.linspace(-1, 2, 6), np.linspace(3, 1, 6)
    last, one = np.linspace(1, 2, 5), np.linspace(-1, 1, 5)
    expected = [
        (GroupNorm(3, 6), norms.group_norm(x.numpy(), gamma, beta, 3), gamma, beta),
        (InstanceNorm(6), norms.instance_norm(x.numpy(), gamma, beta), gamma, beta),
        (LayerNorm(5), norms.layer_norm(x.numpy(), last, one), last, one),
        (RMSNorm(5), norms.rms_norm(x.numpy(), last), last, None),
    ]
    for layer, y, weight, bias in expected:
        layer.double().weight.data = torch.from_numpy(weight)
        if bias is not None:
            layer.bias.data = torch.from_numpy(bias)
        np.testing.assert_allclose(*numpy_of(layer(x)), y, rtol=1e-10, atol=1e-12)


def test_state_dicts_are_interchangeable_with_torch_s():
    for ours, theirs in [
        (LayerNorm(4), nn.LayerNorm(4)),
        (GroupNorm(2, 4), nn.GroupNorm(2, 4)),
        (InstanceNorm(4), nn.InstanceNorm2d(4, affine=True)),
        (RMSNorm(4), nn.RMSNorm(4)),
    ]:
        theirs.load_state_dict(ours.state_dict())


def test_identities():
    generator = torch.Generator().manual_seed(1)
    x = 2 + torch.randn(3, 6, 4, 4, generator=generator, dtype=torch.float64)
    whole = nn.functional.layer_norm(x, (6, 4, 4))
    torch.testing.assert_close(GroupNorm(1, 6).double()(x), whole, rtol=1e-12, atol=1e-12)
    torch.testing.assert_close(GroupNorm(6, 6).double()(x), InstanceNorm(6).double()(x), rtol=0, atol=0)
    one_image = nn.BatchNorm2d(6).double()(x[:1])
    torch.testing.assert_close(InstanceNorm(6).double()(x[:1]), one_image, rtol=1e-12, atol=1e-12)
    centred = x - x.mean(-1, keepdim=True)
    rms, layer = RMSNorm(4, eps=1e-5).double()(centred), LayerNorm(4).double()(x)
    torch.testing.assert_close(rms, layer, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("groups", [4, 0, -1])
def test_groups_that_do_not_divide(groups):
    with pytest.raises(ValueError, match=f"num_groups is {groups}; it needs to divide the 6 channels"):
        GroupNorm(groups, 6)


@pytest.mark.parametrize(
    ("layer", "shape", "says"),
    [
        (GroupNorm(2, 6), (3, 4, 5, 5), "6 features on axis 1"),
        (InstanceNorm(6), (3, 5, 5, 6), "6 features on axis 1"),
        (LayerNorm(6), (3, 6, 5), "6 features on axis -1"),
        (LayerNorm(6, axis=1), (3, 5, 6), "6 features on axis 1"),
        (RMSNorm(6), (3, 5), "6 features on axis -1"),
        (LayerNorm(6), (6,), "6 features"),
        (InstanceNorm(6), (3, 6, 1, 1), "two positions"),
        (InstanceNorm(6), (3, 6), "two positions"),
    ],
)
def test_bad_input_is_named(layer, shape, says):
    with pytest.raises(ValueError, match=rf"x has shape {str(shape)[:-1]}".replace("(", r"\(")) as raised:
        layer(torch.zeros(shape))
    assert says in str(raised.value)


# ---- weight standardisation --------------------------------------------------------------------------


def conv(**options):
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return WeightStandardizedConv2d(4, 6, 3, **options).double()


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"stride": 2, "padding": 1},
        {"padding": 1, "padding_mode": "reflect"},
        {"groups": 2, "bias": False},
    ],
)
def test_it_is_the_convolution_with_the_numpy_weights(options):
    ours = conv(**options)
    theirs = nn.Conv2d(4, 6, 3, **options).double()
    theirs.load_state_dict(ours.state_dict())
    theirs.weight.data = torch.from_numpy(norms.weight_standardize(*numpy_of(ours.weight)))
    x = torch.randn(2, 4, 7, 7, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    torch.testing.assert_close(ours(x), theirs(x), rtol=1e-12, atol=1e-12)


def test_its_gradients_are_those_of_central_differences():
    ours = conv()
    x = torch.randn(1, 4, 3, 3, generator=torch.Generator().manual_seed(1), dtype=torch.float64)

    def apply(x, weight):
        return torch.func.functional_call(ours, {"weight": weight}, (x,))

    assert torch.autograd.gradcheck(apply, (x.requires_grad_(), ours.weight.detach().requires_grad_()))


def test_scale_and_level_of_its_weights_get_no_gradient():
    ours = conv(bias=False)
    x = torch.randn(2, 4, 7, 7, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    (gradient,) = torch.autograd.grad(ours(x).square().sum(), ours.weight)
    level = gradient.sum((1, 2, 3)) / gradient.abs().sum((1, 2, 3))
    scale = (gradient * ours.weight).sum((1, 2, 3)) / (gradient * ours.weight).abs().sum((1, 2, 3))
    assert level.abs().max() < 1e-10
    assert scale.abs().max() < 1e-2  # up to ε beside the weights' variance


def test_standardize_centres_unless_told():
    x = torch.tensor([[1.0, 3.0]])
    torch.testing.assert_close(standardize(x, (1,), 0.0), torch.tensor([[-1.0, 1.0]]))
    torch.testing.assert_close(standardize(x, (1,), 0.0, centre=False), x / 5**0.5)
