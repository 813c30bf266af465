"""Lesson 14: Mend the fold: one convolution that does what the two layers did."""

import numpy as np

from bn_course.checks._mistake import mistake
from bn_course.checks._probes import signs_in_thirds
from bn_course.grading.question import Probe, Question


def clinic_fold(conv, bn):
    """s = γ/√(σ² + ε): the kernel becomes s·W, the bias β + s·(b − μ)."""
    return _fold_variant(conv, bn)


_OPTIONS = ("stride", "padding", "dilation", "groups", "padding_mode")


def _fold_variant(
    conv, bn, *, bias="scaled", eps="inside", rows="out", forgets=(), original="left", modes="left"
):
    import torch
    from torch import nn

    options = {name: getattr(conv, name) for name in _OPTIONS if name not in forgets}
    folded = nn.Conv2d(conv.in_channels, conv.out_channels, conv.kernel_size, **options)
    if modes == "evaluation":
        conv.eval(), bn.eval()
    number = 1e-5 if eps == "1e-5" else bn.eps
    deviation = (
        torch.sqrt(bn.running_var) + number if eps == "outside" else torch.sqrt(bn.running_var + number)
    )
    scale = bn.weight / deviation
    old = torch.zeros_like(scale) if conv.bias is None else conv.bias
    forgotten = torch.zeros_like(old)
    shifted = {
        "scaled": scale * (old - bn.running_mean),
        "forgotten": scale * (forgotten - bn.running_mean),
        "unscaled": old - scale * bn.running_mean,
        "mean unscaled": scale * old - bn.running_mean,
        "mean added": scale * (old + bn.running_mean),
    }[bias]
    shape = (1, -1, 1, 1) if rows == "in" and conv.weight.shape[0] == conv.weight.shape[1] else (-1, 1, 1, 1)
    with torch.no_grad():
        folded.weight.copy_(conv.weight * scale.view(shape))
        folded.bias.copy_(bn.bias + shifted)
        if original == "changed":
            conv.weight.copy_(folded.weight)
            if conv.bias is not None:
                conv.bias.copy_(folded.bias)
            return folded if conv.bias is None else conv
    return folded


def _fold_probe(rng, label, shape, images, *, bias=True, eps=0.1, training=False, **options):
    out, given = (
        shape[0],
        {"stride": 1, "padding": 0, "dilation": 1, "groups": 1, "padding_mode": "zeros"} | options,
    )
    conv = (rng.normal(size=shape), 2 * rng.normal(size=out) if bias else None, given)
    norm = (signs_in_thirds(rng, out), *rng.normal(size=(2, out)), rng.uniform(0.3, 4, out), eps)
    said = ", ".join(f"{name} {value}" for name, value in given.items())
    return Probe(
        label,
        (conv, norm, rng.normal(1.0, 1.0, images), training),
        driver="14_clinic:fold",
        rtol=1e-3,
        atol=1e-4,
        shown=f"a kernel {shape}, {'with' if bias else 'without'} a bias, {said}, and a norm with ε = {eps:g}",
    )


def _fold_probes(rng):
    return [
        _fold_probe(rng, "3 → 4 channels, padding 1", (4, 3, 3, 3), (2, 3, 6, 5), padding=1),
        _fold_probe(rng, "as many channels in as out", (3, 3, 2, 2), (2, 3, 5, 4)),
        _fold_probe(rng, "no bias", (4, 2, 3, 3), (2, 2, 5, 5), bias=False, padding=1),
        _fold_probe(rng, "stride 2, two groups", (6, 2, 3, 3), (1, 4, 7, 6), stride=2, padding=1, groups=2),
        _fold_probe(rng, "a channel each (groups = channels)", (3, 1, 2, 2), (1, 3, 4, 4), groups=3),
        _fold_probe(rng, "dilation 2", (2, 3, 2, 2), (1, 3, 5, 5), dilation=2),
        _fold_probe(
            rng, "reflected at the edges", (2, 2, 3, 3), (1, 2, 5, 4), padding=1, padding_mode="reflect"
        ),
        _fold_probe(rng, "layers in training mode", (2, 3, 2, 2), (1, 3, 4, 4), training=True),
    ]


def _fold_examples():
    rng = np.random.default_rng(19)
    return (
        _fold_probe(rng, "one pixel, one channel", (1, 1, 1, 1), (1, 1, 1, 1)),
        _fold_probe(rng, "one pixel, two channels", (2, 2, 1, 1), (1, 2, 1, 1)),
        _fold_probe(rng, "stride 2, padding 1", (1, 1, 3, 3), (1, 1, 4, 4), stride=2, padding=1),
        _fold_probe(rng, "two groups", (2, 1, 1, 1), (1, 2, 1, 1), groups=2),
        _fold_probe(rng, "dilation 2", (1, 1, 2, 2), (1, 1, 3, 3), dilation=2),
        _fold_probe(rng, "circular padding", (1, 1, 2, 2), (1, 1, 2, 2), padding=1, padding_mode="circular"),
        _fold_probe(rng, "in training mode", (1, 1, 1, 1), (1, 1, 1, 1), training=True),
    )


QUESTION = Question(
    name="clinic_fold",
    points=2,
    level=1,
    reference=clinic_fold,
    variant=_fold_variant,
    returns=(
        "the folded layer's output",
        "the old layers' output afterwards",
        "the old layers' modes afterwards (1: as they were)",
        "is it a new layer (1: yes)",
    ),
    version=2,
    probes=_fold_probes,
    examples=_fold_examples(),
    call="clinic_fold(conv, bn)",
    misconceptions=(
        mistake("bias-not-folded", bias="forgotten"),
        mistake("bias-not-scaled", bias="unscaled"),
        mistake("mean-not-scaled", bias="mean unscaled"),
        mistake("mean-added", bias="mean added"),
        mistake("eps-outside-sqrt", eps="outside"),
        mistake("eps-hard-coded", eps="1e-5"),
        mistake("fold-scales-rows-wrong", rows="in"),
        mistake(
            "options-lost",
            {"forgets": ("stride", "padding")},
            {"forgets": ("stride", "padding", "dilation", "padding_mode")},
            {"forgets": _OPTIONS},
        ),
        *(mistake(f"{name.replace('_', '-')}-lost", forgets=(name,)) for name in _OPTIONS[2:]),
        mistake("dilation-and-padding-mode-lost", forgets=("dilation", "padding_mode")),
        mistake("modes-changed", modes="evaluation"),
        mistake("original-changed", original="changed"),
    ),
)
