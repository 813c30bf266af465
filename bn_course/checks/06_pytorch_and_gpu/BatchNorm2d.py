"""Lesson 06: Build nn.BatchNorm2d: every argument, both modes, its buffers and its errors."""

import math

import numpy as np

from bn_course.checks._mistake import mistake
from bn_course.checks._probes import signs_in_thirds
from bn_course.grading.question import Probe, Question

from ._shared import HERE, axes_of


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
            axes = axes_of(x, over)
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
    return Probe(label, args, driver=f"{HERE}:layer", shown=shown, returns=returns, **options)


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
    driver=f"{HERE}:errors",
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
        return (
            "forward",
            images(n, c) + 20,
        )  # so far that sums in bfloat16 are wrong by much more than a unit

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
        _steps("float32 at a mean of 1000", _named(6), ("forward", offset), dtype="float32", rounding=True),
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


QUESTION = Question(
    name="BatchNorm2d",
    points=5,
    level=3,
    reference=BatchNorm2d,
    variant=_layer_variant,
    variant_factory=True,
    call="BatchNorm2d(num_features, eps, momentum, affine, track_running_stats)",
    returns=("what the steps gave",),
    probes=_layer_probes,
    examples=_LAYER_EXAMPLES,
    misconceptions=(
        mistake("sample-variance", ddof=1),
        mistake("population-running-var", correction=0),
        mistake("eps-outside-sqrt", eps_place="outside"),
        mistake("no-eps", eps_place="none"),
        mistake("eps-hard-coded", eps_place="fixed"),
        mistake("other-default-eps", {"default_eps": 1e-3}, {"default_eps": 1e-8}),
        mistake(
            "other-default-momentum",
            {"default_momentum": 0.9},
            {"default_momentum": 0.01},
            {"default_momentum": 0.99},
        ),
        mistake("per-position", over="batch"),
        mistake("per-instance", over="space"),
        mistake("global-statistics", over="all"),
        mistake("one-pass-variance", rounding=True, one_pass=True),
        mistake("gamma-ignored", affine_use="no gamma"),
        mistake("beta-ignored", affine_use="no beta"),
        mistake("gamma-after-shift", affine_use="shifted first"),
        mistake("affine-always", affine_off="ignored"),
        mistake("running-stats-in-train", train_stats="running"),
        mistake("batch-stats-in-eval", eval_stats="batch"),
        mistake("untracked-not-normalised", untracked_eval="start"),
        mistake("updates-in-eval", updates="always"),
        mistake("never-updates", updates="never"),
        mistake("momentum-flipped", weight="old"),
        mistake("running-replaced", weight="replaced"),
        mistake("mean-only", kept="mean"),
        mistake("var-only", kept="var"),
        mistake("running-std", spread="deviation"),
        mistake("eps-in-running-var", eps_in_var=True),
        mistake(
            "cumulative-ignored",
            {"cumulative": "as 0.1"},
            {"cumulative": "never"},
            {"cumulative": "replaced"},
        ),
        mistake("batches-not-counted", counts=False),
        mistake("parameters-not-registered", parameters="plain"),
        mistake("buffers-not-in-state", buffers="left out"),
        mistake("detached", graph="detached"),
        mistake("half-precision-sums", width="as given"),
        mistake("output-stays-wide", width="stays wide"),
        mistake("accepts-one-value", checks="no count"),
        mistake("wrong-error-type", {"checks": "runtime"}, {"checks": "value"}),
    ),
)
