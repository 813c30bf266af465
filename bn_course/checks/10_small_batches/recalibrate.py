"""Lesson 10: Give every batch norm layer of a trained model the statistics of all batches together."""

from functools import partial

from bn_course.checks._mistake import mistake
from bn_course.checks._networks import batch_norm, batches, columns, linear, norm_of_one
from bn_course.grading.question import Probe, Question


def recalibrate(model, batches):
    """Measure every batch norm's statistics anew, over all batches together."""
    from bn_course.nets.recalibrate import recalibrate

    recalibrate(model, batches)


def _recalibrate_variant(
    model,
    batches,
    *,
    accumulate="union",
    correction="none",
    kept="variance",
    below="batch",
    dropout=False,
    modes="kept",
    momentum="kept",
    reset=False,
    layers="all",
    walks=1,
    batches_are="left",
    returned="nothing",
    kept_eps=0.0,
):
    import torch

    norm_layers = [m for m in model.modules() if isinstance(m, torch.nn.modules.batchnorm._BatchNorm)]
    before = {module: module.training for module in model.modules()}
    old = {norm: (norm.running_mean.clone(), norm.running_var.clone()) for norm in norm_layers}
    seen = {norm: [] for norm in norm_layers}

    def look(norm, x):
        values = x[0].transpose(0, 1).flatten(1)
        n = values.shape[1]
        seen[norm].append((n, values.mean(1), values.var(1, correction=0)))

    if walks == 2 and not isinstance(batches, list):
        return None  # the first walk has used them up
    if batches_are == "used up" and isinstance(batches, list):
        batches[:], batches = [], list(batches)
    hooks = [norm.register_forward_pre_hook(look) for norm in norm_layers]
    model.train(dropout)
    for norm in norm_layers:
        norm.train(below == "batch")
    with torch.no_grad():
        for batch in batches:
            model(batch)
        for hook in hooks:
            hook.remove()
        for norm in norm_layers:
            mean, var = _accumulated(seen[norm], old[norm], norm.momentum, accumulate, correction)
            var = var + kept_eps * norm.eps
            skipped = layers == "first" and norm is not norm_layers[0]
            norm.running_mean.copy_(old[norm][0] if skipped else mean)
            norm.running_var.copy_(old[norm][1] if skipped else var.sqrt() if kept == "deviation" else var)
            norm.momentum = {"none": None, "or 0.1": norm.momentum or 0.1}.get(momentum, norm.momentum)
            if reset:
                norm.weight.fill_(1)
                norm.bias.zero_()
    after = {"train": True, "eval": False, "root": before[model]}
    for module, mode in before.items():
        module.training = after.get(modes, mode)
    return None if returned == "nothing" else model


def _accumulated(seen, old, momentum, accumulate, correction):
    """One layer's statistics from those of its batches, (n, mean, variance ÷ n) each."""
    if accumulate == "moving":
        mean, var = old
        for n, m, v in seen:
            mean = (1 - momentum) * mean + momentum * m
            var = (1 - momentum) * var + momentum * v * n / (n - 1)
        return mean, var
    if accumulate == "last":
        seen = seen[-1:]
    total = sum(n for n, _, _ in seen)
    weights = [1 / len(seen) if accumulate in ("batches", "equal") else n / total for n, _, _ in seen]
    mean = sum(w * m for w, (_, m, _) in zip(weights, seen, strict=True))
    if accumulate == "batches":  # what `momentum=None` gives
        return mean, sum(w * v * n / (n - 1) for w, (n, _, v) in zip(weights, seen, strict=True))
    between = accumulate != "within"
    var = sum(w * (v + between * (m - mean) ** 2) for w, (_, m, v) in zip(weights, seen, strict=True))
    return mean, var * total / (total - 1) if correction == "sample" else var


def _recalibrate_probe(label, layers, training, batches, shown=None, walks="many"):
    norm_layers = [layer for layer in layers if layer[0] == "batch norm"]
    names = [f"the running {what} of batch norm {k + 1}" for k in range(len(norm_layers)) for what in _WHAT]
    names += ["γ and β", "the momentum (−1 for None)", "the modes (1 is training)"]
    names += ["the list of batches afterwards (1: as it was)", "what it returns"]
    return Probe(
        label,
        (layers, training, batches, walks),
        driver="10_small_batches:recalibrated",
        returns=tuple(names),
        shown=shown,
    )


_WHAT = ("mean", "variance")


