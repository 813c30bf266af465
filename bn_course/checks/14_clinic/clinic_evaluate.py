"""Lesson 14, clinic_evaluate."""

import numpy as np

from bn_course.checks._mistake import mistake
from bn_course.grading.question import Probe, Property, Question

from ._shared import _batch, _norms, linear, put_back


def clinic_evaluate(model, batches):
    """In evaluation mode, whatever the mode was, which is then put back module by module."""
    import torch

    with torch.no_grad(), put_back(model):
        model.eval()
        right = sum((model(x).argmax(1) == y).sum().item() for x, y in batches)
    return right / sum(len(y) for _, y in batches)


def _evaluate_variant(
    model,
    batches,
    *,
    mode="evaluation",
    after="as before",
    share="examples",
    batch="as given",
    given="left",
    momentum="put back",
):
    import torch

    if given == "used up":
        batches[:], batches = [], list(batches)
    if batch == "all":
        batches = [tuple(map(torch.cat, zip(*batches, strict=True)))]
    with torch.no_grad(), put_back(model):
        _choose_mode(model, mode)
        right = [(model(x).argmax(1) == y).double() for x, y in batches]
        modes = {module: module.training for module in model.modules()}
    if momentum == "left at 0":
        _choose_mode(model, "momentum 0")
    if after == "in training":
        model.train()
    elif after == "in evaluation":
        model.eval()
    elif after == "as used":
        for module, on in modes.items():
            module.training = on
    return torch.cat(right).mean() if share == "examples" else torch.stack([r.mean() for r in right]).mean()


def _choose_mode(model, mode):
    if mode == "evaluation":
        model.eval()
    elif mode == "training":
        model.train()
    elif mode == "children":
        for child in [model, *model.children()]:
            child.training = False
    elif mode == "norms":
        for norm in _norms(model):
            norm.eval()
    elif mode == "momentum 0":
        for norm in _norms(model):
            norm.momentum = 0.0


def _evaluate_network(rng, d=6, width=9, classes=4):
    inner = (_batch(rng, width), ("relu",), ("half",), linear(rng, width, classes))
    return (linear(rng, d, width), _batch(rng, width), ("relu",), ("nested", inner))


def _evaluate_args(rng, sizes, evaluating, d=6, classes=4):
    xs = tuple(rng.normal(0.5 * rng.normal(size=d), 1.5, (n, d)) for n in sizes)
    ys = tuple(rng.integers(0, classes, n) for n in sizes)
    return _evaluate_network(rng, d), xs, ys, evaluating


def _evaluate_probe(rng, label, sizes, evaluating="none"):
    shown = f"a model with two batch norms; before: {evaluating} in evaluation mode; batches of {sizes}"
    return Probe(label, _evaluate_args(rng, sizes, evaluating), driver="14_clinic:evaluate", shown=shown)


def _evaluate_probes(rng):
    return [
        _evaluate_probe(rng, "batches of 40, 40 and 12, the model in training mode", (40, 40, 12)),
        _evaluate_probe(rng, "a model whose first norm is frozen", (30, 17), "the first norm"),
        _evaluate_probe(rng, "a model in evaluation mode", (25, 8), "all"),
        _evaluate_probe(rng, "one batch", (50,)),
        _evaluate_probe(rng, "four batches of 16", (16, 16, 16, 16)),
    ]


def _evaluate_examples():
    rng = np.random.default_rng(14)
    return (
        _evaluate_probe(rng, "two batches", (20, 7)),
        _evaluate_probe(rng, "the first norm frozen", (20, 7), "the first norm"),
        _evaluate_probe(rng, "in evaluation mode", (20, 7), "all"),
    )


def _share(args, value):
    accuracy = float(np.asarray(value[0]))
    return None if 0 <= accuracy <= 1 else f"the accuracy is {accuracy:.3g}; it is a share, from 0 to 1"


QUESTION = Question(
    name="clinic_evaluate",
    points=2,
    level=1,
    reference=clinic_evaluate,
    variant=_evaluate_variant,
    returns=(
        "the accuracy",
        "the modes afterwards",
        "running statistics, counts and momenta afterwards",
        "the list of batches afterwards (1: as it was)",
    ),
    version=2,
    probes=_evaluate_probes,
    examples=_evaluate_examples(),
    call="clinic_evaluate(model, batches)",
    properties=(Property("a share", _share),),
    misconceptions=(
        mistake("evaluated-in-training-mode", {"mode": "as found"}, {"mode": "training"}),
        mistake("top-level-only", mode="children"),
        mistake("dropout-left-on", mode="norms"),
        mistake(
            "momentum-zero",
            {"mode": "momentum 0"},
            {"mode": "momentum 0", "momentum": "left at 0"},
            {"mode": "momentum 0", "momentum": "left at 0", "after": "as used"},
        ),
        mistake("left-in-evaluation", {"after": "in evaluation"}, {"after": "as used"}),
        mistake("train-everything-afterwards", after="in training"),
        mistake("list-used-up", given="used up"),
        mistake("mean-of-batch-means", share="batches"),
        mistake("one-big-batch-in-training-mode", {"mode": "as found", "batch": "all"}),
    ),
)
