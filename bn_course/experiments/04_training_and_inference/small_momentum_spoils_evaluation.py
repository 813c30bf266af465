"""Can the momentum spoil a network that training never asks for its running statistics?"""

import torch
from torch import nn

from bn_course.experiments import Effect, Experiment, Scope
from bn_course.nets import accuracy, digits, initialise, mlp, seeded, train

MOMENTA = {"slow": 0.001, "usual": 0.1, "last_batch": 0.99}


def measure(seed, scale):
    names = MOMENTA if scale == "full" else ("slow", "usual")
    numbers = {name: evaluated(MOMENTA[name], seed) for name in names}
    return {f"{name}_{mode}": value for name, pair in numbers.items() for mode, value in pair.items()}


def evaluated(momentum, seed):
    """Test accuracy in per cent, with the running statistics and with those of the test batch."""
    with seeded(seed):
        model = initialise(mlp([64, 64, 64, 64, 10], lambda d: nn.BatchNorm1d(d, momentum=momentum)), "he")
    data = digits()
    train(model, data, torch.optim.SGD(model.parameters(), lr=0.1), 300, batch_size=32, every=300, seed=seed)
    return {
        "eval": 100 * accuracy(model, data.test),
        "batch": 100 * accuracy(model, data.test, training=True),
    }


LOST = Effect(
    "points lost in evaluation mode at momentum 0.001, against 0.1",
    lambda n: n["usual_eval"] - n["slow_eval"],
    above=3,
    why="two points may be chance with 500 test images",
)
SAME = Effect(
    "points between the two with the test batch's statistics",
    lambda n: abs(n["usual_batch"] - n["slow_batch"]),
    below=1.5,
    why="less than the test set's own error",
)

EXPERIMENT = Experiment(
    claim="A momentum that is too small spoils evaluation and leaves the weights untouched.",
    source="this course, lesson 04; PyTorch's default is 0.1",
    scope=Scope(
        "digits",
        "ReLU 3×64",
        values="32 × 1",
        optimiser="SGD at 0.1, batches of 32",
        horizon="300 steps",
        test=500,
    ),
    method="He initialisation; test accuracy with running statistics and with those of the test batch, for momentum 0.001, 0.1 and 0.99.",
    measure=measure,
    holds=LOST & SAME,
    finding="Momentum 0.001 evaluates at {slow_eval:.1f} % and 0.1 at {usual_eval:.1f} %; with the test batch's own statistics both have {slow_batch:.1f} and {usual_batch:.1f} %",
)