def _recalibrate_probes(rng):
    norm, dense = partial(batch_norm, rng), partial(linear, rng)
    features = [
        *(dense(True, 4, 5), norm(True, 1, 5, 0.3), ("dropout", True, 1.0), norm(False, 1, 5)),
        *(dense(False, 5, 3), norm(True, 1, 3)),
    ]
    images = [
        *(norm(False, 2, 3), ("flatten", False), dense(False, 12, 4), ("dropout", True, 1.0)),
        norm(False, 1, 4, 0.2),
    ]
    plain = [dense(False, 4, 3), norm(False, 1, 3), dense(False, 3, 4), norm(False, 1, 4, 0.0)]
    few = batches(rng, 3, 5, shape=(3, 2, 2))
    return [
        _recalibrate_probe("features, three batches", features, True, batches(rng, 3, 7, 4)),
        _recalibrate_probe("images, two batches", images, False, few),
        _recalibrate_probe("a model in evaluation mode", plain, False, batches(rng, 2, 6, 3)),
        _recalibrate_probe("batches good for one walk", plain, False, batches(rng, 4, 3), walks="one"),
    ]


def _recalibrate_example(label, layers, training, model, walks="many"):
    given = f"batches = {'a generator of ' * (walks == 'one')}[[2], [6]] and [[1], [3], [5]]"
    arrays = columns([2, 6], [1, 3, 5])
    return _recalibrate_probe(label, layers, training, arrays, f"model = {model}, {given}", walks)


_RECALIBRATE_EXAMPLES = (
    _recalibrate_example("one layer", [norm_of_one(True)], True, "BatchNorm1d(1) in training mode"),
    _recalibrate_example(
        "one layer with ε = 2 and momentum 0",
        [norm_of_one(True, momentum=0.0, eps=2.0)],
        True,
        "BatchNorm1d(1, eps=2, momentum=0) in training mode",
    ),
    _recalibrate_example(
        "batches good for one walk", [norm_of_one(True)], True, "BatchNorm1d(1) in training mode", "one"
    ),
    _recalibrate_example(
        "two layers, in evaluation mode",
        [norm_of_one(False, 2.0, 1.0), ("dropout", False, 1.0), norm_of_one(False)],
        False,
        "BatchNorm1d(1) with γ = 2 and β = 1, Dropout(1), BatchNorm1d(1), in evaluation mode",
    ),
    _recalibrate_example(
        "a part of the model in evaluation mode",
        [norm_of_one(False), ("dropout", True, 1.0), norm_of_one(True)],
        True,
        "BatchNorm1d(1) in evaluation mode, Dropout(1) and BatchNorm1d(1) in training mode",
    ),
)


QUESTION = Question(
    name="recalibrate",
    points=4,
    level=3,
    reference=recalibrate,
    variant=_recalibrate_variant,
    returns=("the model",),
    probes=_recalibrate_probes,
    examples=_RECALIBRATE_EXAMPLES,
    call="recalibrate(model, batches)",
    in_place=True,
    version=2,
    misconceptions=(
        mistake(
            "moving-average",
            {"accumulate": "moving"},
            {"accumulate": "moving", "dropout": True},
            {"accumulate": "moving", "modes": "eval"},
            {"accumulate": "moving", "dropout": True, "modes": "train"},
            {"accumulate": "moving", "dropout": True, "modes": "eval"},
        ),
        mistake(
            "averages-batches",
            {"accumulate": "batches"},
            {"accumulate": "batches", "dropout": True},
            {"accumulate": "batches", "dropout": True, "modes": "root"},
            {"accumulate": "batches", "modes": "eval"},
        ),
        mistake("counts-ignored", accumulate="equal"),
        mistake("spread-of-means-forgotten", accumulate="within"),
        mistake("running-replaced", accumulate="last"),
        mistake("sample-variance", correction="sample"),
        mistake("running-std", kept="deviation"),
        mistake("running-stats-below", below="running"),
        mistake("dropout-on", dropout=True),
        mistake("modes-not-restored", {"modes": "train"}, {"modes": "eval"}, {"modes": "root"}),
        mistake("momentum-not-restored", momentum="none"),
        mistake("zero-momentum-replaced", momentum="or 0.1"),
        mistake("eps-in-running-var", kept_eps=1.0),
        mistake("walks-twice", walks=2),
        mistake("list-used-up", batches_are="used up"),
        mistake("returns-the-model", returned="model"),
        mistake("resets-gamma-and-beta", reset=True),
        mistake("first-layer-only", layers="first"),
    ),
)
