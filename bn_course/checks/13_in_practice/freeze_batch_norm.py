"""Lesson 13, freeze_batch_norm."""

import numpy as np

from bn_course.checks._mistake import mistake
from bn_course.checks._probes import signs
from bn_course.grading.question import Probe, Question


def freeze_batch_norm(model):
    """Fix every batch norm layer: statistics, γ and β, after `model.train()` too."""
    from bn_course.nets.frozen import freeze_batch_norm

    freeze_batch_norm(model)


def _freeze_variant(
    model,
    *,
    statistics="running",
    affine="fixed",
    layers="all",
    reset=None,
    rest="trains",
    dropout="on",
    returned="nothing",
):
    from torch import nn
    from torch.nn.modules.batchnorm import _BatchNorm

    kinds = {
        "1d": nn.BatchNorm1d,
        "2d": nn.BatchNorm2d,
        "1d and 2d": (nn.BatchNorm1d, nn.BatchNorm2d),
        "with layer norm": (_BatchNorm, nn.LayerNorm),
    }
    every = {"direct": model.children, "inner": lambda: list(model.modules())[1:]}.get(
        layers, model.modules
    )()
    chosen = [layer for layer in every if isinstance(layer, kinds.get(layers, _BatchNorm))]
    if rest == "fixed":
        model.requires_grad_(False)
    for layer in chosen:
        if isinstance(layer, _BatchNorm):
            if reset == "statistics":
                layer.reset_running_stats()
            elif reset == "everything":
                layer.reset_parameters()
            _set_statistics(layer, statistics)
        if affine == "fixed" or isinstance(layer, nn.LayerNorm):
            layer.requires_grad_(False)
    if dropout == "off for good":
        _in_evaluation(*(m for m in model.modules() if isinstance(m, nn.Dropout)))
    elif dropout == "off at once":
        for m in model.modules():
            if isinstance(m, nn.Dropout):
                m.eval()
    return None if returned == "nothing" else model


def _set_statistics(layer, statistics):
    if statistics in ("running", "undone"):
        layer.eval()
    if statistics == "running":
        _in_evaluation(layer)
    elif statistics == "momentum 0":
        layer.momentum = 0.0
    elif statistics == "not tracked":
        layer.track_running_stats = False


def _in_evaluation(*layers):
    for layer in layers:
        layer.eval()
        layer.register_forward_pre_hook(lambda layer, inputs: layer.eval() and None)


def _freeze_probe(label, layers, x, shown=None):
    return Probe(label, (layers, x), driver="13_in_practice:freeze", shown=shown)


def _norm(rng, d, kind="norm"):
    return (kind, signs(rng, d), rng.normal(size=d), rng.normal(size=d), rng.uniform(0.5, 3.0, d))


def _linear(rng, inputs, outputs):
    return ("linear", rng.normal(size=(outputs, inputs)) / np.sqrt(inputs), rng.normal(size=outputs))


def _freeze_probes(rng):
    flat = [
        [_linear(rng, 4, 6), _norm(rng, 6), ("relu",)],
        ("layer_norm", signs(rng, 6), rng.normal(size=6)),
        ("dropout", 0.5),
        _linear(rng, 6, 3),
        _norm(rng, 3),
        _linear(rng, 3, 2),
    ]
    images = [
        [("conv", rng.normal(size=(3, 2, 2, 2)) / 3, rng.normal(size=3)), _norm(rng, 3, "norm2d"), ("relu",)],
        ("flatten",),
        ("dropout", 0.5),
        _linear(rng, 12, 4),
        _norm(rng, 4),
        _linear(rng, 4, 2),
    ]
    volumes = [_norm(rng, 2, "norm3d"), ("flatten",), _linear(rng, 16, 2)]
    return [
        _freeze_probe("images", images, rng.normal(1, 2, (5, 2, 3, 3))),
        _freeze_probe("blocks, layer norm and dropout", flat, rng.normal(1, 2, (7, 4))),
        _freeze_probe("volumes", volumes, rng.normal(1, 2, (4, 2, 2, 2, 2))),
        _freeze_probe("one norm that is the whole model", _norm(rng, 3), rng.normal(1, 2, (5, 3))),
    ]


