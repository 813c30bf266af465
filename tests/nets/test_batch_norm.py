"""Our BatchNorm2d and autograd function against PyTorch's, argument by argument."""

from itertools import product

import pytest
import torch
from torch import nn

from bn_course.nets.batch_norm import BatchNorm2d, BatchNormFunction

LAYOUTS = {"contiguous": torch.contiguous_format, "channels_last": torch.channels_last}
TYPES = {torch.float64: 1e-11, torch.float32: 1e-5, torch.bfloat16: 2e-2, torch.float16: 2e-3}
SETTINGS = [
    {"affine": affine, "track_running_stats": tracked, "momentum": momentum}
    for affine, tracked, momentum in product([True, False], [True, False], [0.1, None, 0.0, 1.0])
]


def pair(**settings):
    """Ours and PyTorch's, with the same random parameters."""
    ours, theirs = BatchNorm2d(5, **settings), nn.BatchNorm2d(5, **settings)
    if settings.get("affine", True):
        nn.init.normal_(theirs.weight)
        nn.init.normal_(theirs.bias)
    ours.load_state_dict(theirs.state_dict())
    return ours, theirs


def batch(dtype=torch.float32, layout=torch.contiguous_format, mean=3.0):
    return (torch.randn(4, 5, 6, 7) * 2 + mean).to(dtype).contiguous(memory_format=layout)


@pytest.mark.parametrize("settings", SETTINGS, ids=str)
@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("dtype", TYPES, ids=str)
def test_outputs_gradients_and_buffers_are_pytorchs(dtype, layout, settings):
    torch.manual_seed(0)
    ours, theirs = (layer.double() if dtype == torch.float64 else layer for layer in pair(**settings))
    tolerance = {"rtol": TYPES[dtype], "atol": 10 * TYPES[dtype]}
    for step in range(3):
        training = step < 2
        x, dy = batch(dtype, LAYOUTS[layout]), torch.randn(4, 5, 6, 7).to(dtype)
        results = []
        for layer in (ours.train(training), theirs.train(training)):
            leaf = x.clone().requires_grad_()
            layer.zero_grad()
            y = layer(leaf)
            y.backward(dy)
            grads = [p.grad for p in layer.parameters()]
            results.append([y, leaf.grad, *grads, *layer.buffers()])
        assert results[0][0].dtype == dtype
        for mine, other in zip(*results, strict=True):
            torch.testing.assert_close(mine, other, **tolerance)


def test_state_dicts_go_both_ways():
    ours, theirs = pair()
    ours(batch()), theirs(batch())
    assert list(ours.state_dict()) == list(theirs.state_dict())
    theirs.load_state_dict(ours.state_dict())
    ours.load_state_dict(theirs.state_dict())


@pytest.mark.parametrize("shape", [(4, 5), (4, 5, 6), (4, 5, 6, 7, 8), (1, 5, 1, 1), (4, 3, 6, 7)])
@pytest.mark.parametrize("training", [True, False])
def test_errors_are_of_pytorchs_types(shape, training):
    raised = []
    for layer in pair():
        try:
            layer.train(training)(torch.randn(shape))
            raised.append(None)
        except (ValueError, RuntimeError) as error:
            raised.append(type(error))
    assert raised[0] == raised[1]


def test_a_large_mean_costs_no_digits():
    ours, theirs = pair()
    x = batch(mean=1000.0)
    exact = theirs.double()(x.double())
    assert (ours(x) - exact).abs().max() < 1e-3


def test_second_derivatives_of_the_module():
    layer = BatchNorm2d(3).double()
    nn.init.normal_(layer.weight)
    x = torch.randn(3, 3, 2, 2, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradgradcheck(layer, (x,))


@pytest.mark.parametrize("shape", [(6, 3), (4, 3, 5), (3, 2, 4, 3), (2, 3, 2, 2, 2)], ids=str)
def test_function_passes_both_gradient_checks(shape):
    torch.manual_seed(0)
    x = torch.randn(shape, dtype=torch.float64, requires_grad=True)
    gamma, beta = torch.randn(2, shape[1], dtype=torch.float64).unbind()
    inputs = (x, gamma.clone().requires_grad_(), beta.clone().requires_grad_(), 0.01)
    assert torch.autograd.gradcheck(BatchNormFunction.apply, inputs)
    assert torch.autograd.gradgradcheck(BatchNormFunction.apply, inputs)


@pytest.mark.parametrize("norm", [nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d])
def test_function_is_pytorchs_for_one_two_and_three_dimensions(norm):
    shape = {nn.BatchNorm1d: (6, 4, 5), nn.BatchNorm2d: (6, 4, 5, 3), nn.BatchNorm3d: (6, 4, 5, 3, 2)}[norm]
    layer, x, dy = norm(4).double(), torch.randn(shape).double(), torch.randn(shape).double()
    leaves = [x.clone().requires_grad_() for _ in range(2)]
    BatchNormFunction.apply(leaves[0], layer.weight, layer.bias, layer.eps).backward(dy)
    layer(leaves[1]).backward(dy)
    torch.testing.assert_close(leaves[0].grad, leaves[1].grad)
