"""What `watch_batch_norm` records of every layer over a training run, step by step. (lesson 14)"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar

import numpy as np

from bn_course.inspect.picture import FINE, ILL, dress, strip
from bn_course.live import LivePlot, View, choice, player, title

STEPS = 64
MOMENTS = 32  # that the kit keeps of so many steps
LAYERS = ("first", "second", "third")
WIDTH = 32


@dataclass(frozen=True)
class Params:
    run: str = "momentum 0.002"
    moment: int = MOMENTS - 1
    seed: int = 0


@dataclass(frozen=True)
class Result:
    """All layers after `step` training steps."""

    params: Params
    step: int
    mean_off: np.ndarray  # (LAYERS, WIDTH), |running mean − batch's| in σ of the batch
    var_ratio: np.ndarray  # (LAYERS, WIDTH), running variance / the batch's
    gamma: np.ndarray  # (LAYERS, WIDTH), |γ|
    warnings: tuple[str, ...]  # of the whole run, a sentence each


def compute(params: Params) -> Result:
    """Look one moment of a run up."""
    moments, warnings = watched(params.run, params.seed)
    moment = moments[params.moment]
    layers = list(moment.layers.values())
    arrays = (
        np.stack([getattr(layer, name) for layer in layers]) for name in ("mean_off", "var_ratio", "gamma")
    )
    off, ratio, gamma = arrays
    return Result(params, moment.step, abs(off), ratio, gamma, warnings)


@lru_cache(maxsize=16)
def watched(run: str, seed: int):
    """Train an MLP for `STEPS` steps while it is watched: the moments, and what the kit warns of."""
    import torch
    from torch.nn.functional import cross_entropy

    from bn_course.inspect import watch_batch_norm
    from bn_course.nets import batches, digits, mlp, seeded

    rate, momentum, mixed = RUNS[run]
    split = digits().train
    drawn = batches(split, 50, seed)
    with seeded(seed):
        model = mlp([64, WIDTH, WIDTH, WIDTH, 10], norm=lambda d: torch.nn.BatchNorm1d(d, momentum=momentum))
    optimiser = torch.optim.SGD(model.parameters(), lr=rate, momentum=0.9)
    with watch_batch_norm(model) as seen:
        for step in range(STEPS):
            batch = next(drawn) if mixed else split[(split.y == step % 10).nonzero()[:50, 0]]
            optimiser.zero_grad()
            cross_entropy(model(batch.x), batch.y).backward()
            optimiser.step()
    return seen.history, tuple(dict.fromkeys(str(finding) for _, finding in seen.warnings))


RUNS = {  # learning rate, momentum of the norms, are classes mixed in a batch
    "as it should be": (0.05, 0.1, True),
    "rate 3": (3.0, 0.1, True),
    "momentum 0.002": (0.05, 0.002, True),
    "a class a batch": (0.05, 0.1, False),
}


def describe(result: Result) -> str:
    """The alternative text."""
    run = result.params.run.capitalize()
    off, ratio = (
        " and ".join(f"{np.median(layer):.1f}" for layer in (values[0], values[-1]))
        for values in (result.mean_off, result.var_ratio)
    )
    return (
        f"{run}, after {result.step} of {STEPS} steps: the running means are {off} σ off the batch's "
        f"in the first and the last of three norm layers (medians), the running variances {ratio} times "
        f"the batch's. `watch_batch_norm` gives {_count(result.warnings)} for the run."
    )


def _count(warnings: tuple[str, ...]) -> str:
    return f"{len(warnings) or 'no'} warning{'s' * (len(warnings) > 1)}"


class CheckupView(View):
    def __init__(self, fig):
        super().__init__(fig)
        axes = fig.subplots(3, 1, sharex=True)
        dress(axes)
        axes[0].set_ylim(-0.1, 4.1)
        axes[1].set_ylim(0.02, 50)
        axes[1].set_yticks([0.02, 0.1, 0.5, 2, 10, 50])
        axes[2].set_ylim(0, 2.5)
        axes[2].set_xticks(range(len(LAYERS)), [f"{name} norm layer" for name in LAYERS])
        axes[2].set_xlim(-0.5, len(LAYERS) - 0.5)
        self.dots = {}
        for ax, name in zip(axes, ("mean_off", "var_ratio", "gamma"), strict=True):
            for place in range(len(LAYERS)):
                (self.dots[name, place],) = self.moving(ax.plot([], [], "o", ms=3, mew=0))
        self.titles = [self.moving(title(ax, "")) for ax in axes]

    def update(self, result):
        for (name, place), dots in self.dots.items():
            channels = getattr(result, name)[place]
            limits = {"mean_off": (0, 4), "var_ratio": (0.022, 45), "gamma": (0, 2.45)}[name]
            dots.set_data(*strip(place, np.clip(channels, *limits)))
            dots.set_color(ILL if _ill(name, channels) else FINE)
        self.titles[0].set_text(
            f"Step {result.step}: {result.params.run}. The kit: {_count(result.warnings)}"
        )
        for text, said in zip(
            self.titles[1:], (f"Variances: {_middle(result.var_ratio)}", "Scale"), strict=True
        ):
            text.set_text(said)


def _middle(ratios: np.ndarray) -> str:
    return "the median is × " + f"{np.median(ratios):.2g}"


def _ill(name: str, channels: np.ndarray) -> bool:
    """A quarter of the channels are outside of what is shaded."""
    if name == "mean_off":
        return bool(np.quantile(channels, 0.75) > 0.5)
    factor = np.maximum(channels, 1 / np.maximum(channels, 1e-12))
    return name == "var_ratio" and bool(np.quantile(factor, 0.75) > 2)


class CheckupExplorer(LivePlot):
    label = "The layers while they train"
    Params = Params
    View = CheckupView
    compute = staticmethod(compute)
    describe = staticmethod(describe)
    needs_torch = True
    height = 4.6
    controls: ClassVar = {
        "run": choice("the run", list(RUNS)),
        "moment": player("moment", MOMENTS - 1, interval=80),
    }
