"""How wide is the range of learning rates that work?"""

from functools import partial

from bn_course.experiments import Effect, Experiment, Table
from bn_course.nets import digits, sweep

from ._shared import SCOPE, TARGET, network

RATES = [round(10 ** (k / 3), 4) for k in range(-8, 3)]  # 0.0022 to 4.6, each 2.15 times the last


def measure(seed, scale):
    nets, steps = (("he_4", "he_10"), 200) if scale == "full" else (("he_4",), 40)
    numbers = {"rates": RATES}
    for norm in ("none", "batch"):
        curves = [
            [
                run.history.accuracy[-1]
                for run in sweep(partial(network, net, norm), RATES, digits(), steps, seed, every=steps)
            ]
            for net in nets
        ]
        usable = [[rate for rate, a in zip(RATES, curve, strict=True) if a >= TARGET] for curve in curves]
        numbers[f"{norm}_accuracy"] = curves
        numbers[norm] = [max(found) / min(found) if found else 1.0 for found in usable]
        numbers[f"{norm}_largest"] = [max(found, default=RATES[0]) for found in usable]
    return numbers


def times(what, name):
    return Effect(
        f"{what}, batch norm over none",
        lambda n: n[f"batch{name}"] / n[f"none{name}"],
        above=3,
        ratio=True,
        why="'much higher' is at least three times, more than one step of the grid",
        each=("4×64", "10×64"),
    )


WIDER, LARGER = times("range of usable rates", ""), times("largest usable rate", "_largest")

EXPERIMENT = Experiment(
    claim="Batch Normalization allows us to use much higher learning rates.",
    source="Ioffe and Szegedy 2015, abstract and section 3.3, arXiv:1502.03167",
    scope=SCOPE.but(model="ReLU 4×64 and 10×64", horizon="200 steps"),
    method="Digits, ReLU 4×64 and 10×64, He initialisation, SGD with momentum 0.9, batches of 128, 200 steps; a rate is usable if it ends at 95 % on validation data or above; three rates a decade, 0.0022 to 4.6, each 2.15 times the last. The range spans the factor from the smallest usable rate of this grid to the largest; 1 where there is one or none.",
    measure=measure,
    holds=LARGER & WIDER,
    when={"it is the largest rate that is asked for": LARGER},
    finding="Usable rates span a factor of {none[0]:.0f} without and {batch[0]:.0f} with batch norm in 4 layers, {none[1]:.0f} and {batch[1]:.0f} in 10",
    table=Table({"largest rate, without": "none_largest", "largest rate, batch norm": "batch_largest"}, ("4 layers", "10"), ".2f"),
)
