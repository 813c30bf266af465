"""Each row of a lesson's own table of mistakes that an answer can make is made here, and named.

What a table says beyond that (choosing a rate on the test data, quoting a number) is no answer to a question.
"""

import copy
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.utils.checkpoint import checkpoint

from bn_course.grading.catalogue import catalogue
from bn_course.grading.judge import judge_here
from bn_course.nets.zero_init import NORMS

REPOSITORY = Path(__file__).resolve().parents[2]

# 06


class SavedXHat(torch.autograd.Function):
    """x̂ saved for the backward pass."""

    @staticmethod
    def forward(ctx, x, gamma, beta, eps):
        axes = (0, *range(2, x.dim()))
        var, mean = torch.var_mean(x, axes, correction=0, keepdim=True)
        rstd = torch.rsqrt(var + eps)
        x_hat = (x - mean) * rstd
        g, b = (v.view(-1, *[1] * (x.dim() - 2)) for v in (gamma, beta))
        ctx.save_for_backward(x_hat, rstd, g)
        return g * x_hat + b

    @staticmethod
    def backward(ctx, dy):
        x_hat, rstd, g = ctx.saved_tensors
        axes = (0, *range(2, dy.dim()))
        d = dy * g
        dx = rstd * (d - d.mean(axes, keepdim=True) - x_hat * (d * x_hat).mean(axes, keepdim=True))
        return dx, (dy * x_hat).sum(axes), dy.sum(axes), None


class Torch2d(nn.BatchNorm2d):
    """PyTorch's own; what a row says is changed below."""


class KerasMomentum(Torch2d):
    """`momentum=0.99`."""

    def __init__(self, num_features, eps=1e-5, momentum=0.99, *rest):
        super().__init__(num_features, eps, momentum, *rest)


class PlainStatistics(Torch2d):
    """Running statistics as plain tensors."""

    def __init__(self, num_features, *rest):
        super().__init__(num_features, *rest)
        plain = {name: self._buffers.pop(name) for name in list(self._buffers)}
        for name, value in plain.items():
            setattr(self, name, value)

    def forward(self, x):
        if self.running_mean is not None:
            self.running_mean, self.running_var = self.running_mean.to(x), self.running_var.to(x)
            if x.dtype.itemsize < 4:
                self.running_mean, self.running_var = self.running_mean.float(), self.running_var.float()
        return super().forward(x)


class HalfPrecision(Torch2d):
    """Statistics in half precision."""

    def forward(self, x):
        if x.dtype.itemsize == 4 or x.dtype == torch.float64 or not self.training:
            return super().forward(x)
        axes = (0, 2, 3)
        mean, var = x.mean(axes), x.var(axes, correction=0)
        m, n = self.momentum, x.numel() / x.shape[1]
        with torch.no_grad():
            self.running_mean.mul_(1 - m).add_(m * mean)
            self.running_var.mul_(1 - m).add_(m * x.var(axes))
            self.num_batches_tracked += 1
        assert n > 1
        y = (x - mean.view(1, -1, 1, 1)) / torch.sqrt(var.view(1, -1, 1, 1) + self.eps)
        return (self.weight.view(1, -1, 1, 1) * y + self.bias.view(1, -1, 1, 1)).to(x.dtype)


# 07


def mlp(norm_after_last=False, bias=False):
    def build_mlp(sizes, normalise=True):
        layers = []
        for a, b in pairwise(sizes[:-1]):
            layers.append(nn.Linear(a, b, bias=bias or not normalise))
            layers += [nn.BatchNorm1d(b)] if normalise else []
            layers.append(nn.ReLU())
        layers.append(nn.Linear(sizes[-2], sizes[-1]))
        if norm_after_last and normalise:
            layers.append(nn.BatchNorm1d(sizes[-1]))
        return nn.Sequential(*layers)

    return build_mlp


def norm_after_every_linear(sizes, normalise=True):
    layers = []
    for i, (a, b) in enumerate(pairwise(sizes)):
        last = i == len(sizes) - 2
        layers.append(nn.Linear(a, b, bias=not normalise))
        if normalise:
            layers.append(nn.BatchNorm1d(b))
        if not last:
            layers.append(nn.ReLU())
    return nn.Sequential(*layers)


def first_crossing(accuracies, target):
    return next((i for i, a in enumerate(accuracies) if a >= target), None)


def zero_in_every_norm(model):
    for block in model.modules():
        for layer in block.branch.modules() if hasattr(block, "branch") else ():
            if isinstance(layer, NORMS):
                nn.init.zeros_(layer.weight)


def groups(decays, listed=lambda name, parameter: True):
    def weight_decay_groups(model, weight_decay):
        named = [(n, p) for n, p in model.named_parameters() if listed(n, p)]
        return [
            {"params": [p for n, p in named if decays(n, p)], "weight_decay": weight_decay},
            {"params": [p for n, p in named if not decays(n, p)], "weight_decay": 0.0},
        ]

    return weight_decay_groups


