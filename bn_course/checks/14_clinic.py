"""Lesson 14: eight patients, judged by what the mended code does."""

import copy
from contextlib import contextmanager, nullcontext

import numpy as np

from bn_course.checks._draw import signs_in_thirds
from bn_course.checks._shared import known, own
from bn_course.grading.question import Prediction, Probe, Property, Question

# --- what the probes are made of --------------------------------------------------------------


def _linear(rng, inputs, outputs, bias=True):
    weight = rng.normal(size=(outputs, inputs)) * np.sqrt(2 / inputs)
    return "linear", weight, rng.normal(size=outputs) if bias else None


def _batch(rng, d, momentum=0.3):
    """A norm whose running statistics are those of no batch."""
    mean, var = rng.normal(size=d), rng.uniform(0.5, 4.0, d)
    return "batch", signs_in_thirds(rng, d), rng.normal(size=d), mean, var, momentum


def _norms(model):
    from torch.nn.modules.batchnorm import _BatchNorm

    return [module for module in model.modules() if isinstance(module, _BatchNorm)]


@contextmanager
def _put_back(model):
    """Modes and momenta of the model are as they were when this ends."""
    modes = [(module, module.training) for module in model.modules()]
    momenta = [(norm, norm.momentum) for norm in _norms(model)]
    try:
        yield
    finally:
        for module, mode in modes:
            module.training = mode
        for norm, momentum in momenta:
            norm.momentum = momentum


# --- clinic_evaluate --------------------------------------------------------------------------


def clinic_evaluate(model, batches):
    """In evaluation mode, whatever the mode was, which is then put back module by module."""
    import torch

    with torch.no_grad(), _put_back(model):
        model.eval()
        right = sum((model(x).argmax(1) == y).sum().item() for x, y in batches)
    return right / sum(len(y) for _, y in batches)


def _evaluate_variant(
    model, batches, *, mode="evaluation", after="as before", share="examples", batch="as given"
):
    import torch

    if batch == "all":
        batches = [tuple(map(torch.cat, zip(*batches, strict=True)))]
    with torch.no_grad(), _put_back(model):
        _choose_mode(model, mode)
        right = [(model(x).argmax(1) == y).double() for x, y in batches]
        modes = {module: module.training for module in model.modules()}
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
    inner = (_batch(rng, width), ("relu",), ("half",), _linear(rng, width, classes))
    return (_linear(rng, d, width), _batch(rng, width), ("relu",), ("nested", inner))


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


_EVALUATE = Question(
    name="clinic_evaluate",
    points=2,
    level=1,
    task="Mend the evaluation: an example's prediction depends on that example alone, and the model is left as it was.",
    ask=(
        "Evaluate in batches of 64, of 7, and shuffled. Which predictions may differ, and which mode has each module afterwards?",
        "None, and the one it had: `eval()` reaches every module, and putting all in training mode afterwards is not putting back.",
    ),
    reference=clinic_evaluate,
    variant=_evaluate_variant,
    returns=("the accuracy", "the modes afterwards", "the running statistics afterwards"),
    probes=_evaluate_probes,
    examples=_evaluate_examples(),
    call="clinic_evaluate(model, batches)",
    properties=(Property("a share", _share),),
    misconceptions=(
        own(
            "evaluated-in-training-mode",
            "You run the model in training mode.",
            "`torch.no_grad()` turns gradients off and nothing else. Each prediction then depends on the other "
            "examples of its batch, dropout is at work, and every batch of the test data moves the running "
            "statistics.",
            {"mode": "as found"},
            {"mode": "training"},
        ),
        own(
            "top-level-only",
            "You set `training` of the model and its children, and the layers further down stay in training mode.",
            "`training` is a flag of each module by itself. `model.eval()` goes down through all of them; an "
            "assignment does not.",
            mode="children",
        ),
        own(
            "dropout-left-on",
            "You put the norms in evaluation mode and leave the rest of the model in training mode.",
            "Dropout, and whatever else depends on the mode, must be in evaluation mode as well: `model.eval()`.",
            mode="norms",
        ),
        own(
            "momentum-zero",
            "You set the momentum to 0.",
            "That keeps the running statistics from moving, and still normalises with those of the batch: the "
            "predictions depend on the company as before.",
            mode="momentum 0",
        ),
        own(
            "left-in-evaluation",
            "You leave the model in evaluation mode.",
            "Training goes on afterwards, and would go on with frozen statistics and without dropout. Put back "
            "what you found.",
            {"after": "in evaluation"},
            {"after": "as used"},
        ),
        own(
            "train-everything-afterwards",
            "You put every module in training mode afterwards.",
            "Some of them may have been in evaluation mode before, frozen on purpose. Remember each module's "
            "mode, and put that back.",
            after="in training",
        ),
        own(
            "mean-of-batch-means",
            "You average the accuracies of the batches.",
            "The last batch is smaller, and its examples count more in such a mean. Count the examples that are "
            "right, and divide once.",
            share="batches",
        ),
        own(
            "one-big-batch-in-training-mode",
            "You put all examples into one batch, in training mode.",
            "A large batch has calmer statistics, and they are still those of the test data: the predictions "
            "depend on what else is tested, and the running statistics move.",
            {"mode": "as found", "batch": "all"},
        ),
    ),
    hints=(
        "Run it twice, with batches of 100 and with batches of 5, on the same examples. Should the accuracy "
        "change? Which line of the code decides that it does?",
        "`torch.no_grad()` has nothing to do with the mode. What sets the mode, and of which modules?",
        "`model.eval()` for the loop. Then back to what was found: `modes = [(m, m.training) for m in "
        "model.modules()]` before, and an assignment for each of them after.",
    ),
)


