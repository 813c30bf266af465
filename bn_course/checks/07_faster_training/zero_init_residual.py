"""Lesson 07, zero_init_residual."""

from bn_course.checks._mistake import mistake
from bn_course.grading.question import Probe, Question

from ._shared import HERE


def zero_init_residual(model):
    """γ = 0 in the last norm of every residual block."""
    from bn_course.nets.zero_init import zero_init_residual

    return zero_init_residual(model)


def _zero_variant(
    model,
    *,
    norm="last",
    blocks="all",
    depth="inside",
    kinds="all",
    what="scale",
    trained=True,
    scope="blocks",
    returned="nothing",
):
    import torch
    from torch import nn

    batch_norms = (nn.modules.batchnorm._BatchNorm,)
    norms = batch_norms if kinds == "batch" else (*batch_norms, nn.LayerNorm, nn.GroupNorm)
    modules = model.children() if blocks == "top-level" else model.modules()
    found = [m for m in modules if hasattr(m, "branch")]
    found = {"first": found[:1], "last": found[-1:]}.get(blocks, found)
    branches = [block.branch for block in found] if scope == "blocks" else [model]
    with torch.no_grad():
        for branch in branches:
            layers = list(branch.modules()) if depth == "inside" else list(branch)
            if depth == "very-last":
                layers = layers[-1:]
            kind = (nn.Linear, nn.Conv2d) if what == "weights" else norms
            those = [layer for layer in layers if isinstance(layer, kind)]
            chosen = {"last": those[-1:], "first": those[:1], "all": those}[norm]
            for layer in chosen:
                layer.weight.zero_()
                layer.weight.requires_grad_(trained)
                if what == "scale and shift":
                    layer.bias.zero_()
    return None if returned == "nothing" else model


_ZEROED = ("γ of all norms", "the other parameters", "which are trained", "what it returns")


def _half(kind="batch", width=2):
    norm = {"batch": ("batch", width), "layer": ("layer", width), "group": ("group", 1, width)}[kind]
    return [("linear", width, width), norm]


def _block(kind="batch", width=2):
    return ("residual", [*_half("batch", width), ("relu",), *_half(kind, width)])


def _zero_of(label, layers, shown):
    return Probe(label, (layers,), f"{HERE}:initialised", returns=_ZEROED, shown=shown)


_TWO_BLOCKS = [("linear", 2, 2), ("batch", 2), _block(), _block(), ("linear", 2, 1)]

_IN_STAGES = [("batch", 2), ("sequential", [_block(), ("sequential", [_block()])]), _block(), ("batch", 2)]

_DROPOUT_LAST = [("residual", [*_half(), ("relu",), *_half(), ("dropout", 0.1)]), ("batch", 2)]

_NESTED_BRANCH = [("residual", [*_half(), ("relu",), ("sequential", _half())]), ("batch", 2)]

_OTHER_NORMS = [_block("layer"), _block("group"), ("batch", 2)]


def _zero_probes(rng):
    width = int(rng.integers(3, 6))
    middle = ("sequential", [_block("batch", width), _block("group", width)])
    drawn = [("linear", 2, width), ("batch", width), _block("layer", width), middle, _block("batch", width)]
    return [
        _zero_of("four blocks", drawn, "four blocks, two in a stage"),
        _zero_of("two blocks", _TWO_BLOCKS, "Linear, BatchNorm1d, two blocks, Linear"),
        _zero_of(
            "blocks in stages", _IN_STAGES, "BatchNorm1d, two blocks in nested stages, a block, BatchNorm1d"
        ),
        _zero_of("dropout at the end", _DROPOUT_LAST, "a block that ends in dropout, BatchNorm1d"),
        _zero_of("a branch within a branch", _NESTED_BRANCH, "a block with a nested Sequential, BatchNorm1d"),
        _zero_of(
            "other norms", _OTHER_NORMS, "a block with LayerNorm last, one with GroupNorm last, BatchNorm1d"
        ),
    ]


QUESTION = Question(
    name="zero_init_residual",
    points=2,
    level=2,
    reference=zero_init_residual,
    variant=_zero_variant,
    returns=_ZEROED,
    probes=_zero_probes,
    in_place=True,
    version=2,
    examples=(
        _zero_of(
            "two blocks",
            _TWO_BLOCKS,
            "a norm outside, then two blocks of linear, norm, ReLU, linear, norm, all of width 2",
        ),
        _zero_of(
            "dropout at the end", _DROPOUT_LAST, "a block that ends in norm and dropout; a norm after it"
        ),
        _zero_of(
            "nested",
            _NESTED_BRANCH,
            "a block whose last linear and norm sit in a Sequential; a norm after it",
        ),
        _zero_of("stages", _IN_STAGES, "a norm, two blocks in nested stages, a block, a norm"),
        _zero_of(
            "other norms", _OTHER_NORMS, "a block that ends in LayerNorm, one in GroupNorm; a norm after them"
        ),
    ),
    misconceptions=(
        mistake("first-norm", norm="first"),
        mistake("every-norm", norm="all"),
        mistake("whole-model", {"scope": "model"}, {"scope": "model", "norm": "all"}),
        mistake("first-block-only", blocks="first"),
        mistake("last-block-only", blocks="last"),
        mistake("top-level-only", blocks="top-level"),
        mistake("norm-taken-for-the-last-layer", depth="very-last"),
        mistake("nested-norm-missed", depth="flat"),
        mistake("batch-norm-alone", kinds="batch"),
        mistake("weights-zeroed", what="weights"),
        mistake("beta-zeroed", what="scale and shift"),
        mistake("frozen", trained=False),
        mistake("returns-the-model", returned="model"),
    ),
)
