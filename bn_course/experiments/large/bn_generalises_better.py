"""Test accuracy of a ResNet-20 with and without batch norm."""

from dataclasses import replace

from bn_course.experiments.catalogue import load
from bn_course.nets import best

from ._cifar import POINT, error, larger, swept


def measure(seed, scale):
    return {norm: 100 - error(best(swept(norm, scale, seed)).model) for norm in ("none", "batch")}


EXPERIMENT = larger(
    "bn_generalises_better",
    measure=measure,
    method="He initialisation, no augmentation; each arm at the best of four rates from 0.03 to 1 on validation data; test accuracy.",
    holds=replace(
        load("bn_generalises_better").holds,
        of=lambda n: n["batch"] - n["none"],
        above=1,
        why=POINT,
        each=(),
    ),
    finding="{none:.1f} % without and {batch:.1f} % with batch norm",
)
