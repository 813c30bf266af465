"""γ = 0 in the last norm of every residual block, at the start."""

from functools import partial

from torch import nn

from bn_course.experiments import DOES_NOT_HOLD, HOLDS, Experiment, holds_when
from bn_course.nets import digits, initialise, sweep
from bn_course.nets.models import Residual
from bn_course.nets.tune import final_accuracy
from bn_course.nets.zero_init import zero_init_residual

BLOCKS, WIDTH = 24, 32


def measure(seed, scale):
    rates = [0.01, 0.03, 0.1, 0.2, 0.3, 0.5] if scale == "full" else [0.1, 0.3]
    numbers = {"rates": rates}
    for arm, zero in (("ones", False), ("zeros", True)):
        runs = sweep(partial(network, zero), rates, digits(), 60, seed)
        numbers[arm] = [final_accuracy(run) for run in runs]
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


def verdict(numbers):
    """Better by 1.5 points, each at its best rate; or by 10 at rates from 0.2 to 0.3, where it is hard.

    A rate is the best only if a smaller one was tried and was worse.
    """
    gain, rates = numbers["zeros"] - numbers["ones"], numbers["rates"][0]
    tuned = numbers["ones"].mean(0).argmax() > 0
    gain_at_best = tuned * (numbers["zeros"].max(1) - numbers["ones"].max(1)).mean()
    hard = (rates >= 0.2) & (rates <= 0.3)
    gain_when_hard = (gain * hard).mean(0).sum() / max(hard.sum(), 1)
    if gain_at_best >= 0.015:
        return HOLDS
    return holds_when("the learning rate is high") if gain_when_hard >= 0.1 else DOES_NOT_HOLD


EXPERIMENT = Experiment(
    claim="Residual networks train better when the last γ of every block starts at zero.",
    source="Goyal et al. 2017, section 5.1, arXiv:1706.02677; He et al. 2019, section 3.1, arXiv:1812.01187",
    method="Digits, 24 blocks of linear, norm, ReLU, linear, norm, width 32, ReLU after each sum, He initialisation, SGD with momentum 0.9, batches of 128, 60 steps without warm-up; validation accuracy at six rates.",
    measure=measure,
    verdict=verdict,
    finding="At rate 0.1 {ones[2]:.0%} from ones and {zeros[2]:.0%} from zeros, at 0.2 {ones[3]:.0%} and {zeros[3]:.0%}, at 0.3 {ones[4]:.0%} and {zeros[4]:.0%}",
)
