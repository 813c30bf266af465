"""Steps to 95 %, each network at its own best learning rate."""

from functools import partial

from bn_course.experiments import Effect, Experiment, Table
from bn_course.nets import digits
from bn_course.nets.tune import steps_at_best_rate

from ._shared import NETS, SCOPE, TARGET, network

RATES = {"full": [0.01, 0.03, 0.1, 0.3, 1.0], "small": [0.01, 0.03, 0.3]}


def measure(seed, scale):
    nets, limit = (tuple(NETS), 400) if scale == "full" else (("he_10", "sigmoid_3"), 40)
    return {norm: [steps(net, norm, seed, scale, limit) for net in nets] for norm in ("none", "batch")}


def steps(net, norm, seed, scale, limit):
    make = partial(network, net, norm)
    return steps_at_best_rate(make, RATES[scale], digits(), limit, TARGET, seed=seed, every=5)


THREE = "'many times' is three at least; the source has fourteen, on ImageNet"
FEWER = Effect(
    "steps without over with",
    lambda n: n["none"] / n["batch"],
    above=3,
    ratio=True,
    why=THREE,
    each=("He 4", "He 10", "default 4", "sigmoid 3"),
)
BADLY_BEGUN = Effect(
    "steps without over with",
    lambda n: (n["none"] / n["batch"])[:, n["none"].shape[1] // 2 :],
    above=3,
    ratio=True,
    why=THREE,
    each=("default 4", "sigmoid 3"),
)

EXPERIMENT = Experiment(
    claim="With batch norm a network reaches the same accuracy in many times fewer training steps, each at its best learning rate.",
    source="Ioffe and Szegedy 2015, section 4.2.2 (14 times, on ImageNet), arXiv:1502.03167",
    scope=SCOPE.but(model="ReLU 4×64 and 10×64, sigmoid 3×100", horizon="at most 400 steps"),
    method="Each at the one of five rates from 0.01 to 1 that gets there first on validation data; steps after which test accuracy stays at 95 %. ReLU 4×64 and 10×64 (He), ReLU 4×64 (PyTorch's default initialisation), sigmoid 3×100 (Xavier).",
    measure=measure,
    holds=FEWER,
    when={"the network without it starts badly scaled": BADLY_BEGUN},
    limits={"none": 400, "batch": 400},
    finding="Steps without and with batch norm: {none[0]:.0f} and {batch[0]:.0f} (He 4), {none[1]:.0f} and {batch[1]:.0f} (He 10), {none[2]:.0f} and {batch[2]:.0f} (default 4), {none[3]:.0f} and {batch[3]:.0f} (sigmoid 3)",
    table=Table(
        {"without": "none", "batch norm": "batch"}, ("He 4", "He 10", "default 4", "sigmoid 3"), ".0f"
    ),
)
