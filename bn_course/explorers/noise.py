"""Draw batches: where their μ and σ fall, and what that makes of one example. (lesson 09)"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar

import numpy as np

from bn_course.live import COLOURS, LivePlot, View, choice, player, slider, steps, title
from bn_course.live.style import INK

POPULATION = 512
DRAWS = 200


@dataclass(frozen=True)
class Params:
    batch_size: int = 16
    example: float = 1.0
    feature: str = "normal"
    draws: int = DRAWS
    seed: int = 0


@dataclass(frozen=True)
class Result:
    """Of each draw: a batch of the example and N − 1 others. `true_…` are of all 512 together."""

    params: Params
    mean: np.ndarray  # (DRAWS,)
    std: np.ndarray  # (DRAWS,)
    x_hat: np.ndarray  # (DRAWS,), of the example
    true_mean: float
    true_std: float
    true_x_hat: float

    @property
    def shown(self) -> slice:
        return slice(0, self.params.draws)

    @property
    def law(self) -> float:
        """σ/√N, and for a finite population √((M − N)/(M − 1)): N − 1 others out of M = 511."""
        n, m = self.params.batch_size, POPULATION - 1
        return self.true_std * np.sqrt(n - 1) / n * np.sqrt((m - n + 1) / (m - 1))


def compute(params: Params) -> Result:
    """Put the example into each batch, and standardise."""
    others = population(params.feature, params.seed)
    n, draws = params.batch_size, np.full((DRAWS, 1), params.example)
    batches = np.hstack([draws, others[orders(params.seed)[:, : n - 1]]])  # (DRAWS, N)
    mean, std = batches.mean(axis=1), batches.std(axis=1)
    everyone = np.append(others, params.example)
    true_mean, true_std = everyone.mean(), everyone.std()
    return Result(
        params,
        mean,
        std,
        (params.example - mean) / np.sqrt(std**2 + 1e-5),
        true_mean,
        true_std,
        (params.example - true_mean) / np.sqrt(true_std**2 + 1e-5),
    )


@lru_cache(maxsize=8)
def population(feature: str, seed: int) -> np.ndarray:
    """The 511 other examples, of mean 0 and deviation 1."""
    rng = np.random.default_rng(seed)
    normal = rng.normal(size=POPULATION - 1)
    values = {
        "normal": normal,
        "after a ReLU": np.maximum(normal, 0),
        "two groups": 0.3 * normal + np.where(rng.random(POPULATION - 1) < 0.8, -1, 2),
    }[feature]
    return (values - values.mean()) / values.std()


@lru_cache(maxsize=4)
def orders(seed: int) -> np.ndarray:
    """(DRAWS, 511): the others, in a new order for each draw; a batch takes the first of them."""
    rng = np.random.default_rng(seed + 1)
    return rng.permuted(np.tile(np.arange(POPULATION - 1), (DRAWS, 1)), axis=1)


def describe(result: Result) -> str:
    """The alternative text."""
    p = result.params
    if p.draws == 0:
        return f"No batch drawn yet. At inference the example's x̂ is {result.true_x_hat:.2f}."
    mean, std, x_hat = (v[result.shown] for v in (result.mean, result.std, result.x_hat))
    return (
        f"{p.draws} batches of {p.batch_size}: their means scatter by {mean.std():.2f}, their deviations by "
        f"{std.std():.2f}. The example's x̂ lies between {x_hat.min():.2f} and {x_hat.max():.2f}, on average "
        f"{x_hat.mean():.2f}; at inference it is {result.true_x_hat:.2f}."
    )


class NoiseView(View):
    def __init__(self, fig):
        super().__init__(fig)
        left, right = fig.subplots(1, 2)
        left.set(xlim=(-2.2, 2.2), ylim=(0, 2.3), xlabel="μ of the batch", ylabel="σ of the batch")
        right.set(xlim=(0, DRAWS + 8), ylim=(-5, 5), xlabel="draw", ylabel="x̂ of the example (dimensionless)")
        dots = {"ls": "", "marker": ".", "ms": 5, "alpha": 0.6, "color": COLOURS["batch"]}
        last = {"ls": "", "marker": "o", "ms": 8, "mfc": "none", "mew": 1.8, "color": INK}
        (self.statistics,) = self.moving(left.plot([], [], **dots))
        (self.last_statistics,) = self.moving(left.plot([], [], **last))
        (self.true,) = self.moving(left.plot([], [], "+", ms=14, mew=2, color=COLOURS["none"]))
        (self.x_hats,) = self.moving(right.plot([], [], **dots))
        (self.last_x_hat,) = self.moving(right.plot([], [], **last))
        (self.inference,) = self.moving(right.plot([], [], color=COLOURS["none"], lw=1.6))
        left.text(-2.1, 2.14, "+ all of the data", color=COLOURS["none"])
        left.text(-2.1, 1.98, "○ the last draw", color=INK)
        right.text(4, 4.4, "line: with the statistics of all the data", color=COLOURS["none"])
        self.titles = [self.moving(title(ax, "")) for ax in (left, right)]

    def update(self, result):
        draws = result.params.draws
        mean, std, x_hat = (v[result.shown] for v in (result.mean, result.std, result.x_hat))
        number = np.arange(1, draws + 1)
        self.statistics.set_data(mean, std)
        self.last_statistics.set_data(mean[-1:], std[-1:])
        self.true.set_data([result.true_mean], [result.true_std])
        self.x_hats.set_data(number, x_hat)
        self.last_x_hat.set_data(number[-1:], x_hat[-1:])
        self.inference.set_data([0, DRAWS + 8], [result.true_x_hat] * 2)
        if draws < 10:
            self.titles[0].set_text(f"Batches of {result.params.batch_size}")
            self.titles[1].set_text("One example, in each of them")
            return
        self.titles[0].set_text(f"μ scatters by {mean.std():.2f} (expected {result.law:.2f})")
        self.titles[1].set_text(f"The same example: {x_hat.mean():.2f} ± {x_hat.std():.2f}")


class NoiseExplorer(LivePlot):
    label = "The noise of a batch"
    Params = Params
    View = NoiseView
    compute = staticmethod(compute)
    describe = staticmethod(describe)
    height = 3.4
    controls: ClassVar = {
        "batch_size": steps("batch size", [2, 4, 8, 16, 32, 64, 128, 256, 512]),
        "example": slider("the example's value", -3.0, 3.0, 0.5),
        "feature": choice("the feature", ["normal", "after a ReLU", "two groups"]),
        "draws": player("batches drawn", DRAWS, interval=80),
    }
