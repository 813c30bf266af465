"""Lesson 06, BatchNormFunction."""

import numpy as np

from bn_course.checks._mistake import mistake
from bn_course.checks._probes import signs_in_thirds
from bn_course.grading.question import Probe, Property, Question

from ._shared import HERE, axes_of


class BatchNormFunction:
    """The package's own, found when it is used: importing the checks loads no torch."""

    @staticmethod
    def apply(x, gamma, beta, eps):
        from bn_course.nets.batch_norm import BatchNormFunction as OurFunction

        return OurFunction.apply(x, gamma, beta, eps)


def _standardise_variant(x, eps, *, over="batch and space", ddof=0, eps_place="inside", one_pass=False):
    import torch

    axes = axes_of(x, over)
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
            axes = [0, *range(2, x.dim())]
            if second == "through":
                x_hat, inv_std = _standardise_variant(x, ctx.eps, **statistics)
            elif second == "saved, and γ":
                gamma = gamma.detach()
            elif second == "saved deviation":
                x_hat = (x - x.mean(axes, keepdim=True)) * inv_std
            elif second == "saved moments":
                x_hat = (x - (x - x_hat / inv_std).detach()) * inv_std
            elif second == "constant":
                dy = dy.detach()
                gamma = gamma.detach()
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
    dy, w = rng.normal(size=(2, *shape))
    args = (x, signs_in_thirds(rng, c), rng.normal(size=c), eps, dy, w)
    shown = f"x, dy of shape {shape}, eps = {eps}"
    return Probe(label, args, driver=f"{HERE}:function", shown=shown, **options)


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
        _function_probe(rng, "ε = 0", (5, 3), 0.0, scale=1e-2),
        Probe(
            "float32 at a mean of 1000",
            (offset, 1.5 * ones, 0.5 * ones, 1e-5, dy, 0 * w),
            driver=f"{HERE}:function",
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
    return Probe(label, args, driver=f"{HERE}:function", shown=shown if wide else label, rounding=not wide)


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


QUESTION = Question(
    name="BatchNormFunction",
    points=4,
    level=3,
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
        mistake("sample-variance", ddof=1),
        mistake("eps-outside-sqrt", eps_place="outside"),
        mistake("no-eps", eps_place="none"),
        mistake("divides-by-variance", eps_place="variance"),
        mistake("eps-hard-coded", eps_place="fixed"),
        mistake("per-position", over="batch"),
        mistake("per-instance", over="space"),
        mistake("global-statistics", over="all"),
        mistake("wrong-axis", over="channels"),
        mistake("one-pass-variance", rounding=True, one_pass=True),
        mistake("gamma-ignored", affine="no gamma"),
        mistake("beta-ignored", affine="no beta"),
        mistake("affine-ignored", affine="none"),
        mistake("gamma-after-shift", affine="shifted first"),
        mistake("detached", dx_path="constants"),
        mistake("mean-detached", dx_path="no shift"),
        mistake("var-detached", dx_path="no spread"),
        mistake("mean-added", dx_path="shift added"),
        mistake("spread-added", dx_path="spread added"),
        mistake("sum-not-mean", means="sum"),
        mistake("n-instead-of-nhw", means="batch"),
        mistake("gamma-not-in-dx", dx_gamma=False),
        mistake("dgamma-uses-x", dgamma="x"),
        mistake("dgamma-is-dbeta", dgamma="ones"),
        mistake("dbeta-averaged", dbeta="mean"),
        mistake("swapped-outputs", order="swapped"),
        mistake(
            "saved-intermediates",
            {"second": "saved"},
            {"second": "saved, and γ"},
            {"second": "saved deviation"},
            {"second": "saved moments"},
        ),
        mistake("not-twice-differentiable", second="constant"),
    ),
)
