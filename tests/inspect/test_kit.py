"""The debugging kit: it changes nothing, it finds what is wrong, and it is quiet where nothing is."""

import copy
import random

import numpy as np
import pytest
import torch
from torch import nn
from torch.utils.checkpoint import checkpoint

from bn_course.inspect import inspect_batch_norm, watch_batch_norm
from bn_course.nets import cnn, digits, mlp, norms, residual_mlp, seeded, train
from bn_course.nets.frozen import freeze_batch_norm
from bn_course.nets.ghost import GhostBatchNorm1d


def inputs(batches=4, n=64, features=64, seed=0):
    drawn = torch.Generator().manual_seed(seed)
    return [torch.randn(n, features, generator=drawn) for _ in range(batches)]


def fitted(model, data=None, steps=80, rate=0.1, size=64):
    """Trained on digits."""
    data = data or digits()
    optimiser = torch.optim.SGD([p for p in model.parameters() if p.requires_grad], lr=rate, momentum=0.9)
    train(model, data, optimiser, steps, size, every=steps)
    return model


@pytest.fixture
def model():
    with seeded(0):
        return mlp([64, 32, 32, 10])


def texts(seen):
    return " | ".join(str(finding) for _, finding in seen.warnings)


# --- it changes nothing -----------------------------------------------------------------------


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


# --- what it measures -------------------------------------------------------------------------


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


# --- how models are called --------------------------------------------------------------------


