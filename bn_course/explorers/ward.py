"""Running statistics against those of the data, channel by channel, for patients and remedies. (lesson 14)"""

from __future__ import annotations

import copy
from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar

import numpy as np

from bn_course.live import COLOURS, LivePlot, View, choice, title
from bn_course.live.style import INK, MUTED

REMEDIES = ("as it came", "another remedy", "mended")
LAYERS = ("first", "second")
CHANNELS = 64
FITS, OFF = COLOURS["batch"], COLOURS["none"]


@dataclass(frozen=True)
class Params:
    patient: str = "weights averaged"
    remedy: str = "as it came"
    layer: str = "first"
    seed: int = 0


@dataclass(frozen=True)
class Result:
    """Of one norm layer: how its running statistics differ from those of what it is fed."""

    params: Params
    what: str  # was done
    symptom: str  # what the accuracy below is of
    accuracy: float
    mean_off: np.ndarray  # (CHANNELS,), (running − input's) / σ, sorted
    var_ratio: np.ndarray  # (CHANNELS,), running / input's, sorted
    alarms: int  # warnings of `inspect_batch_norm` on the whole model


def compute(params: Params) -> Result:
    """Look one layer of the patient up."""
    what, symptom, accuracy, layers, alarms = examined(params.patient, params.remedy, params.seed)
    mean_off, var_ratio = layers[LAYERS.index(params.layer)]
    return Result(params, what, symptom, accuracy, mean_off, var_ratio, alarms)


@lru_cache(maxsize=32)
def examined(patient: str, remedy: str, seed: int):
    """Train the patient, treat it, and examine its two norm layers in evaluation mode on test data."""
    from bn_course.inspect import inspect_batch_norm
    from bn_course.nets import digits, seeded

    with seeded(seed):
        model, what, symptom, accuracy = PATIENTS[patient](remedy, seed)
    seen = inspect_batch_norm(model.eval(), digits().test.x)
    return what, symptom, accuracy, _signed(model, digits().test.x), len(seen.warnings)


def _signed(model, x):
    """For each norm layer: (running − input's mean) / σ and the ratio of the variances, both sorted."""
    import torch

    found = []
    with torch.no_grad():
        for layer in model:
            if isinstance(layer, torch.nn.BatchNorm1d):
                var = x.var(0) + layer.eps
                off, ratio = (
                    (layer.running_mean - x.mean(0)) / var.sqrt(),
                    (layer.running_var + layer.eps) / var,
                )
                found.append((off.sort().values.numpy(), ratio.sort().values.numpy()))
            x = layer(x)
    return found


def _trained(seed, steps=200, sizes=(64, 64, 64, 10), model=None):
    import torch

    from bn_course.nets import digits, mlp, seeded, train

    if model is None:
        with seeded(seed):
            model = mlp(list(sizes))
    optimiser = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    train(model, digits(), optimiser, steps, every=steps, seed=seed)
    return model


def _accuracy(model):
    from bn_course.nets import accuracy, digits

    return 100 * accuracy(model, digits().test)


def _averaged(remedy, seed):
    import torch

    from bn_course.nets import digits, mlp, seeded
    from bn_course.nets.patients import clinic_average
    from bn_course.nets.recalibrate import recalibrate

    with seeded(seed):
        model = mlp([64, 64, 64, 10])
    start = _trained(seed, steps=30)
    branches = [_trained(seed + 10 + i, model=copy.deepcopy(start)) for i in range(3)]
    snapshots = [branch.state_dict() for branch in branches]
    clinic_average(model, snapshots, [])
    what = "the averaged model keeps the running statistics it began with"
    if remedy == "another remedy":
        what = "the snapshots' running statistics are averaged too"
        for name, buffer in model.named_buffers():
            buffer.copy_(torch.stack([s[name].double() for s in snapshots]).mean(0))
    elif remedy == "mended":
        what = "the statistics are measured anew, with the averaged weights"
        recalibrate(model, digits().train.x.split(250))
    return model, what, "test accuracy", _accuracy(model)


def _fine_tuned(remedy, seed):
    import torch
    from torch.nn.functional import cross_entropy

    from bn_course.nets import digits

    model = _trained(seed)
    backbone, old_head, new_head = model[:-1], model[-1], torch.nn.Linear(64, 2)
    backbone.requires_grad_(False)
    optimiser = torch.optim.SGD(new_head.parameters(), lr=0.05)
    data = digits().train[:200]
    for epoch in range(3):
        first_only = remedy == "another remedy" and epoch == 0
        backbone.train(not (remedy == "mended" or first_only))
        for i in range(0, 200, 4):
            optimiser.zero_grad()
            cross_entropy(new_head(backbone(0.3 * data.x[i : i + 4] + 1)), data.y[i : i + 4] % 2).backward()
            optimiser.step()
    what = {
        "as it came": "frozen by requires_grad=False alone, then fine-tuned on images of less contrast",
        "another remedy": "in evaluation mode in the first epoch, until train() undid it",
        "mended": "in evaluation mode in every epoch",
    }[remedy]
    whole = torch.nn.Sequential(*backbone, old_head)
    return whole, what, "accuracy on the old task", _accuracy(whole)


