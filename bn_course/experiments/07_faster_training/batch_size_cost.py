"""Full-batch, mini-batch and single-example gradients: how many steps, how many examples?"""

from functools import partial

from bn_course.experiments import Effect, Experiment, Table
from bn_course.nets import digits, initialise, mlp
from bn_course.nets.tune import steps_at_best_rate

from ._shared import SCOPE

TARGET = 0.9
PLANS = {  # examples in a batch: steps at most, steps between two looks, rates
    1: (2500, 50, [0.0003, 0.001, 0.003]),
    10: (600, 10, [0.003, 0.01, 0.03]),
    100: (150, 2, [0.03, 0.1, 0.3]),
    1000: (150, 2, [0.03, 0.1, 0.3]),
}


def measure(seed, scale):
    sizes = list(PLANS) if scale == "full" else [100, 1000]
    numbers = {"sizes": sizes}
    for norm in ("none", "batch"):
        allowed = [size for size in sizes if norm == "none" or size > 1]  # batch norm needs two
        numbers[f"{norm}_steps"] = [steps(norm, size, seed) for size in allowed]
        numbers[f"{norm}_examples"] = [
            count * size for count, size in zip(numbers[f"{norm}_steps"], allowed, strict=True)
        ]
    return numbers


def steps(norm, size, seed):
    limit, every, rates = PLANS[size]
    how = {"seed": seed, "batch_size": size, "every": every}
    return steps_at_best_rate(partial(network, norm), rates, digits(), limit, TARGET, **how)


def network(norm):
    return initialise(mlp([64, 64, 64, 10], norm), "he")


FEWER = Effect(
    "steps, batches of 1000 over batches of 100",
    lambda n: n["none_steps"][:, -1] / n["none_steps"][:, -2],
    below=0.8,
    ratio=True,
    why="looks are two steps apart: a fifth can be seen",
)
MORE = Effect(
    "examples, batches of 1000 over batches of 100",
    lambda n: n["none_examples"][:, -1] / n["none_examples"][:, -2],
    above=2,
    ratio=True,
    why="twice the work is worth a word",
)

EXPERIMENT = Experiment(
    claim="The full-batch gradient needs the fewest steps, and looks at the most examples.",
    source="this course",
    scope=SCOPE.but(
        model="ReLU 2×64",
        values="1 to 1000 × 1",
        optimiser="SGD with momentum 0.9",
        horizon="2500, 600, 150 and 150 steps",
    ),
    method="He initialisation, batches of 1, 10, 100 and 1000 (all), each at the one of three rates that gets there first on validation data; steps after which test accuracy stays at 90 %.",
    measure=measure,
    holds=FEWER & MORE,
    when={"it is the examples that are counted": MORE},
    finding="Without norm, batches of 100 and 1000 take {none_steps[2]:.0f} and {none_steps[3]:.0f} steps, or {none_examples[2]:.0f} and {none_examples[3]:.0f} examples; with batch norm {batch_steps[1]:.0f} and {batch_steps[2]:.0f} steps",
    table=Table(
        {"steps, without": "none_steps", "examples, without": "none_examples"},
        ("batches of 1", "10", "100", "1000"),
        ".0f",
    ),
)