# --- clinic_checkpoint ------------------------------------------------------------------------


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
def _momentum(norms, new):
    """`new(momentum)` in place of each momentum."""
    kept = [norm.momentum for norm in norms]
    for norm, momentum in zip(norms, kept, strict=True):
        norm.momentum = new(momentum)
    try:
        yield
    finally:
        for norm, momentum in zip(norms, kept, strict=True):
            norm.momentum = momentum


@contextmanager
def _evaluating(block):
    with _put_back(block):
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
    if store == "everything" or not torch.is_grad_enabled():
        with contexts[0]():
            return block(x)
    return checkpoint(block, x, use_reentrant=False, context_fn=lambda: (contexts[0](), contexts[1]()))


def _checkpoint_args(rng, n, d, width, momentum, passes):
    layers = (
        _linear(rng, d, width, bias=False),
        _batch(rng, width, momentum),
        ("relu",),
        _linear(rng, width, d),
        _batch(rng, d, momentum),
    )
    given = tuple(
        (rng.normal(1.0, 2.0, (n, d)), rng.normal(size=(n, d)) if backward else None) for backward in passes
    )
    return layers, given


_PASS = ("y", "dx", "the gradients of γ", "the running statistics", "the count of batches, and what was kept")


def _checkpoint_probe(rng, label, n, d, width, momentum, passes):
    names = tuple(f"{name} (pass {i})" for i, _ in enumerate(passes, 1) for name in _PASS)
    told = ["a training step" if backward else "a pass with gradients off" for backward in passes]
    return Probe(
        label,
        _checkpoint_args(rng, n, d, width, momentum, passes),
        driver="14_clinic:checkpoint",
        returns=names,
        shown=f"a block of two batch norms with momentum {momentum}, in training mode: {', then '.join(told)}",
    )


def _checkpoint_probes(rng):
    return [
        _checkpoint_probe(rng, "two training steps", 7, 4, 5, 0.3, (True, True)),
        _checkpoint_probe(rng, "a pass with gradients off, then a step", 6, 3, 4, 0.1, (False, True)),
        _checkpoint_probe(rng, "cumulative averages (momentum=None)", 5, 3, 3, None, (True, True)),
    ]


def _checkpoint_examples():
    rng = np.random.default_rng(15)
    return (
        _checkpoint_probe(rng, "one step", 4, 2, 2, 0.1, (True,)),
        _checkpoint_probe(rng, "a pass with gradients off", 4, 2, 2, 0.1, (False,)),
    )


_CHECKPOINT = Question(
    name="clinic_checkpoint",
    points=3,
    level=3,
    task="Mend the checkpointing: outputs, gradients and buffers as without it, and the memory still saved.",
    ask=(
        "After ten steps, what must `num_batches_tracked` be? How often did the norm's forward pass run?",
        "10, and 20 times. Both passes must compute the same function, and one of them alone may count.",
    ),
    reference=clinic_checkpoint,
    variant=_checkpoint_variant,
    returns=_PASS,
    probes=_checkpoint_probes,
    examples=_checkpoint_examples(),
    call="clinic_checkpoint(block, x)",
    misconceptions=(
        own(
            "counted-twice",
            "Both passes through the block move the running statistics.",
            "The backward pass computes the block once more, in training mode, on the same batch: the running "
            "statistics take two steps towards it, as if the momentum were 1 − (1 − m)².",
            update="both passes",
        ),
        own(
            "root-of-momentum",
            "You lower the momentum to 1 − √(1 − m), so that two steps make one.",
            "That is right as long as both passes happen. A pass with gradients off happens once, "
            "`num_batches_tracked` still counts two, and a cumulative average (momentum=None) has no such root.",
            update="root",
        ),
        own(
            "counts-in-backward-only",
            "The first pass leaves the running statistics alone, and the second one moves them.",
            "A step comes out right. Whoever runs the block with gradients off, to recalibrate it or to look at "
            "the loss, has no second pass. Let the first pass count.",
            update="second pass",
        ),
        own(
            "never-counted",
            "Neither pass moves the running statistics.",
            "Then there are none to evaluate with. One of the two passes has to count: the first.",
            {"update": "neither pass"},
            {"update": "momentum 0"},
        ),
        own(
            "evaluation-mode",
            "You run the block in evaluation mode.",
            "Then it normalises with the running statistics: in training the output, and the gradients, are "
            "those of another function.",
            update="evaluation",
        ),
        own(
            "not-checkpointed",
            "You keep all that is inside the block for the backward pass.",
            "The buffers are right, and the memory that checkpointing was to save is used again.",
            store="everything",
        ),
    ),
    hints=(
        "Print the running mean after the forward pass, and again after the backward pass. What ran in between?",
        "The second pass must use the batch's statistics, or the gradients are wrong. So its mode is right. What "
        "may it not touch? `checkpoint` has an argument `context_fn`.",
        "`context_fn` returns two context managers: the first is around the first pass, the second around the "
        "recomputation. In the second, the norms can work on copies of their buffers.",
        "Write a `@contextmanager` that replaces `running_mean`, `running_var` and `num_batches_tracked` of each "
        "norm by a clone, yields, and puts the originals back in a `finally:` (the second pass ends by an exception, "
        "as soon as it has what the backward pass needs). Give `context_fn=lambda: (nullcontext(), that(block))`.",
    ),
)


