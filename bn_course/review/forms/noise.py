"""What the noise does: three items."""

from itertools import product

import numpy as np

from bn_course.review.item import RIGHT, ask, item


def _noise(n: int) -> float:
    """The deviation of the mean of n independent ±1, over all that can be drawn."""
    return float(np.std([np.mean(coins) for coins in product([-1, 1], repeat=n)]))


@item("noise-more", idea="noise")
def more(draw):
    n, factor = int(draw.choice([8, 16, 32])), int(draw.choice([4, 9]))
    root = int(np.sqrt(factor))
    return ask(
        f"Batches grow from {n} to {n * factor} independent examples. From batch to batch, the mean that batch norm subtracts then varies",
        _noise(1) / _noise(factor),
        {
            RIGHT: (f"{root} times less", float(root)),
            "noise-like-one-over-n": (f"{factor} times less", float(factor)),
            "noise-is-sigma": ("as much: σ stays what it is", 1.0),
        },
    )


@item("noise-size", idea="noise")
def size(draw):
    n, sigma = int(draw.choice([4, 9])), int(draw.choice([12, 6, 18]))
    return ask(
        f"A feature has deviation {sigma} over all examples. In batches of {n}, drawn independently, its mean varies from batch to batch with a deviation of",
        sigma * _noise(n),
        {
            RIGHT: sigma / np.sqrt(n),
            "noise-like-one-over-n": sigma / n,
            "noise-is-sigma": float(sigma),
            "large-batches-only": 0.0,
        },
    )


@item("noise-ghosts", idea="noise")
def ghosts(draw):
    parts, batch = int(draw.choice([4, 9])), int(draw.choice([144, 288]))
    return ask(
        f"The optimiser takes batches of {batch}, and every {batch // parts} of these examples are normalised by themselves. Compared with one statistic for all {batch}, the noise of the means is",
        _noise(1) / _noise(parts),
        {
            RIGHT: (f"{int(np.sqrt(parts))} times larger", np.sqrt(parts)),
            "noise-like-one-over-n": (f"{parts} times larger", float(parts)),
            "optimiser-sets-noise": (f"the same: the step still averages over {batch}", 1.0),
        },
    )
