"""γ = 0 in the last norm of every residual block, at the start."""

from functools import partial

from torch import nn

from bn_course.experiments import Effect, Experiment, Table
from bn_course.nets import accuracy, best, digits, initialise, sweep
from bn_course.nets.models import Residual
from bn_course.nets.tune import final_accuracy
from bn_course.nets.zero_init import zero_init_residual

from ._shared import SCOPE

BLOCKS, WIDTH = 24, 32


def measure(seed, scale):
    rates = [0.01, 0.03, 0.1, 0.2, 0.3, 0.5] if scale == "full" else [0.03, 0.1, 0.3]
    numbers = {"rates": rates}
    for arm, zero in (("ones", False), ("zeros", True)):
        runs = sweep(partial(network, zero), rates, digits(), 60, seed)
        numbers[arm] = [final_accuracy(run) for run in runs]
        numbers[f"{arm}_best"] = accuracy(best(runs).model, digits().test)
    return numbers


def network(zero):
    layers = [nn.Linear(64, WIDTH)]
    for _ in range(BLOCKS):
        layers += [Residual(*half(), nn.ReLU(), *half()), nn.ReLU()]
    model = initialise(nn.Sequential(*layers, nn.Linear(WIDTH, 10)), "he")
    if zero:
        zero_init_residual(model)
    return model


def half():
    return nn.Linear(WIDTH, WIDTH, bias=False), nn.BatchNorm1d(WIDTH)


BETTER = Effect(
    "points gained, each at its best rate",
    lambda n: 100 * (n["zeros_best"] - n["ones_best"]),
    above=1.5,
    why="less is within the error of 500 test images",
)


def when_hard(n):
    """Points gained at rates from 0.2 to 0.3, where it is hard, on validation data."""
    hard = (n["rates"][0] >= 0.2) & (n["rates"][0] <= 0.3)
    return 100 * (n["zeros"] - n["ones"])[:, hard].mean(1)


HARD = Effect(
    "points gained at rates of 0.2 and 0.3", when_hard, above=10, why="the ends of the range differ by 75"
)

EXPERIMENT = Experiment(
    claim="Residual networks train better when the last γ of every block starts at zero.",
    source="Goyal et al. 2017, section 5.1, arXiv:1706.02677; He et al. 2019, section 3.1, arXiv:1812.01187",
    scope=SCOPE.but(model="24 residual blocks, width 32", horizon="60 steps, no warm-up"),
    method="Blocks of linear, norm, ReLU, linear, norm, a ReLU after each sum, He initialisation; validation accuracy at six rates; test accuracy at the best of them.",
    measure=measure,
    holds=BETTER,
    when={"the learning rate is high": HARD},
    finding="Each at its best rate {ones_best:.1%} from ones and {zeros_best:.1%} from zeros",
    table=Table({"γ starts at 1": "ones", "last γ starts at 0": "zeros"}, ("rate 0.01", "0.03", "0.1", "0.2", "0.3", "0.5"), ".0%"),
)