# --- clinic_freeze ----------------------------------------------------------------------------


def clinic_freeze(model, batches, epochs, lr):
    """The backbone is in evaluation mode whenever the head is trained."""
    import torch

    model.backbone.requires_grad_(False)
    optimiser = torch.optim.SGD(model.head.parameters(), lr=lr)
    for _ in range(epochs):
        model.train()
        model.backbone.eval()
        for x, y in batches:
            optimiser.zero_grad()
            torch.nn.functional.cross_entropy(model(x), y).backward()
            optimiser.step()
    return model


def _freeze_variant(model, batches, epochs, lr, *, backbone="evaluation", head="training", learns="head"):
    import torch

    model.backbone.requires_grad_(False)
    learning = list(model.head.parameters())
    if learns == "affine":
        learning += [p.requires_grad_() for norm in _norms(model.backbone) for p in norm.parameters()]
    optimiser = torch.optim.SGD(learning, lr=lr)
    before = copy.deepcopy(model.backbone.state_dict())
    for epoch in range(epochs):
        model.train()
        model.head.train(head == "training")
        if backbone == "evaluation" or (backbone == "evaluation at first" and epoch == 0):
            model.backbone.eval()
        elif backbone == "norms":
            for norm in _norms(model.backbone):
                norm.eval()
        with _momentum(_norms(model.backbone), lambda m: 0.0) if backbone == "momentum 0" else nullcontext():
            for x, y in batches:
                optimiser.zero_grad()
                torch.nn.functional.cross_entropy(model(x), y).backward()
                optimiser.step()
    if backbone == "restored":
        model.backbone.load_state_dict(before)
    return model


def _freeze_args(rng, sizes, epochs, lr, d=4, width=5, classes=3):
    backbone = (_linear(rng, d, width, bias=False), _batch(rng, width), ("relu",), ("half",))
    head = (_linear(rng, width, width), _batch(rng, width), ("half",), _linear(rng, width, classes))
    xs = tuple(rng.normal(2 * rng.normal(size=d), 2.0, (n, d)) for n in sizes)
    ys = tuple(rng.integers(0, classes, n) for n in sizes)
    return backbone, head, xs, ys, epochs, lr, rng.normal(size=(5, d))


def _freeze_probe(rng, label, sizes, epochs, lr):
    shown = f"a backbone with a batch norm and a dropout; {epochs} epochs of batches of {sizes}, rate {lr}"
    return Probe(label, _freeze_args(rng, sizes, epochs, lr), driver="14_clinic:freeze", shown=shown)


def _freeze_probes(rng):
    return [
        _freeze_probe(rng, "three epochs", (8, 6), 3, 0.5),
        _freeze_probe(rng, "one epoch", (5, 7, 6), 1, 0.3),
        _freeze_probe(rng, "two epochs", (9, 4), 2, 1.0),
    ]


def _freeze_examples():
    rng = np.random.default_rng(16)
    return (_freeze_probe(rng, "one epoch", (4,), 1, 0.5), _freeze_probe(rng, "two epochs", (4, 4), 2, 0.5))


