"""Fine-tuning on a few images: should batch norm be frozen?"""

import copy
from dataclasses import replace

import torch
from torch import nn

from bn_course.experiments import Effect, Experiment
from bn_course.nets import Split, best, digits, sweep
from bn_course.nets.frozen import freeze_batch_norm
from bn_course.nets.recalibrate import recalibrate

from ._shared import POINT, SCOPE, percent, trained

RATES = [1e-3, 3e-3, 1e-2, 3e-2]  # for batches of 16; in proportion to the batch


def measure(seed, scale):
    passes, rates = (10, RATES) if scale == "full" else (5, RATES[2:3])
    source, data = trained(seed), few(turned(), seed)
    tuned = {way: {} for way in ("training", "no_gradient", "frozen")}
    for size in (2, 16):
        for way, found in tuned.items():
            scaled = [rate * size / 16 for rate in rates]
            runs = sweep(
                lambda way=way: start(source, way),
                scaled,
                data,
                passes * 200 // size,
                seed,
                batch_size=size,
                every=10**6,
            )
            found[size] = best(runs).model
    numbers = {way: [percent(found[size], data.test) for size in (2, 16)] for way, found in tuned.items()}
    again = tuned["training"][2]
    recalibrate(again, [data.train.x])
    return {"before": percent(source, data.test), "recalibrated": percent(again, data.test), **numbers}


def turned():
    """The digits, turned by a quarter."""
    data = digits()
    parts = (Split(p.x.view(-1, 8, 8).rot90(1, (1, 2)).reshape(-1, 64), p.y) for p in data.parts)
    return replace(data, **dict(zip(("train", "validation", "test"), parts, strict=True)))


def few(data, seed):
    rows = torch.randperm(len(data.train), generator=torch.Generator().manual_seed(seed))[:200]
    return replace(data, train=data.train[rows])


def start(source, way):
    model = copy.deepcopy(source)
    if way == "frozen":
        freeze_batch_norm(model)
    if way == "no_gradient":  # the frequent mistake: γ and β are fixed, the statistics are not
        for layer in model:
            if isinstance(layer, nn.BatchNorm1d):
                layer.requires_grad_(False)
    return model


GAIN = Effect(
    "points gained by freezing",
    lambda n: n["frozen"] - n["training"],
    above=1.5,
    why=POINT,
    each=("batches of 2", "batches of 16"),
)

EXPERIMENT = Experiment(
    claim="When you fine-tune on few images, freeze batch norm.",
    source="common advice; Wu and Johnson 2021, Rethinking 'Batch' in BatchNorm, arXiv:2105.07576",
    scope=SCOPE.but(
        data="200 digits turned by a quarter",
        values="2 or 16",
        optimiser="SGD, momentum 0.9, batches of 2 or 16",
        horizon="ten passes",
    ),
    method="A ReLU MLP 4×64 with batch norm trained on the digits goes on with 200 digits turned by 90°, ten passes, SGD with momentum 0.9; batches of 2 and 16, each arm at the best of four rates, chosen on validation data; evaluation mode.",
    measure=measure,
    holds=GAIN,
    when={"the batches are small, of one value an example": GAIN.at(0)},
    finding="In batches of 2: frozen {frozen[0]:.0f} %, in training mode {training[0]:.0f} % ({recalibrated:.0f} % with its statistics measured anew), with requires_grad=False alone {no_gradient[0]:.0f} %; in batches of 16: {frozen[1]:.0f}, {training[1]:.0f} and {no_gradient[1]:.0f} %",
)
