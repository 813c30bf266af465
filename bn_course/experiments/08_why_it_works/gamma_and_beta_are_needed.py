"""What is lost when γ stays 1 and β stays 0."""

from torch import nn

from bn_course.experiments import Effect, Experiment
from bn_course.nets import accuracy, best, digits, sweep

from ._shared import NETS, SCOPE, build, plain_sgd, steps_to


def measure(seed, scale):
    nets, rates, steps = (
        (tuple(NETS), (0.1, 0.3, 1.0, 3.0), 300) if scale == "full" else (("relu", "tanh"), (0.3,), 150)
    )
    numbers = {}
    for name, norm in (("learned", "batch"), ("fixed", fixed)):
        runs = [
            best(sweep(lambda n=net, m=norm: build(n, m, seed), rates, digits(), steps, seed, plain_sgd))
            for net in nets
        ]
        numbers[f"{name}_test"] = [accuracy(run.model, digits().test) for run in runs]
        numbers[f"{name}_steps"] = [steps_to(run.history, 0.95, steps + 10) for run in runs]
        numbers[f"{name}_mean"] = sum(numbers[f"{name}_test"]) / len(nets)
    return numbers


def fixed(features):
    return nn.BatchNorm1d(features, affine=False)


GAP = Effect(
    "points gained by learning γ and β, mean of three nets",
    lambda n: 100 * (n["learned_test"] - n["fixed_test"]).mean(1),
    above=1.5,
    why="less is within the error of 500 test images",
)

EXPERIMENT = Experiment(
    claim="γ and β are needed: without them batch norm would limit what the network can represent, and it would learn less.",
    source="Popular articles, after Ioffe and Szegedy 2015, arXiv:1502.03167, section 3: 'may change what the layer can represent'",
    scope=SCOPE.but(model="ReLU and tanh 4×64, sigmoid 3×100", horizon="300 steps", test=500),
    method="He (ReLU) or Xavier initialisation, each arm at the best of 0.1, 0.3, 1 and 3 by validation accuracy; γ = 1 and β = 0 throughout, or learned; test accuracy.",
    measure=measure,
    holds=GAP,
    finding="Test accuracy, learned and fixed: {learned_test[0]:.1%} and {fixed_test[0]:.1%} (ReLU), {learned_test[1]:.1%} and {fixed_test[1]:.1%} (tanh), {learned_test[2]:.1%} and {fixed_test[2]:.1%} (sigmoid)",
)