def norms_in_no_group(model, weight_decay):
    layers = [layer for layer in model.modules() if isinstance(layer, nn.Linear | nn.modules.conv._ConvNd)]
    return [
        {"params": [layer.weight for layer in layers], "weight_decay": weight_decay},
        {"params": [layer.bias for layer in layers if layer.bias is not None], "weight_decay": 0.0},
    ]


# 09


def ghosts_by_number(x, gamma, beta, ghost_size, eps=1e-5):
    if ghost_size < 2 or len(x) % ghost_size == 1:
        raise ValueError("ghost_size")
    ghosts = np.array_split(x, ghost_size)
    x_hat = [(g - g.mean(0)) / np.sqrt(g.var(0) + eps) for g in ghosts if len(g)]
    return gamma * np.concatenate(x_hat) + beta


def monte_carlo_by_train(put_back):
    def mc_batch_norm_predict(model, x, training_batches):
        modes = {m: m.training for m in model.modules()}
        model.train()
        predictions = []
        with torch.no_grad():
            for batch in training_batches:
                model(batch)
                predictions.append(model(x))
        if put_back == "eval":
            model.eval()
        elif put_back == "modes":
            for module, mode in modes.items():
                module.training = mode
        stacked = torch.stack(predictions)
        return stacked.mean(0), stacked.std(0, correction=0)

    return mc_batch_norm_predict


# 10


def variances_averaged(means, variances, counts):
    w = counts[:, None] / counts.sum()
    return (w * means).sum(0), (w * variances).sum(0)


def shards_equally(means, variances, counts):
    mean = means.mean(0)
    return mean, (variances + (means - mean) ** 2).mean(0)


def recalibrated(train_everything, merge):
    def recalibrate(model, batches):
        modes = {m: m.training for m in model.modules()}
        norms = [m for m in model.modules() if isinstance(m, _BatchNorm)]
        model.train(train_everything)
        seen = {norm: [] for norm in norms}
        for norm in norms:
            norm.train()
        hooks = [n.register_forward_pre_hook(lambda n, x: seen[n].append(x[0])) for n in norms if merge]
        with torch.no_grad():
            for batch in batches:
                model(batch)
            for hook in hooks:
                hook.remove()
            for norm in norms if merge else ():
                values = torch.cat([x.transpose(0, 1).flatten(1) for x in seen[norm]], 1)
                norm.running_mean.copy_(values.mean(1))
                norm.running_var.copy_(values.var(1, correction=0))
        for module, mode in modes.items():
            module.training = mode

    return recalibrate


# 13


def frozen_by_gradients(model):
    for layer in model.modules():
        if isinstance(layer, _BatchNorm):
            layer.requires_grad_(False)


# 14


def evaluated(prepare, restore=lambda model, modes: None):
    def clinic_evaluate(model, batches):
        modes = {m: m.training for m in model.modules()}
        with torch.no_grad():
            prepare(model)
            right = sum((model(x).argmax(1) == y).sum().item() for x, y in batches)
        restore(model, modes)
        return right / sum(len(y) for _, y in batches)

    return clinic_evaluate


def put_back(model, modes):
    for module, mode in modes.items():
        module.training = mode


def top_only(model):
    model.training = False


def momentum_zero(model):
    for norm in model.modules():
        if isinstance(norm, _BatchNorm):
            norm.momentum = 0.0


def checkpointed_twice(block, x):
    return checkpoint(block, x, use_reentrant=False)


def fine_tuned(model, batches, epochs, lr):
    model.backbone.requires_grad_(False)
    optimiser = torch.optim.SGD(model.head.parameters(), lr=lr)
    model.train()
    for _ in range(epochs):
        for x, y in batches:
            optimiser.zero_grad()
            torch.nn.functional.cross_entropy(model(x), y).backward()
            optimiser.step()
    return model


def averaged_without_buffers(model, snapshots, batches):
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            parameter.copy_(sum(snapshot[name] for snapshot in snapshots) / len(snapshots))
    return model.eval()


def folded_without_bias(conv, bn):
    s = (bn.weight / torch.sqrt(bn.running_var + bn.eps)).detach()
    new = copy.deepcopy(conv)
    new.weight = nn.Parameter(s.view(-1, 1, 1, 1) * conv.weight.detach())
    new.bias = nn.Parameter(bn.bias.detach() - s * bn.running_mean)
    return new


def scored_together(discriminator, real, fake):
    return tuple(discriminator(torch.cat([real, fake])).split([len(real), len(fake)]))


def last_dropped(x, y, batch_size):
    data = torch.utils.data.TensorDataset(x, y)
    return [tuple(pair) for pair in torch.utils.data.DataLoader(data, batch_size, drop_last=True)]