_FREEZE = Question(
    name="clinic_freeze",
    points=2,
    level=2,
    task="Mend the fine-tuning: the backbone computes after it, and during it, what it computed before.",
    ask=(
        "Keep the backbone's output for one fixed batch: before, in the middle of an epoch, after. In which mode is it in the middle?",
        "Three times the same, in the mode that training uses. `requires_grad=False` stops parameters; buffers and batch statistics are not parameters.",
    ),
    reference=clinic_freeze,
    variant=_freeze_variant,
    returns=("the backbone's features", "the scores"),
    probes=_freeze_probes,
    examples=_freeze_examples(),
    call="clinic_freeze(model, batches, epochs, lr)",
    misconceptions=(
        own(
            "requires-grad-only",
            "The backbone's norms are in training mode while the head learns.",
            "`requires_grad=False` stops gradients. Running statistics are moved by forward passes, not by "
            "gradients: the features drift away from those that the weights were trained for.",
            backbone="training",
        ),
        own(
            "undone-by-train",
            "You put the backbone in evaluation mode, and `model.train()` undoes it from the second epoch on.",
            "`train()` goes down through all modules. Whatever sets the mode has to come after it, every time.",
            backbone="evaluation at first",
        ),
        own(
            "buffers-still-features-not",
            "The running statistics come out unchanged, and during training the features were those of the batch's "
            "statistics.",
            "The head then learns from features that it will not meet at inference. The backbone has to "
            "normalise with its running statistics: evaluation mode.",
            {"backbone": "momentum 0"},
            {"backbone": "restored"},
        ),
        own(
            "backbone-dropout-on",
            "You put the backbone's norms in evaluation mode and leave its dropout on.",
            "A frozen backbone gives the same features in training as at inference; with dropout it does not.",
            backbone="norms",
        ),
        own(
            "head-in-evaluation-mode",
            "You put the head in evaluation mode as well.",
            "The head is what learns: its own norms must use, and record, the statistics of the batch, and its "
            "dropout belongs to its training.",
            head="evaluation",
        ),
        own(
            "affine-still-learns",
            "γ and β of the backbone's norms go on learning.",
            "They are part of what the backbone computes. Frozen means all of it.",
            learns="affine",
        ),
    ),
    hints=(
        "Compare `model.backbone.state_dict()` before and after. Which entries have changed, and are they "
        "parameters?",
        "Buffers move in forward passes in training mode. Which call puts the backbone in training mode, and how "
        "often does it come?",
        "`model.backbone.eval()` right after `model.train()`, in every epoch. The head stays in training mode.",
    ),
)


# --- clinic_average ---------------------------------------------------------------------------


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
    model, snapshots, batches, *, statistics="of all batches", order="after", momentum="put back"
):

    if order == "before":
        _measure(model, batches, statistics)
    _set_mean(model, snapshots, buffers=statistics == "averaged")
    if order == "after":
        _measure(model, batches, statistics)
    if momentum == "left at None":
        for norm in _norms(model):
            norm.momentum = None
    return model.eval()


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
        _linear(rng, d, width, bias=False),
        _batch(rng, width, 0.1),
        ("relu",),
        _linear(rng, width, width),
        _batch(rng, width, 0.1),
        _linear(rng, width, classes),
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


_AVERAGE = Question(
    name="clinic_average",
    points=2,
    level=2,
    task="Mend the averaging: the model comes with the statistics that the averaged weights make.",
    ask=(
        "Which numbers of the averaged model describe activations that no longer exist? When can the new ones be measured?",
        "Running means and variances, from the model before. After the weights are averaged, from data, beginning afresh.",
    ),
    reference=clinic_average,
    variant=_average_variant,
    returns=("the scores in evaluation mode", "the momenta afterwards"),
    probes=_average_probes,
    examples=_average_examples(),
    call="clinic_average(model, snapshots, batches)",
    misconceptions=(
        own(
            "buffers-left-behind",
            "The running statistics are still those that the model had before.",
            "They belong to other weights. The averaged weights make activations with another mean and variance, "
            "and evaluation normalises with the wrong ones. (In evaluation mode, passes over the data change "
            "nothing.)",
            statistics="left",
        ),
        own(
            "buffers-averaged",
            "You average the running statistics of the snapshots too.",
            "The mean of their variances is not the variance of the averaged network: features that differ "
            "between snapshots partly cancel in the weights. It comes close where the snapshots are alike, as in "
            "a slow exponential average; here they are not. Measure it: one pass over the data.",
            statistics="averaged",
        ),
        own(
            "one-batch-of-statistics",
            "You take the statistics of one batch.",
            "One batch is one noisy sample of the data, and the last one here is not like the others. Average "
            "over all that you were given.",
            statistics="of the last batch",
        ),
        own(
            "not-reset",
            "You let the running statistics move on from where they were.",
            "With momentum 0.1 and a handful of batches most of the old network's statistics are still in there. "
            "Reset them, and take the plain mean over the batches (momentum=None does).",
            statistics="one momentum step a batch",
        ),
        own(
            "measured-too-early",
            "You measure the statistics before you average the weights.",
            "They are then those of the last snapshot. First the weights, then what they make of the data.",
            order="before",
        ),
        own(
            "momentum-not-put-back",
            "You leave momentum at None.",
            "If this model is ever trained again, its norms average over everything since the reset and never "
            "forget. Put the momentum back.",
            momentum="left at None",
        ),
    ),
    hints=(
        "`named_parameters()` is not all that a model consists of. What else is in its `state_dict()`?",
        "The running statistics describe what the weights make of the data. The weights are new, so measure: a "
        "pass over `batches` in training mode, gradients off.",
        "Start the measurement afresh (`reset_running_stats()`), and weigh all batches alike (momentum=None while "
        "you measure, then what it was).",
        "`torch.optim.swa_utils.update_bn(batches, model)` does all of that, after the weights are set.",
    ),
)


# --- clinic_fold ------------------------------------------------------------------------------


