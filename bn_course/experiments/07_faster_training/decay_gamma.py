"""Weight decay on γ and β too, or on weights alone?"""

from functools import partial

from torch.optim import SGD

from bn_course.experiments import Effect, Experiment, Table
from bn_course.nets import accuracy, digits, initialise, mlp, mnist_1d, sweep
from bn_course.nets.groups import weight_decay_groups
from bn_course.nets.tune import best, final_accuracy

from ._shared import SCOPE

DECAYS = [5e-4, 5e-3]
DATA = (digits, partial(mnist_1d, many=True))


def measure(seed, scale):
    rates, steps = ([0.03, 0.1, 0.3], 300) if scale == "full" else ([0.1], 120)
    numbers = {}
    for arm in ("everything", "weights"):
        sweeps = [[swept(data(), arm, decay, rates, steps, seed) for decay in DECAYS] for data in DATA]
        numbers[arm] = [
            [tested(best(runs), data()) for runs in row] for row, data in zip(sweeps, DATA, strict=True)
        ]
    numbers["wrong_rate"] = [
        [tested(min(runs, key=final_accuracy), data()) for runs in row]
        for row, data in zip(sweeps, DATA, strict=True)
    ]
    return numbers


def swept(data, arm, decay, rates, steps, seed):
    optimiser = partial(sgd_with_decay, arm, decay)
    return sweep(partial(network, data.shape[0]), rates, data, steps, seed, optimiser, every=steps)


def tested(run, data):
    return accuracy(run.model, data.test)


def sgd_with_decay(arm, decay, model, rate):
    groups = weight_decay_groups(model, decay)
    if arm == "everything":
        groups[1]["weight_decay"] = decay
    return SGD(groups, lr=rate, momentum=0.9)


def network(inputs):
    return initialise(mlp([inputs, *[100] * 3, 10]), "he")


GAIN = Effect(
    "points gained by leaving γ and β out",
    lambda n: 100 * (n["weights"] - n["everything"]),
    above=2,
    why="less is within the error of the smaller test set",
    each=("digits, 0.0005", "digits, 0.005", "MNIST-1D, 0.0005", "MNIST-1D, 0.005"),
)

EXPERIMENT = Experiment(
    claim="γ and β must be left out of weight decay.",
    source="a common recipe, after He et al. 2019, section 3.1, arXiv:1812.01187",
    scope=SCOPE.but(
        data="digits (500 test images) and MNIST-1D (10 000)", model="ReLU 3×100", horizon="300 steps", test=0
    ),
    method="Batch norm, He initialisation, the best of three rates from 0.03 to 0.3 for each; decay 0.0005 and 0.005 on everything, or on the linear layers' weights alone; test accuracy; and, to compare with, what the worst of the three rates gives (decay on weights alone).",
    measure=measure,
    holds=GAIN,
    when={"the decay is strong": GAIN.at(1, 3)},
    finding="On MNIST-1D at 0.005: {everything[1][1]:.1%} with decay on everything and {weights[1][1]:.1%} on weights alone; the worst rate instead of the best gives {wrong_rate[1][1]:.1%}",
    table=Table(
        {"everything": "everything", "weights alone": "weights", "weights alone, worst rate": "wrong_rate"},
        ("digits, 0.0005", "digits, 0.005", "MNIST-1D, 0.0005", "MNIST-1D, 0.005"),
        ".1%",
    ),
)
