"""Does the scale of the first weights matter with batch norm?"""

from functools import partial

from bn_course.experiments import DOES_NOT_HOLD, HOLDS, Experiment, holds_when
from bn_course.nets import accuracy, digits, initialise, mlp, sweep
from bn_course.nets.tune import best

SCALES = {"full": [0.001, 0.01, 0.14, 0.5, 2.0, 10.0], "small": [0.01, 0.14, 10.0]}
RATES = {"full": [0.1, 1.0], "small": [0.1]}


def measure(seed, scale):
    scales, rates, steps = SCALES[scale], RATES[scale], 150 if scale == "full" else 100
    numbers = {"scales": scales}
    for norm in ("none", "batch", "layer"):
        sweeps = [sweep(partial(start, norm, std), rates, digits(), steps, seed) for std in scales]
        numbers[norm] = [accuracy(best(runs).model, digits().test) for runs in sweeps]
        at_tenth = [next(run for run in runs if run.rate == 0.1) for runs in sweeps]
        numbers[f"{norm}_at_tenth"] = [accuracy(run.model, digits().test) for run in at_tenth]
    return numbers


def start(norm, std):
    return initialise(mlp([64, *[100] * 5, 10], norm), std)


def verdict(numbers):
    """Within two points of its best scale everywhere; or only up to He's, 0.14."""
    batch, none = numbers["batch_at_tenth"].mean(0), numbers["none_at_tenth"].mean(0)
    small = numbers["scales"][0] < 0.2
    worst_batch, worst_none = (arm.min(where=small, initial=1.0) for arm in (batch, none))
    if batch.min() >= batch.max() - 0.02:
        return HOLDS
    if worst_batch >= batch.max() - 0.02 and worst_none < none.max() - 0.1:
        return holds_when("the weights do not start too large")
    return DOES_NOT_HOLD


EXPERIMENT = Experiment(
    claim="Batch norm makes the initial scale of the weights irrelevant.",
    source="popular articles, after Ioffe and Szegedy 2015 ('be less careful about initialization'), arXiv:1502.03167",
    method="Digits, ReLU 5×100, all weights normal with deviations from 0.001 to 10 (He's is 0.14), SGD with momentum 0.9, batches of 128, 150 steps; test accuracy at rate 0.1, and at the better of 0.1 and 1 by validation.",
    measure=measure,
    verdict=verdict,
    finding="At rate 0.1, with deviations 0.001, 0.14 and 10: {batch_at_tenth[0]:.0%}, {batch_at_tenth[2]:.0%} and {batch_at_tenth[5]:.0%} with batch norm, {none_at_tenth[0]:.0%}, {none_at_tenth[2]:.0%} and {none_at_tenth[5]:.0%} without, {layer_at_tenth[0]:.0%}, {layer_at_tenth[2]:.0%} and {layer_at_tenth[5]:.0%} with layer norm",
)