class Pair(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm = nn.BatchNorm1d(3)

    def forward(self, a, b, scale=1.0):
        return self.norm(scale * a + b)


@pytest.mark.parametrize(
    "batch",
    [
        (torch.randn(16, 3), torch.randn(16, 3)),
        [torch.randn(16, 3), torch.randn(16, 3), torch.arange(16)],
        {"a": torch.randn(16, 3), "b": torch.randn(16, 3), "labels": torch.arange(16)},
    ],
    ids=["tuple", "list with labels", "mapping with labels"],
)
def test_models_of_several_arguments(batch):
    assert inspect_batch_norm(Pair(), [batch])["norm"].calls == 1


def test_models_that_take_anything():
    class Anything(Pair):
        def forward(self, *args, **kwargs):
            return self.norm(sum(args) + sum(kwargs.values()))

    batch = (torch.randn(16, 3), torch.randn(16, 3))
    assert inspect_batch_norm(Anything(), [batch, dict(zip("ab", batch, strict=True))])["norm"].calls == 2


def test_pairs_of_a_data_loader_splits_and_a_single_batch(model):
    data = torch.utils.data.TensorDataset(*[digits().train.x, digits().train.y])
    loader = torch.utils.data.DataLoader(data, batch_size=100)
    assert inspect_batch_norm(model, loader)["1"].calls == 10
    assert inspect_batch_norm(model, digits().train[:64])["1"].calls == 1
    assert inspect_batch_norm(model, inputs(1)[0])["1"].calls == 1


def test_endless_batches_and_a_call_of_ones_own(model):
    def endless():
        while True:
            yield {"pixels": inputs(1)[0]}

    seen = inspect_batch_norm(model, endless(), call=lambda m, batch: m(batch["pixels"]), most=3)
    assert seen["1"].calls == 3


def test_no_batch_is_refused(model):
    with pytest.raises(ValueError, match="batches is empty"):
        inspect_batch_norm(model, [])


# --- odd layers -------------------------------------------------------------------------------


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


# --- what it finds ----------------------------------------------------------------------------


def test_a_model_that_was_never_trained_evaluates_with_zeros_and_ones(model):
    assert inspect_batch_norm(model, inputs()).warnings == []  # in training mode that is how all begin
    assert "never recorded" in texts(inspect_batch_norm(model.eval(), inputs()))


def test_statistics_of_other_data(model):
    fitted(model)
    assert inspect_batch_norm(model.eval(), digits().test.x).warnings == []
    assert "not those of its input" in texts(inspect_batch_norm(model, 3 * digits().test.x + 1))


def test_frozen_by_gradient_alone_and_frozen_as_it_should_be(model):
    fitted(model)
    for layer in (model[1], model[4]):
        layer.requires_grad_(False)
    assert "still move" in texts(inspect_batch_norm(model.train(), inputs()))
    freeze_batch_norm(model)
    seen = inspect_batch_norm(model.train(), digits().train.x[:128])
    assert seen.warnings == []
    assert not seen["1"].training  # its flag says training, and its hook sets it right at every call


@pytest.mark.parametrize(("momentum", "said"), [(0.0, "never move"), (0.99, "Keras"), (0.1, ""), (None, "")])
def test_momenta(momentum, said):
    seen = inspect_batch_norm(nn.BatchNorm1d(64, momentum=momentum), inputs())
    assert said in texts(seen)
    assert bool(seen.warnings) == bool(said)


def test_no_running_statistics_in_evaluation():
    layer = nn.BatchNorm1d(64, track_running_stats=False)
    assert inspect_batch_norm(layer, inputs()).warnings == []
    assert "depend on the batch" in texts(inspect_batch_norm(layer.eval(), inputs()))


@pytest.mark.parametrize("change", [lambda x: x + 3, lambda x: 4 * x], ids=["mean", "scale"])
def test_two_kinds_of_data_in_one_batch(model, change):
    mixed = [torch.cat([x, change(x)]) for x in inputs()]
    assert "two kinds of data" in texts(inspect_batch_norm(model, mixed))
    shuffled = [x[torch.randperm(len(x))] for x in mixed]
    assert "two kinds" not in texts(inspect_batch_norm(model, shuffled))


def test_statistics_that_are_detached():
    class Detached(nn.BatchNorm1d):
        def forward(self, x):
            with torch.no_grad():
                mean, var = x.mean(0), x.var(0, correction=0)
            return self.weight * (x - mean) / torch.sqrt(var + self.eps) + self.bias

    assert "detached" in texts(inspect_batch_norm(Detached(64), inputs()))
    for size in (2, 8, 64):  # of two examples the right gradient is 0, and rounding is all that is left
        assert "detached" not in texts(inspect_batch_norm(nn.BatchNorm1d(64), inputs(n=size)))


def test_passes_in_the_backward_pass_and_with_gradients_off(model):
    x = inputs(1)[0]
    with watch_batch_norm(model) as seen:
        checkpoint(model, x, use_reentrant=False).sum().backward()
    assert "1 of 2 passes were made during the backward pass" in texts(seen)
    assert "gradients off" not in texts(seen)
    with watch_batch_norm(model) as seen:
        checkpoint(model, x.requires_grad_(), use_reentrant=True).sum().backward()
    assert "during the backward pass" in texts(seen)
    assert "gradients off" not in texts(seen)
    with watch_batch_norm(model) as seen, torch.no_grad():
        model(x)
    assert "1 of 1 passes were in training mode with gradients off" in texts(seen)
    with watch_batch_norm(model.eval()) as seen, torch.no_grad():
        model(x)
    assert "gradients off" not in texts(seen)


# --- healthy networks -------------------------------------------------------------------------


class Attention(nn.Module):
    """A small transformer of torch's own layers."""

    def __init__(self):
        super().__init__()
        self.layer = nn.TransformerEncoderLayer(16, 2, 32, batch_first=True, norm_first=True)
        self.norm = nn.RMSNorm(16)

    def forward(self, x):
        return self.norm(self.layer(x.view(-1, 4, 16)))


def zero_gamma():
    model = residual_mlp(64, 32, 3, 10)
    for block in model[1:4]:
        nn.init.zeros_(block.branch[0].weight)
    return model


HEALTHY = {
    "batch": lambda: fitted(mlp([64, 32, 32, 10])),
    "batches of 16": lambda: fitted(mlp([64, 32, 32, 10]), size=16, rate=0.03),
    "deep": lambda: fitted(mlp([64] + [32] * 8 + [10]), rate=0.03),
    "residual": lambda: fitted(residual_mlp(64, 32, 3, 10), rate=0.03),
    "images": lambda: fitted(cnn((8, 16)), digits(image=True), steps=30),
    "images, instance": lambda: fitted(cnn((8, 16), norm="instance"), digits(image=True), steps=15),
    "ghost batches": lambda: fitted(mlp([64, 32, 32, 10], norm=lambda d: GhostBatchNorm1d(d, 16))),
    "layer": lambda: fitted(mlp([64, 32, 32, 10], norm="layer")),
    "group": lambda: fitted(mlp([64, 32, 32, 10], norm="group")),
    "RMS": lambda: fitted(mlp([64, 32, 32, 10], norm=nn.RMSNorm)),
    "transformer": Attention,
    "none": lambda: fitted(mlp([64, 32, 32, 10], norm=None)),
}


@pytest.mark.parametrize("name", HEALTHY)
def test_a_healthy_network_raises_no_alarm(name):
    with seeded(1):
        model = HEALTHY[name]()
    data = digits(image=name.startswith("images"))
    for training, x in ((True, data.train.x), (False, data.test.x)):
        seen = inspect_batch_norm(model.train(training), list(x.split(128))[:3])
        assert seen.warnings == [], str(seen)


def test_a_residual_branch_that_starts_at_zero_is_a_note_and_no_alarm():
    with seeded(0):
        seen = inspect_batch_norm(zero_gamma(), inputs())
    assert seen.warnings == []
    assert sum("every γ is 0" in finding.text for _, finding in seen.notes) == 3


# --- how it is shown --------------------------------------------------------------------------


def test_the_table_names_layers_and_units(model):
    shown = str(inspect_batch_norm(model.eval(), inputs()))
    assert shown.splitlines()[0].split()[:3] == ["layer", "kind", "mode"]
    assert "BatchNorm1d" in shown
    assert "σ" in shown
    assert "! 1, 4: " in shown  # one line for what is true of both
    assert all(len(line) < 200 for line in shown.splitlines())
    assert "nothing to inspect" in str(inspect_batch_norm(nn.Linear(64, 2), inputs()))


def test_a_layer_that_is_not_there_is_named_with_those_that_are(model):
    with pytest.raises(KeyError, match="there are: 1, 4"):
        inspect_batch_norm(model, inputs())["2"]