def clinic_fold(conv, bn):
    """s = γ/√(σ² + ε): the kernel becomes s·W, the bias β + s·(b − μ)."""
    return _fold_variant(conv, bn)


def _fold_variant(conv, bn, *, bias="scaled", eps="inside", rows="out", options="kept", original="left"):
    import torch
    from torch import nn

    hyper = {} if options == "lost" else {"stride": conv.stride, "padding": conv.padding}
    folded = nn.Conv2d(
        conv.in_channels, conv.out_channels, conv.kernel_size, groups=conv.groups, bias=True, **hyper
    )
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


def _fold_args(rng, shape, bias, stride, padding, groups, eps, images):
    out = shape[0]
    conv = (rng.normal(size=shape), 2 * rng.normal(size=out) if bias else None, stride, padding, groups)
    norm = (
        signs_in_thirds(rng, out),
        rng.normal(size=out),
        rng.normal(size=out),
        rng.uniform(0.3, 4, out),
        eps,
    )
    return conv, norm, rng.normal(1.0, 1.0, images)


def _fold_probe(rng, label, shape, bias, stride, padding, groups, eps, images):
    given = f"kernel {shape}, {'with' if bias else 'without'} a bias, stride {stride}, padding {padding}"
    return Probe(
        label,
        _fold_args(rng, shape, bias, stride, padding, groups, eps, images),
        driver="14_clinic:fold",
        rtol=1e-3,
        atol=1e-4,
        shown=f"a convolution ({given}, {groups} group{'s' * (groups > 1)}) and a norm with ε = {eps:g}",
    )


def _fold_probes(rng):
    return [
        _fold_probe(rng, "3 → 4 channels, ε = 0.1", (4, 3, 3, 3), True, 1, 1, 1, 0.1, (2, 3, 6, 5)),
        _fold_probe(rng, "as many channels in as out", (3, 3, 2, 2), True, 1, 0, 1, 0.1, (2, 3, 5, 4)),
        _fold_probe(rng, "no bias", (4, 2, 3, 3), False, 1, 1, 1, 0.1, (2, 2, 5, 5)),
        _fold_probe(rng, "stride 2, two groups", (6, 2, 3, 3), True, 2, 1, 2, 0.1, (1, 4, 7, 6)),
    ]


def _fold_examples():
    rng = np.random.default_rng(19)
    return (
        _fold_probe(rng, "one pixel, one channel", (1, 1, 1, 1), True, 1, 0, 1, 0.1, (1, 1, 1, 1)),
        _fold_probe(rng, "one pixel, two channels", (2, 2, 1, 1), True, 1, 0, 1, 0.1, (1, 2, 1, 1)),
        _fold_probe(rng, "stride 2, padding 1", (1, 1, 3, 3), True, 2, 1, 1, 0.1, (1, 1, 4, 4)),
    )


_FOLD = Question(
    name="clinic_fold",
    points=2,
    level=1,
    task="Mend the fold: one convolution that does what the two layers did.",
    ask=(
        "Compare both on an input of zeros, then on random inputs, then with stride 2. What does each comparison test?",
        "The bias, which goes through γ/√(σ² + ε) too; the weight; the options of the convolution, padding among them.",
    ),
    reference=clinic_fold,
    variant=_fold_variant,
    returns=("the folded layer's output", "the old layers' output afterwards"),
    probes=_fold_probes,
    examples=_fold_examples(),
    call="clinic_fold(conv, bn)",
    misconceptions=(
        known("bias-not-folded", bias="forgotten"),
        known("bias-not-scaled", bias="unscaled"),
        own(
            "mean-not-scaled",
            "You subtract the running mean without multiplying it by γ/√(σ² + ε).",
            "The mean is subtracted before the scaling, so it is scaled with the rest: β + s·(b − μ).",
            bias="mean unscaled",
        ),
        own(
            "mean-added",
            "You add the running mean instead of subtracting it.",
            "Batch norm takes the mean away: the new bias is β + s·(b − μ).",
            bias="mean added",
        ),
        known("eps-outside-sqrt", eps="outside"),
        own(
            "eps-hard-coded",
            "You use ε = 1e-5 whatever `bn.eps` is.",
            "The layer has its own ε, and models that come from elsewhere often have 1e-3.",
            eps="1e-5",
        ),
        known("fold-scales-rows-wrong", rows="in"),
        own(
            "options-lost",
            "The new convolution has not the old one's stride and padding.",
            "They are part of what the layer does; so are dilation, groups and the padding mode.",
            options="lost",
        ),
        own(
            "original-changed",
            "You write the folded numbers into the convolution that was given.",
            "Who still uses it, with its norm behind, now normalises twice. Make a new layer.",
            original="changed",
        ),
    ),
    hints=(
        "Fold a convolution without a bias: right. Fold one with a bias: wrong. By how much, in each channel?",
        "Write the two layers as one line: y = s·(W∗x + b − μ) + β with s = γ/√(σ² + ε). What stands in front of "
        "the x, and what is left?",
        "The new bias is `bn.bias + scale * (conv.bias - bn.running_mean)`; take zeros where `conv.bias` is None.",
    ),
)


