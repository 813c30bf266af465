"""Dynamic tanh and scaled branches: the formulas, gradients, and where they start."""

import torch
from torch import nn

from bn_course.nets import seeded
from bn_course.nets.dyt import DynamicTanh, ScaledResidual, scaled_residual_mlp


def test_dynamic_tanh_is_its_formula_on_any_shape():
    layer = DynamicTanh(4, alpha=0.7).double()
    with torch.no_grad():
        layer.weight.copy_(torch.tensor([1.0, -2.0, 0.5, 3.0]))
        layer.bias.copy_(torch.tensor([0.0, 1.0, -1.0, 0.5]))
    for shape in ((6, 4), (2, 3, 4), (4,)):
        x = torch.randn(shape, dtype=torch.float64)
        expected = torch.tanh(0.7 * x) * layer.weight + layer.bias
        torch.testing.assert_close(layer(x), expected, rtol=1e-6, atol=1e-6)


def test_dynamic_tanh_gradients():
    layer = DynamicTanh(3).double()
    x = torch.randn(5, 3, dtype=torch.float64, requires_grad=True)
    names = tuple(dict(layer.named_parameters()))

    def f(x, *parameters):
        return torch.func.functional_call(layer, dict(zip(names, parameters, strict=True)), (x,))

    values = [p.detach().clone().requires_grad_() for p in layer.parameters()]
    assert torch.autograd.gradcheck(f, (x, *values))


def test_dynamic_tanh_starts_at_the_papers_alpha():
    layer = DynamicTanh(3)
    assert layer.alpha.item() == 0.5
    assert layer.weight.tolist() == [1, 1, 1]
    assert layer.bias.tolist() == [0, 0, 0]


def test_a_scaled_block_starts_as_the_identity_and_its_scale_learns():
    with seeded(0):
        block = ScaledResidual(nn.ReLU(), nn.Linear(4, 4))
        x = torch.randn(6, 4)
    assert torch.equal(block(x), x)
    block(x).square().sum().backward()
    assert block.scale.grad.abs() > 0
    assert not block.branch[1].weight.grad.any()  # nothing passes a scale of 0, at the first step


def test_scaled_residual_mlp_has_its_shape():
    model = scaled_residual_mlp(7, 5, 3, 2)
    assert model(torch.randn(4, 7)).shape == (4, 2)
    assert sum(isinstance(m, ScaledResidual) for m in model.modules()) == 3
