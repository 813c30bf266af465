"""Steps at right angles to w can only make it longer."""

import torch
from torch.nn.functional import cross_entropy

from bn_course.experiments import Effect, Experiment
from bn_course.nets import batches, digits

from ._shared import SCOPE, build, hidden, plain_sgd

RATES = {"none": 0.3, "batch": 1.0}


def measure(seed, scale):
    steps = 300 if scale == "full" else 100
    return {f"{norm}_{name}": value for norm in RATES for name, value in follow(norm, steps, seed).items()}


def follow(norm, steps, seed):
    model = build("relu", norm, seed)
    optimiser = plain_sgd(model, RATES[norm])
    start, grew, gap, effective = length(model), 0, 0.0, []
    drawn = batches(digits().train, 128, seed)
    for _ in range(steps):
        batch = next(drawn)
        optimiser.zero_grad()
        cross_entropy(model(batch.x), batch.y).backward()
        before = length(model)
        pushed = sum((RATES[norm] * w.grad).double().square().sum().item() for w in hidden(model))
        optimiser.step()
        grew += length(model) > before
        gap += length(model) - before - pushed
        effective.append(RATES[norm] / length(model))
    return {
        "grew": grew / steps,
        "growth": length(model) / start,
        "unexplained": abs(gap) / (length(model) - start),
        "rate_left": effective[-1] / effective[0],
    }


def length(model):
    """‖w‖² over all hidden layers together, summed in float64."""
    with torch.no_grad():
        return sum(w.double().square().sum().item() for w in hidden(model))


def grows(norm):
    """At every step, by nothing but η²‖gradient‖²."""
    always = Effect(
        f"share of the steps in which ‖w‖² grew, {norm}",
        lambda n: n[f"{norm}_grew"],
        above=0.99,
        why="'at every step', but for rounding",
    )
    exactly = Effect(
        f"share of the growth that is not η²‖gradient‖², {norm}",
        lambda n: n[f"{norm}_unexplained"],
        below=0.01,
        why="float32 and ε",
    )
    return always & exactly


EXPERIMENT = Experiment(
    claim="Without weight decay the weights get longer at every step, by exactly η²‖gradient‖².",
    source="Salimans and Kingma 2016, arXiv:1602.07868, section 2.1, for weight norm; Arora, Li and Lyu 2018, arXiv:1812.03981",
    scope=SCOPE.but(model="ReLU 4×64", horizon="300 steps"),
    method="He initialisation, rate 0.3 without and 1 with batch norm; the sum of squares of all hidden weights.",
    measure=measure,
    holds=grows("batch") & grows("none"),
    when={"a batch norm follows": grows("batch")},
    finding="With batch norm ‖w‖² grew in {batch_grew:.0%} of the steps, to {batch_growth:.2f} times the start, and all but {batch_unexplained:.1%} of the growth is η²‖gradient‖²; without, in {none_grew:.0%} of the steps",
)
