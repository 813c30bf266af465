"""Padding counted as zeros: how far mean and variance go wrong, against the formula."""

import numpy as np
import torch

from bn_course.experiments import Effect, Experiment, Scope
from bn_course.nets.text import ALPHABET, encode, shuffled

FEATURES = 16


def measure(seed, scale):
    rng = np.random.default_rng(seed)
    names = shuffled()
    drawn = [encode(names[place][0]) for place in rng.choice(len(names), 64, replace=False)]
    table = rng.normal(size=(len(ALPHABET), FEATURES))
    padded = torch.nn.utils.rnn.pad_sequence(
        [torch.from_numpy(table[name]) for name in drawn], batch_first=True
    ).numpy()  # (N, T, D)
    lengths = np.array([len(name) for name in drawn])
    steps = padded[np.arange(padded.shape[1]) < lengths[:, None]]  # the valid ones, (M, D)
    share = 1 - lengths.sum() / padded[..., 0].size
    mean, var = steps.mean(0), steps.var(0)
    wrong_mean, wrong_var = padded.mean((0, 1)), padded.var((0, 1))
    x_hat, wrong = (steps - mean) / np.sqrt(var), (steps - wrong_mean) / np.sqrt(wrong_var)
    return {
        "share": float(share),
        "mean": mean.tolist(),
        "mean_measured": wrong_mean.tolist(),
        "mean_formula": ((1 - share) * mean).tolist(),
        "var": var.tolist(),
        "var_measured": wrong_var.tolist(),
        "var_formula": ((1 - share) * var + share * (1 - share) * mean**2).tolist(),
        "output_error": float(np.sqrt(np.mean((wrong - x_hat) ** 2))),
        "var_ratio": float((wrong_var / var).mean()),
    }


def off(what):
    return lambda n: np.abs(n[f"{what}_measured"] - n[f"{what}_formula"]).max(1)


EXACT = Effect(
    "largest difference from the formula, mean", off("mean"), below=1e-3, why="what is stored has five digits"
) & Effect(
    "difference from the formula, variance", off("var"), below=1e-3, why="what is stored has five digits"
)
MATTERS = Effect(
    "error of standardised values",
    lambda n: n["output_error"],
    above=0.1,
    why="a tenth of their deviation",
)

EXPERIMENT = Experiment(
    claim="A share p of padding, counted as zeros, turns μ into (1 − p)μ and σ² into (1 − p)σ² + p(1 − p)μ².",
    source="this course; it follows from the definitions",
    scope=Scope(
        "names of Unicode's characters, each a vector of random numbers", values="64 names, all their steps"
    ),
    method="64 names of Unicode's characters, each character 16 random numbers, filled up with zeros to the longest "
    "name; mean and variance over all steps against the formula from those of the valid steps.",
    measure=measure,
    holds=EXACT & MATTERS,
    finding="With {share:.0%} padding the variance is {var_ratio:.2f} times what it should be, as the formula says, "
    "and standardised values are off by {output_error:.2f} (root mean square)",
)
