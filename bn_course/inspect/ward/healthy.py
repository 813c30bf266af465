"""Healthy models: trained as they should be, wrapped and fed as people wrap and feed them."""

import copy
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits, cross_entropy, mse_loss
from torch.optim.swa_utils import AveragedModel, update_bn

from bn_course.inspect.ward import models as m
from bn_course.inspect.ward import wrappers
from bn_course.nets import batches, digits, mlp, residual_mlp, seeded
from bn_course.nets.data import Split
from bn_course.nets.frozen import freeze_batch_norm
from bn_course.nets.zero_init import zero_init_residual

MODES = ("training", "evaluation")


@dataclass(frozen=True)
class Healthy:
    """A model, and how an inspector would feed it.

    `feed(split)` makes a batch as the kit is given it; `call` is how the model is run on one, where it does
    not say so itself. `modes` are those that it is of use in.
    """

    model: nn.Module
    feed: Callable[[Split], Any] = lambda split: (split.x, split.y)
    image: bool = False
    modes: tuple[str, ...] = MODES
    call: Callable[[nn.Module, Any], Any] | None = None

    def batches(self, size: int, count: int = 2, mode: str = "evaluation", seed: int = 0) -> list[Any]:
        """`count` batches of `size`: of training data in training mode, of test data in evaluation."""
        data = digits(image=self.image)
        drawn = batches(data.train if mode == "training" else data.test, size, seed)
        return [self.feed(next(drawn)) for _ in range(count)]


Loss = Callable[[nn.Module, Tensor, Tensor], Tensor]


def by_class(model, x, y):
    return cross_entropy(model(x), y)


def fit(model, image=False, loss: Loss = by_class, steps=50, rate=None, size=64, seed=0):
    """Train by SGD with momentum and a rate that falls to 0. Returns the model."""
    model.train()
    rate = rate if rate is not None else 0.2 if image else 0.05
    optimiser = torch.optim.SGD([p for p in model.parameters() if p.requires_grad], rate, momentum=0.9)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, steps)
    drawn = batches(digits(image=image).train, size, seed)
    with seeded(seed):
        for _ in range(steps):
            batch = next(drawn)
            optimiser.zero_grad()
            loss(model, batch.x, batch.y).backward()
            optimiser.step()
            schedule.step()
    return model


SIZES = [64, 32, 32, 10]


def flat(make, **options):
    """A healthy case of a model for (N, 64)."""
    return lambda: Healthy(fit(make(), **options))


def images(make, **options):
    """A healthy case of a model for (N, 1, 8, 8)."""
    return lambda: Healthy(fit(make(), image=True, **options), image=True)


def small_cnn(norm=nn.BatchNorm2d):
    return m.classifier(m.conv_norm(1, 8, norm=norm), m.conv_norm(8, 16, 2, norm=norm))


def separable():
    body = m.conv_norm(1, 8, 2), m.InvertedResidual(8), m.conv_norm(8, 16, size=1)
    return m.classifier(*body)


def dense():
    return m.classifier(nn.Conv2d(1, 8, 3, padding=1), m.Dense(8, 4), m.Dense(12, 4))


def squeezed():
    return m.classifier(m.conv_norm(1, 16), m.SqueezeExcite(16), m.conv_norm(16, 16, 2))


def volumes():
    layers = nn.Conv3d(1, 8, 3, padding=1, bias=False), nn.BatchNorm3d(8), nn.ReLU(), nn.AdaptiveAvgPool3d(1)
    return nn.Sequential(nn.Unflatten(2, (1, 8)), *layers, nn.Flatten(), nn.Linear(8, 10))


def waves():
    layers = nn.Conv1d(8, 16, 3, padding=1, bias=False), nn.BatchNorm1d(16), nn.ReLU()
    return nn.Sequential(
        nn.Unflatten(1, (8, 8)), *layers, nn.AdaptiveAvgPool1d(1), nn.Flatten(), nn.Linear(16, 10)
    )


def with_biases():
    """As VGG has them: convolutions with biases before batch norm, dropout behind the last norm."""
    block = nn.Conv2d(1, 16, 3, padding=1), nn.BatchNorm2d(16), nn.ReLU()
    return m.classifier(*block, nn.Conv2d(16, 16, 3, 2, 1), nn.BatchNorm2d(16), nn.ReLU(), nn.Dropout2d(0.3))


def cumulative():
    model = small_cnn(lambda c: nn.BatchNorm2d(c, momentum=None))
    fit(model, image=True)
    for (
        layer
    ) in model.modules():  # the average of all that were seen is of old weights: begun anew, as is usual
        if isinstance(layer, nn.BatchNorm2d):
            layer.reset_running_stats()
    return Healthy(fit(model, image=True, rate=0.0), image=True)


def zero_gamma():
    model = residual_mlp(64, 32, 3, 10)
    for block in model[1:4]:
        block.branch.append(nn.BatchNorm1d(32))
    zero_init_residual(model)
    return Healthy(fit(model, steps=30, rate=0.01))


def frozen_trunk():
    model = fit(mlp(SIZES))
    freeze_batch_norm(model)
    return Healthy(fit(model, steps=20, rate=0.01))


def detector():
    trunk = fit(small_cnn(), image=True)[:2]
    head = nn.Sequential(nn.Conv2d(16, 16, 3, padding=1), nn.GroupNorm(4, 16), nn.ReLU(), nn.Conv2d(16, 1, 1))
    model = nn.Sequential(m.freeze_for_detection(trunk.requires_grad_(False)), head)

    def where_is_ink(model, x, y):
        return binary_cross_entropy_with_logits(model(x), (nn.functional.avg_pool2d(x, 2) > 0).float())

    return Healthy(fit(model, image=True, loss=where_is_ink), image=True)


