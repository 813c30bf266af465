"""Lesson 14, clinic_checkpoint."""

from contextlib import contextmanager, nullcontext

import numpy as np

from bn_course.checks._mistake import mistake
from bn_course.grading.question import Probe, Question

from ._shared import _batch, _momentum, _norms, linear, put_back


def clinic_checkpoint(block, x):
    """The second pass through the block works on copies of the buffers."""
    from torch.utils.checkpoint import checkpoint

    return checkpoint(
        block, x, use_reentrant=False, context_fn=lambda: (nullcontext(), _on_copies(_norms(block)))
    )


@contextmanager
def _on_copies(norms):
    kept = [(norm, dict(norm.named_buffers())) for norm in norms]
    for norm, buffers in kept:
        for name, buffer in buffers.items():
            setattr(norm, name, buffer.clone())
    try:
        yield
    finally:
        for norm, buffers in kept:
            for name, buffer in buffers.items():
                setattr(norm, name, buffer)


@contextmanager
def _evaluating(block):
    with put_back(block):
        block.eval()
        yield


def _checkpoint_variant(block, x, *, update="first pass", store="input"):
    import torch
    from torch.utils.checkpoint import checkpoint

    norms = _norms(block)
    still = nullcontext
    contexts = {
        "first pass": (still, lambda: _on_copies(norms)),
        "both passes": (still, still),
        "second pass": (lambda: _on_copies(norms), still),
        "neither pass": (lambda: _on_copies(norms), lambda: _on_copies(norms)),
        "momentum 0": (lambda: _momentum(norms, lambda m: 0.0),) * 2,
        "root": (lambda: _momentum(norms, lambda m: m if m is None else 1 - (1 - m) ** 0.5),) * 2,
        "evaluation": (lambda: _evaluating(block),) * 2,
    }[update]
    if store == "nothing without x" and not x.requires_grad:
        with torch.no_grad(), contexts[0]():
            return block(x)
    if store == "everything" or not torch.is_grad_enabled():
        with contexts[0]():
            return block(x)
    return checkpoint(block, x, use_reentrant=False, context_fn=lambda: (contexts[0](), contexts[1]()))


def _checkpoint_args(rng, n, d, width, momentum, passes):
    layers = (
        linear(rng, d, width, bias=False),
        _batch(rng, width, momentum),
        ("relu",),
        linear(rng, width, d),
        _batch(rng, d, momentum),
    )
    given = tuple(
        (
            rng.normal(1.0, 2.0, (n, d)),
            None if kind == _OFF else rng.normal(size=(n, d)),
            kind == _STEP,
        )
        for kind in passes
    )
    return layers, given


_STEP, _OFF = "a training step", "a pass with gradients off"
_FIRST = "a training step in which x needs no gradient"
_PASS = ("y", "dx", "the gradients of γ", "the running statistics", "the count of batches, and what was kept")


def _checkpoint_probe(rng, label, n, d, width, momentum, passes):
    names = tuple(f"{name} (pass {i})" for i, _ in enumerate(passes, 1) for name in _PASS)
    return Probe(
        label,
        _checkpoint_args(rng, n, d, width, momentum, passes),
        driver="14_clinic:checkpoint",
        returns=names,
        shown=f"a block of two batch norms with momentum {momentum}, in training mode: {', then '.join(passes)}",
    )


def _checkpoint_probes(rng):
    return [
        _checkpoint_probe(rng, "two training steps", 7, 4, 5, 0.3, (_STEP, _STEP)),
        _checkpoint_probe(rng, "a pass with gradients off, then a step", 6, 3, 4, 0.1, (_OFF, _STEP)),
        _checkpoint_probe(rng, "x needs no gradient", 6, 3, 4, 0.1, (_FIRST,)),
        _checkpoint_probe(rng, "cumulative averages (momentum=None)", 5, 3, 3, None, (_STEP, _STEP)),
    ]


def _checkpoint_examples():
    rng = np.random.default_rng(15)
    return (
        _checkpoint_probe(rng, "one step", 4, 2, 2, 0.1, (_STEP,)),
        _checkpoint_probe(rng, "x needs no gradient", 4, 2, 2, 0.1, (_FIRST,)),
        _checkpoint_probe(rng, "a pass with gradients off", 4, 2, 2, 0.1, (_OFF,)),
    )


QUESTION = Question(
    name="clinic_checkpoint",
    points=3,
    version=2,
    level=3,
    reference=clinic_checkpoint,
    variant=_checkpoint_variant,
    returns=_PASS,
    probes=_checkpoint_probes,
    examples=_checkpoint_examples(),
    call="clinic_checkpoint(block, x)",
    misconceptions=(
        mistake("counted-twice", update="both passes"),
        mistake("root-of-momentum", update="root"),
        mistake("counts-in-backward-only", update="second pass"),
        mistake("never-counted", {"update": "neither pass"}, {"update": "momentum 0"}),
        mistake("evaluation-mode", update="evaluation"),
        mistake("not-checkpointed", store="everything"),
        mistake("no-gradient-without-x", store="nothing without x"),
    ),
)