def outputs_alone(x, gamma, beta, eps=1e-5):
    with torch.no_grad():
        mean, var = x.mean(0), x.var(0, correction=0)
    return gamma * (x - mean) / torch.sqrt(var + eps) + beta


ROWS = [
    ("06", "x̂ saved for the backward pass", "BatchNormFunction", SavedXHat, "saved-intermediates"),
    (
        "06",
        "γ or running statistics as plain tensors",
        "BatchNorm2d",
        PlainStatistics,
        "buffers-not-in-state",
    ),
    ("06", "`momentum=0.99`", "BatchNorm2d", KerasMomentum, "other-default-momentum"),
    ("06", "statistics in half precision", "BatchNorm2d", HalfPrecision, "half-precision-sums"),
    ("07", "a bias before batch norm", "build_mlp", mlp(bias=True), "bias-kept"),
    ("07", "a norm after the output layer", "build_mlp", mlp(norm_after_last=True), "output-normalised"),
    ("07", "a norm after the output layer", "build_mlp", norm_after_every_linear, "output-normalised"),
    ("07", "taking the first crossing", "steps_to_target", first_crossing, "first-crossing"),
    ("07", "γ = 0 in *every* norm", "zero_init_residual", zero_in_every_norm, "every-norm"),
    (
        "07",
        "decay groups by a parameter's name",
        "weight_decay_groups",
        groups(lambda n, p: p.ndim > 1),
        "by-rank",
    ),
    (
        "07",
        "decay groups by a parameter's name",
        "weight_decay_groups",
        groups(lambda n, p: "bias" not in n),
        "norm-scales-decay",
    ),
    ("07", "γ and β in no group", "weight_decay_groups", norms_in_no_group, "norms-left-out"),
    ("09", "`ghost_size` taken for the number", "ghost_batch_norm", ghosts_by_number, "ghost-count"),
    *(
        (
            "09",
            "Monte-Carlo batch norm by `model.train()`",
            "mc_batch_norm_predict",
            monte_carlo_by_train(after),
            "model-in-training-mode",
        )
        for after in ("nothing", "eval", "modes")
    ),
    ("10", "variances of shards averaged", "merge_stats", variances_averaged, "spread-of-means-forgotten"),
    ("10", "shards weighted equally", "merge_stats", shards_equally, "counts-ignored"),
    ("10", "recalibrated with the whole model", "recalibrate", recalibrated(True, True), "dropout-on"),
    ("10", "recalibrated with a moving average", "recalibrate", recalibrated(False, False), "moving-average"),
    (
        "13",
        "'frozen' by `requires_grad=False`",
        "freeze_batch_norm",
        frozen_by_gradients,
        "requires-grad-only",
    ),
    (
        "14",
        "`torch.no_grad()` taken for `eval()`",
        "clinic_evaluate",
        evaluated(lambda model: None, put_back),
        "evaluated-in-training-mode",
    ),
    (
        "14",
        "`model.train()` after an evaluation",
        "clinic_evaluate",
        evaluated(nn.Module.eval, lambda model, _: model.train()),
        "train-everything-afterwards",
    ),
    (
        "14",
        "only the top module's",
        "clinic_evaluate",
        evaluated(top_only, put_back),
        "evaluated-in-training-mode",
    ),
    ("14", "'momentum 0' as a cure", "clinic_evaluate", evaluated(momentum_zero, put_back), "momentum-zero"),
    ("14", "checkpointing counted once", "clinic_checkpoint", checkpointed_twice, "counted-twice"),
    ("14", "`requires_grad=False` taken for frozen", "clinic_freeze", fine_tuned, "requires-grad-only"),
    ("14", "parameters averaged", "clinic_average", averaged_without_buffers, "buffers-left-behind"),
    ("14", "a fold tried on models", "clinic_fold", folded_without_bias, "bias-not-folded"),
    ("14", "real and generated together", "clinic_gan", scored_together, "real-and-generated-together"),
    ("14", "`drop_last=True` for a test", "clinic_last_batch", last_dropped, "drop-last"),
    ("14", "the outputs of a layer tested", "clinic_detached", outputs_alone, "detached"),
]


@pytest.mark.parametrize(
    ("lesson", "row", "name", "answer", "key"),
    [pytest.param(*row, id=f"{row[0]}-{row[2]}-{i}") for i, row in enumerate(ROWS)],
)
def test_the_mistake_of_a_row_is_named(lesson, row, name, answer, key):
    report = judge_here(catalogue()[name], answer)
    assert report.attempted
    assert not report.passed
    assert key in report.diagnosis, str(report)


@pytest.mark.parametrize(("lesson", "row"), sorted({row[:2] for row in ROWS}))
def test_the_row_stands_in_the_lesson(lesson, row):
    (notebook,) = (REPOSITORY / "notebooks").glob(f"{lesson}_*.ipynb")
    assert f'"| {row}' in notebook.read_text(encoding="utf-8")
