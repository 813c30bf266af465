"""Recalibration: the statistics of all data at once, and nothing else of the model changes."""

import copy

import pytest
import torch
from torch import nn

from bn_course.nets.recalibrate import recalibrate


def network():
    """Two batch norms of images, one of features, dropout, and a batch norm without running statistics."""
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Conv2d(2, 3, 3),
        nn.BatchNorm2d(3, momentum=0.3),
        nn.ReLU(),
        nn.Conv2d(3, 4, 3),
        nn.BatchNorm2d(4, momentum=None),
        nn.Flatten(),
        nn.Dropout(0.5),
        nn.Linear(16, 5),
        nn.BatchNorm1d(5),
        nn.BatchNorm1d(5, track_running_stats=False),
    ).double()


def images(n, seed=1):
    return 3 + 2 * torch.randn(n, 2, 6, 6, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


def inputs_of_each_norm(model, batches):
    """Computed once more with batch statistics, dropout off."""
    model = copy.deepcopy(model).train()
    model[6].eval()
    seen = {place: [] for place in (1, 4, 8)}
    for x in batches:
        for place, layer in enumerate(model):
            if place in seen:
                seen[place].append(x.transpose(0, 1).flatten(1))
            x = layer(x)
    return {place: torch.cat(parts, dim=1) for place, parts in seen.items()}


def test_statistics_are_those_of_all_values_together():
    model, batches = network(), [images(4), images(7, 2), images(2, 3)]
    expected = inputs_of_each_norm(model, batches)
    recalibrate(model, iter(batches))
    for place, values in expected.items():
        layer = model[place]
        torch.testing.assert_close(layer.running_mean, values.mean(1))
        torch.testing.assert_close(layer.running_var, values.var(1, correction=0))


def test_means_of_batches_far_from_zero_are_merged_without_loss():
    model = nn.BatchNorm1d(3)
    data = 1e4 + torch.randn(300, 3)
    recalibrate(model, data.split(7))
    torch.testing.assert_close(
        model.running_var, data.double().var(0, correction=0).float(), rtol=1e-3, atol=0
    )


def test_parameters_momentum_modes_and_counters_stay():
    model = network()
    model[4].eval()
    model[8].weight.requires_grad_(False)
    before = copy.deepcopy(model)
    recalibrate(model, [images(8)])
    for old, new in zip(before.modules(), model.modules(), strict=True):
        assert old.training == new.training
        assert getattr(old, "momentum", 0) == getattr(new, "momentum", 0)
        assert not new._forward_pre_hooks
    for (name, old), new in zip(before.named_parameters(), model.parameters(), strict=True):
        assert torch.equal(old, new), name
        assert old.requires_grad == new.requires_grad
    counters = [b for name, b in model.named_buffers() if name.endswith("num_batches_tracked")]
    assert [int(c) for c in counters] == [0, 0, 0]


def test_a_layer_used_twice_gets_the_statistics_of_both_uses():
    norm = nn.BatchNorm1d(2, dtype=torch.float64)

    class Twice(nn.Module):
        def __init__(self):
            super().__init__()
            self.norm = norm

        def forward(self, x):
            return self.norm(x) + self.norm(3 * x + 1)

    x = torch.randn(6, 2, dtype=torch.float64)
    recalibrate(Twice(), [x])
    both = torch.cat([x, 3 * x + 1])
    torch.testing.assert_close(norm.running_mean, both.mean(0))
    torch.testing.assert_close(norm.running_var, both.var(0, correction=0))


def test_a_layer_that_was_not_reached_keeps_its_statistics():
    model = nn.Linear(2, 2)
    model.idle = nn.BatchNorm1d(2)
    recalibrate(model, [torch.randn(8, 2)])
    assert torch.equal(model.idle.running_mean, torch.zeros(2))
    assert torch.equal(model.idle.running_var, torch.ones(2))


def test_half_precision_inputs_are_averaged_in_more():
    model = nn.BatchNorm1d(1).bfloat16()
    x = (100 + torch.arange(64.0)[:, None]).bfloat16()
    recalibrate(model, x.split(8))
    assert model.running_mean.item() == pytest.approx(131.5, rel=1e-2)


@pytest.mark.parametrize("bad", [[], [images(4), torch.zeros(3, 5, 6, 6, dtype=torch.float64)]])
def test_a_failure_leaves_the_model_as_it_was(bad):
    model = network()
    before = copy.deepcopy(model.state_dict())
    with pytest.raises((ValueError, RuntimeError), match=r"batches is empty|channels"):
        recalibrate(model, bad)
    assert all(torch.equal(before[name], value) for name, value in model.state_dict().items())
    assert all(module.training for module in model.modules())
    assert not any(module._forward_pre_hooks for module in model.modules())


def test_a_single_value_a_channel_is_refused():
    with pytest.raises(ValueError, match="more than 1 value"):
        recalibrate(nn.Sequential(nn.BatchNorm1d(2)), [torch.zeros(4, 2), torch.zeros(1, 2)])
