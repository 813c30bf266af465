"""Lesson 09, mc_batch_norm_predict."""

from functools import partial

from bn_course.checks._mistake import mistake
from bn_course.checks._networks import batch_norm, batches, columns, linear, norm_of_one
from bn_course.grading.question import Probe, Question


def mc_batch_norm_predict(model, x, training_batches):
    """Mean and deviation ÷K of the predictions with the statistics of each of the training batches."""
    from bn_course.nets.mc import mc_batch_norm_predict

    return mc_batch_norm_predict(model, x, training_batches)


def _mc_variant(
    model,
    x,
    training_batches,
    *,
    collect="batch",
    correction=0,
    spread="population",
    order="mean-std",
    dropout=False,
    modes="kept",
    statistics="kept",
    counter="kept",
    momentum="kept",
    batches="left",
):
    import torch

    layers = [m for m in model.modules() if isinstance(m, torch.nn.modules.batchnorm._BatchNorm)]
    before = {module: module.training for module in model.modules()}
    counts = {layer: layer.num_batches_tracked.clone() for layer in layers}
    kept = [(layer.running_mean.clone(), layer.running_var.clone()) for layer in layers]
    if batches == "used up":
        training_batches[:], training_batches = [], list(training_batches)
    model.train(dropout)
    for layer in layers:
        layer.eval()
    with torch.no_grad():
        if collect in ("train mode", "train mode, batch unseen"):
            model.train()
            predictions = [_as_it_comes(model, x, b, collect) for b in training_batches]
        elif collect in ("own", "joint"):
            predictions = [_in_training_mode(model, layers, x, b, collect) for b in training_batches]
        else:
            predictions = _each_batch(model, layers, x, training_batches, kept, collect, correction)
        last = [(layer.running_mean.clone(), layer.running_var.clone()) for layer in layers]
        for layer, own_statistics in zip(layers, kept if statistics == "kept" else last, strict=True):
            layer.running_mean.copy_(own_statistics[0])
            layer.running_var.copy_(own_statistics[1])
            layer.num_batches_tracked += len(training_batches) * (counter == "counts")
            if counter == "kept":
                layer.num_batches_tracked.copy_(counts[layer])
            layer.momentum = {"one": 1.0, "none": None, "or 0.1": layer.momentum or 0.1}.get(
                momentum, layer.momentum
            )
    for module, mode in before.items():
        module.training = {"kept": mode, "train": True, "eval": False, "root": before[model]}[modes]
    stacked = torch.stack(predictions)
    std = stacked.std(0, correction=int(spread == "sample"))
    found = stacked.mean(0), std**2 if spread == "variance" else std
    return found if order == "mean-std" else found[::-1]


def _as_it_comes(model, x, batch, collect):
    """What the model in training mode makes of x, after the batch has passed through or without it."""
    if collect == "train mode":
        model(batch)
    return model(x)


def _in_training_mode(model, layers, x, batch, collect):
    """x normalised by its own statistics, or by those of the batch and x together."""
    import torch

    for layer in layers:
        layer.train()
    if collect == "own":
        return model(x)
    return model(torch.cat([batch, x]))[len(batch) :]


def _each_batch(model, layers, x, batches, kept, collect, correction):
    """Predictions in evaluation mode, the running statistics set from each batch in turn."""
    import torch

    predictions, sets = [], []
    old = kept
    for batch in batches:
        inputs = _inputs(model, layers, batch, kept, below=collect != "running-below")
        new = [(v.mean(1), v.var(1, correction=correction)) for v in inputs]
        if collect in ("moving", "moving-on"):
            sample = [(v.mean(1), v.var(1)) for v in inputs]
            shares = [layer.momentum for layer in layers]
            new = [
                tuple((1 - m) * was + m * now for was, now in zip(one, other, strict=True))
                for m, one, other in zip(shares, old, sample, strict=True)
            ]
            old = new if collect == "moving-on" else kept
        if collect == "first":
            new = [new[0], *kept[1:]]
        sets.append(new)
    if collect == "average":
        mean_of = [
            tuple(torch.stack(part).mean(0) for part in zip(*s, strict=True)) for s in zip(*sets, strict=True)
        ]
        sets = [mean_of] * len(batches)
    for new in sets:
        for layer, (mean, var) in zip(layers, new, strict=True):
            layer.running_mean.copy_(mean)
            layer.running_var.copy_(var)
        predictions.append(model(x))
    return predictions


def _inputs(model, layers, batch, kept, below):
    """Each layer's input for `batch`, (channels, values); those below use its statistics, or the old ones."""
    found = []

    def look(layer, inputs):
        values = inputs[0].transpose(0, 1).flatten(1)
        found.append(values)
        if below:
            layer.running_mean.copy_(values.mean(1))
            layer.running_var.copy_(values.var(1, correction=0))

    for layer, (mean, var) in zip(layers, kept, strict=True):
        layer.running_mean.copy_(mean)
        layer.running_var.copy_(var)
    hooks = [layer.register_forward_pre_hook(look) for layer in layers]
    model(batch)
    for hook in hooks:
        hook.remove()
    return found


