"""Lesson 13: batch norm that is frozen, batch norm that is adapted, and a layer that replaces it."""

from dataclasses import replace
from importlib import import_module

import numpy as np

from bn_course.checks._draw import signs
from bn_course.checks._shared import known, own
from bn_course.grading.question import Prediction, Probe, Property, Question

# --- freeze_batch_norm ------------------------------------------------------------------------


def freeze_batch_norm(model):
    """Fix every batch norm layer: statistics, γ and β, after `model.train()` too."""
    from bn_course.nets.frozen import freeze_batch_norm

    freeze_batch_norm(model)


def _freeze_variant(
    model, *, statistics="running", affine="fixed", layers="all", reset=None, rest="trains", dropout="on"
):
    from torch import nn
    from torch.nn.modules.batchnorm import _BatchNorm

    kinds = {"1d": nn.BatchNorm1d, "2d": nn.BatchNorm2d, "with layer norm": (_BatchNorm, nn.LayerNorm)}
    every = model if layers == "direct" else list(model.modules())
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
    return [
        _freeze_probe("images", images, rng.normal(1, 2, (5, 2, 3, 3))),
        _freeze_probe("blocks, layer norm and dropout", flat, rng.normal(1, 2, (7, 4))),
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

_FREEZE = Question(
    name="freeze_batch_norm",
    points=3,
    level=2,
    task="Freeze every batch norm layer of a model that is about to be fine-tuned, so that `model.train()` does not undo it.",
    ask=(
        "Freeze, call `model.train()`, send one batch, take one optimiser step. What differs in the norms' part of `state_dict()`?",
        "Nothing: statistics by evaluation mode that survives `train()`, γ and β by having no gradient. Dropout still drops.",
    ),
    reference=freeze_batch_norm,
    variant=_freeze_variant,
    returns=(
        "the outputs at once",
        "the outputs after model.train()",
        "the running statistics after two steps",
        "γ and β after two steps",
        "the other parameters after two steps",
        "the outputs in evaluation",
    ),
    probes=_freeze_probes,
    examples=_FREEZE_EXAMPLES,
    call="freeze_batch_norm(model)",
    misconceptions=(
        own(
            "requires-grad-only",
            "You stop the gradients of γ and β, and the layers go on in training mode.",
            "`requires_grad=False` holds parameters. Running statistics are buffers: forward passes in training mode move "
            "them, and the batch's own statistics are what normalises.",
            statistics="batch",
        ),
        own(
            "undone-by-train",
            "You put the layers in evaluation mode, and the next `model.train()` undoes it.",
            "`train()` goes down through all modules, and training loops call it every epoch. The layer must come back to "
            "evaluation by itself, for example in a hook before its forward pass, or by a `train` of its own.",
            {"statistics": "undone"},
            {"statistics": "undone", "dropout": "off at once"},
        ),
        own(
            "buffers-kept-batch-used",
            "The running statistics stand still, and in training the layers normalise with those of the batch.",
            "`momentum = 0` and `track_running_stats = False` stop the recording alone. A frozen layer computes in training "
            "what it will compute at inference: it must use its running statistics.",
            {"statistics": "momentum 0"},
            {"statistics": "not tracked"},
        ),
        own(
            "affine-still-learns",
            "γ and β go on learning.",
            "Here they are frozen too: `requires_grad_(False)` on the layer. (Some recipes let them learn, on purpose, with "
            "fixed statistics.)",
            affine="learns",
        ),
        own(
            "everything-frozen",
            "No parameter of the model learns any more.",
            "Only batch norm is to be frozen. Fine-tuning is what the other layers are about to do.",
            rest="fixed",
        ),
        own(
            "dropout-off",
            "You switch dropout off as well.",
            "The rest of the model trains as before. Put the batch norm layers alone in evaluation mode.",
            dropout="off for good",
        ),
        own(
            "dropout-off-at-once",
            "You leave dropout in evaluation mode.",
            "Until the next `model.train()` the model then trains without it. Change the batch norm layers alone.",
            dropout="off at once",
        ),
        own(
            "direct-children-only",
            "You look at the model's direct children alone.",
            "Norms sit in blocks, and blocks in blocks: `model.modules()` goes through all of them.",
            layers="direct",
        ),
        own(
            "one-kind-only",
            "You freeze one kind of batch norm and leave the other.",
            "BatchNorm1d, 2d and 3d are three classes, with one base, `nn.modules.batchnorm._BatchNorm`.",
            {"layers": "1d"},
            {"layers": "2d"},
        ),
        own(
            "layer-norm-too",
            "You freeze layer norm as well.",
            "It has no running statistics and does the same in both modes. Nothing in it needs freezing here.",
            layers="with layer norm",
        ),
        own(
            "statistics-reset",
            "You set the layers back to mean 0 and variance 1.",
            "What is to be kept is what they learned: the statistics and the parameters that the other weights go with.",
            {"reset": "statistics"},
            {"reset": "everything"},
        ),
    ),
    hints=(
        "Two things have to stand still: parameters, which gradients move, and buffers, which forward passes move.",
        "`layer.requires_grad_(False)` and `layer.eval()`, for each layer of `model.modules()` that is a "
        "`torch.nn.modules.batchnorm._BatchNorm`. Now call `model.train()`. What has become of `layer.training`?",
        "It has to be put back by itself. A function given to `layer.register_forward_pre_hook(f)` is called as "
        "`f(layer, inputs)` before each forward pass; what should it do to the layer?",
        "`def keep(layer, inputs): layer.eval()`, registered on each batch norm layer, after `layer.requires_grad_(False)` "
        "and `layer.eval()`. The hook must return None.",
    ),
)


# --- adapt_batch_norm -------------------------------------------------------------------------


def adapt_batch_norm(model, target_batches):
    """Give every batch norm layer the statistics of the target data."""
    from bn_course.nets.recalibrate import recalibrate

    recalibrate(model, target_batches)


# The same task as lesson 10's, on other data: the same mistakes, and the same probes.
_RECALIBRATE = next(
    q for q in import_module("bn_course.checks.10_small_batches").QUESTIONS if q.name == "recalibrate"
)
_ADAPT = replace(
    _RECALIBRATE,
    name="adapt_batch_norm",
    points=2,
    level=2,
    task="Give every batch norm layer of a trained model the statistics of unlabelled data from another domain.",
    ask=(
        "Adapt once, then again with the same batches. May the second time change anything?",
        "No: it is the plain average over the target. A moving average still remembers the source, and moves on each time.",
    ),
    reference=adapt_batch_norm,
    call="adapt_batch_norm(model, target_batches)",
    hints=(
        "No label is needed, and no gradient. It is lesson 10's `recalibrate`, with the target's data: if you have solved "
        "that, what is left to write?",
        *_RECALIBRATE.hints,
    ),
)


# --- dynamic_tanh -----------------------------------------------------------------------------


def dynamic_tanh(x, alpha, gamma, beta):
    """y = γ · tanh(α x) + β; α is one number, γ and β have one for each feature, the last axis."""
    return gamma * np.tanh(alpha * x) + beta


def _dynamic_tanh_variant(
    x,
    alpha,
    gamma,
    beta,
    *,
    alpha_at="inside",
    squash="tanh",
    affine="after",
    gamma_use="all",
    beta_use="all",
    along=-1,
):
    gamma = {"all": gamma, "none": np.ones_like(gamma), "first": np.full_like(gamma, gamma[0])}[gamma_use]
    beta = {"all": beta, "none": np.zeros_like(beta), "first": np.full_like(beta, beta[0])}[beta_use]
    if along == 0:
        shape = (-1, *[1] * (x.ndim - 1))
        gamma, beta = gamma.reshape(shape), beta.reshape(shape)
    inside = alpha if alpha_at in ("inside", "both") else 1.0
    outside = alpha if alpha_at in ("outside", "both") else 1.0
    if alpha_at == "divides":
        inside = 1 / alpha
    elif alpha_at == "absolute":
        inside = abs(alpha)
    if affine == "before":
        return outside * _SQUASH[squash](inside * (gamma * x + beta))
    z = outside * _SQUASH[squash](inside * x)
    if affine == "shift inside":
        return gamma * _SQUASH[squash](inside * x + beta) * outside
    return gamma * (z + beta) if affine == "shift first" else gamma * z + beta


def _standardised(x):
    return (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + 1e-5)


_SQUASH = {
    "tanh": np.tanh,
    "sigmoid": lambda x: 1 / (1 + np.exp(-x)),
    "clip": lambda x: np.clip(x, -1, 1),
    "none": lambda x: x,
    "normalised": lambda x: np.tanh(_standardised(x)),
}


def _dynamic_tanh_probes(rng):
    def args(shape, alpha):
        d = shape[-1]
        return (
            rng.normal(0, 2, shape),
            alpha,
            signs(rng, d),
            rng.uniform(0.3, 1.5, d) * np.where(np.arange(d) % 3, 1, -1),
        )

    return [
        Probe("6 examples of 4 features", args((6, 4), 0.5)),
        Probe("sequences, (N, T, D)", args((2, 5, 3), 1.7)),
        Probe("as many examples as features", args((4, 4), 0.8)),
        Probe("a negative α", args((5, 3), -0.6)),
    ]


def _dynamic_tanh_example(label, x, alpha, gamma, beta):
    arrays = (np.array(a, float) for a in (gamma, beta))
    return Probe(label, (np.array(x, float), alpha, *arrays))


_DYT_EXAMPLES = (
    _dynamic_tanh_example("two numbers", [[0.0], [2.0]], 0.5, [1], [0]),
    _dynamic_tanh_example("with γ and β", [[0.0], [2.0]], 0.5, [2], [3]),
    _dynamic_tanh_example("two features", [[0.0, 1], [2, 4]], 2.0, [2, -3], [1, 5]),
    _dynamic_tanh_example("a negative α", [[1.0], [2.0]], -0.5, [2], [3]),
)


def _within_gamma(args, value):
    gamma, beta = args[2], args[3]
    if (abs(np.asarray(value, float) - beta) > abs(gamma) + 1e-6).any():
        return "an output is farther from β than γ: tanh lies between −1 and 1"
    return None


_DYT = Question(
    name="dynamic_tanh",
    points=1,
    level=1,
    task="The layer that replaces a norm in Zhu et al. (2025): γ · tanh(α x) + β.",
    ask=(
        "What comes out for x = 0, and for x = 10⁶ with α > 0? Which other entries of the row have a say?",
        "β, and γ + β. None: nothing is averaged, which is the whole point.",
    ),
    reference=dynamic_tanh,
    variant=_dynamic_tanh_variant,
    returns=("y",),
    probes=_dynamic_tanh_probes,
    examples=_DYT_EXAMPLES,
    properties=(Property("within γ of β", _within_gamma),),
    misconceptions=(
        own(
            "alpha-ignored",
            "α has no effect in your answer.",
            "α sets how large an input may be before it is squashed: tanh(α x).",
            alpha_at="nowhere",
        ),
        own(
            "alpha-outside",
            "You multiply the tanh by α.",
            "Outside, α would do what γ does already. Inside, it stretches the input: tanh(α x).",
            {"alpha_at": "outside"},
            {"alpha_at": "both"},
        ),
        own(
            "alpha-divides",
            "You divide x by α.",
            "α multiplies: a larger α squashes more.",
            alpha_at="divides",
        ),
        own(
            "alpha-sign-lost",
            "You take α without its sign.",
            "α is a learned number like any other; the formula takes it as it is.",
            alpha_at="absolute",
        ),
        own(
            "other-function",
            "You squash with another function than tanh.",
            "A sigmoid is not centred, and a clip has no gradient beyond its ends.",
            {"squash": "sigmoid"},
            {"squash": "clip"},
            {"squash": "none"},
        ),
        own(
            "normalises",
            "You standardise each example first.",
            "That is what the layer does without: no statistic of any kind.",
            squash="normalised",
        ),
        own(
            "affine-inside",
            "You apply γ and β to x, inside the tanh.",
            "They come after it, as in the norm that it replaces, so that the output can have any mean and size.",
            affine="before",
        ),
        own(
            "shift-inside",
            "You add β inside the tanh.",
            "β comes last: it shifts the output.",
            affine="shift inside",
        ),
        known("gamma-after-shift", affine="shift first"),
        known("gamma-ignored", gamma_use="none"),
        known("beta-ignored", beta_use="none"),
        known("scalar-gamma", {"gamma_use": "first", "beta_use": "first"}, {"gamma_use": "first"}),
        own(
            "first-axis",
            "Your γ and β run along the first axis.",
            "They have one entry for each feature, which is the last axis.",
            along=0,
        ),
        known("mutates-input"),
    ),
    hints=(
        "No mean, no variance, no axis: the layer treats each number by itself. Which operations does it need?",
        "α x first, then tanh, then γ and β, as after any norm.",
        "`gamma * np.tanh(alpha * x) + beta`: γ and β run along the last axis, which is where NumPy lines arrays up.",
    ),
)


QUESTIONS = (_FREEZE, _ADAPT, _DYT)

PREDICTIONS: dict[str, Prediction] = {
    "13-int8": Prediction("c"),
    "13-freeze": Prediction("a"),
    "13-which-shift": Prediction("c"),
    "13-discriminator": Prediction("b"),
    "13-bfloat16": Prediction(3.34, factor=1.2),
    "13-largest-weight": Prediction("c"),
    "13-range": Prediction("a"),
}
