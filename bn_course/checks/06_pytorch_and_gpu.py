"""Lesson 06: the layer in PyTorch, its autograd function, and the bytes it moves."""

import math

import numpy as np

from bn_course.checks._draw import signs_in_thirds
from bn_course.checks._shared import known, own
from bn_course.grading.question import Prediction, Probe, Property, Question

_HERE = "06_pytorch_and_gpu"


# --- bytes_moved ------------------------------------------------------------------------------


def bytes_moved(shape, dtype, op):
    """The least traffic with two passes; the package's own."""
    from bn_course.gpu import traffic

    return traffic.bytes_moved(shape, dtype, op)


_TABLES = {
    "two passes": (2, 3, 5),
    "reads alone": (1, 2, 4),
    "read once": (2, 2, 3),
    "one write missing": (2, 3, 4),
    "always the forward": (3, 3, 3),
    "always two": (2, 2, 2),
    "inference like training": (3, 3, 5),
    "x_hat written": (2, 5, 5),
}


def _bytes_variant(shape, dtype, op, *, table="two passes", size="bytes", over="all axes"):
    from bn_course.gpu.traffic import itemsize

    times = dict(zip(("inference", "training", "backward"), _TABLES[table], strict=True))[op]
    width = {"elements": 1, "float32": 4, "bits": 8 * itemsize(dtype)}.get(size, itemsize(dtype))
    if size == "bfloat16 as 4" and "bfloat16" in str(dtype):
        width = 4
    count = {
        "all axes": math.prod(shape),
        "one example": math.prod(shape[1:]),
        "one channel": math.prod(shape) // shape[1],
        "added": sum(shape),
    }[over]
    return times * count * width


def _bytes_probe(label, *args):
    shape, kind, name, op = args
    form = {"NumPy's": f"np.{name}", "torch's": f"torch.{name}", "name": repr(name)}[kind]
    return Probe(label, args, driver=f"{_HERE}:count_bytes", shown=f"bytes_moved({shape}, {form}, {op!r})")


def _bytes_probes(rng):
    shape = tuple(int(size) for size in rng.permutation([3, 5, 7, 11]))
    return [
        _bytes_probe("training in float32", shape, "NumPy's", "float32", "training"),
        _bytes_probe("inference in float64", (6, 5, 9), "NumPy's", "float64", "inference"),
        _bytes_probe("backward in float16", (3, 5, 7, 11), "torch's", "float16", "backward"),
        _bytes_probe("training in bfloat16, torch's", (3, 5, 7, 11), "torch's", "bfloat16", "training"),
        _bytes_probe("inference in bfloat16, by name", (13, 17), "name", "bfloat16", "inference"),
        _bytes_probe("backward in float32, by name", (13, 17), "name", "float32", "backward"),
        _bytes_probe("training in float64, by name", (2, 3, 5, 7, 11), "name", "float64", "training"),
        _bytes_probe("a large tensor", (256, 1024, 14, 14), "torch's", "bfloat16", "backward"),
    ]


