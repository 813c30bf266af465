"""Folding networks: the same outputs, fewer layers, and what cannot be folded left alone."""

import pytest
import torch
from torch import nn

from bn_course.nets import cnn, initialise, mlp, seeded
from bn_course.nets.fold import folded
from bn_course.nets.models import Residual


def lived_in(model, shape):
    """`model` with statistics, γ and β that are not those of the start."""
    with seeded(0):
        for layer in model.modules():
            if isinstance(layer, nn.BatchNorm1d | nn.BatchNorm2d) and layer.affine:
                nn.init.normal_(layer.weight)
                nn.init.normal_(layer.bias)
        for _ in range(3):
            model.train()(2 * torch.randn(shape) + 1)
    return model


def norms(model):
    return [m for m in model.modules() if isinstance(m, nn.BatchNorm1d | nn.BatchNorm2d)]


MODELS = {
    "mlp": (lambda: mlp([5, 7, 6, 3]), (8, 5), 0),
    "cnn": (lambda: cnn((4, 6), inputs=2), (4, 2, 6, 6), 0),
    "with biases": (lambda: nn.Sequential(nn.Linear(5, 4), nn.BatchNorm1d(4)), (8, 5), 0),
    "grouped convolution": (
        lambda: nn.Sequential(nn.Conv2d(4, 8, 3, groups=2, stride=2), nn.BatchNorm2d(8)),
        (4, 4, 6, 6),
        0,
    ),
    "without γ and β": (lambda: nn.Sequential(nn.Linear(5, 4), nn.BatchNorm1d(4, affine=False)), (8, 5), 0),
    "in a block": (lambda: nn.Sequential(Residual(nn.Linear(5, 5), nn.BatchNorm1d(5), nn.ReLU())), (8, 5), 0),
    "after the activation": (lambda: mlp([5, 7, 3], order="after"), (8, 5), 1),
    "norm first": (lambda: nn.Sequential(nn.BatchNorm1d(5), nn.Linear(5, 3)), (8, 5), 1),
    "without running statistics": (
        lambda: nn.Sequential(nn.Linear(5, 4), nn.BatchNorm1d(4, track_running_stats=False)),
        (8, 5),
        1,
    ),
}


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float64, 1e-12), (torch.float32, 1e-5)])
def test_outputs_are_the_same_and_neighbours_are_folded(name, dtype, tolerance):
    make, shape, left = MODELS[name]
    with seeded(1):
        model = lived_in(make(), shape).to(dtype).eval()
        x = torch.randn(shape, dtype=dtype)
    small = folded(model)
    torch.testing.assert_close(small(x), model(x), rtol=tolerance, atol=tolerance)
    assert len(norms(small)) == left


def test_the_model_itself_is_left_alone():
    model = lived_in(mlp([5, 7, 3]), (8, 5)).train()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    folded(model)
    assert model.training
    assert all(torch.equal(before[name], value) for name, value in model.state_dict().items())


def test_a_folded_convolution_survives_export():
    with seeded(0):
        model = lived_in(initialise(cnn((4, 6))), (4, 1, 8, 8)).eval()
        x = torch.randn(3, 1, 8, 8)
    program = torch.export.export(folded(model), (x,))
    assert not [node for node in program.graph.nodes if "batch_norm" in str(node.target)]
    torch.testing.assert_close(program.module()(x), model(x), rtol=1e-4, atol=1e-5)