def _one(kind, *numbers):
    return (kind, *(np.array([float(n)]) for n in numbers))


_TWO = np.array([[2.0], [6.0]])

_LINEAR = ("linear", np.array([[2.0]]), np.array([1.0]))

_FREEZE_EXAMPLES = (
    _freeze_probe(
        "one layer",
        [_one("norm", 3, 1, 2, 4), _LINEAR],
        _TWO,
        "model = BatchNorm1d(1) with γ = 3, β = 1, running mean 2 and variance 4, and Linear(1, 1) with W = 2 and b = 1; "
        "batches [[2], [6]]",
    ),
    _freeze_probe(
        "in a block, with dropout behind it",
        [[_one("norm", 3, 1, 2, 4)], ("dropout", 1.0), _LINEAR],
        _TWO,
        "model = a block with that BatchNorm1d, Dropout(1), that Linear; batches [[2], [6]]",
    ),
    _freeze_probe(
        "volumes of one value",
        [_one("norm3d", 3, 1, 2, 4), ("flatten",), _LINEAR],
        _TWO[:, :, None, None, None],
        "model = BatchNorm3d(1) with γ = 3, β = 1, running mean 2 and variance 4, Flatten, Linear(1, 1) with W = 2 and b = 1; batches of two volumes of one value, 2 and 6",
    ),
    _freeze_probe(
        "one norm that is the whole model",
        _one("norm", 3, 1, 2, 4),
        _TWO,
        "model = BatchNorm1d(1) with γ = 3, β = 1, running mean 2 and variance 4; batches [[2], [6]]",
    ),
    _freeze_probe(
        "both kinds and layer norm",
        [
            _one("norm2d", 3, 1, 2, 4),
            ("flatten",),
            _one("norm", 2, 1, 4, 4),
            ("layer_norm", np.array([2.0]), np.array([3.0])),
        ],
        _TWO[:, :, None, None],
        "model = BatchNorm2d(1), Flatten, BatchNorm1d(1) and LayerNorm(1); batches of two images of one pixel, 2 and 6",
    ),
)


QUESTION = Question(
    name="freeze_batch_norm",
    points=3,
    level=2,
    reference=freeze_batch_norm,
    variant=_freeze_variant,
    returns=(
        "the outputs at once",
        "the outputs after model.train()",
        "the running statistics after two steps",
        "γ and β after two steps",
        "the other parameters after two steps",
        "the outputs in evaluation",
        "the outputs in training again",
        "what it returns",
    ),
    probes=_freeze_probes,
    examples=_FREEZE_EXAMPLES,
    call="freeze_batch_norm(model)",
    in_place=True,
    version=2,
    misconceptions=(
        mistake("requires-grad-only", statistics="batch"),
        mistake(
            "undone-by-train", {"statistics": "undone"}, {"statistics": "undone", "dropout": "off at once"}
        ),
        mistake("buffers-kept-batch-used", {"statistics": "momentum 0"}, {"statistics": "not tracked"}),
        mistake("affine-still-learns", affine="learns"),
        mistake("everything-frozen", rest="fixed"),
        mistake("dropout-off", dropout="off for good"),
        mistake("dropout-off-at-once", dropout="off at once"),
        mistake("direct-children-only", layers="direct"),
        mistake("one-kind-only", {"layers": "1d"}, {"layers": "2d"}, {"layers": "1d and 2d"}),
        mistake("model-itself-forgotten", layers="inner"),
        mistake("layer-norm-too", layers="with layer norm"),
        mistake("returns-the-model", returned="model"),
        mistake("statistics-reset", {"reset": "statistics"}, {"reset": "everything"}),
    ),
)
