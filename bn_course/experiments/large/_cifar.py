"""What the larger measurements share: CIFAR-10, a ResNet-20, and the device on which it learns.

`scale` is "full", or "small" for a look at whether it runs: a few steps.
"""

from dataclasses import replace
from functools import lru_cache, partial

import torch

from bn_course.experiments import Scope
from bn_course.experiments.catalogue import load
from bn_course.nets import Data, Split, accuracy, cifar10, initialise, seeded, sweep, train
from bn_course.nets.resnet import resnet20
from bn_course.nets.tune import sgd

STEPS = {"full": 3000, "small": 3}  # 9.6 epochs in batches of 128
EXAMPLES = {"full": 80_000, "small": 64}  # two epochs, in batches of any size
RATES = {"full": (0.03, 0.1, 0.3, 1.0), "small": (0.1,)}
POINT = "100 of the 10 000 test images, about two standard errors: the least that one would act on"
SCOPE = Scope(
    "CIFAR-10, as it is",
    model="ResNet-20",
    values="128 × 32 × 32 to 8 × 8",
    optimiser="SGD with momentum 0.9, batches of 128",
    horizon="3000 steps",
    test=10_000,
)


def larger(name, **changes):
    """The claim `name` as measured here; what is not in `changes` is as it was, or empty."""
    empty = {"when": {}, "limits": {}, "table": None, "beyond": ""}
    return replace(load(name), **{"scope": SCOPE, **empty, **changes})


@lru_cache
def images():
    """CIFAR-10, on the GPU where there is one."""
    device, data = ("cuda" if torch.cuda.is_available() else "cpu"), cifar10()
    return Data(data.name, *(Split(p.x.to(device), p.y.to(device)) for p in data.parts), data.classes)


def network(norm):
    """A ResNet-20, He initialisation."""
    return initialise(resnet20(norm), "he").to(images().train.x.device)


def swept(norm, scale, seed, rates=None, **options):
    """A run at each rate, looked at once, at the end."""
    steps = STEPS[scale]
    return sweep(partial(network, norm), rates or RATES[scale], images(), steps, seed, every=steps, **options)


def descended(norm, size, scale, seed, rate):
    """The network after EXAMPLES in batches of `size`; the rate in proportion to that for 32, as a cosine."""
    with seeded(seed):
        model = network(norm)
    steps = EXAMPLES[scale] // size
    optimiser = sgd(model, rate * size / 32)
    cosine = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, steps)
    train(model, images(), optimiser, steps, size, cosine, every=steps, seed=seed)
    return model


def error(model, split=None):
    """Per cent wrong, of the test images unless told otherwise."""
    return 100 * (1 - accuracy(model, images().test if split is None else split))
