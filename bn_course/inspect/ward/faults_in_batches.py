"""Faults planted in what shares a batch, in what a layer does, and in measuring anew; see `faults`."""

import torch
from torch import nn
from torch.nn.functional import cross_entropy
from torch.optim.swa_utils import update_bn

from bn_course.inspect import inspect_batch_norm, watch_batch_norm
from bn_course.inspect.ward import healthy as h
from bn_course.inspect.ward import models as m
from bn_course.inspect.ward.faults import data, in_evaluation, in_training, trained_cnn, trained_mlp, watched
from bn_course.inspect.ward.healthy import SIZES, fit
from bn_course.nets import digits, mlp
from bn_course.nets.patients import clinic_gan

# --- what shares a batch ----------------------------------------------------------------------


def real_and_generated():
    generator, discriminator = h.gan()
    with watch_batch_norm(discriminator) as seen:
        for x, _ in data(64, 4, image=True):
            real, fake = clinic_gan(discriminator, 3 * x + 1, generator(torch.randn(64, 8, 1, 1)).detach())
            (fake.mean() - real.mean()).backward()
    return seen


def two_domains():
    pairs = [(torch.cat([x, 0.4 * x + 1]), torch.cat([y, y])) for x, y in data()]
    return inspect_batch_norm(trained_cnn_of_rows().train(), pairs)


def trained_cnn_of_rows():
    return fit(h.waves(), rate=0.1)


def one_class_a_batch():
    train = digits().train
    rows = [train.x[train.y == k][:50] for k in range(10)]
    return inspect_batch_norm(trained_mlp().train(), rows)


def last_batch(size):
    def planted():
        *full, (x, y) = data(64, 8)
        return watched(trained_mlp(), [*full, (x[:size], y[:size])], only_if_possible)

    return planted


def only_if_possible(model, x, y):
    try:
        cross_entropy(model(x), y).backward()
    except ValueError as error:
        if "more than 1 value" not in str(error):
            raise


def batches_of_two():
    return watched(trained_mlp(), data(2, 30))


def one_norm_for_two():
    """Two branches share one norm, and their inputs have nothing in common."""

    class Shared(nn.Module):
        def __init__(self):
            super().__init__()
            self.a, self.b = nn.Linear(64, 16), nn.Linear(64, 16)
            self.norm, self.head = nn.BatchNorm1d(16), nn.Linear(32, 10)

        def forward(self, x):
            return self.head(torch.cat([self.norm(self.a(x)), self.norm(5 * self.b(x) + 3)], 1).relu())

    return in_training(fit(Shared()))


def one_norm_for_all_scales():
    """A head with batch norm goes over two feature maps, as over the levels of a pyramid."""

    class Pyramid(nn.Module):
        def __init__(self):
            super().__init__()
            self.one, self.two = m.conv_norm(1, 8), m.conv_norm(8, 8, 2)
            self.norm, self.head = nn.BatchNorm2d(8), nn.Linear(8, 10)

        def forward(self, x):
            fine = self.one(x)
            return self.head(
                sum(self.norm(level).relu().mean((2, 3)) for level in (fine, 4 * self.two(fine)))
            )

    return watched(fit(Pyramid(), image=True), data(image=True))


def pairs_recognise_each_other():
    """Each image and its copy are the only ones in a batch of the key encoder: a leak, as in MoCo."""
    model = fit(mlp(SIZES))
    batches = [(torch.cat([x, x + 0.05 * torch.randn_like(x)]), torch.cat([y, y])) for x, y in data(4, 8)]
    return watched(model, batches)


# --- what a layer does ------------------------------------------------------------------------


def detached(**parts):
    return lambda: in_training(fit(mlp(SIZES, norm=lambda d: m.Detached(d, **parts))))


def dropout_before():
    layers = [layer for i in (0, 3) for layer in (*mlp(SIZES)[i : i + 3], nn.Dropout(0.5))]
    return in_evaluation(fit(nn.Sequential(*layers, nn.Linear(32, 10))))


def dropout_of_channels():
    body = m.conv_norm(1, 16), nn.Dropout2d(0.5), m.conv_norm(16, 16, 2)
    return in_training(fit(m.classifier(*body), image=True), image=True)


def bias_before():
    return in_training(fit(h.with_biases(), image=True), image=True)


def epsilon_above():
    return in_evaluation(fit(mlp(SIZES, norm=lambda d: nn.BatchNorm1d(d, eps=50.0))))


def tiny_input():
    """Inputs in the wrong unit, and a norm first of all."""
    model = nn.Sequential(nn.BatchNorm1d(64), *mlp(SIZES))
    return inspect_batch_norm(model.train(), [(1e-4 * x, y) for x, y in data()])


def epsilon_above_in_layer_norm():
    return in_training(fit(mlp(SIZES, norm=lambda d: nn.LayerNorm(d, eps=100.0))))


def dead_channels():
    model = mlp(SIZES, order="after")
    with torch.no_grad():
        model[0].bias[:20] = -100
    return in_training(fit(model, steps=5))


def gamma(factor):
    def planted():
        model = trained_cnn()
        with torch.no_grad():
            for layer in model.modules():
                if isinstance(layer, nn.BatchNorm2d):
                    layer.weight.mul_(factor)
        return in_evaluation(model, image=True)

    return planted


def spoilt(name, value):
    def planted():
        model = trained_mlp()
        getattr(model[1], name).data[3] = value
        return in_evaluation(model)

    return planted


def spoilt_input():
    batches = data()
    batches[1][0][5, 7] = torch.nan
    return inspect_batch_norm(trained_mlp().train(), batches)


def instance_of_one_place():
    layers = m.conv_norm(1, 16), nn.AdaptiveAvgPool2d(1), nn.InstanceNorm2d(16)
    return in_training(m.classifier(*layers), image=True)


def group_of_one():
    return in_training(fit(mlp(SIZES, norm=lambda d: nn.GroupNorm(d, d))))


# --- measured anew ----------------------------------------------------------------------------


def measured_with_dropout():
    model = fit(nn.Sequential(nn.Dropout(0.5), *mlp(SIZES)))
    with watch_batch_norm(model) as seen:
        update_bn([x for x, _ in data(100, 8)], model)
    return seen


def measured_class_by_class():
    train = digits().train
    rows = [train.x[train.y == k][:50] for k in range(10)]
    model = trained_mlp()
    with watch_batch_norm(model) as seen:
        update_bn(rows, model)
    return seen


def frozen_and_woken():
    model = trained_mlp()
    model[:3].requires_grad_(False)
    model[:3].eval()
    with watch_batch_norm(model) as seen:
        update_bn([(0.5 * x + 1) for x, _ in data(100, 8)], model)
    return seen