# --- clinic_gan -------------------------------------------------------------------------------


def clinic_gan(discriminator, real, fake):
    """A pass for each kind: a generated image is scored as in the generator's own step."""
    return discriminator(real), discriminator(fake)


def _gan_variant(
    discriminator, real, fake, *, company="alike", mode="as found", after="as before", graph="kept"
):
    import torch

    modes = [(module, module.training) for module in discriminator.modules()]
    if mode == "evaluation":
        discriminator.eval()
    if company == "alike":
        scores = discriminator(real), discriminator(fake)
    elif company == "together":
        scores = discriminator(torch.cat([real, fake])).split([len(real), len(fake)])
    elif company == "halves":
        scores = _in_two_mixed_batches(discriminator, real, fake)
    elif company == "all real":  # the generated ones are scored with the statistics of the real ones
        scores = _with_statistics_of(discriminator, real, real, fake)
    if graph == "detached":
        scores = [score.detach() + 0 * discriminator[0].weight.sum() for score in scores]
    if mode == "evaluation" and after == "as before":
        for module, on in modes:
            module.training = on
    return tuple(scores)


def _in_two_mixed_batches(discriminator, real, fake):
    import torch

    pairs = zip(real.chunk(2), fake.chunk(2), strict=True)
    scores = [discriminator(torch.cat(pair)).split([len(part) for part in pair]) for pair in pairs]
    return tuple(torch.cat(parts) for parts in zip(*scores, strict=True))


def _with_statistics_of(discriminator, witnesses, *inputs):
    """Scores of each input with the statistics that the witnesses leave behind."""
    with _put_back(discriminator):
        for norm in _norms(discriminator):
            norm.momentum = 1.0
        discriminator(witnesses)
        discriminator.eval()
        return tuple(discriminator(x) for x in inputs)


def _gan_args(rng, n, m, d=3, width=4):
    layers = (
        _linear(rng, d, width),
        _batch(rng, width),
        ("relu",),
        ("nested", (_linear(rng, width, width), _batch(rng, width), ("relu",))),
        _linear(rng, width, 1),
    )
    real, fake = rng.normal(1.5, 1.0, (n, d)), rng.normal(-1.5, 2.0, (m, d))
    return layers, real, fake, rng.normal(size=(n, 1)), rng.normal(size=(m, 1))


def _gan_probe(rng, label, n, m):
    return Probe(
        label,
        _gan_args(rng, n, m),
        driver="14_clinic:gan",
        shown=f"{n} real and {m} generated examples, a discriminator with two batch norms in training mode",
    )


def _gan_probes(rng):
    return [
        _gan_probe(rng, "8 real, 8 generated", 8, 8),
        _gan_probe(rng, "6 real, 10 generated", 6, 10),
        _gan_probe(rng, "12 real, 5 generated", 12, 5),
    ]


def _gan_examples():
    rng = np.random.default_rng(20)
    return (_gan_probe(rng, "4 and 4", 4, 4), _gan_probe(rng, "4 and 6", 4, 6))


_GAN = Question(
    name="clinic_gan",
    points=1,
    level=2,
    task="Mend the discriminator's step: a generated image scores what it scores in the generator's step.",
    ask=(
        "With whom does a generated image share its batch in the generator's step? And in your discriminator's?",
        "With generated ones alone, and it has to be so in both: else its score depends on the company, and the company gives it away.",
    ),
    reference=clinic_gan,
    variant=_gan_variant,
    returns=(
        "the scores of the real ones",
        "the scores of the generated ones",
        "the first gradient",
        "the modes",
    ),
    probes=_gan_probes,
    examples=_gan_examples(),
    call="clinic_gan(discriminator, real, fake)",
    misconceptions=(
        own(
            "real-and-generated-together",
            "Real and generated examples share a batch, and so its statistics.",
            "In its own step the discriminator is told by each batch's mean how the two kinds differ. In the "
            "generator's step it sees generated ones alone and is another function: what the generator learns "
            "to fool is not what was trained. (Shuffling the mixed batch changes nothing.)",
            company="together",
        ),
        own(
            "two-mixed-batches",
            "You make two batches, and each of them holds both kinds.",
            "Smaller batches, the same mixture: the statistics still come from both. Split by kind.",
            company="halves",
        ),
        own(
            "statistics-of-the-real-ones",
            "You normalise the generated examples with the statistics of the real ones.",
            "In the generator's step there are no real ones: the same image would score something else there. "
            "(With a fixed reference batch in both steps it would work: virtual batch normalisation.)",
            company="all real",
        ),
        own(
            "evaluation-mode",
            "You score in evaluation mode.",
            "The scores no longer depend on the company, and they are not those of the generator's step, which "
            "is in training mode; and the running statistics are never updated.",
            mode="evaluation",
        ),
        own(
            "no-gradient",
            "No gradient reaches the discriminator through the scores.",
            "This is the step in which it learns.",
            graph="detached",
        ),
    ),
    hints=(
        "Score the same generated images twice in training mode: once with real ones in the batch, once alone. "
        "Which of the two does the generator meet?",
        "The only thing that an example's score can learn from its neighbours is the batch statistics. Who may "
        "its neighbours be?",
        "Two passes: `discriminator(real), discriminator(fake)`.",
    ),
)


