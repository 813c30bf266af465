"""How wide is the range of learning rates that work, for a ResNet-20?"""

from dataclasses import replace

from bn_course.experiments.catalogue import load
from bn_course.nets.tune import final_accuracy

from ._cifar import RATES, larger, swept

GRID = [round(10 ** (k / 3), 4) for k in range(-9, 3)]  # 0.001 to 4.6, each 2.15 times the last
LOST = 0.05  # of the arm's own best accuracy


def measure(seed, scale):
    rates = GRID if scale == "full" else RATES["small"]
    numbers = {"rates": list(rates)}
    for norm in ("none", "batch"):
        found = [final_accuracy(run) for run in swept(norm, scale, seed, rates)]
        usable = [rate for rate, right in zip(rates, found, strict=True) if right >= max(found) - LOST]
        numbers[f"{norm}_accuracy"] = found
        numbers[norm], numbers[f"{norm}_largest"] = [max(usable) / min(usable)], [max(usable)]
    return numbers


LARGER, WIDER = (replace(effect, each=("ResNet-20",)) for effect in load("usable_rates").holds.effects)

EXPERIMENT = larger(
    "usable_rates",
    measure=measure,
    method="He initialisation, no augmentation, 3000 steps; three rates a decade, 0.001 to 4.6. A rate is usable within 5 points of the arm's own best on validation data.",
    holds=LARGER & WIDER,
    when={"it is the largest rate that is asked for": LARGER},
    finding="Usable rates span a factor of {none[0]:.0f} without and {batch[0]:.0f} with batch norm; the largest is {none_largest[0]:.2g} and {batch_largest[0]:.2g}",
)