_BYTES = Question(
    name="bytes_moved",
    points=2,
    level=1,
    task="Count the bytes that batch norm must move, with two passes over its input.",
    ask=(
        "In training, can the first output be written before the last input has been read? So how often is x read?",
        "No, the mean needs them all: x is read twice and y written once, three in all. Inference knows its statistics, two. Backward reads x and dy twice and writes dx, five.",
    ),
    reference=bytes_moved,
    variant=_bytes_variant,
    returns=("the number of bytes",),
    probes=_bytes_probes,
    examples=(
        _bytes_probe("six numbers, inference", (2, 3), "NumPy's", "float32", "inference"),
        _bytes_probe("six numbers, training", (2, 3), "NumPy's", "float32", "training"),
        _bytes_probe("six numbers, backward", (2, 3), "NumPy's", "float32", "backward"),
        _bytes_probe("six numbers of two bytes", (2, 3), "name", "float16", "training"),
        _bytes_probe("six numbers in bfloat16", (2, 3), "torch's", "bfloat16", "training"),
    ),
    misconceptions=(
        own(
            "writes-not-counted",
            "You count what is read and not what is written.",
            "A write crosses the same bus as a read: y in the forward pass and dx in the backward pass count once each.",
            table="reads alone",
        ),
        own(
            "read-once",
            "You count the input once, as if the statistics were known when it is read.",
            "With two passes x is read for its statistics and again to be normalised; backwards x and dy are both "
            "read twice. Reading once needs the values to be kept on the chip, which is a later rung of the ladder.",
            table="read once",
        ),
        own(
            "dx-not-counted",
            "You leave out one of the five in the backward pass.",
            "x and dy are read for the two sums, x and dy again for dx, and dx is written: 5.",
            table="one write missing",
        ),
        own(
            "op-ignored",
            "You give the same number for every op.",
            "Inference moves the tensor 2 times, training 3 times, the backward pass 5 times.",
            {"table": "always the forward"},
            {"table": "always two"},
        ),
        own(
            "inference-like-training",
            "You count three for inference.",
            "The running statistics are known beforehand, so x is read once and y written once: 2.",
            table="inference like training",
        ),
        own(
            "x-hat-stored",
            "You count x̂ as written and read in training.",
            "x̂ need not exist in memory: y is computed from x and four numbers a channel, and the backward pass "
            "computes x̂ again from x.",
            table="x_hat written",
        ),
        own(
            "elements-not-bytes",
            "You count numbers, not bytes.",
            "A float32 has 4 bytes, a float16 and a bfloat16 have 2, a float64 has 8.",
            size="elements",
        ),
        own(
            "float32-assumed",
            "You count 4 bytes a number whatever dtype is.",
            "Half precision halves the traffic: that is most of what it does for batch norm.",
            size="float32",
        ),
        own(
            "bits-not-bytes", "You count bits.", "A byte has eight bits; the answer is in bytes.", size="bits"
        ),
        own(
            "bfloat16-as-float32",
            "You count 4 bytes for a bfloat16.",
            "It has 2: a float32 without its last 16 bits. NumPy does not know it; `torch.bfloat16.itemsize` does, and "
            "`getattr(torch, name)` finds a type by its name.",
            size="bfloat16 as 4",
        ),
        own(
            "one-example",
            "You leave the batch axis out.",
            "The whole batch crosses the bus: multiply all entries of shape.",
            over="one example",
        ),
        own(
            "one-channel",
            "You leave the channel axis out.",
            "Every channel is read and written: multiply all entries of shape.",
            over="one channel",
        ),
        own(
            "shape-added",
            "You add the axes' lengths.",
            "The number of values is their product.",
            over="added",
        ),
    ),
    properties=(
        Property(
            "a whole number of bytes",
            lambda args, value: (
                None if float(np.asarray(value)) == int(np.asarray(value)) else "bytes come in whole numbers"
            ),
        ),
    ),
    hints=(
        "How often does the tensor cross the memory bus? Write down each read and each write of something as "
        "large as x, and nothing else.",
        "Inference: x in, y out. Training: x in for the statistics, x in again, y out. Backward: x and dy in for the "
        "two sums, x and dy in again, dx out.",
        "The number of values is `math.prod(shape)`. `np.dtype(dtype).itemsize` is the width, but NumPy does not "
        "know bfloat16; torch's types have `.itemsize` themselves, and `getattr(torch, name)` finds one by name.",
        '`{"inference": 2, "training": 3, "backward": 5}[op] * math.prod(shape) * width`, the width found for '
        "torch's type, for a name that torch knows, and else by NumPy.",
    ),
)


# --- BatchNormFunction ------------------------------------------------------------------------


class BatchNormFunction:
    """The package's own, found when it is used: importing the checks loads no torch."""

    @staticmethod
    def apply(x, gamma, beta, eps):
        from bn_course.nets.batch_norm import BatchNormFunction as OurFunction

        return OurFunction.apply(x, gamma, beta, eps)


def _axes_of(x, over):
    return {
        "batch and space": [0, *range(2, x.dim())],
        "batch": [0],
        "space": list(range(2, x.dim())) or [0],
        "all": list(range(x.dim())),
        "channels": [1],
    }[over]


def _standardise_variant(x, eps, *, over="batch and space", ddof=0, eps_place="inside", one_pass=False):
    import torch

    axes = _axes_of(x, over)
    mean = x.mean(axes, keepdim=True)
    var = (
        (x * x).mean(axes, keepdim=True) - mean * mean
        if one_pass
        else x.var(axes, correction=ddof, keepdim=True)
    )
    inv_std = {
        "inside": lambda: 1 / torch.sqrt(var + eps),
        "outside": lambda: 1 / (torch.sqrt(var) + eps),
        "none": lambda: 1 / torch.sqrt(var),
        "variance": lambda: 1 / (var + eps),
        "fixed": lambda: 1 / torch.sqrt(var + 1e-5),
    }[eps_place]()
    return (x - mean) * inv_std, inv_std


