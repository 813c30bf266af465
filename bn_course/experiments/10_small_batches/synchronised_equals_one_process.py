"""Batch norm over shards in several processes equals batch norm over the whole batch in one."""

import copy

import numpy as np
import torch
from torch import nn

from bn_course.experiments import Effect, Experiment, Scope
from bn_course.nets.shards import in_turn, layer_on_shard
from bn_course.nets.sync import SyncBatchNorm
from bn_course.nets.workers import run_workers

SHARDS = {2: (3, 9), 4: (2, 6, 3, 8)}  # examples of each worker


def measure(seed, scale):
    numbers = {"single": [], "double": [], "backward_single": [], "backward_double": [], "local": []}
    for count in (2, 4) if scale == "full" else (2,):
        jobs = [job(seed, count, *arm) for arm in ARMS]
        calls = [(layer_on_shard, layer, shards, upstream) for layer, shards, upstream, _ in jobs]
        by_call = zip(*run_workers(in_turn, count, *calls), strict=True)
        single, double, local = map(furthest, by_call, [expected for *_, expected in jobs])
        numbers["single"].append(single["y"])
        numbers["double"].append(double["y"])
        numbers["backward_single"].append(max(single[name] for name in ("dx", "dgamma", "dbeta")))
        numbers["backward_double"].append(max(double[name] for name in ("dx", "dgamma", "dbeta")))
        numbers["local"].append(local["y"])
    return numbers


ARMS = ((SyncBatchNorm, torch.float32), (SyncBatchNorm, torch.float64), (nn.BatchNorm1d, torch.float64))


def job(seed, count, kind, dtype):
    """A layer, its shards and upstream gradients, and what one process makes of the whole batch."""
    generator = torch.Generator().manual_seed(seed)
    sizes = SHARDS[count]
    x, dy = torch.randn(2, sum(sizes), 16, generator=generator, dtype=torch.float64)
    layer = kind(16).to(dtype)
    layer.weight.data.normal_(generator=generator)
    shards, upstream = (whole.to(dtype).split(sizes) for whole in (10 + 3 * x, dy))
    alone = nn.BatchNorm1d(16).double()
    alone.load_state_dict(copy.deepcopy(layer.state_dict()))
    whole = torch.cat(shards).double().requires_grad_()
    y = alone(whole)
    y.backward(torch.cat(upstream).double())
    expected = {"y": y.detach(), "dx": whole.grad, "dgamma": alone.weight.grad, "dbeta": alone.bias.grad}
    return layer, shards, upstream, expected


def furthest(results, expected):
    """The largest difference of each quantity from what one process gave."""
    found = {name: torch.cat([result[name] for result in results]) for name in ("y", "dx")}
    found |= {name: results[0][name] for name in ("dgamma", "dbeta")}
    return {name: (value.double() - expected[name]).abs().max().item() for name, value in found.items()}


def furthest_from_one(what, names, **bound):
    return Effect(
        f"largest difference from one process, {what}",
        lambda n: np.concatenate([n[name] for name in names], axis=1).max(1),
        ratio=True,
        **bound,
    )


EXACT = furthest_from_one(
    "float64",
    ("double", "backward_double"),
    below=1e-10,
    why="rounding, of which there is 1e-15 an operation",
)
ROUNDED = furthest_from_one(
    "float32", ("single", "backward_single"), below=1e-3, why="rounding, of which there is 1e-7 an operation"
)
APART = furthest_from_one(
    "each for itself", ("local",), above=0.1, why="what is synchronised must differ from what is not"
)

EXPERIMENT = Experiment(
    claim="Synchronised batch norm over several processes computes what one process computes on the whole batch, forward and backward.",
    source="the documentation of `torch.nn.SyncBatchNorm`, checked here with processes of our own",
    scope=Scope(data="random numbers", model="one layer", values="12 and 19, over 2 and 4 processes"),
    method="Shards of 3 and 9, and of 2, 6, 3 and 8 examples of 16 features (mean 10, deviation 3) in two and four processes (torch.distributed, gloo); largest difference from nn.BatchNorm1d on all of them, in float64.",
    measure=measure,
    holds=EXACT & ROUNDED & APART,
    finding="Two processes and four: outputs differ by at most {double[0]:.0e} and {double[1]:.0e} in float64 (gradients {backward_double[0]:.0e}, {backward_double[1]:.0e}), by {single[0]:.0e} and {single[1]:.0e} in float32; with each worker's own statistics by {local[0]:.1f} and {local[1]:.1f}",
)
