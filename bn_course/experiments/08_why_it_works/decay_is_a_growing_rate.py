"""Weight decay on weights before batch norm does what a growing learning rate does."""

import torch
from torch.nn.functional import cross_entropy

from bn_course.experiments import Effect, Experiment
from bn_course.nets import batches, digits, norm_layer

from ._shared import SCOPE, build, rate_for_hidden

RATE, DECAY = 0.3, 0.03


def measure(seed, scale):
    steps = 200 if scale == "full" else 60
    numbers = {}
    for name, norm in (("none", "none"), ("batch", exact), ("default", "batch")):
        decayed, grown, constant = (
            losses(norm, how, steps, seed) for how in ("decay", "growing", "constant")
        )
        numbers[name] = (decayed - grown).abs().max().item()
        numbers[f"{name}_decay_matters"] = (decayed - constant).abs().max().item()
    return numbers | {"last_rate": RATE * (1 - RATE * DECAY) ** -(2 * steps - 1)}


def exact(features):
    """Batch norm with an ε that rounding swallows."""
    layer = norm_layer("batch", features)
    layer.eps = 1e-30
    return layer


def losses(norm, how, steps, seed):
    """The training losses, float64, with decay, or without and a rate of RATE / (1 − RATE·DECAY)^(2t + 1)."""
    model = build("tanh", norm, seed).double()
    optimiser = rate_for_hidden(model, RATE, decay=DECAY if how == "decay" else 0.0)
    drawn, found = batches(digits().train, 128, seed), []
    for step in range(steps):
        batch = next(drawn)
        if how == "growing":
            optimiser.param_groups[0]["lr"] = RATE * (1 - RATE * DECAY) ** -(2 * step + 1)
        loss = cross_entropy(model(batch.x.double()), batch.y)
        found.append(loss.item())
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    return torch.tensor(found, dtype=torch.float64)


def same(norm):
    """The two trainings have the same losses, and decay does something to them."""
    apart = Effect(
        f"largest difference of the losses, {norm}",
        lambda n: n[norm],
        below=1e-6,
        why="float64, 200 steps of rounding",
    )
    matters = Effect(
        f"what decay changes in them, {norm}",
        lambda n: n[f"{norm}_decay_matters"],
        above=1e-3,
        why="else all would be the same",
    )
    return apart & matters


EXPERIMENT = Experiment(
    claim="Weight decay is a learning rate that grows exponentially: the training is the same, step by step.",
    source="Li and Arora 2019, An exponential learning rate schedule for deep learning, arXiv:1910.07454; van Laarhoven 2017, arXiv:1706.05350",
    scope=SCOPE.but(model="tanh 4×64, float64", horizon="200 steps"),
    method="Xavier initialisation, hidden weights at rate 0.3 and decay 0.03 against no decay and a rate of 0.3/(1 − 0.009)^(2t + 1); the largest difference between the 200 training losses; ε 1e-30, and its default.",
    measure=measure,
    holds=same("batch") & same("none"),
    when={"a batch norm follows": same("batch")},
    finding="The losses differ by at most {batch:.0e} with batch norm ({default:.0e} at the default ε), while the rate grows from 0.3 to {last_rate:.1f}; without batch norm they differ by {none:.1f}",
)
