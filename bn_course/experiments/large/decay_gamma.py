"""Weight decay on γ and β too, or on weights alone, in a ResNet-20."""

from dataclasses import replace
from functools import partial

from torch.optim import SGD

from bn_course.experiments.catalogue import load
from bn_course.nets import best
from bn_course.nets.groups import weight_decay_groups

from ._cifar import POINT, error, larger, swept

DECAYS = (5e-4, 5e-3)


def measure(seed, scale):
    return {arm: [tested(arm, decay, scale, seed) for decay in DECAYS] for arm in ("everything", "weights")}


def tested(arm, decay, scale, seed):
    runs = swept("batch", scale, seed, optimiser=partial(sgd_with_decay, arm, decay))
    return 1 - error(best(runs).model) / 100


def sgd_with_decay(arm, decay, model, rate):
    groups = weight_decay_groups(model, decay)
    if arm == "everything":
        groups[1]["weight_decay"] = decay
    return SGD(groups, lr=rate, momentum=0.9)


GAIN = replace(load("decay_gamma").holds, above=1, why=POINT, each=("0.0005", "0.005"))

EXPERIMENT = larger(
    "decay_gamma",
    measure=measure,
    method="Batch norm, He initialisation, no augmentation; the best of four rates from 0.03 to 1 for each; decay 0.0005 and 0.005 on everything, or on the convolutions' and the linear layer's weights alone; test accuracy.",
    holds=GAIN,
    when={"the decay is strong": GAIN.at(1)},
    finding="At 0.005: {everything[1]:.1%} with decay on everything and {weights[1]:.1%} on weights alone; at 0.0005 {everything[0]:.1%} and {weights[0]:.1%}",
)
