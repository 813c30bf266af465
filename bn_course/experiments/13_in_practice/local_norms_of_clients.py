"""Federated learning from clients whose cameras differ: whose batch norm?"""

import copy

import numpy as np
import torch
from torch import nn

from bn_course.experiments import Effect, Experiment, Scope
from bn_course.nets import Data, Split, digits, initialise, mlp, seeded, train
from bn_course.nets.tune import sgd

from ._shared import HIDDEN, percent

CAMERAS = {"alike": [(1, 0)] * 4, "different": [(1, 0), (0.2, 1), (3, -2), (-1, 0)]}  # x → ax + b
LOCAL = 10  # steps between two meetings


def measure(seed, scale):
    rounds = 20 if scale == "full" else 10
    numbers = {}
    for name, cameras in CAMERAS.items():
        clients = [client(k, *camera, seed) for k, camera in enumerate(cameras)]
        for way in ("all", "local"):
            numbers[f"{name}_{way}"] = federated(clients, way, rounds, seed)
    return numbers


def client(number, a, b, seed):
    """A quarter of the training digits, and all test digits, through this client's camera."""
    data, generator = digits(), torch.Generator().manual_seed(seed)
    rows = torch.randperm(len(data.train), generator=generator).chunk(4)[number]
    parts = (data.train[rows], data.validation, data.test)
    return Data(f"client {number}", *(Split(a * part.x + b, part.y) for part in parts), classes=10)


def federated(clients, way, rounds, seed):
    """Mean test accuracy of the clients' networks; batch norm is averaged too ("all") or stays ("local")."""
    with seeded(seed):
        models = [initialise(mlp([64, *HIDDEN, 10]), "he")]
    models = [copy.deepcopy(models[0]) for _ in clients]
    for meeting in range(rounds):
        for model, data in zip(models, clients, strict=True):
            train(model, data, sgd(model, 0.03), LOCAL, 32, every=LOCAL, seed=seed * 1000 + meeting)
        average(models, keep_norms=way == "local")
    scores = [percent(model, data.test) for model, data in zip(models, clients, strict=True)]
    return sum(scores) / len(scores)


@torch.no_grad()
def average(models, keep_norms):
    """Give all models the mean of their weights; of their batch norms, buffers included, unless kept."""
    for layers in zip(*models, strict=True):
        if keep_norms and isinstance(layers[0], nn.BatchNorm1d):
            continue
        for values in zip(*(layer.state_dict(keep_vars=True).values() for layer in layers), strict=True):
            mean = torch.stack([value.float() for value in values]).mean(0)
            for value in values:
                value.copy_(mean)


GAIN = Effect(
    "points gained by keeping batch norm at home",
    lambda n: np.stack([n[f"{name}_local"] - n[f"{name}_all"] for name in CAMERAS], axis=1),
    above=3,
    why="more than the error of a difference with 500 test images",
    each=tuple(CAMERAS),
)

EXPERIMENT = Experiment(
    claim="In federated learning each client should keep its own batch norm, and share the other layers.",
    source="Li et al. 2021, FedBN, arXiv:2102.07623",
    scope=Scope(
        "digits, four cameras",
        model="ReLU MLP 4×64",
        values="32 × 1",
        optimiser="SGD with momentum 0.9, batches of 32",
        horizon="20 rounds of 10 steps",
        test=500,
    ),
    method="Four clients with 250 digits each, ReLU MLP 4×64 with batch norm, He initialisation; twenty times ten local steps of SGD with momentum 0.9 at rate 0.03 in batches of 32, then the mean of all weights; with batch norm (γ, β, running statistics) or without it. Cameras alike, or x, 0.2x + 1, 3x − 2 and −x. Mean test accuracy, each client on its own camera.",
    measure=measure,
    holds=GAIN,
    when={"the clients' data differ in scale and shift": GAIN.at(1)},
    finding="Different cameras: {different_all:.0f} % with everything averaged, {different_local:.0f} with batch norm kept at home; alike: {alike_all:.0f} and {alike_local:.0f} %",
)
