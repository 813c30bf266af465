"""Lesson 14: Mend the averaging: the model comes with the statistics that the averaged weights make."""

import copy

import numpy as np

from bn_course.checks._mistake import mistake
from bn_course.grading.question import Probe, Question

from ._shared import _batch, _norms, linear


def clinic_average(model, snapshots, batches):
    """The mean of the parameters, then the statistics that these parameters make."""
    import torch

    _set_mean(model, snapshots)
    torch.optim.swa_utils.update_bn(batches, model)
    return model.eval()


def _set_mean(model, snapshots, buffers=False):
    import torch

    named = [*model.named_parameters(), *(model.named_buffers() if buffers else ())]
    with torch.no_grad():
        for name, tensor in named:
            tensor.copy_(torch.stack([snapshot[name].double() for snapshot in snapshots]).mean(0))


def _average_variant(
    model,
    snapshots,
    batches,
    *,
    statistics="of all batches",
    order="after",
    momentum="put back",
    returned="the model",
    mode="evaluation",
    sums="new",
):
    model = copy.deepcopy(model) if returned == "a copy" else model
    if order == "before":
        _measure(model, batches, statistics)
    _set_mean(model, snapshots, buffers=statistics == "averaged")
    if order == "after":
        _measure(model, batches, statistics)
    for norm in _norms(model):
        norm.momentum = {"left at None": None, "or 0.1": norm.momentum or 0.1}.get(momentum, norm.momentum)
    if sums == "in the first snapshot":
        for name, number in snapshots[0].items():
            number.copy_(model.state_dict()[name])
    return model.train(mode == "training")


def _measure(model, batches, statistics):
    import torch

    if statistics in ("left", "averaged"):
        return
    batches = batches[-1:] if statistics == "of the last batch" else batches
    if statistics == "one momentum step a batch":
        model.train()
        with torch.no_grad():
            for x in batches:
                model(x)
    else:
        torch.optim.swa_utils.update_bn(batches, model)


def _snapshot(rng, layers, spread):
    """The network again, with every number moved by its own random step."""
    return tuple(
        (kind, *(v if v is None or np.isscalar(v) else v + spread * rng.normal(size=v.shape) for v in rest))
        for kind, *rest in layers
    )


def _positive(layers):
    """Running variances are above 0."""
    return tuple(
        (*layer[:4], np.abs(layer[4]) + 0.2, layer[5]) if layer[0] == "batch" else layer for layer in layers
    )


def _average_args(rng, count, batches, n=160, d=4, width=6, classes=3):
    layers = (
        linear(rng, d, width, bias=False),
        _batch(rng, width, 0.1),
        ("relu",),
        linear(rng, width, width),
        _batch(rng, width, 0.0),
        linear(rng, width, classes),
    )
    snapshots = tuple(_positive(_snapshot(rng, layers, 0.8)) for _ in range(count))
    centre = 2 * rng.normal(size=d)
    xs = [rng.normal(centre * (1 + 0.1 * (i == batches - 1)), 1.5, (n, d)) for i in range(batches)]
    return snapshots, snapshots[-1], tuple(xs), rng.normal(centre, 1.5, (5, d))


def _average_probe(rng, label, count, batches):
    return Probe(
        label,
        _average_args(rng, count, batches),
        driver="14_clinic:average",
        rtol=0.04,
        atol=0.04,
        shown=f"{count} snapshots of a network with two batch norms, {batches} batches of 160 examples",
    )


def _average_probes(rng):
    return [
        _average_probe(rng, "three snapshots", 3, 4),
        _average_probe(rng, "two snapshots", 2, 3),
        _average_probe(rng, "five snapshots", 5, 6),
    ]


def _average_examples():
    rng = np.random.default_rng(18)
    return (_average_probe(rng, "two snapshots", 2, 2), _average_probe(rng, "three", 3, 3))


QUESTION = Question(
    name="clinic_average",
    points=2,
    level=2,
    reference=clinic_average,
    variant=_average_variant,
    returns=(
        "the scores in evaluation mode",
        "the momenta afterwards",
        "the modes afterwards (1 is training)",
        "is it the model that was given (1: yes)",
        "snapshots and batches afterwards (1: as they were)",
    ),
    version=2,
    probes=_average_probes,
    examples=_average_examples(),
    call="clinic_average(model, snapshots, batches)",
    misconceptions=(
        mistake("buffers-left-behind", statistics="left"),
        mistake("buffers-averaged", statistics="averaged"),
        mistake("one-batch-of-statistics", statistics="of the last batch"),
        mistake("not-reset", statistics="one momentum step a batch"),
        mistake("measured-too-early", order="before"),
        mistake("momentum-not-put-back", momentum="left at None"),
        mistake("zero-momentum-replaced", momentum="or 0.1"),
        mistake("not-ready-for-evaluation", mode="training"),
        mistake("returns-a-copy", returned="a copy"),
        mistake("snapshot-overwritten", sums="in the first snapshot"),
    ),
)