def unet():
    model = fit(
        m.UNet(), image=True, loss=lambda model, x, y: mse_loss(model(x + 0.3 * torch.randn_like(x)), x)
    )
    return Healthy(model, feed=lambda split: (split.x, (split.x > 0).long()), image=True)


def vae():
    return Healthy(
        fit(m.VariationalAutoencoder(), loss=lambda model, x, y: mse_loss(model(x), x)), feed=lambda s: s.x
    )


def same_class(model, x, y):
    half = len(x) // 2
    return binary_cross_entropy_with_logits(model(x[:half], x[half:]), (y[:half] == y[half:]).float())


def siamese():
    model = fit(m.Siamese(mlp(SIZES)), loss=same_class, size=128)
    return Healthy(model, feed=lambda s: (s.x, s.x.roll(1, 0), (s.y == s.y.roll(1)).float()))


def nested_pair():
    model = fit(m.Siamese(mlp(SIZES)), loss=same_class, size=128)
    return Healthy(wrappers.OfPair(model), feed=lambda s: ((s.x, s.x.roll(1, 0)), s.y))


def two_views():
    """Two noisy views of each image in one batch, one half after the other, as in contrastive learning."""

    def views(x):
        return torch.cat([x + 0.1 * torch.randn_like(x), x + 0.1 * torch.randn_like(x)])

    def agree(model, x, y):
        z = nn.functional.normalize(model(views(x)), dim=1)
        return cross_entropy(z[: len(x)] @ z[len(x) :].T / 0.2, torch.arange(len(x)))

    return Healthy(fit(mlp(SIZES), loss=agree), feed=lambda s: views(s.x))


def gan():
    """(generator, discriminator) that learned in turn, real and generated examples apart."""
    pair = m.generator(), m.discriminator()
    optimisers = [torch.optim.Adam(net.parameters(), 2e-3, betas=(0.5, 0.999)) for net in pair]
    drawn = batches(digits(image=True).train, 64)
    for _ in range(40):
        real, noise = next(drawn).x, torch.randn(64, 8, 1, 1)
        scores = pair[1](real), pair[1](pair[0](noise).detach())
        loss = nn.functional.softplus(-scores[0]).mean() + nn.functional.softplus(scores[1]).mean()
        optimisers[1].zero_grad()
        loss.backward()
        optimisers[1].step()
        optimisers[0].zero_grad()
        nn.functional.softplus(-pair[1](pair[0](noise))).mean().backward()
        optimisers[0].step()
    with torch.no_grad():  # the last weights' statistics: a GAN's move until the last step
        for _ in range(60):
            pair[0](torch.randn(64, 8, 1, 1))
            pair[1](next(drawn).x)
    return pair


def averaged():
    model = fit(small_cnn(), image=True)
    mean = AveragedModel(model)
    for _ in range(3):
        fit(model, image=True, steps=5, rate=0.01)
        mean.update_parameters(model)
    update_bn(digits(image=True).train.x.split(100), mean)
    return Healthy(mean, image=True)


def teacher():
    """A copy that follows by an average of the weights, and learns by no gradient of its own."""
    model = fit(mlp(SIZES))
    return Healthy(copy.deepcopy(model).requires_grad_(False), feed=lambda s: s.x)


def shown(x, model):
    """Run `model` in training mode on x a few times, so that its statistics are of x. Returns it."""
    with torch.no_grad():
        for batch in x.split(100) * 3:
            model(batch)
    return model


def half():
    model = fit(small_cnn(), image=True).to(torch.bfloat16)
    return Healthy(model, feed=lambda s: s.x.to(torch.bfloat16), image=True, modes=("evaluation",))


def autocast():
    def call(model, batch):
        with torch.autocast("cpu", torch.bfloat16):
            return model(batch[0])

    return Healthy(fit(small_cnn(), image=True), image=True, call=call)


def double():
    return Healthy(fit(mlp(SIZES)).double(), feed=lambda s: (s.x.double(), s.y))


def last_format():
    model = fit(small_cnn(), image=True).to(memory_format=torch.channels_last)
    return Healthy(model, feed=lambda s: s.x.to(memory_format=torch.channels_last), image=True)


def prepared():
    """Convolutions and norms fused for training with simulated quantisation."""
    from torch.ao.nn.intrinsic.qat import ConvBn2d
    from torch.ao.quantization import default_qconfig

    fused = ConvBn2d(1, 16, 3, padding=1, qconfig=default_qconfig)
    return Healthy(fit(m.classifier(fused, nn.ReLU()), image=True), image=True)


def instance_with_statistics():
    return small_cnn(lambda c: nn.InstanceNorm2d(c, affine=True, track_running_stats=True))


def synchronised():
    model = nn.SyncBatchNorm.convert_sync_batchnorm(fit(small_cnn(), image=True))
    return Healthy(model, image=True, modes=("evaluation",))


def lazy():
    return nn.Sequential(nn.LazyLinear(32), nn.LazyBatchNorm1d(), nn.ReLU(), nn.LazyLinear(10))


def given_example(change):
    """What a compiler of torch makes of a small CNN with the help of an example."""
    model = fit(small_cnn(), image=True).eval()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # scripts and traces are deprecated, and there
        changed = change(model, digits(image=True).test.x[:8])
    return Healthy(changed, image=True, modes=("evaluation",))


def exported(model, x):
    return torch.export.export(model, (x,), dynamic_shapes=({0: torch.export.Dim("n")},)).module()
