"""A small net that learns in NumPy, and what is seen inside it at every step: the run behind `inside.py`."""

from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from bn_course.explorers.signals import ACTIVATIONS, STEEPEST
from bn_course.norms import batch_norm, batch_norm_backward

LAST = 60  # training steps
EXAMPLES, BATCH = 256, 64
INPUTS, WIDTH, DEPTH, CLASSES = 8, 32, 6, 4
EDGES = np.linspace(-5, 5, 51)
HUGE = 1e6  # a pre-activation from which on a run counts as diverged
DIGITS = 7  # of a parameter: rounded at each step, so that every machine walks the same way


class Net(NamedTuple):
    """Hidden layers h ← activation(a), a = γ·standardised(hW) + β with batch norm, hW + β without."""

    weights: list[np.ndarray]  # DEPTH + 1, the last gives the scores
    gammas: list[np.ndarray]  # DEPTH
    betas: list[np.ndarray]  # DEPTH + 1


@dataclass(frozen=True)
class Story:
    """What is seen of all EXAMPLES before each step; after `end` a diverged run stays as it was."""

    losses: np.ndarray  # (LAST + 1,), cross-entropy, nats
    histograms: np.ndarray  # (LAST + 1, DEPTH, bins), heights 0 … 1; values beyond ±5 count at the ends
    live: np.ndarray  # (LAST + 1, DEPTH, WIDTH), share of the examples for which a unit is not flat
    between: np.ndarray  # (LAST + 1, DEPTH), deviation over the examples, root mean square over the units
    end: int  # the last step that was finite


def examples() -> tuple[np.ndarray, np.ndarray]:
    """Inputs (256, 8), and one of four classes for each, by another net; the same on every machine."""
    rng = np.random.default_rng(0)
    x = np.round(rng.normal(size=(EXAMPLES, INPUTS)), 4)
    hidden, out = rng.normal(size=(INPUTS, 24)) / np.sqrt(INPUTS), rng.normal(size=(24, CLASSES))
    return x, (np.tanh(2 * x @ hidden) @ out).argmax(axis=1)


def begin(activation: str, scale: float, seed: int) -> Net:
    rng = np.random.default_rng(seed)
    sizes = [INPUTS] + [WIDTH] * DEPTH + [CLASSES]
    gain = scale * np.sqrt(2 if activation == "ReLU" else 1)
    weights = [np.round(gain / np.sqrt(n) * rng.normal(size=(n, m)), DIGITS) for n, m in pairwise(sizes)]
    return Net(weights, [np.ones(WIDTH)] * DEPTH, [np.zeros(size) for size in sizes[1:]])


def forward(net: Net, x: np.ndarray, activation: str, normed: bool):
    """Sums (N, WIDTH), pre-activations and outputs of each hidden layer (the input first), and scores."""
    sums, pre, outputs = [], [], [x]
    for weight, gamma, beta in zip(net.weights, net.gammas, net.betas, strict=False):
        sums.append(outputs[-1] @ weight)
        pre.append(batch_norm(sums[-1], gamma, beta) if normed else sums[-1] + beta)
        outputs.append(ACTIVATIONS[activation][0](pre[-1]))
    return sums, pre, outputs, outputs[-1] @ net.weights[-1] + net.betas[-1]


def loss_and_error(scores: np.ndarray, classes: np.ndarray) -> tuple[float, np.ndarray]:
    """Mean cross-entropy in nats, and its gradient at the scores (N, CLASSES)."""
    scores = scores - scores.max(axis=1, keepdims=True)
    logs = scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))
    own = np.eye(CLASSES)[classes]
    return float(-(own * logs).sum() / len(own)), (np.exp(logs) - own) / len(own)


def gradients(net: Net, x: np.ndarray, classes: np.ndarray, activation: str, normed: bool) -> Net:
    """∂loss/∂ every parameter, arranged as they are."""
    sums, _, outputs, scores = forward(net, x, activation, normed)
    error = loss_and_error(scores, classes)[1]
    weights, gammas, betas = [outputs[-1].T @ error], [], [error.sum(axis=0)]
    for layer in range(DEPTH - 1, -1, -1):
        error = error @ net.weights[layer + 1].T * ACTIVATIONS[activation][1](outputs[layer + 1])
        dgamma, dbeta = np.zeros(WIDTH), error.sum(axis=0)
        if normed:
            error, dgamma, dbeta = batch_norm_backward(error, sums[layer], net.gammas[layer])
        weights.append(outputs[layer].T @ error)
        gammas.append(dgamma)
        betas.append(dbeta)
    return Net(weights[::-1], gammas[::-1], betas[::-1])


@lru_cache(maxsize=64)
def train(activation: str, rate: float, scale: float, normed: bool, seed: int) -> Story:
    """Plain SGD on batches of 64, and a look at all examples before each step."""
    (x, classes), net, looks = examples(), begin(activation, scale, seed), []
    rng = np.random.default_rng(seed)
    with np.errstate(over="ignore", invalid="ignore"):
        for _ in range(LAST + 1):
            _, pre, outputs, scores = forward(net, x, activation, normed)
            if not np.abs(pre).max() < HUGE:
                break
            layers = [_look(a, h, activation) for a, h in zip(pre, outputs[1:], strict=True)]
            looks.append((loss_and_error(scores, classes)[0], *zip(*layers, strict=True)))
            rows = rng.permutation(EXAMPLES)[:BATCH]
            net = _stepped(net, gradients(net, x[rows], classes[rows], activation, normed), rate)
    end = len(looks) - 1
    looks += looks[-1:] * (LAST - end)
    return Story(*(np.array(part) for part in zip(*looks, strict=True)), end)


def _stepped(net: Net, slopes: Net, rate: float) -> Net:
    def moved(parameters, gradients):
        return [np.round(p - rate * g, DIGITS) for p, g in zip(parameters, gradients, strict=True)]

    return Net(*map(moved, net, slopes))


def _look(a: np.ndarray, h: np.ndarray, activation: str):
    """Of one layer: its histogram, the live share of each unit, the deviation between the examples."""
    counts = np.histogram(np.clip(a, EDGES[0], EDGES[-1]), EDGES)[0]
    heights = np.minimum(counts / max(1, counts[1:-1].max()), 1)
    slopes = ACTIVATIONS[activation][1](h)
    live = (slopes >= 0.1 * STEEPEST[activation]).mean(axis=0)
    return heights, live, np.sqrt(a.var(axis=0).mean())