_MC_RETURNS = (
    "the mean",
    "the deviation",
    "the running statistics afterwards",
    "num_batches_tracked afterwards",
    "the momenta afterwards (−1 for None)",
    "the modes afterwards (1 is training)",
    "the list of batches afterwards (1: as it was)",
)


def _mc_probe(label, layers, training, x, batches, shown=None):
    return Probe(
        label,
        (layers, training, x, batches),
        driver="09_regularisation:monte_carlo",
        returns=_MC_RETURNS,
        shown=shown,
    )


def _mc_probes(rng):
    norm, dense = partial(batch_norm, rng), partial(linear, rng)
    features = [
        *(dense(True, 4, 5), norm(True, 1, 5, 0.3), ("dropout", True, 0.0), norm(False, 1, 5)),
        *(dense(False, 5, 3), norm(False, 1, 3, 0.0)),
    ]
    images = [
        *(norm(True, 2, 3, 0.2), ("flatten", False), dense(False, 12, 4), ("dropout", True, 1.0)),
        *(norm(False, 1, 4), dense(True, 4, 2)),
    ]
    plain = [dense(False, 4, 3), norm(False, 1, 3), dense(False, 3, 4), norm(False, 1, 4)]
    few, x = batches(rng, 3, 5, shape=(3, 2, 2)), rng.normal(size=(4, 3, 2, 2))
    return [
        _mc_probe("three batches", features, True, rng.normal(size=(3, 4)), batches(rng, 5, 7, 4)),
        _mc_probe("images, dropout", images, True, x, few),
        _mc_probe(
            "a model in evaluation mode", plain, False, x[:2, 0].reshape(2, 4), batches(rng, 3, 6, 2, 4)
        ),
    ]


def _mc_example(label, layers, training, model):
    given = "x = [[4], [7]], batches [[2], [6]] and [[1], [3], [8]]"
    arrays = columns([4, 7], [2, 6], [1, 3, 8])
    return _mc_probe(label, layers, training, arrays[0], arrays[1:], f"model = {model}, {given}")


_MC_EXAMPLES = (
    _mc_example("one layer, two batches", [norm_of_one(True)], True, "BatchNorm1d(1) in training mode"),
    _mc_example(
        "two layers, in evaluation mode",
        [norm_of_one(False, 2.0, 1.0), norm_of_one(False)],
        False,
        "BatchNorm1d(1) with γ = 2 and β = 1, BatchNorm1d(1), in evaluation mode",
    ),
    _mc_example(
        "a momentum of 0",
        [norm_of_one(True, momentum=0.0)],
        True,
        "BatchNorm1d(1, momentum=0) in training mode",
    ),
    _mc_example(
        "dropout, and a part in evaluation mode",
        [norm_of_one(False), ("dropout", True, 1.0)],
        True,
        "BatchNorm1d(1) in evaluation mode, Dropout(1) in training mode",
    ),
)


QUESTION = Question(
    name="mc_batch_norm_predict",
    points=4,
    level=3,
    reference=mc_batch_norm_predict,
    variant=_mc_variant,
    returns=_MC_RETURNS,
    probes=_mc_probes,
    version=2,
    examples=_MC_EXAMPLES,
    call="mc_batch_norm_predict(model, x, training_batches)",
    misconceptions=(
        mistake("own-batch", {"collect": "own"}, {"collect": "own", "dropout": True}),
        mistake(
            "model-in-training-mode",
            *(
                {"collect": collect, "counter": "as it comes", "modes": modes, "statistics": statistics}
                for collect in ("train mode", "train mode, batch unseen")
                for modes in ("kept", "train", "eval")
                for statistics in ("kept", "last")
            ),
        ),
        mistake("x-in-the-batch", {"collect": "joint"}, {"collect": "joint", "dropout": True}),
        mistake("moving-average", {"collect": "moving"}, {"collect": "moving-on"}),
        mistake("sample-variance", correction=1),
        mistake("running-stats-below", collect="running-below"),
        mistake("first-layer-only", collect="first"),
        mistake("averages-statistics", collect="average"),
        mistake("deviation-over-k-minus-one", spread="sample"),
        mistake("no-sqrt", spread="variance"),
        mistake("swapped-outputs", order="std-mean"),
        mistake("dropout-on", dropout=True),
        mistake("modes-not-restored", {"modes": "train"}, {"modes": "eval"}, {"modes": "root"}),
        mistake(
            "statistics-not-restored", {"statistics": "last"}, {"statistics": "last", "counter": "counts"}
        ),
        mistake("counter-not-restored", counter="counts"),
        mistake("momentum-not-restored", {"momentum": "one"}, {"momentum": "none"}),
        mistake("zero-momentum-replaced", momentum="or 0.1"),
        mistake("list-used-up", batches="used up"),
    ),
)