def _function_variant(
    *,
    affine="right",
    dx_path="full",
    means="mean",
    dgamma="x_hat",
    dbeta="sum",
    dx_gamma=True,
    second="through",
    order="right",
    **statistics,
):
    import torch

    class Variant(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x, gamma, beta, eps):
            x_hat, inv_std = _standardise_variant(x, eps, **statistics)
            ctx.save_for_backward(x, gamma, x_hat, inv_std)
            ctx.eps = eps
            g, b = (v.view(-1, *[1] * (x.dim() - 2)) for v in (gamma, beta))
            return {
                "right": lambda: g * x_hat + b,
                "shifted first": lambda: g * (x_hat + b),
                "no gamma": lambda: x_hat + b,
                "no beta": lambda: g * x_hat,
                "none": lambda: x_hat.clone(),
            }[affine]()

        @staticmethod
        def backward(ctx, dy):
            x, gamma, x_hat, inv_std = ctx.saved_tensors
            if second == "through":
                x_hat, inv_std = _standardise_variant(x, ctx.eps, **statistics)
            elif second == "constant":
                dy = dy.detach()
                gamma = gamma.detach()
            axes = [0, *range(2, x.dim())]
            count = {"mean": x.numel() // x.shape[1], "sum": 1, "batch": len(x)}[means]
            g = gamma.view(-1, *[1] * (x.dim() - 2)) if dx_gamma else 1.0
            shift = dy.sum(axes, keepdim=True) / count
            spread = x_hat * (dy * x_hat).sum(axes, keepdim=True) / count
            kept = {
                "full": dy - shift - spread,
                "constants": dy,
                "no shift": dy - spread,
                "no spread": dy - shift,
                "shift added": dy + shift - spread,
                "spread added": dy - shift + spread,
            }[dx_path]
            factor = {"x_hat": x_hat, "x": x, "ones": torch.ones_like(x)}[dgamma]
            d_beta = dy.sum(axes) if dbeta == "sum" else dy.mean(axes)
            gradients = g * inv_std * kept, (dy * factor).sum(axes), d_beta
            if order == "swapped":
                gradients = gradients[0], gradients[2], gradients[1]
            return *gradients, None

    return Variant


def _function_probe(rng, label, shape, eps, scale=1.0, mean=2.0, **options):
    c = shape[1]
    along = (1, c, *[1] * (len(shape) - 2))
    x = rng.normal(rng.uniform(-mean, mean, along), rng.uniform(0.5, 2.0, along), shape) * scale
    args = (
        x,
        signs_in_thirds(rng, c),
        rng.normal(size=c),
        eps,
        rng.normal(size=shape),
        rng.normal(size=shape),
    )
    shown = f"x, dy of shape {shape}, eps = {eps}"
    return Probe(label, args, driver=f"{_HERE}:function", shown=shown, **options)


def _function_probes(rng):
    offset = rng.normal(1e3, 1.0, (40, 12, 3)).astype(np.float32)
    ones = np.ones(12, np.float32)
    dy, w = rng.normal(size=(2, 40, 12, 3)).astype(np.float32)
    return [
        _function_probe(rng, "images", (3, 4, 2, 5), 0.1),
        _function_probe(rng, "rows (N, D)", (6, 3), 0.1),
        _function_probe(rng, "sequences (N, C, L)", (4, 3, 5), 0.3),
        _function_probe(rng, "volumes", (2, 3, 2, 3, 2), 0.1),
        _function_probe(rng, "small numbers", (6, 4, 3), 1e-3, scale=1e-2),
        Probe(
            "float32 at a mean of 1000",
            (offset, 1.5 * ones, 0.5 * ones, 1e-5, dy, 0 * w),
            driver=f"{_HERE}:function",
            shown="x, dy of shape (40, 12, 3) in float32, mean 1000",
            rounding=True,
            rtol=2e-2,
            atol=2e-2,
        ),
    ]


def _hand(x, gamma, beta, eps, dy, w, label, dtype=np.float64):
    x, gamma, beta, dy, w = (np.array(numbers, dtype) for numbers in (x, gamma, beta, dy, w))
    shown = (
        f"x = {x.tolist()}, gamma = {gamma.tolist()}, beta = {beta.tolist()}, eps = {eps}, dy = {dy.tolist()}"
    )
    wide = dtype == np.float64
    args = (x, gamma, beta, eps, dy, w)
    return Probe(label, args, driver=f"{_HERE}:function", shown=shown if wide else label, rounding=not wide)


_FUNCTION_EXAMPLES = (
    _hand([[1], [2], [6]], [1], [0], 0.0, [[1], [0], [0]], [[0], [1], [0]], "three numbers"),
    _hand([[1], [2], [6]], [3], [1], 0.5, [[1], [0], [0]], [[0], [1], [0]], "with γ, β and ε"),
    _hand([[1, 4], [2, 0], [6, 3]], [3, -2], [1, 0.5], 0.5, [[1, 0], [0, 2], [0, 0]], [[0, 1], [1, 0], [0, 0]], "two"),
    _hand(
        [[[1, 2], [0, 4]], [[5, 3], [1, 1]]], [2, -3], [1, 0.5], 0.5,
        [[[1, 0], [0, 1]], [[0, 0], [2, 0]]], [[[0, 1], [1, 0]], [[0, 0], [0, 1]]], "two channels, two positions",
    ),
    _hand(
        (1000 + np.linspace(-1.5, 1.5, 24, dtype=np.float32)[:, None]).tolist(), [1], [0], 1e-5,
        np.zeros((24, 1)), np.zeros((24, 1)), "24 numbers between 998.5 and 1001.5, in float32", np.float32,
    ),
)  # fmt: skip


def _no_shift(args, value):
    dx = np.asarray(value[1])
    left = np.abs(dx.sum(axis=(0, *range(2, dx.ndim)))).max()
    return None if left < 1e-8 * max(1.0, np.abs(dx).sum()) else f"Σdx over a channel is {left:.2g}, not 0"


_FUNCTION = Question(
    name="BatchNormFunction",
    points=4,
    level=3,
    task="Write batch norm as an autograd Function with its closed form, right to the second derivative.",
    ask=(
        "Which tensors in your backward pass were computed in forward and saved? What does a second derivative take them for?",
        "For constants. What depends on x, such as x̂ and σ, has to be computed from the saved x in backward, by operations that autograd sees.",
    ),
    reference=BatchNormFunction,
    variant=_function_variant,
    variant_factory=True,
    call="BatchNormFunction.apply(x, gamma, beta, eps)",
    returns=(
        "y",
        "dx",
        "dgamma",
        "dbeta",
        "the second derivative for x",
        "the second derivative for gamma",
        "the second derivative for dy",
    ),
    probes=_function_probes,
    examples=_FUNCTION_EXAMPLES,
    properties=(Property("Σdx = 0", _no_shift),),
    misconceptions=(
        known("sample-variance", ddof=1),
        known("eps-outside-sqrt", eps_place="outside"),
        known("no-eps", eps_place="none"),
        known("divides-by-variance", eps_place="variance"),
        known("eps-hard-coded", eps_place="fixed"),
        known("per-position", over="batch"),
        known("per-instance", over="space"),
        known("global-statistics", over="all"),
        known("wrong-axis", over="channels"),
        known("one-pass-variance", rounding=True, one_pass=True),
        known("gamma-ignored", affine="no gamma"),
        known("beta-ignored", affine="no beta"),
        known("affine-ignored", affine="none"),
        known("gamma-after-shift", affine="shifted first"),
        known("detached", dx_path="constants"),
        known("mean-detached", dx_path="no shift"),
        known("var-detached", dx_path="no spread"),
        known("mean-added", dx_path="shift added"),
        known("spread-added", dx_path="spread added"),
        known("sum-not-mean", means="sum"),
        known("n-instead-of-nhw", means="batch"),
        own(
            "gamma-not-in-dx",
            "γ is missing from dx.",
            "dy reaches x through y = γ·x̂ + β, so dx̂ is γ·dy.",
            dx_gamma=False,
        ),
        known("dgamma-uses-x", dgamma="x"),
        own(
            "dgamma-is-dbeta",
            "You add up dy for dγ.",
            "That is dβ. ∂y/∂γ is x̂, so dγ = Σ dy·x̂.",
            dgamma="ones",
        ),
        own(
            "dbeta-averaged",
            "You average dy for dβ.",
            "One β serves all values of a channel, so its gradient is their sum.",
            dbeta="mean",
        ),
        known("swapped-outputs", order="swapped"),
        own(
            "saved-intermediates",
            "Your first derivatives are right and your second ones are not: the backward pass uses an x̂ or a "
            "1/√(σ² + ε) that was computed and saved in the forward pass.",
            "Inside forward no graph is recorded, so what is saved there is a constant when the backward pass is "
            "differentiated. Save x and γ, and compute x̂ from x again in the backward pass.",
            second="saved",
        ),
        own(
            "not-twice-differentiable",
            "Your backward pass gives constants: nothing can be differentiated a second time.",
            "It ran without a graph (`detach`, `no_grad`, NumPy). Made of torch operations on the saved tensors and dy, "
            "it can be differentiated like anything else.",
            second="constant",
        ),
    ),
    hints=(
        "Lesson 03 has the three terms of dx. What is new: sums run over every axis but 1, γ and β need the shape "
        "(C, 1, 1 …) to broadcast, and `backward` returns a gradient for each argument of `forward`, None for eps.",
        "`ctx.save_for_backward(x, gamma)` and `ctx.eps = eps`; in `backward`, `x, gamma = ctx.saved_tensors`. Compute x̂ "
        "again there, from x: then the second derivative knows that it depends on x.",
        "With axes = [0, 2, 3, …] and M values a channel: dβ = dy.sum(axes), dγ = (dy·x̂).sum(axes), and "
        "dx = γ/√(σ² + ε) · (dy − dβ/M − x̂·dγ/M).",
        "`var, mean = torch.var_mean(x, axes, correction=0, keepdim=True)` gives both at once, in two passes; "
        "`gamma.view(-1, *[1] * (x.dim() - 2))` lines γ up with the channels. Return `dx, dgamma, dbeta, None`.",
    ),
)


# --- BatchNorm2d ------------------------------------------------------------------------------


class BatchNorm2d:
    """Makes the package's own layer: importing the checks loads no torch."""

    def __new__(cls, *args, **options):
        from bn_course.nets.batch_norm import BatchNorm2d as OurLayer

        return OurLayer(*args, **options)


def _layer_variant(
    *,
    default_eps=1e-5,
    default_momentum=0.1,
    over="batch and space",
    ddof=0,
    eps_place="inside",
    one_pass=False,
    affine_use="right",
    affine_off="respected",
    train_stats="batch",
    eval_stats="running",
    untracked_eval="batch",
    updates="training",
    correction=1,
    weight="new",
    kept="both",
    spread="variance",
    eps_in_var=False,
    cumulative="average",
    counts=True,
    parameters="registered",
    buffers="registered",
    graph="whole",
    width="wide",
    checks="all",
):
    import torch
    from torch import nn

    class Variant(nn.Module):
        def __init__(
            self,
            num_features,
            eps=default_eps,
            momentum=default_momentum,
            affine=True,
            track_running_stats=True,
        ):
            super().__init__()
            self.eps, self.momentum, self.num_features = eps, momentum, num_features
            self.tracked = track_running_stats
            self.affine = affine or affine_off == "ignored"
            ones, zeros = torch.ones(num_features), torch.zeros(num_features)
            wrap = nn.Parameter if parameters == "registered" else (lambda t: t.requires_grad_())
            self.weight = wrap(ones) if self.affine else None
            self.bias = wrap(zeros) if self.affine else None
            for name, start in (
                ("running_mean", torch.zeros(num_features)),
                ("running_var", torch.ones(num_features)),
                ("num_batches_tracked", torch.tensor(0)),
            ):
                value = start if track_running_stats else None
                self.register_buffer(name, value, persistent=buffers == "registered")

        def _apply(self, move, *rest):
            super()._apply(move, *rest)
            if parameters != "registered" and self.affine:
                self.weight = move(self.weight.detach()).requires_grad_()
                self.bias = move(self.bias.detach()).requires_grad_()
            return self

        def forward(self, x):
            if x.dim() != 4 and checks in ("all", "no count"):
                raise ValueError
            if checks == "runtime" and x.dim() != 4:
                raise RuntimeError
            if x.shape[1] != self.num_features:
                if checks == "value":
                    raise ValueError
                raise RuntimeError
            axes = _axes_of(x, over)
            wide = x.float() if width == "wide" and x.dtype != torch.float64 else x
            mean = wide.mean(axes, keepdim=True)
            var = wide.var(axes, correction=ddof, keepdim=True)
            if one_pass:
                var = (wide * wide).mean(axes, keepdim=True) - mean * mean
            count = math.prod(x.shape[axis] for axis in axes)
            if self.training and count == 1 and checks != "no count":
                raise ValueError
            if self.tracked and (updates == "always" or (updates == "training" and self.training)):
                self._update(wide.detach(), axes, count)
            source = train_stats if self.training else eval_stats
            if not self.tracked:
                source = "batch" if self.training or untracked_eval == "batch" else "start"
            if source == "running":
                mean, var = (b.view(1, -1, 1, 1) for b in (self.running_mean, self.running_var))
                mean, var = mean.clone(), var.clone()
            elif source == "start":
                mean, var = torch.zeros(1, x.shape[1], 1, 1), torch.ones(1, x.shape[1], 1, 1)
            if graph == "detached":
                mean, var = mean.detach(), var.detach()
            std = {
                "inside": lambda: torch.sqrt(var + self.eps),
                "outside": lambda: torch.sqrt(var) + self.eps,
                "none": lambda: torch.sqrt(var),
                "fixed": lambda: torch.sqrt(var + 1e-5),
            }[eps_place]()
            y = (wide - mean) / std
            if self.affine:
                g, b = (v.view(1, -1, 1, 1) for v in (self.weight, self.bias))
                y = {
                    "right": lambda: g * y + b,
                    "no gamma": lambda: y + b,
                    "no beta": lambda: g * y,
                    "shifted first": lambda: g * (y + b),
                }[affine_use]()
            return y if width == "stays wide" else y.to(x.dtype)

        @torch.no_grad()
        def _update(self, x, axes, count):
            if counts:
                self.num_batches_tracked += 1
            mean = x.mean([0, 2, 3])
            var = x.var([0, 2, 3], correction=correction) if count > 1 else x.var([0, 2, 3], correction=0)
            if spread == "deviation":
                var = var.sqrt()
            if eps_in_var:
                var = var + self.eps
            m = self.momentum
            if m is None:
                seen = self.num_batches_tracked.item() if counts else 1
                m = {"average": 1 / seen, "as 0.1": 0.1, "never": 0.0, "replaced": 1.0}[cumulative]
            m = {"new": m, "old": 1 - m, "replaced": 1.0}[weight]
            if kept in ("both", "mean"):
                self.running_mean.copy_((1 - m) * self.running_mean + m * mean)
            if kept in ("both", "var"):
                self.running_var.copy_((1 - m) * self.running_var + m * var)

    return Variant


_DEFAULTS = {"eps": 1e-5, "momentum": 0.1, "affine": True, "track_running_stats": True}


def _named(num_features, **options):
    """The constructor's arguments, as few as say what `options` say."""
    chosen = [options.get(name, default) for name, default in _DEFAULTS.items()]
    last = max((number for number, name in enumerate(_DEFAULTS, 1) if name in options), default=0)
    return (num_features, *chosen[:last])


_GIVES = {
    "forward": ("y", "whether y has x's type"),
    "twice": ("the second derivative",),
    "keys": ("the keys of the state dict",),
}


def _names(arguments, steps):
    """What each step gives, in words."""
    options = _DEFAULTS | dict(zip(_DEFAULTS, arguments[1:], strict=False))
    affine = ("dgamma", "dbeta") if options["affine"] else ()
    tracked = options["track_running_stats"]
    buffers = ("running_mean", "running_var", "num_batches_tracked") if tracked else ()
    gives = _GIVES | {"backward": ("dx", *affine), "buffers": buffers}
    return tuple(name for action, *_ in steps for name in gives.get(action, ()))


def _steps(label, arguments, *steps, dtype="float64", **options):
    shown = f"BatchNorm2d({', '.join(map(str, arguments))}): {', '.join(step[0] for step in steps)}"
    returns = _names(arguments, steps)
    args = (arguments, steps, dtype)
    return Probe(label, args, driver=f"{_HERE}:layer", shown=shown, returns=returns, **options)


_TRAIN, _EVALUATE, _BUFFERS, _KEYS = ("train",), ("eval",), ("buffers",), ("keys",)
_CASES = (
    (True, (4, 3)),
    (False, (4, 3, 5)),
    (True, (2, 3, 4, 4, 4)),
    (True, (1, 3, 1, 1)),
    (False, (1, 3, 1, 1)),
    (True, (2, 4, 3, 3)),
    (False, (2, 2, 3, 3)),
)
_REFUSALS = Probe(
    "what it refuses",
    (_CASES,),
    driver=f"{_HERE}:errors",
    returns=tuple(f"{shape} in {'training' if training else 'evaluation'}" for training, shape in _CASES),
    shown="a layer of 3 channels and inputs of these shapes",
)


def _layer_probes(rng):
    def images(n, c, scale=1.0):
        return (
            rng.normal(rng.uniform(-2, 2, (1, c, 1, 1)), rng.uniform(0.5, 2, (1, c, 1, 1)), (n, c, 2, 5))
            * scale
        )

    def forward(n, c, scale=1.0):
        return ("forward", images(n, c, scale))

    def backward(n, c):
        return ("backward", rng.normal(size=(n, c, 2, 5)))

    def far(n, c):
        return ("forward", images(n, c) + 20)  # so far that sums in bfloat16 are wrong by much more than a unit

    affine = ("set", signs_in_thirds(rng, 4), rng.normal(size=4))
    offset = rng.normal(1e3, 1.0, (30, 6, 3, 3)).astype(np.float32)
    names = ("weight", "bias", "running_mean", "running_var", "num_batches_tracked")
    loaded = (
        signs_in_thirds(rng, 3),
        rng.normal(size=3),
        rng.normal(size=3),
        rng.uniform(1, 2, 3),
        np.array(7),
    )
    return [
        _steps(
            "training, evaluation, training",
            _named(4, eps=0.1, momentum=0.3),
            affine,
            *(forward(6, 4), backward(6, 4), _BUFFERS, forward(3, 4), _BUFFERS),
            *(_EVALUATE, forward(2, 4), backward(2, 4), _BUFFERS, _TRAIN, forward(3, 4), _BUFFERS),
        ),
        _steps("everything at its default, small numbers", _named(3), forward(6, 3, 1e-2), _BUFFERS, _KEYS),
        _steps(
            "momentum None",
            _named(3, momentum=None, eps=0.1),
            *(
                forward(4, 3),
                _BUFFERS,
                forward(6, 3),
                _BUFFERS,
                forward(5, 3),
                _BUFFERS,
                _EVALUATE,
                forward(2, 3),
            ),
        ),
        _steps(
            "no running statistics",
            _named(3, track_running_stats=False, eps=0.1),
            *(forward(4, 3), _EVALUATE, forward(5, 3), backward(5, 3), _KEYS),
        ),
        _steps("no γ and β", _named(3, affine=False, eps=0.1), forward(4, 3), backward(4, 3), _KEYS),
        _steps(
            "a loaded state",
            _named(3, eps=0.1),
            *(("load", names, loaded), _EVALUATE, forward(4, 3), _TRAIN, forward(4, 3), _BUFFERS),
        ),
        _steps(
            "the second derivative",
            _named(3, eps=0.1),
            ("twice", images(3, 3), *rng.normal(size=(2, 3, 3, 2, 5))),
        ),
        _REFUSALS,
        _steps(
            "bfloat16 with parameters in float32",
            _named(3, eps=0.1),
            *(far(40, 3), _BUFFERS, _EVALUATE, far(3, 3)),
            dtype="bfloat16",
            rtol=8e-3,  # a bfloat16's last place: another order of the operations may cost one
            atol=1e-3,
        ),
        _steps(
            "float32 at a mean of 1000",
            _named(6),
            ("forward", offset),
            dtype="float32",
            rounding=True,
        ),
    ]


_PAIR = np.array([[[[1.0, 2.0]]], [[[6.0, 3.0]]]])
_DY = np.array([[[[1.0, 0.0]]], [[[0.0, 0.0]]]])
_TWO = np.array([[[[1.0, 2.0]], [[0.0, 4.0]]], [[[6.0, 3.0]], [[1.0, 1.0]]]])
_LAYER_EXAMPLES = (
    _steps("one batch", _named(1, eps=0.0, momentum=0.5), ("forward", _PAIR), _BUFFERS),
    _steps("its gradients", _named(1, eps=0.0, momentum=0.5), ("forward", _PAIR), ("backward", _DY)),
    _steps(
        "γ, β and ε",
        _named(1, eps=0.5),
        ("set", np.array([3.0]), np.array([1.0])),
        ("forward", _PAIR),
        _BUFFERS,
    ),
    _steps("two channels", _named(2, eps=0.5), ("forward", _TWO), _EVALUATE, ("forward", _TWO), _BUFFERS),
    _steps(
        "momentum None", _named(1, momentum=None), *[("forward", _PAIR), ("forward", 2 * _PAIR), _BUFFERS]
    ),
    _steps("untracked", _named(1, track_running_stats=False, eps=0.5), _EVALUATE, ("forward", _PAIR)),
    _steps("no γ and β", _named(1, affine=False), ("forward", _PAIR), _KEYS),
    _steps("its state", _named(1), ("forward", 1e-2 * _PAIR), _KEYS),
    _steps("in bfloat16", _named(1, eps=0.5), ("forward", _PAIR / 3), _BUFFERS, dtype="bfloat16"),
    _REFUSALS,
    _steps(
        "a mean of 1000",
        _named(1),
        ("forward", np.float32(1000) + np.linspace(-1.5, 1.5, 24, dtype=np.float32).reshape(6, 1, 2, 2)),
        dtype="float32",
        rounding=True,
    ),
)


_LAYER = Question(
    name="BatchNorm2d",
    points=5,
    level=3,
    task="Build nn.BatchNorm2d: every argument, both modes, its buffers and its errors.",
    ask=(
        "Print the keys of `nn.BatchNorm2d(3).state_dict()` and of yours. With `momentum=None`, what weight has the third batch?",
        "weight, bias, running_mean, running_var, num_batches_tracked. A third: the count is what makes the plain average possible.",
    ),
    reference=BatchNorm2d,
    variant=_layer_variant,
    variant_factory=True,
    call="BatchNorm2d(num_features, eps, momentum, affine, track_running_stats)",
    returns=("what the steps gave",),
    probes=_layer_probes,
    examples=_LAYER_EXAMPLES,
    misconceptions=(
        known("sample-variance", ddof=1),
        known("population-running-var", correction=0),
        known("eps-outside-sqrt", eps_place="outside"),
        known("no-eps", eps_place="none"),
        known("eps-hard-coded", eps_place="fixed"),
        known("other-default-eps", {"default_eps": 1e-3}, {"default_eps": 1e-8}),
        own(
            "other-default-momentum",
            "Your default of momentum is not 0.1.",
            "PyTorch's momentum is the weight of the new batch, 0.1 unless said otherwise. Keras' 0.99 is the weight "
            "of the old value.",
            {"default_momentum": 0.9},
            {"default_momentum": 0.01},
            {"default_momentum": 0.99},
        ),
        known("per-position", over="batch"),
        known("per-instance", over="space"),
        known("global-statistics", over="all"),
        known("one-pass-variance", rounding=True, one_pass=True),
        known("gamma-ignored", affine_use="no gamma"),
        known("beta-ignored", affine_use="no beta"),
        known("gamma-after-shift", affine_use="shifted first"),
        own(
            "affine-always",
            "You make γ and β although affine is False.",
            "Then the layer has no parameters: weight and bias are None, and the state dict has no entry for them.",
            affine_off="ignored",
        ),
        known("running-stats-in-train", train_stats="running"),
        known("batch-stats-in-eval", eval_stats="batch"),
        own(
            "untracked-not-normalised",
            "Without running statistics, your evaluation uses mean 0 and variance 1.",
            "With `track_running_stats=False` there is nothing to use but the batch's own statistics, in both modes.",
            untracked_eval="start",
        ),
        known("updates-in-eval", updates="always"),
        own(
            "never-updates",
            "Your running statistics never change.",
            "Every forward pass in training moves them towards the batch's. Without that, evaluation normalises with "
            "mean 0 and variance 1: not at all.",
            updates="never",
        ),
        known("momentum-flipped", weight="old"),
        known("running-replaced", weight="replaced"),
        known("mean-only", kept="mean"),
        known("var-only", kept="var"),
        known("running-std", spread="deviation"),
        known("eps-in-running-var", eps_in_var=True),
        own(
            "cumulative-ignored",
            "With momentum None your running statistics are not the plain average of all batches.",
            "None asks for that average: the k-th batch has the weight 1/k, k being `num_batches_tracked` after it was "
            "counted.",
            {"cumulative": "as 0.1"},
            {"cumulative": "never"},
            {"cumulative": "replaced"},
        ),
        own(
            "batches-not-counted",
            "You do not count the batches in `num_batches_tracked`.",
            "It is a buffer of the layer, goes up by one with each training batch, and is what momentum None needs.",
            counts=False,
        ),
        own(
            "parameters-not-registered",
            "γ and β are plain tensors, not `nn.Parameter`s.",
            "No optimiser finds them and no checkpoint holds them: `model.parameters()` and `state_dict()` do not see "
            "a plain tensor.",
            parameters="plain",
        ),
        own(
            "buffers-not-in-state",
            "Your running statistics are not in the state dict.",
            "`register_buffer` puts them there. A plain attribute stays behind when the model is saved or moved to a "
            "GPU.",
            buffers="left out",
        ),
        known("detached", graph="detached"),
        own(
            "half-precision-sums",
            "You compute the statistics in half precision.",
            "A bfloat16 has two to three significant digits, and the running statistics are float32. Compute in float32 and "
            "give the output x's type.",
            width="as given",
        ),
        own(
            "output-stays-wide",
            "Your output has another type than x.",
            "PyTorch gives the output x's type: bfloat16 in, bfloat16 out.",
            width="stays wide",
        ),
        own(
            "accepts-one-value",
            "You accept one value a channel in training.",
            "Its variance is 0 and the output β, whatever x is. PyTorch raises ValueError; so should this.",
            checks="no count",
        ),
        own(
            "wrong-error-type",
            "You raise another type of error than PyTorch.",
            "A wrong number of axes, and one value a channel in training: ValueError. A wrong number of channels: "
            "RuntimeError.",
            {"checks": "runtime"},
            {"checks": "value"},
        ),
    ),
    hints=(
        "Begin with the constructor: two parameters (or None), three buffers (or None): running_mean, running_var, "
        "num_batches_tracked, in that order. `register_parameter` and `register_buffer` take None as well.",
        "forward, in order: refuse what PyTorch refuses; choose the statistics (the batch's in training, or where none "
        "are tracked; the running ones else); in training, move the running ones under `torch.no_grad()`; normalise; "
        "scale and shift.",
        "Statistics over the axes (0, 2, 3), ÷M to normalise, ÷(M − 1) into the running variance, M = N·H·W. The weight "
        "of the new batch is momentum, or 1/num_batches_tracked (counted first) where momentum is None.",
        "Half precision: compute on `x.float()`, return `y.to(x.dtype)`. Errors: ValueError for `x.dim() != 4` and for "
        "M = 1 in training, RuntimeError for another number of channels.",
    ),
)

QUESTIONS = (_BYTES, _FUNCTION, _LAYER)

PREDICTIONS = {
    "06-momentum-zero": Prediction("a"),
    "06-untracked": Prediction("a"),
    "06-parity": Prediction("b"),
    "06-second-derivative": Prediction("b"),
    "06-limit": Prediction("c"),
    "06-crossings": Prediction(45, factor=1.5),
    "06-merge": Prediction("a"),
    "06-idle": Prediction(0.52, factor=1.2),
}