# --- clinic_last_batch ------------------------------------------------------------------------


def clinic_last_batch(x, y, batch_size):
    """A last example that would be alone joins the batch before it."""
    return _last_batch_variant(x, y, batch_size)


def _last_batch_variant(x, y, batch_size, *, last="joins", pairs="kept"):
    import torch

    n = len(x)
    rows = [torch.arange(i, min(i + batch_size, n)) for i in range(0, n, batch_size)]
    short, alone = len(rows[-1]) < batch_size, len(rows[-1]) == 1
    if last == "joins" and alone:
        rows[-2:] = [torch.cat(rows[-2:])]
    elif (last == "dropped" and short) or (last == "dropped if alone" and alone):
        rows.pop()
    elif last == "twice" and alone:
        rows[-1] = rows[-1].repeat(2)
    elif last == "filled up" and short:
        rows[-1] = torch.cat([rows[-1], torch.arange(batch_size - len(rows[-1]))])
    elif last == "always joins" and short:
        rows[-2:] = [torch.cat(rows[-2:])]
    elif last == "takes one" and alone:
        rows[-2:] = [rows[-2][:-1], torch.cat([rows[-2][-1:], rows[-1]])]
    elif last == "even":
        rows = list(torch.arange(n).tensor_split(len(rows)))
    partner = torch.arange(n) if pairs == "kept" else torch.arange(n).flip(0)
    return [(x[r], y[partner[r]]) for r in rows]


def _last_batch_probe(label, n, batch_size):
    shown = f"{n} examples, batch_size = {batch_size}"
    return Probe(label, (n, batch_size), driver="14_clinic:last_batch", shown=shown)


def _last_batch_probes(rng):
    batch_size = int(rng.integers(5, 9))
    many = batch_size * int(rng.integers(3, 6)) + 1
    return [
        _last_batch_probe(f"{many} examples, batches of {batch_size}", many, batch_size),
        _last_batch_probe("18 examples, batches of 6", 18, 6),
        _last_batch_probe("22 examples, batches of 6", 22, 6),
        _last_batch_probe("9 examples, batches of 2", 9, 2),
        _last_batch_probe("4 examples, batches of 8", 4, 8),
    ]


_LAST_BATCH = Question(
    name="clinic_last_batch",
    points=2,
    level=1,
    task="Mend the batching: every example once an epoch, and no batch that batch norm cannot use.",
    ask=(
        "897 examples in batches of 128: how large is the last? Five in batches of two?",
        "1, so it joins the one before: 129. Five are 2 and 3. Nobody is left out, nobody comes twice, and x and y stay together.",
    ),
    reference=clinic_last_batch,
    variant=_last_batch_variant,
    returns=(
        "how often each example occurs",
        "examples with another's y",
        "batches of fewer than two",
        "batches of more than batch_size + 1",
    ),
    probes=_last_batch_probes,
    examples=(
        _last_batch_probe("5 examples, batches of 4", 5, 4),
        _last_batch_probe("6 examples, batches of 4", 6, 4),
        _last_batch_probe("3 examples, batches of 2", 3, 2),
    ),
    call="clinic_last_batch(x, y, batch_size)",
    misconceptions=(
        own(
            "batch-of-one",
            "The last batch can hold a single example.",
            "It is its own mean: x − μ is 0, and β comes out whatever the example was. PyTorch raises "
            "'Expected more than 1 value per channel', at the end of the first epoch.",
            last="alone",
        ),
        own(
            "drop-last",
            "You drop the last batch.",
            "Nothing is shuffled here, so the same examples are never seen. (With a new order each epoch, "
            "`drop_last=True` is a fair choice for training; for evaluation it never is.)",
            {"last": "dropped"},
            {"last": "dropped if alone"},
        ),
        own(
            "same-example-twice",
            "You put the last example into its batch twice.",
            "Two equal examples have variance 0: both come out as β, as one alone would. No error is raised any "
            "more, and that is all.",
            last="twice",
        ),
        own(
            "filled-up",
            "You fill the last batch up with examples from the beginning.",
            "They are seen twice an epoch, and count double in the loss.",
            last="filled up",
        ),
        own(
            "always-joins",
            "You add the last batch to the one before it whatever its size.",
            "That batch can be nearly twice as large, and the memory was chosen for batch_size. Only an example "
            "that is alone has to join.",
            last="always joins",
        ),
        own(
            "one-left-over",
            "With batches of two, your rule leaves an example alone.",
            "Taking one from the batch before leaves that one with a single example, and an odd number cannot be "
            "cut into parts of two. Of 3 examples, only one batch of 3 will do.",
            {"last": "takes one"},
            {"last": "even"},
        ),
        own(
            "pairs-torn",
            "x and y of an example do not come together any more.",
            "Whatever is done to the rows of x has to be done to those of y.",
            pairs="torn",
        ),
    ),
    hints=(
        "For which numbers of examples does the last batch hold one? What does batch norm make of it?",
        "Every example once, at least two in a batch, at most batch_size + 1. Try your rule on 3 examples with "
        "batches of 2.",
        "If the last batch holds one example, `torch.cat` it to the batch before; leave all else as it is.",
    ),
)


