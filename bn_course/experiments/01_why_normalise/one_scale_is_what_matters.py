"""Is it the scale of the inputs that makes descent slow, or their mean?"""

import numpy as np

from bn_course.experiments import Effect, Experiment, Scope


def measure(seed, scale):
    rng = np.random.default_rng(seed)
    area = rng.normal(70, 20, 200)  # m²
    rooms = np.round(area / 25 + rng.normal(0, 0.4, 200))
    year = rng.normal(1975, 25, 200)
    x = np.column_stack([area, rooms, year])
    mean, std = x.mean(0), x.std(0)
    tables = {"raw": x, "scaled": x / std, "centred": x - mean, "standardised": (x - mean) / std}
    return {name: np.log10(condition(table)) for name, table in tables.items()}


def condition(x):
    """Of the least-squares loss over the weights of x and a bias: steepest curvature over flattest."""
    x = np.column_stack([np.ones(len(x)), x])
    curvatures = np.linalg.eigvalsh(x.T @ x / len(x))
    return curvatures[-1] / curvatures[0]


MENDED = Effect(
    "powers of ten by which scaling mends the condition number more than centring does",
    lambda n: n["centred"] - n["scaled"],
    above=1,
    why="descent takes steps in proportion to the condition number: a factor of ten is ten times as many",
)

EXPERIMENT = Experiment(
    claim="Normalising inputs matters because features have different scales.",
    source="usual advice, under the name of feature scaling",
    scope=Scope(
        "200 made-up flats, drawn anew for each seed",
        "least squares with a bias",
        horizon="the loss itself, no training",
    ),
    method="Area, rooms and year of each flat; the condition number of the loss, for each preparation.",
    measure=measure,
    holds=MENDED,
    finding="The condition number is 10^{raw:.1f} raw, 10^{scaled:.1f} with equal scales, 10^{centred:.1f} centred, 10^{standardised:.1f} with both: here the mean is what hurts",
)
