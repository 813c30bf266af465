"""Frozen batch norm: what stands still, what goes on, and that nothing undoes it."""

import copy
import pickle

import pytest
import torch
from torch import nn

from bn_course.nets import mlp, seeded
from bn_course.nets.frozen import freeze_batch_norm


@pytest.fixture
def model():
    with seeded(0):
        model = nn.Sequential(mlp([4, 6, 5]), nn.LayerNorm(5), nn.Linear(5, 2))
        model(torch.randn(20, 4) * 3 + 1)
    return model


def train_on(model, optimiser, steps=3):
    with seeded(1):
        for _ in range(steps):
            optimiser.zero_grad()
            model(torch.randn(8, 4)).square().sum().backward()
            optimiser.step()


def test_norms_stand_still_and_the_rest_learns(model):
    optimiser = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9, weight_decay=0.1)
    train_on(model, optimiser)  # the optimiser has a memory of γ and β
    freeze_batch_norm(model)
    before = copy.deepcopy(model.state_dict())
    train_on(model.train(), optimiser)
    after = model.state_dict()
    moved = {name for name, value in before.items() if not torch.equal(value, after[name])}
    assert moved == {name for name in before if not name.startswith("0.1.")}


def test_training_and_evaluation_give_the_same(model):
    freeze_batch_norm(model)
    x = torch.randn(8, 4)
    torch.testing.assert_close(model.train()(x), model.eval()(x), rtol=0, atol=0)
    assert model.train()(x[:1]).shape == (1, 2)  # a batch of one is none of its business any more


def test_copies_and_stored_models_stay_frozen(model):
    freeze_batch_norm(model)
    x = torch.randn(8, 4)
    for other in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
        torch.testing.assert_close(other.train()(x), model.eval()(x))
        assert not other[0][1].weight.requires_grad


def test_a_model_without_batch_norm_is_left_alone():
    model = mlp([4, 6, 5], "layer")
    freeze_batch_norm(model)
    assert all(parameter.requires_grad for parameter in model.parameters())
