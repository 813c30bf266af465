"""Digits read a few pixels at a time, recurrent networks and transformers, trained once for several claims."""

from functools import lru_cache

import numpy as np
import torch

from bn_course.experiments import Scope
from bn_course.nets import Data, Split, best, digits, seeded, sweep
from bn_course.nets.sequences import RNN
from bn_course.nets.text import ALPHABET, names_text
from bn_course.nets.transformer import Transformer, train_on_text

SCOPE = Scope(
    data="digits, four pixels a step",
    model="tanh RNN of 64 units",
    values="128 at each step",
    optimiser="Adam, batches of 128",
    horizon="200 steps",
    test=500,
)
TEXT = Scope(
    data="names of Unicode's characters",
    model="transformer, 2 blocks of 48, 32 characters",
    values="16 × 32 in batch norm",
    optimiser="Adam, batches of 16",
    horizon="200 steps",
)

STEPS = 16  # of four pixels each


def adam(model, rate):
    return torch.optim.Adam(model.parameters(), lr=rate)


@lru_cache
def in_steps():
    """Digits as sequences (N, 16, 4): half a row of pixels a step."""
    data = digits()
    parts = (Split(part.x.reshape(-1, STEPS, 4), part.y) for part in data.parts)
    return Data("digits in 16 steps", *parts, classes=10)


def delayed(split, blanks):
    """The same digits after `blanks` steps of empty paper."""
    empty = split.x.min().expand(len(split), blanks, 4)
    return Split(torch.cat([empty, split.x], dim=1), split.y)


@lru_cache
def best_rnn(norm, seed, scale):
    """The recurrent network at the better of two rates, by its last accuracy on validation data."""
    rates, steps = ((3e-3, 1e-2), 200) if scale == "full" else ((1e-2,), 20)

    def make():
        return RNN(4, 64, 10, norm, STEPS)

    return best(sweep(make, rates, in_steps(), steps, seed, adam))


@lru_cache
def trained_transformer(norm, order, depth, rate, steps, seed, warm_up=0, context=32, batch_size=16):
    """A transformer that has been trained on the names."""
    with seeded(seed):
        model = Transformer(norm=norm, order=order, depth=depth, context=context)
    train_on_text(model, names_text(), rate, steps, batch_size, warm_up, seed)
    return model


def letter_frequencies_loss():
    """The loss of someone who knows how frequent each character is, and nothing else."""
    counts = torch.bincount(names_text().train, minlength=len(ALPHABET)) + 1
    return -(counts / counts.sum()).log()[names_text().validation].mean().item()


def quickest(runs):
    """The run whose accuracy on validation data is highest on average over the whole of it."""
    return best(runs, score=lambda run: np.mean(run.history.accuracy))


def at_the_others_rate(by_rate):
    """Steps at the rate that is quickest on the other seeds: (seeds, rates) → (seeds,)."""
    if len(by_rate) == 1:
        return by_rate.min(1)
    others = [np.delete(by_rate, seed, axis=0).mean(0).argmin() for seed in range(len(by_rate))]
    return by_rate[np.arange(len(by_rate)), others]


def steps_to_loss(history, target, steps):
    """The first step at which the mean of the last ten training losses is below `target`; else `steps`."""
    smooth = np.convolve(history.loss, np.full(10, 0.1), mode="valid")
    below = np.flatnonzero(smooth < target)
    return int(below[0]) + 10 if below.size else steps
