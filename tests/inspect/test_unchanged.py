"""The kit changes nothing, of the model and of the world."""

import copy
import random

import numpy as np
import pytest
import torch
from looking import inputs
from torch import nn

from bn_course.inspect import inspect_batch_norm, watch_batch_norm


class Restless(nn.Module):
    """Draws random numbers, counts its calls in a buffer, and sets its own mode."""

    def __init__(self):
        super().__init__()
        self.norm = nn.BatchNorm1d(5)
        self.register_buffer("count", torch.zeros(()))
        self.cache = torch.zeros(3)

    def forward(self, x):
        self.count += 1
        self.cache += 1
        self.norm.train()
        noise = torch.randn_like(x) + random.random() + np.random.rand()  # noqa: NPY002
        return self.norm(x + noise)


def test_nothing_of_the_model_or_the_world_changes():
    model = nn.Sequential(Restless(), nn.Dropout(), nn.Linear(5, 2))
    model[0].norm.eval()
    model(torch.randn(6, 5)).sum().backward()
    model[0].norm.eval()
    buffers = {name: (buffer, buffer.clone(), buffer._version) for name, buffer in model.named_buffers()}
    gradients = {name: (p.grad, p.grad.clone()) for name, p in model.named_parameters()}
    modes = [module.training for module in model.modules()]
    hooks = [(dict(m._forward_hooks), dict(m._forward_pre_hooks)) for m in model.modules()]
    cache, was = model[0].cache, model[0].cache.clone()
    states = torch.get_rng_state(), random.getstate(), np.random.get_state()[1].copy()  # noqa: NPY002

    seen = inspect_batch_norm(model, inputs(3, 8, 5))

    assert seen["0.norm"].calls == 3
    for name, (buffer, value, version) in buffers.items():
        assert dict(model.named_buffers())[name] is buffer
        assert torch.equal(buffer, value)
        assert buffer._version == version
    for name, (gradient, value) in gradients.items():
        assert dict(model.named_parameters())[name].grad is gradient
        assert torch.equal(gradient, value)
    assert [module.training for module in model.modules()] == modes
    assert [(dict(m._forward_hooks), dict(m._forward_pre_hooks)) for m in model.modules()] == hooks
    assert model[0].cache is cache
    assert torch.equal(cache, was)
    assert torch.equal(torch.get_rng_state(), states[0])
    assert random.getstate() == states[1]
    assert (np.random.get_state()[1] == states[2]).all()  # noqa: NPY002


def test_it_may_be_called_between_forward_and_backward(model):
    x = inputs(1)[0].requires_grad_()
    loss = model(x).square().mean()
    expected = torch.autograd.grad(loss, x, retain_graph=True)[0]
    inspect_batch_norm(model, inputs())
    assert torch.equal(torch.autograd.grad(loss, x)[0], expected)


def test_a_model_that_raises_is_left_as_it_was(model):
    before = copy.deepcopy(model.state_dict())
    with pytest.raises(RuntimeError, match="shape"):
        inspect_batch_norm(model, [*inputs(1), torch.randn(8, 3)])
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
    assert not any(module._forward_pre_hooks for module in model.modules())


def test_watching_leaves_the_work_as_it_is(model):
    twin, x = copy.deepcopy(model), inputs(1)[0]
    with watch_batch_norm(model) as seen:
        assert seen.layers == []
        loss = model(x).square().mean()
        loss.backward()
    twin(x).square().mean().backward()
    for one, other in zip(model.parameters(), twin.parameters(), strict=True):
        assert torch.equal(one.grad, other.grad)
    assert not any(module._forward_pre_hooks for module in model.modules())
    assert seen.layers[0].moved > 0


def test_what_was_seen_is_there_after_an_interrupt(model):
    def interrupted():
        model(inputs(1)[0])
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), watch_batch_norm(model) as seen:
        interrupted()
    assert seen.layers[0].calls == 1
    assert not any(module._forward_pre_hooks for module in model.modules())
