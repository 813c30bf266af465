"""Batch norm makes gradients grow with depth, at initialisation."""

import numpy as np

from bn_course.experiments import Effect, Experiment
from bn_course.nets import digits, initialise, mlp, seeded

from ._shared import SCOPE, growth

THEORY = np.sqrt(np.pi / (np.pi - 1))  # 1.211
NETS = tuple(f"{depth} layers of {width}" for width in (64, 128, 256) for depth in (20, 40, 80))


def measure(seed, scale):
    depths, widths = ((20, 40, 80), (64, 128, 256)) if scale == "full" else ((20, 40), (64, 128))
    arms = {
        norm: [[rate(norm, d, w, seed) for d in depths] for w in widths]
        for norm in ("none", "batch", "layer")
    }
    return {"depths": depths, "widths": widths, **arms} | {
        f"{a}_mean": float(np.mean(r)) for a, r in arms.items()
    }


def rate(norm, depth, width, seed):
    with seeded(seed):
        model = initialise(mlp([64] + [width] * depth + [10], norm), "he")
    return growth(model, digits().train[:256])


NEAR = Effect(
    "growth a layer with batch norm, away from √(π/(π − 1))",
    lambda n: abs(n["batch"] - THEORY),
    below=0.05,
    why="a quarter of the growth; theory is for infinite width",
    each=NETS,
)
FLAT = Effect(
    "growth a layer without", lambda n: n["none"], below=1.1, why="half of what batch norm makes", each=NETS
)

EXPERIMENT = Experiment(
    claim="Batch norm makes gradients grow by √(π/(π − 1)) ≈ 1.21 a layer at initialisation, and without it they do not grow.",
    source="Yang et al. 2019, A mean field theory of batch normalization, arXiv:1902.08129",
    scope=SCOPE.but(
        model="ReLU, 20 to 80 layers of 64 to 256",
        values="256 × 1",
        optimiser="",
        horizon="at initialisation",
    ),
    method="He initialisation, one batch; the slope of log ‖∂L/∂W‖ over layers.",
    measure=measure,
    holds=NEAR & FLAT,
    finding="The gradient grows {batch_mean:.3f} times a layer with batch norm, {none_mean:.3f} without, {layer_mean:.3f} with layer norm",
)
