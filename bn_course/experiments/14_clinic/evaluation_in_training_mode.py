"""An evaluation in training mode measures the batches as much as the model."""

import copy

import numpy as np

from bn_course.experiments import Effect, Experiment, Table
from bn_course.nets import accuracy, digits
from bn_course.nets.patients import clinic_evaluate

from ._shared import SCOPE, trained

SIZES = [250, 50, 10, 5, 2]  # they divide the 500 test examples


def measure(seed, scale):
    model = trained(seed)
    test = digits().test
    by_class = test[test.y.argsort(stable=True)]
    return {
        "evaluation": [100 * run(model, test, size, training=False)[0] for size in SIZES],
        "shuffled": [100 * run(model, test, size)[0] for size in SIZES],
        "by_class": [100 * run(model, by_class, size)[0] for size in SIZES],
        "afterwards": 100 * run(model, by_class, 2)[1],
    }


def run(model, split, size, training=True):
    """The accuracy that the patient reports, and that of the model afterwards, in evaluation mode."""
    model = copy.deepcopy(model).train(training)
    rows = range(0, len(split), size)
    said = clinic_evaluate(model, [(split.x[i : i + size], split.y[i : i + size]) for i in rows])
    return said, accuracy(model, split)


def spread(batches):
    """Points between the best and the worst size of batch."""
    return lambda n: np.ptp(n[batches], axis=1)


MOVES = Effect(
    "points between sizes of batches, training mode, shuffled",
    spread("shuffled"),
    above=10,
    why="no mere noise",
) & Effect("the same, by class", spread("by_class"), above=10, why="no mere noise")
STANDS = Effect(
    "points between sizes, evaluation mode",
    spread("evaluation"),
    below=1,
    why="less than one image in a hundred",
)

EXPERIMENT = Experiment(
    claim="Evaluated in training mode, the same model on the same examples scores what the batches let it score.",
    source="issue 3 of yaodongyu/TRADES, 2019: outputs depend on batch size and contents",
    scope=SCOPE.but(values="2 to 250"),
    method="Digits, ReLU MLP 2×64 with batch norm, PyTorch's initialisation, SGD with momentum 0.9, rate 0.1, 200 steps. The 500 test examples in batches of 250, 50, 10, 5 and 2, shuffled or in the order of their classes.",
    measure=measure,
    holds=MOVES & STANDS,
    finding="In evaluation mode {evaluation[0]:.1f} % whatever the batches; in training mode from {shuffled[0]:.0f} to {shuffled[4]:.0f} % shuffled, from {by_class[0]:.0f} to {by_class[4]:.0f} % by class. After an evaluation in pairs the model itself is at {afterwards:.0f} %",
    table=Table(
        {"evaluation mode": "evaluation", "training mode, shuffled": "shuffled", "by class": "by_class"},
        tuple(f"batches of {size}, %" for size in SIZES),
        ".0f",
    ),
)
