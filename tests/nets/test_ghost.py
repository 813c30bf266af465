"""Ghost batch norm against torch's batch norm on each part, and against the NumPy norms."""

import numpy as np
import pytest
import torch
from torch import nn

from bn_course import norms
from bn_course.nets.ghost import GhostBatchNorm1d


def layer(features, ghost_size, **options):
    """In float64, with γ and β that are not 1 and 0."""
    made = GhostBatchNorm1d(features, ghost_size, **options).double()
    with torch.no_grad():
        made.weight.copy_(torch.linspace(-1, 2, features))
        made.bias.copy_(torch.linspace(3, -1, features))
    return made


@pytest.mark.parametrize(("n", "ghost_size"), [(12, 4), (12, 12), (11, 4), (7, 5), (5, 8), (2, 2)])
def test_each_ghost_batch_is_normalised_by_itself(n, ghost_size):
    ghost = layer(3, ghost_size, eps=0.1)
    x = 2 + 3 * torch.randn(n, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    gamma, beta = (p.detach().numpy() for p in (ghost.weight, ghost.bias))
    expected = [norms.batch_norm(part.numpy(), gamma, beta, eps=0.1) for part in x.split(ghost_size)]
    np.testing.assert_allclose(ghost(x).detach(), np.concatenate(expected), rtol=1e-12)


def test_one_ghost_batch_is_torchs_layer_with_buffers_and_gradients():
    torch.manual_seed(0)
    ours, theirs = GhostBatchNorm1d(4, 64, eps=1e-3, momentum=0.3), nn.BatchNorm1d(4, 1e-3, 0.3)
    for step in range(4):
        ours.train(step != 2), theirs.train(step != 2)
        x, dy = torch.randn(10 + step, 4) * 3 + 1, torch.randn(10 + step, 4)
        results = []
        for made in (ours, theirs):
            made.zero_grad()
            inputs = x.clone().requires_grad_()
            y = made(inputs)
            y.backward(dy)
            results.append([y, inputs.grad, *(p.grad for p in made.parameters())])
        for mine, right in zip(*results, strict=True):
            torch.testing.assert_close(mine, right)
        torch.testing.assert_close(ours.running_mean, theirs.running_mean)
        torch.testing.assert_close(ours.running_var, theirs.running_var)


@pytest.mark.parametrize("n", [12, 11])
def test_gradients_are_those_of_central_differences(n):
    x = torch.randn(n, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    assert torch.autograd.gradcheck(layer(3, 4, momentum=0.0), (x.requires_grad_(),))


def test_running_statistics_are_the_mean_and_the_variance_within():
    x = torch.randn(11, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(2))
    ghost = layer(3, 4, momentum=0.25)
    ghost(x)
    parts = x.split(4)
    within = sum(((part - part.mean(0)) ** 2).sum(0) for part in parts) / (11 - 3)
    torch.testing.assert_close(ghost.running_mean, 0.25 * x.mean(0))
    torch.testing.assert_close(ghost.running_var, 0.75 + 0.25 * within)


def test_the_running_variance_estimates_the_population_whatever_the_ghost_size():
    x = 3 * torch.randn(60_000, 1, generator=torch.Generator().manual_seed(3))
    for ghost_size in (2, 8, 60_000):
        ghost = GhostBatchNorm1d(1, ghost_size, momentum=1.0)
        ghost(x)
        assert ghost.running_var.item() == pytest.approx(9, rel=0.05)


def test_evaluation_takes_one_example_and_changes_nothing():
    ghost = layer(3, 4)
    ghost(torch.randn(8, 3, dtype=torch.float64))
    kept = {name: value.clone() for name, value in ghost.state_dict().items()}
    ghost.eval()
    x = torch.randn(9, 3, dtype=torch.float64)
    torch.testing.assert_close(ghost(x)[:1], ghost(x[:1]))
    assert all(torch.equal(value, kept[name]) for name, value in ghost.state_dict().items())


def test_bad_input_is_named():
    with pytest.raises(ValueError, match="ghost_size is 1"):
        GhostBatchNorm1d(3, 1)
    ghost = GhostBatchNorm1d(3, 4)
    with pytest.raises(ValueError, match=r"x has shape \(4, 2\); it must be \(N, 3\)"):
        ghost(torch.zeros(4, 2))
    with pytest.raises(ValueError, match="leave a last one of 1"):
        ghost(torch.zeros(9, 3))
    with pytest.raises(ValueError, match="at least 2"):
        ghost(torch.zeros(0, 3))
