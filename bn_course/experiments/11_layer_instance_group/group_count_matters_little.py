"""Group norm's accuracy depends little on how many groups there are."""

import numpy as np
from torch.nn import GroupNorm

from bn_course.experiments import Effect, Experiment
from bn_course.nets import best, cnn, digits

from ._shared import SCOPE, percent, runs

RATES = (0.003, 0.03, 0.1, 0.3, 1.0)
LITTLE = 1 / 4  # of what the learning rate does


def measure(seed, scale):
    """Test accuracy by number of groups, each at its best rate; and of 4 groups, rate by rate."""
    data = digits(image=True)
    if scale == "small":
        groups, rates, steps = (2, 4, 8), (0.1,), 200
    else:
        groups, rates, steps = (1, 2, 4, 8, 16), RATES[1:], 400
    made = {g: runs(lambda g=g: model(g), rates, data, steps, seed) for g in groups}
    slow = runs(lambda: model(4), RATES[:1], data, steps, seed)
    by_rate = [percent(run, data.test) for run in slow + made[4]]
    return {"groups": [percent(best(made[g]), data.test) for g in groups], "rates": by_rate}


def model(groups):
    return cnn((16, 16), lambda channels: GroupNorm(groups, channels))


SPREAD = Effect(
    "range of accuracies over the numbers of groups, as a share of that over rates",
    lambda n: np.ptp(n["groups"], axis=1) / np.ptp(n["rates"], axis=1),
    below=0.25,
    why="little: a quarter of what the learning rate does",
)

EXPERIMENT = Experiment(
    claim="Group norm's accuracy depends little on the number of groups.",
    source="Wu & He 2018, arXiv:1803.08494, Table 3, on ImageNet",
    scope=SCOPE.but(model="CNN 16-16"),
    method="Digits, CNN 16-16, 400 steps of SGD with momentum 0.9 and a cosine schedule, each number of groups, 1 to 16, at its "
    "best of four rates from 0.03 to 1; test accuracy. Little: a quarter of what the rate does, 0.003 to 1, with 4 groups.",
    measure=measure,
    holds=SPREAD,
    finding="1, 2, 4, 8 and 16 groups: {groups[0]:.1f}, {groups[1]:.1f}, {groups[2]:.1f}, {groups[3]:.1f} and {groups[4]:.1f} %. "
    "The rate matters more: 4 groups give {rates[0]:.0f} % at 0.003, {rates[2]:.0f} % at 0.1 and {rates[4]:.0f} % at 1",
)
