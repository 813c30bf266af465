"""Lesson 07, zero_init_residual."""

from bn_course.checks._shared import own
from bn_course.grading.question import Probe, Question

from ._shared import HERE


# --- zero_init_residual -----------------------------------------------------------------------
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
            kind = norms if what == "scale" else (nn.Linear, nn.Conv2d)
            those = [layer for layer in layers if isinstance(layer, kind)]
            chosen = {"last": those[-1:], "first": those[:1], "all": those}[norm]
            for layer in chosen:
                layer.weight.zero_()
                layer.weight.requires_grad_(trained)


_ZEROED = ("γ of all norms", "the other parameters", "which are trained")


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
    task="Set γ to zero in the last norm of every residual block, so that each block starts as the identity.",
    ask=(
        "After your function, which parameters of a block have a gradient that is not zero?",
        "γ and β of its last norm; the layers below wait for that γ to move. With the first norm's γ at zero instead, the last norm sees zeros, and no γ ever moves.",
    ),
    reference=zero_init_residual,
    variant=_zero_variant,
    returns=_ZEROED,
    probes=_zero_probes,
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
        own(
            "first-norm",
            "You set the first norm of each block to zero.",
            "The block is then zero up to its first activation, and what the second half makes of zeros is not "
            "zero once its norm has a shift. It is the last norm that closes the branch.",
            norm="first",
        ),
        own(
            "every-norm",
            "You set every norm of each block to zero.",
            "Two zeros in a row: neither γ gets a gradient through the other, and the branch learns nothing but a shift.",
            norm="all",
        ),
        own(
            "whole-model",
            "You go through the whole model, not block by block.",
            "A norm outside the blocks has no identity beside it: γ = 0 there cuts the network in two.",
            {"scope": "model"},
            {"scope": "model", "norm": "all"},
        ),
        own(
            "first-block-only",
            "You treat the first block alone.",
            "Every residual block starts as the identity.",
            blocks="first",
        ),
        own(
            "last-block-only",
            "You treat the last block alone.",
            "'The last norm' is that of each block.",
            blocks="last",
        ),
        own(
            "top-level-only",
            "You find the blocks on top alone, and not those inside a Sequential.",
            "Most models hold their blocks in stages. `model.modules()` goes all the way down.",
            blocks="top-level",
        ),
        own(
            "norm-taken-for-the-last-layer",
            "You look at the last layer of the branch alone.",
            "Dropout or an activation may follow the norm, or a Sequential may hold it. Look for the last one "
            "that is a norm.",
            depth="very-last",
        ),
        own(
            "nested-norm-missed",
            "You look at the layers of the branch, and not inside a Sequential among them.",
            "The last norm may sit in a nested Sequential: go through `block.branch.modules()`.",
            depth="flat",
        ),
        own(
            "batch-norm-alone",
            "You look for batch norm alone.",
            "Layer norm and group norm have a γ too, and here one of them is the last norm of its block.",
            kinds="batch",
        ),
        own(
            "weights-zeroed",
            "You set the weights of a linear or convolution layer to zero, not γ.",
            "That closes the branch as well, but batch norm then divides by √(0 + ε), and the first step is blown "
            "up by 1/√ε.",
            what="weights",
        ),
        own(
            "frozen",
            "You stop γ from being trained.",
            "It starts at zero and has to grow: `requires_grad` stays True.",
            trained=False,
        ),
    ),
    hints=(
        "A block is any module that has a `.branch`. Where are the blocks? Anywhere in `model.modules()`.",
        "In each block, collect the norms of `block.branch.modules()`, in order. The last one is the one.",
        "Norms are `nn.BatchNorm1d`, `2d`, `3d`, `nn.LayerNorm`, `nn.GroupNorm`; their γ is called `weight`.",
        "`nn.init.zeros_(norms[-1].weight)` sets it, without a gradient and without ending its training.",
    ),
)