def _evaluated(remedy, seed):
    import torch

    from bn_course.nets import digits
    from bn_course.nets.patients import clinic_evaluate

    model, test = _trained(seed), digits().test
    by_class = test[test.y.argsort(stable=True)]
    model.train(remedy != "mended")
    for layer in model:
        if isinstance(layer, torch.nn.BatchNorm1d) and remedy == "another remedy":
            layer.momentum = 0.0
    pairs = [(by_class.x[i : i + 50], by_class.y[i : i + 50]) for i in range(0, 500, 50)]
    reported = 100 * clinic_evaluate(model, pairs)
    what = {
        "as it came": "evaluated in training mode, a class a batch",
        "another remedy": "the same with momentum 0: nothing moves, and predictions depend on the batch",
        "mended": "evaluated in evaluation mode",
    }[remedy]
    return model, what, "reported accuracy", reported


def _folded(remedy, seed):
    import torch

    from bn_course.nets import mlp, seeded

    with seeded(seed):
        model = mlp([64, 64, 64, 64, 10])
        model[0].bias = torch.nn.Parameter(torch.randn(64))
    _trained(seed, model=model).eval()
    linear, norm = model[0], model[1]
    scale = norm.weight / torch.sqrt(norm.running_var + norm.eps)
    factor = {"as it came": 0.0, "another remedy": 1.0, "mended": scale}[remedy]
    folded = torch.nn.Linear(64, 64)
    with torch.no_grad():
        folded.weight.copy_(scale[:, None] * linear.weight)
        folded.bias.copy_(norm.bias - scale * norm.running_mean + factor * linear.bias)
    what = {
        "as it came": "the first norm is folded, its layer's bias forgotten",
        "another remedy": "the bias is added without γ/σ in front of it",
        "mended": "the bias is scaled and added",
    }[remedy]
    whole = torch.nn.Sequential(folded, *model[2:])
    return whole, what, "test accuracy", _accuracy(whole.eval())


PATIENTS = {
    "weights averaged": _averaged,
    "fine-tuned": _fine_tuned,
    "evaluated": _evaluated,
    "folded": _folded,
}


def describe(result: Result) -> str:
    """The alternative text."""
    off, times = _quarter(result)
    p = result.params
    return (
        f"{p.patient.capitalize()}, {p.remedy}: {result.what}. The {result.symptom} is "
        f"{result.accuracy:.0f} %. In the {p.layer} of two norm layers a quarter of the running "
        f"means are {off:.2f} σ off or more, of the running variances by a factor of {times:.2f} or more. "
        f"`inspect_batch_norm` gives {_count(result.alarms)}."
    )


def _count(alarms: int) -> str:
    return f"{alarms or 'no'} warning{'s' * (alarms > 1)}"


def _quarter(result: Result) -> tuple[float, float]:
    """What a quarter of the channels reach or exceed: distance in σ, and factor of the variance."""
    factor = np.maximum(result.var_ratio, 1 / result.var_ratio)
    return float(np.quantile(abs(result.mean_off), 0.75)), float(np.quantile(factor, 0.75))


class WardView(View):
    def __init__(self, fig):
        super().__init__(fig)
        axes = fig.subplot_mosaic([["said", "said"], ["mean", "var"]], height_ratios=[0.26, 1])
        said = axes["said"]
        said.set_axis_off()
        self.symptom = self.moving(said.text(0, 0.75, "", fontsize=11, weight="bold", color=INK, va="center"))
        self.what = self.moving(said.text(0, 0.1, "", fontsize=10, color=MUTED, va="center"))
        mean, var = axes["mean"], axes["var"]
        channels = np.arange(CHANNELS)
        mean.axhspan(-0.5, 0.5, color=FITS, alpha=0.12, lw=0)
        mean.set(xlabel="channel, in order", ylabel="running mean − input's mean, in σ", ylim=(-3.2, 3.2))
        var.axhspan(0.5, 2, color=FITS, alpha=0.12, lw=0)
        var.set(
            xlabel="channel, in order", ylabel="running variance / input's", yscale="log", ylim=(0.02, 50)
        )
        self.points = {}
        for ax, name in ((mean, "mean_off"), (var, "var_ratio")):
            ax.axhline(0 if name == "mean_off" else 1, color=INK, lw=1, ls=(0, (4, 2)))
            (self.points[name],) = self.moving(ax.plot(channels, np.ones(CHANNELS), "o", ms=4))
            ax.set(xlabel="channel, in order", xlim=(-1, CHANNELS))
        self.titles = {ax: self.moving(title(axes[ax], "")) for ax in ("mean", "var")}

    def update(self, result):
        off, times = _quarter(result)
        symptom = f"{result.symptom.capitalize()}: {result.accuracy:.0f} %"
        self.symptom.set_text(f"{symptom}.   The kit: {_count(result.alarms)}")
        self.what.set_text(result.what[0].upper() + result.what[1:])
        limits = {"mean_off": (-3.1, 3.1), "var_ratio": (0.022, 45)}
        for name, points in self.points.items():
            points.set_ydata(np.clip(getattr(result, name), *limits[name]))
            points.set_color(OFF if (off > 0.5 if name == "mean_off" else times > 2) else FITS)
        self.titles["mean"].set_text(f"A quarter are {off:.2f} σ off or more")
        self.titles["var"].set_text(f"A quarter are off by × {times:.2g} or more")


class WardExplorer(LivePlot):
    label = "Patients and remedies"
    Params = Params
    View = WardView
    compute = staticmethod(compute)
    describe = staticmethod(describe)
    needs_torch = True
    height = 3.9
    controls: ClassVar = {
        "patient": choice("patient", list(PATIENTS)),
        "remedy": choice("remedy", REMEDIES),
        "layer": choice("norm layer", LAYERS),
    }