# --- clinic_detached --------------------------------------------------------------------------


def clinic_detached(x, gamma, beta, eps=1e-5):
    """The statistics are functions of x, and the gradient goes through them."""
    return _detached_variant(x, gamma, beta, eps)


_NOT_GIVEN = None


def _detached_variant(
    x,
    gamma,
    beta,
    eps=_NOT_GIVEN,
    *,
    mean="attached",
    var="attached",
    ddof=0,
    eps_place="inside",
    default=1e-5,
):
    import torch

    eps = default if eps is _NOT_GIVEN else eps
    centre = x.mean(0)
    centre = centre.detach() if mean == "detached" else centre
    spread = (x - (x.mean(0) if var == "attached" else centre)).square().sum(0) / (len(x) - ddof)
    spread = spread.detach() if var == "detached" else spread
    deviation = torch.sqrt(spread + eps) if eps_place == "inside" else torch.sqrt(spread) + eps
    return gamma * (x - centre) / deviation + beta


def _detached_args(rng, n, d, eps, scale=1.0):
    x = scale * rng.normal(rng.normal(size=d), rng.uniform(0.5, 2.0, d), (n, d))
    head = (x, signs_in_thirds(rng, d), rng.normal(size=d), rng.normal(size=(n, d)))
    return head if eps is None else (*head, eps)


def _detached_probe(rng, label, *args, **options):
    return Probe(
        label, _detached_args(rng, *args, **options), driver="14_clinic:detached", shown=f"a batch: {label}"
    )


def _detached_probes(rng):
    return [
        _detached_probe(rng, "6 examples of 4 features, ε = 0.1", 6, 4, 0.1),
        _detached_probe(rng, "small numbers, ε left at its default", 7, 3, None, scale=3e-3),
        _detached_probe(rng, "as many examples as features", 4, 4, 0.01),
    ]


def _detached_examples():
    rng = np.random.default_rng(21)
    return (
        _detached_probe(rng, "3 examples of 1 feature, ε = 0.1", 3, 1, 0.1),
        _detached_probe(rng, "3 small examples, ε left at its default", 3, 1, None, scale=3e-3),
    )


def _no_shift(args, value):
    dx = np.asarray(value[1], float)
    if abs(dx.sum(0)).max() > 1e-6 * max(1, abs(dx).max()):
        return f"the gradient of x sums to {abs(dx.sum(0)).max():.2g} over the batch; it must sum to 0"
    return None


_DETACHED = Question(
    name="clinic_detached",
    points=2,
    level=2,
    task="Mend the layer: the output as it is, and the gradient of the function that it computes.",
    ask=(
        "The outputs agree. Which measurement, without a look at the code, shows that the gradient does not?",
        "Σdx over the batch, which must be 0 in every feature, or a numerical gradient in float64.",
    ),
    reference=clinic_detached,
    variant=_detached_variant,
    returns=("y", "dx", "the gradient of γ", "the gradient of β"),
    probes=_detached_probes,
    examples=_detached_examples(),
    call="clinic_detached(x, gamma, beta, eps=1e-5)",
    properties=(Property("Σdx = 0", _no_shift),),
    misconceptions=(
        known("detached", {"mean": "detached", "var": "detached"}),
        known("mean-detached", mean="detached"),
        known("var-detached", var="detached"),
        known("sample-variance", ddof=1),
        known("eps-outside-sqrt", eps_place="outside"),
        known("other-default-eps", {"default": 1e-3}, {"default": 1e-8}),
    ),
    hints=(
        "The outputs are right, so a test of the outputs passes. Compare the gradient of x with that of "
        "`torch.nn.functional.batch_norm(x, None, None, gamma, beta, training=True)`.",
        "μ and σ² depend on x. What does `torch.no_grad()` tell autograd about them?",
        "Compute mean and variance outside `torch.no_grad()`, without `.detach()`. Only the running statistics, "
        "which are no part of the output, are kept from autograd.",
    ),
)


QUESTIONS = (
    _EVALUATE,
    _CHECKPOINT,
    _FREEZE,
    _AVERAGE,
    _FOLD,
    _GAN,
    _LAST_BATCH,
    _DETACHED,
)

PREDICTIONS = {
    "14-evaluate": Prediction("c"),
    "14-capstone": Prediction("c"),
    "14-checkpoint": Prediction(0.19, factor=1.1),
    "14-freeze": Prediction("c"),
    "14-average": Prediction("c"),
    "14-fold": Prediction("b"),
    "14-gan": Prediction("b"),
    "14-last-batch": Prediction("c"),
    "14-detached": Prediction("c"),
    "14-alarms": Prediction("a"),
}
