"""What is known of a kind of layer, and what is measured of it; odd layers and odd batches."""

import numpy as np
import pytest
import torch
from looking import inputs, texts
from torch import nn

from bn_course.inspect import inspect_batch_norm, watch_batch_norm
from bn_course.nets import norms
from bn_course.nets.ghost import GhostBatchNorm1d


def test_distances_are_in_deviations_of_the_input():
    layer = nn.BatchNorm1d(3, dtype=torch.float64).eval()
    x = torch.randn(500, 3, dtype=torch.float64) * torch.tensor([1.0, 2.0, 10.0]) + 5
    mean, var = x.mean(0), x.var(0)
    layer.running_mean.copy_(mean + 2 * (var + layer.eps).sqrt())
    layer.running_var.copy_(4 * (var + layer.eps) - layer.eps)
    report = inspect_batch_norm(layer, list(x.split(100))).layers[0]
    np.testing.assert_allclose(report.mean_distance, 2)
    np.testing.assert_allclose(report.var_ratio, 4)
    assert report.name == "(the model)"
    assert (report.examples, report.values, report.calls) == (100, 100, 5)


@pytest.mark.parametrize(
    ("layer", "shape", "values"),
    [
        (nn.BatchNorm2d(4), (6, 4, 5, 3), 6 * 5 * 3),
        (nn.BatchNorm1d(4), (6, 4, 5), 6 * 5),
        (nn.GroupNorm(2, 4), (6, 4, 5, 3), 2 * 5 * 3),
        (nn.InstanceNorm2d(4), (6, 4, 5, 3), 5 * 3),
        (nn.LayerNorm((5, 3)), (6, 4, 5, 3), 5 * 3),
        (nn.RMSNorm(3), (6, 4, 3), 3),
        (norms.GroupNorm(2, 4), (6, 4, 5), 2 * 5),
        (norms.LayerNorm(4, axis=1), (6, 4, 5), 4),
        (norms.RMSNorm(5), (6, 4, 5), 5),
        (GhostBatchNorm1d(4, 3), (6, 4), 6),
    ],
    ids=lambda x: str(x) if isinstance(x, nn.Module) else None,
)
def test_every_kind_is_known_with_the_values_that_share_a_statistic(layer, shape, values):
    seen = inspect_batch_norm(nn.Sequential(layer), torch.randn(shape))
    assert seen["0"].kind == type(layer).__name__
    assert seen["0"].values == values
    assert seen["0"].examples == 6
    assert seen.warnings == []


def test_a_layer_that_nobody_knows_is_known_by_its_running_statistics():
    class Mine(nn.Module):
        def __init__(self):
            super().__init__()
            self.register_buffer("running_mean", torch.zeros(4))
            self.register_buffer("running_var", torch.ones(4))

        def forward(self, x):
            return (x - self.running_mean) / self.running_var.sqrt()

    report = inspect_batch_norm(nn.Sequential(Mine()), torch.randn(200, 4) + 3).layers[0]
    assert (report.kind, report.parameters, report.gamma) == ("Mine", "none", None)
    assert report.mean_distance.min() > 2


def test_what_weight_norm_leaves_behind_is_no_norm_layer():
    model = nn.Sequential(nn.utils.parametrizations.weight_norm(nn.Linear(4, 4)), nn.ReLU())
    assert inspect_batch_norm(model, torch.randn(8, 4)).layers == []


def test_a_layer_that_is_never_called(model):
    model.spare = nn.BatchNorm1d(3)
    seen = inspect_batch_norm(model[:6].append(nn.Identity()), inputs())
    assert "never called" not in str(seen)

    class Idle(nn.Module):
        def __init__(self):
            super().__init__()
            self.used, self.idle = nn.BatchNorm1d(64), nn.BatchNorm1d(64)

        def forward(self, x):
            return self.used(x)

    seen = inspect_batch_norm(Idle(), inputs())
    assert [name for name, _ in seen.notes] == ["idle"]
    assert "never called" in str(seen)
    assert seen["idle"].mean_distance is None


def test_a_shared_layer_is_listed_once_and_two_kinds_of_input_are_found():
    norm = nn.BatchNorm1d(8)

    class Twice(nn.Module):
        def __init__(self, shift):
            super().__init__()
            self.one = self.other = norm
            self.shift = shift

        def forward(self, x):
            return self.one(x) + self.other(x + self.shift)

    seen = inspect_batch_norm(Twice(0.0), inputs(4, 64, 8))
    assert len(seen.layers) == 1
    assert seen["one"].calls == 8
    assert seen.warnings == []
    assert "several times a pass" in texts(inspect_batch_norm(Twice(5.0), inputs(4, 64, 8)))


def test_lazy_layers_stay_lazy():
    model = nn.Sequential(nn.LazyLinear(4), nn.LazyBatchNorm1d())
    seen = inspect_batch_norm(model, torch.randn(8, 3))
    assert isinstance(model[1], nn.LazyBatchNorm1d)
    assert "lazy" in str(seen)
    assert (seen["1"].calls, seen["1"].gamma) == (0, None)
    model(torch.randn(8, 3))
    assert inspect_batch_norm(model, torch.randn(8, 3))["1"].calls == 1


def test_batches_of_one_and_of_none(model):
    seen = inspect_batch_norm(model, [*inputs(2), torch.randn(1, 64)])
    assert [name for name, _ in seen.warnings] == ["1"]
    assert "single value" in texts(seen)
    model.eval()
    assert "single" not in texts(inspect_batch_norm(model, [torch.randn(1, 64), torch.randn(0, 64)]))


def test_one_value_a_group_and_too_few_values(model):
    assert "single value" in texts(inspect_batch_norm(nn.GroupNorm(4, 4), torch.randn(8, 4)))
    assert "single value" in texts(inspect_batch_norm(nn.InstanceNorm1d(4), torch.randn(8, 4, 1)))
    given = inspect_batch_norm(model, inputs(4, 4))  # four, because whoever inspects chose so
    assert given.warnings == []
    assert "only 4 values" in str(given)
    with watch_batch_norm(model) as seen:  # four, because the training does
        model(inputs(1, 4)[0]).sum().backward()
    assert "only 4 values" in texts(seen)


def test_numbers_that_are_none(model):
    x = inputs(2)
    x[1][0, 0] = torch.nan
    assert "1 of 2 inputs hold NaN" in texts(inspect_batch_norm(model, x))
    with torch.no_grad():
        model[1].weight[3] = torch.inf
        model[4].weight[0] = 1e3
    assert "hold NaN or infinity" in texts(inspect_batch_norm(model, inputs()))
    assert "largest |γ| is 1000" in texts(inspect_batch_norm(model, inputs()))
    model[1].running_var[0] = -1
    assert "negative" in texts(inspect_batch_norm(model, inputs()))


def test_other_precisions():
    assert inspect_batch_norm(nn.BatchNorm1d(4).double(), torch.randn(64, 4).double()).warnings == []
    seen = inspect_batch_norm(
        nn.BatchNorm1d(4, dtype=torch.bfloat16), torch.randn(64, 4, dtype=torch.bfloat16)
    )
    assert "kept in bfloat16" in texts(seen)
