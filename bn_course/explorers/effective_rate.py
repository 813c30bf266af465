"""Length of the weights and effective rate, while a neuron with batch norm learns. (lesson 08)"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar

import numpy as np

from bn_course.live import COLOURS, LivePlot, View, log_slider, player, steps, switch, title
from bn_course.live.style import INK, MUTED

STEPS = 600
DROP = 300  # the step at which the rate is divided by 10, where it is
EXAMPLES, FEATURES = 16, 8
NOISE = 1.0  # deviation of the target's noise; the target itself has deviation 1


@dataclass(frozen=True)
class Params:
    rate: float = 0.32
    decay: float = 0.01
    length: float = 1.0
    drop: bool = False
    step: int = STEPS
    seed: int = 0


@dataclass(frozen=True)
class Result:
    """At each training step; entry 0 is the start."""

    params: Params
    rates: np.ndarray  # (STEPS + 1,), η
    lengths: np.ndarray  # (STEPS + 1,), ‖w‖
    turns: np.ndarray  # (STEPS,), the angle between w before and after the step, radians
    errors: np.ndarray  # (STEPS + 1,), the angle between w and the best direction, degrees
    slope: float  # root mean square of ‖gradient‖·‖w‖, that is of the gradient where ‖w‖ = 1

    @property
    def effective(self) -> np.ndarray:
        """η/‖w‖² (STEPS + 1,)."""
        return self.rates / self.lengths**2

    @property
    def balance(self) -> np.ndarray:
        """√(2ηλ)/‖gradient at ‖w‖ = 1‖, the effective rate at which decay and growth cancel (STEPS + 1,)."""
        return np.sqrt(2 * self.rates * self.params.decay) / self.slope


def compute(params: Params) -> Result:
    rates, lengths, turns, errors, slope = learn(
        params.rate, params.decay, params.length, params.drop, params.seed
    )
    return Result(params, rates, lengths, turns, errors, slope)


@lru_cache(maxsize=64)
def learn(rate, decay, length, drop, seed):
    """A neuron ŷ = (x·w − μ)/σ learns t = x·w* + noise by SGD on mean (ŷ − t)²/2, with weight decay.

    Nothing but the direction of w reaches ŷ: there is no ε, no γ and no β.
    """
    x, noise, w = draws(seed)
    w = length * w
    best = np.eye(FEATURES)[0]  # w*: the target is the first feature
    rates = np.full(STEPS + 1, rate)
    rates[DROP:] /= 10 if drop else 1
    lengths, turns, errors, slopes = [np.linalg.norm(w)], [], [angle(w, best)], []
    for step in range(STEPS):
        a = x[step] @ w  # (N,)
        centred = a - a.mean()
        std = np.sqrt(centred @ centred / EXAMPLES)
        y = centred / std
        dy = (y - x[step] @ best - noise[step]) / EXAMPLES
        da = (dy - dy.mean() - y * (dy @ y) / EXAMPLES) / std
        gradient = da @ x[step]
        slopes.append(np.linalg.norm(gradient) * lengths[-1])
        old, w = w, w - rates[step] * (gradient + decay * w)
        lengths.append(np.linalg.norm(w))
        turns.append(angle(w, old))
        errors.append(angle(w, best))
    slope = float(np.sqrt(np.mean(np.square(slopes[-STEPS // 2 :]))))
    return rates, np.array(lengths), np.array(turns), np.degrees(errors), slope


def angle(one: np.ndarray, other: np.ndarray) -> float:
    """Radians between two vectors, exact for small angles too."""
    one, other = one / np.linalg.norm(one), other / np.linalg.norm(other)
    return float(2 * np.arctan2(np.linalg.norm(one - other), np.linalg.norm(one + other)))


@lru_cache(maxsize=8)
def draws(seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Batches (STEPS, N, D), the noise of their targets (STEPS, N), and a first w of length 1."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(STEPS, EXAMPLES, FEATURES))
    w = rng.normal(size=FEATURES)
    return x, NOISE * rng.normal(size=(STEPS, EXAMPLES)), w / np.linalg.norm(w)


def recent(result: Result) -> slice:
    """The last hundred steps up to the one shown, none of them before the rate fell."""
    end = max(result.params.step, 1)
    fell = DROP if result.params.drop and end > DROP else 0
    return slice(max(end - 100, fell), end)


def turned(result: Result) -> float:
    """The typical turn of a recent step, root mean square, radians."""
    return float(np.sqrt(np.mean(result.turns[recent(result)] ** 2)))


def describe(result: Result) -> str:
    """The alternative text."""
    p, step = result.params, result.params.step
    theory = np.sqrt(2 * result.rates[max(step - 1, 0)] * p.decay)
    said = f", where √(2ηλ) is {theory:.2g}" if p.decay else ""
    return (
        f"After {step} steps at rate {p.rate:g} with decay {p.decay:g}, from length {p.length:g}: the "
        f"weights have length {result.lengths[step]:.2g}, the effective rate is "
        f"{result.effective[step]:.2g}, a step turns them by {turned(result):.2g} radians{said}, and they "
        f"are {result.errors[step]:.0f}° off."
    )


class EffectiveRateView(View):
    def __init__(self, fig):
        super().__init__(fig)
        axes = fig.subplot_mosaic([["length", "effective"], ["error", "error"]])
        axes["length"].set(xlim=(0, STEPS), ylim=(0.05, 50), yscale="log")
        axes["length"].set(xlabel="training step", ylabel="‖w‖")
        axes["effective"].set(xlim=(0, STEPS), ylim=(1e-4, 1e3), yscale="log")
        axes["effective"].set(xlabel="training step", ylabel="η/‖w‖²")
        axes["error"].set(xlim=(0, STEPS), ylim=(0, 120), yticks=[0, 30, 60, 90, 120])
        axes["error"].set(xlabel="training step", ylabel="angle (degrees)")
        blue = COLOURS["batch"]
        dashes = {"color": INK, "lw": 1.2, "ls": (0, (4, 2))}
        (self.balance,) = self.moving(axes["effective"].plot([], [], label="decay balances growth", **dashes))
        self.lines = {}
        for name in axes:
            colour = MUTED if name == "error" else blue
            (self.lines[name],) = self.moving(axes[name].plot([], [], color=colour, lw=1.4))
        axes["effective"].legend(handles=[self.balance], loc="lower left")
        self.titles = {name: self.moving(title(axes[name], "")) for name in axes}

    def update(self, result):
        step = result.params.step
        every = np.arange(STEPS + 1)
        shown = {"length": result.lengths, "effective": result.effective, "error": result.errors}
        for name, values in shown.items():
            self.lines[name].set_data(every[: step + 1], values[: step + 1])
        self.balance.set_data(every, np.maximum(result.balance, 1e-6))
        self.titles["length"].set_text(f"The length is {result.lengths[step]:.2g}")
        self.titles["effective"].set_text(f"The effective rate is {result.effective[step]:.2g}")
        theory = np.sqrt(2 * result.rates[max(step - 1, 0)] * result.params.decay)
        beside = f"; √(2ηλ) = {theory:.2g}" if result.params.decay else "; no decay"
        self.titles["error"].set_text(
            f"Angle to the best w. A step turns w by {turned(result):.2g} radians{beside}"
        )


class EffectiveRateExplorer(LivePlot):
    label = "Length of the weights and effective rate"
    Params = Params
    View = EffectiveRateView
    compute = staticmethod(compute)
    describe = staticmethod(describe)
    height = 4.2
    controls: ClassVar = {
        "rate": log_slider("learning rate η", 0.01, 10, per_decade=2),
        "decay": steps("weight decay λ", [0.0, 0.0001, 0.001, 0.003, 0.01, 0.03]),
        "length": steps("length at the start", [0.1, 0.3, 1.0, 3.0, 10.0]),
        "drop": switch("divide η by 10 at step 300"),
        "step": player("training step", STEPS, interval=40),
    }
