"""It finds what is wrong, and it is quiet where nothing is."""

import pytest
import torch
from looking import fitted, inputs, texts
from torch import nn
from torch.utils.checkpoint import checkpoint

from bn_course.inspect import inspect_batch_norm, watch_batch_norm
from bn_course.nets import cnn, digits, mlp, residual_mlp, seeded
from bn_course.nets.frozen import freeze_batch_norm
from bn_course.nets.ghost import GhostBatchNorm1d


def test_a_model_that_was_never_trained_evaluates_with_zeros_and_ones(model):
    assert inspect_batch_norm(model, inputs()).warnings == []  # in training mode that is how all begin
    assert "never recorded" in texts(inspect_batch_norm(model.eval(), inputs()))


def test_statistics_of_other_data(model):
    fitted(model)
    assert inspect_batch_norm(model.eval(), digits().test.x).warnings == []
    assert "not those of its input" in texts(inspect_batch_norm(model, 3 * digits().test.x + 1))


def test_one_class_alone_is_no_disease_and_a_sick_model_that_sees_one_class_is(model):
    fitted(model)
    model[6].bias.data[0] += 100  # whatever it is given, it says 0
    test = digits().test
    for digit in range(10):
        seen = inspect_batch_norm(model.eval(), test.x[test.y == digit])
        assert seen.warnings == []
        assert "of one class" in str(seen)
    for layer in (model[1], model[4]):
        layer.running_mean += 1.5 * layer.running_var.sqrt()  # all examples, as varied as ever, are off
    assert "not those of its input" in texts(inspect_batch_norm(model, test.x))


def test_what_a_pass_shows_again_is_counted_once():
    class Twin(nn.Module):
        def __init__(self):
            super().__init__()
            self.norm = nn.BatchNorm1d(64)

        def forward(self, x):
            return self.norm(x) - self.norm(x + 0.001)

    model = Twin().eval()
    model.norm.running_mean += 5
    seen = inspect_batch_norm(model, inputs(2, n=1))  # two examples, four rows
    assert seen.warnings == []
    assert "too few examples" in str(seen)
    assert "not those of its input" in texts(inspect_batch_norm(model, inputs()))


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
