"""Lesson 11: one operation and its choices of axes: layer, instance and group norm, AdaIN, kernels."""

import numpy as np

from bn_course import norms
from bn_course.checks._draw import offset, parameters, uneven
from bn_course.checks._knobs import deviation, used_of
from bn_course.checks._shared import known, own
from bn_course.grading.question import Prediction, Probe, Property, Question


def _moments(x, axes, ddof=0, method="two-pass"):
    mean = x.mean(axis=axes, keepdims=True)
    if method == "one-pass":
        return mean, (x * x).mean(axis=axes, keepdims=True) - mean * mean
    squares = ((x - mean) ** 2).sum(axis=axes, keepdims=True)
    return mean, squares / (x.size // mean.size - ddof)


def _eps(eps, eps_default=1e-5, eps_fixed=None):
    """The ε that an answer uses, given the one that it was called with, or None."""
    eps = eps_default if eps is None else eps
    return eps if eps_fixed is None else eps_fixed


def _x_hat(x, axes, eps, k):
    """x standardised over `axes`, with the knobs in `k`."""
    mean, var = _moments(x, axes, k.get("ddof", 0), k.get("method"))
    divisor = deviation(var, eps, k.get("eps_place", "inside"), k.get("root", True))
    return (x - mean if k.get("centre", True) else x) / (divisor if k.get("scale", True) else 1.0)


def _with_affine(x, gamma, beta, along, k, standardised):
    """y = γ·standardised(x) + β, with the knobs in `k`; γ and β lie along an axis, `along` or the knob's."""
    gamma, beta = (beta, gamma) if k.get("swapped") else (gamma, beta)
    shape = [1] * x.ndim
    shape[k.get("along", along)] = -1
    gamma = used_of(gamma, k.get("gamma_is", "vector"), 1.0).reshape(shape)
    beta = used_of(beta, k.get("beta_is", "vector"), 0.0).reshape(shape)
    if k.get("order") == "before":
        return standardised(gamma * x + beta)
    y = standardised(x)
    return gamma * (y + beta) if k.get("order") == "shift-first" else gamma * y + beta


_EPS_DEFAULT = known("eps-default", {"eps_default": 1e-3}, {"eps_default": 1e-8}, {"eps_default": 1e-6})
_EPS_FIXED = known("eps-hard-coded", {"eps_fixed": 1e-5}, {"eps_fixed": 1e-8}, {"eps_fixed": 1e-3})
_SAMPLE_VARIANCE = own(
    "sample-variance",
    "You divide the sum of squares by one less than the number of values.",
    "A norm standardises these very values, it does not estimate the variance of others, so it divides by how many "
    "there are. NumPy's `var` does so unless `ddof=1` says otherwise; torch's `var` needs `correction=0`.",
    ddof=1,
)
_STANDARDISING = (
    _SAMPLE_VARIANCE,
    known("one-pass-variance", rounding=True, method="one-pass"),
    known("eps-outside-sqrt", eps_place="outside"),
    known("no-eps", eps_place="none"),
    _EPS_DEFAULT,
    _EPS_FIXED,
    known("divides-by-variance", root=False),
    known("mean-not-subtracted", centre=False),
    known("only-centred", scale=False),
)
_AFFINE = (
    known("gamma-ignored", gamma_is="ignored"),
    known("beta-ignored", beta_is="ignored"),
    known("affine-ignored", gamma_is="ignored", beta_is="ignored"),
    known("gamma-after-shift", order="shift-first"),
    known("affine-before", order="before"),
    known(
        "scalar-gamma",
        {"gamma_is": "first"},
        {"gamma_is": "mean"},
        {"gamma_is": "first", "beta_is": "first"},
        {"gamma_is": "mean", "beta_is": "mean"},
    ),
    known("gamma-beta-swapped", swapped=True),
)
_BATCH_STATISTICS = (
    "batch-statistics",
    "You take the statistics over the batch as well: one for each channel.",
    "That is batch normalisation. Here no other image has a part: what comes out for an image is the same whatever "
    "stands next to it.",
)
_GLOBAL = (
    "global-statistics",
    "You take one mean and one variance of all numbers together.",
    "Only the numbers of one example share a statistic.",
)
_PER_POSITION = (
    "per-position",
    "You take the statistics over the batch axis alone.",
    "Nothing here is normalised over the batch, although it is said so in places: every example is normalised by "
    "itself.",
)
_POINTWISE = (
    "over-channels",
    "You take the statistics over the channels alone, at each position.",
    "That is layer norm as transformers and ConvNeXt have it. Here the positions share a statistic.",
)


def _arrays(*values, dtype=float):
    return tuple(np.array(v, dtype=dtype) for v in values)


# ---- normalize ---------------------------------------------------------------------------------------


def normalize(x, axes, eps=1e-5):
    return norms.standardize(x, axes, eps)


def _normalize_variant(x, axes, eps=None, *, take="given", keepdims=True, **k):
    eps = _eps(eps, k.get("eps_default", 1e-5), k.get("eps_fixed"))
    given = tuple(axis % x.ndim for axis in np.atleast_1d(axes))
    others = tuple(axis for axis in range(x.ndim) if axis not in given)
    axes = {
        "given": given,
        "others": others,
        "first": given[:1],
        "last": given[-1:],
        "all": tuple(range(x.ndim)),
        "positive": tuple(axis for axis in np.atleast_1d(axes) if axis >= 0),
    }[take]
    if keepdims:
        return _x_hat(x, axes, eps, k)
    mean, var = (m.squeeze(axes) for m in _moments(x, axes, k.get("ddof", 0), k.get("method")))
    divisor = deviation(var, eps, k.get("eps_place", "inside"), k.get("root", True))
    return (x - mean if k.get("centre", True) else x) / (divisor if k.get("scale", True) else 1.0)


def _normalize_probes(rng):
    return [
        Probe("four axes, over (0, 2, 3), ε = 0.1", (uneven(rng, 3, 4, 5, 2), (0, 2, 3), 0.1)),
        Probe("the same over (1, 2, 3)", (uneven(rng, 3, 4, 5, 2), (1, 2, 3), 0.1)),
        Probe("axes counted from the end, (-2, -1)", (uneven(rng, 3, 4, 5, 2), (-2, -1), 0.1)),
        Probe("one axis from the front and one from the end, (1, -1)", (uneven(rng, 3, 4, 5), (1, -1), 0.1)),
        Probe("one axis, as a number", (uneven(rng, 6, 4, 3), 1, 0.1)),
        Probe("a square table over axis 1", (uneven(rng, 5, 5), 1, 0.1)),
        Probe("small variances, ε left at its default", (uneven(rng, 5, 4, spread=3e-3), (0,))),
        Probe("float32 at mean 1000", (offset(rng, 4, 30), (1,), 1e-5), rounding=True),
    ]


def _mean_is_zero(args, y):
    worst = np.abs(np.asarray(y).mean(axis=args[1])).max()
    return f"the mean over the axes should be 0; it reaches {worst:.2g}" if worst > 1e-5 else None


def _normalize_example(x, axes, *eps, dtype=float, label="a small array", rounding=False):
    return Probe(label, (np.array(x, dtype=dtype), axes, *eps), rounding=rounding)


NORMALIZE = Question(
    name="normalize",
    points=2,
    level=1,
    task="The one operation under every norm: mean 0 and variance 1 over the axes that are named.",
    ask=(
        "Which axes make batch norm of images, instance norm, and layer norm of a table (N, D)? How many means is each?",
        "(0, 2, 3): C. (2, 3): N·C. (−1,): N. The axes that are named are averaged away; the others keep a statistic each.",
    ),
    reference=normalize,
    variant=_normalize_variant,
    returns=("x_hat",),
    probes=_normalize_probes,
    examples=(
        _normalize_example([[1, 3], [2, 6]], (1,), 0.0),
        _normalize_example([[1, 3], [2, 6]], (0,), 0.0),
        _normalize_example([[0, 2], [2, 6]], (-1,), 3.0),
        _normalize_example([[0, 0.02]], (1,), label="the default ε"),
        _normalize_example([[[1, 3], [2, 8]], [[0, 5], [7, 1]]], (0, 2), 0.0),
        _normalize_example([[[1, 3], [2, 8]], [[0, 5], [7, 1]]], (0, -1), 0.0),
        _normalize_example(
            [[4096, 4097, 4098.5]], (1,), 0.0, dtype=np.float32, label="far from zero", rounding=True
        ),
    ),
    misconceptions=(
        own(
            "other-axes",
            "You average over the axes that are not named.",
            "`axes` are those that share a statistic, the ones that `mean` averages away, as NumPy's own `axis`.",
            take="others",
        ),
        own(
            "one-axis-only",
            "You use one of the axes and leave the others out.",
            "All the named axes share one statistic: NumPy's `mean` and `var` take a tuple.",
            {"take": "first"},
            {"take": "last"},
        ),
        own(
            "negative-axes-lost",
            "Axes counted from the end are lost.",
            "−1 is the last axis. NumPy understands negative axes; a comparison such as `i in axes` does not.",
            take="positive",
        ),
        own(*_GLOBAL[:2], "Only the values along the named axes share a statistic.", take="all"),
        own(
            "no-keepdims",
            "The means lose their axes and are lined up with the wrong ones.",
            "NumPy lines up last axes. With `keepdims=True` the averaged axes stay, with length 1, and broadcast where "
            "they belong. Without it most shapes raise, and a square one is wrong in silence.",
            keepdims=False,
        ),
        *_STANDARDISING,
        known("mutates-input"),
    ),
    properties=(Property("the mean over the axes is 0", _mean_is_zero),),
    hints=(
        "It is lesson 02's formula. The only new thing is that the axes are an argument.",
        "`x.mean(axis=axes, keepdims=True)` takes a tuple, a number, and negative axes.",
        "`(x - mean) / np.sqrt(x.var(axis=axes, keepdims=True) + eps)`.",
    ),
)


# ---- layer_norm --------------------------------------------------------------------------------------


def layer_norm(x, gamma, beta, eps=1e-5):
    return norms.layer_norm(x, gamma, beta, eps)


def _layer_axes(x, name):
    return {
        "last": (x.ndim - 1,),
        "n": (0,),
        "nt": tuple(range(x.ndim - 1)),
        "rest": tuple(range(1, x.ndim)),
        "one": (1,),
        "all": tuple(range(x.ndim)),
    }[name]


def _layer_variant(x, gamma, beta, eps=None, **k):
    eps = _eps(eps, k.get("eps_default", 1e-5), k.get("eps_fixed"))
    axes = _layer_axes(x, k.get("axes", "last"))
    return _with_affine(x, gamma, beta, -1, k, lambda x: _x_hat(x, axes, eps, k))


def _layer_probes(rng):
    def batch(*shape, spread=1.0):
        return uneven(rng, *shape, spread=spread), *parameters(rng, shape[-1])

    return [
        Probe("six examples of four features, ε = 0.1", (*batch(6, 4), 0.1)),
        Probe("sequences, (N, T, D) = (3, 5, 4)", (*batch(3, 5, 4), 0.1)),
        Probe("four axes, (2, 3, 5, 4)", (*batch(2, 3, 5, 4), 0.1)),
        Probe("as many steps as features (T = D)", (*batch(3, 4, 4), 0.1)),
        Probe("as many examples as features (N = D)", (*batch(4, 4), 0.1)),
        Probe("small variances, ε left at its default", batch(5, 6, spread=3e-3)),
        Probe("a single example, ε = 2", (*batch(1, 5), 2.0)),
        Probe(
            "float32 at mean 1000",
            (offset(rng, 4, 30), *(p.astype(np.float32) for p in parameters(rng, 30)), 1e-5),
            rounding=True,
        ),
    ]


def _unaffected_by_others(args, y):
    """Every example alone gives what it gave in the batch."""
    x, gamma, beta, *rest = args
    alone = norms.layer_norm(x[:1], gamma, beta, *rest)
    worst = np.abs(np.asarray(y)[:1] - alone).max()
    return (
        f"the first example alone should give what it gives here; it differs by {worst:.2g}"
        if worst > 1e-5
        else None
    )


def _vectors(x, gamma, beta, *eps, dtype=float, label="a small batch", rounding=False):
    return Probe(label, (*_arrays(x, gamma, beta, dtype=dtype), *eps), rounding=rounding)


LAYER = Question(
    name="layer_norm",
    points=2,
    level=1,
    task="Layer normalisation: every example by itself, over its features, the last axis.",
    ask=(
        "Throw away half of the examples. What changes for those that stay? For (N, T, D), how many means are there?",
        "Nothing: a row's statistics are its own. N·T: over the last axis alone.",
    ),
    reference=layer_norm,
    variant=_layer_variant,
    returns=("y",),
    probes=_layer_probes,
    examples=(
        _vectors([[1, 3]], [1, 1], [0, 0], 0.0),
        _vectors([[0, 2]], [1, 1], [0, 0], 3.0),
        _vectors([[1, 3], [2, 10]], [2, 3], [5, 7], 0.0),
        _vectors([[0, 0.02]], [1, 1], [0, 0], label="the default ε"),
        _vectors(
            [[[1, 3], [2, 8]], [[0, 5], [7, 1]]], [1, 2], [0, 10], 0.0, label="two sequences of two steps"
        ),
        _vectors(
            [[4096, 4097, 4098.5]],
            [1, 1, 1],
            [0, 0, 0],
            0.0,
            dtype=np.float32,
            label="far from zero",
            rounding=True,
        ),
    ),
    misconceptions=(
        own(
            "wrong-axis",
            "You take the statistics over the batch.",
            "That is batch normalisation. In layer normalisation the features of one example share a statistic, and the "
            "other examples have no part in it.",
            {"axes": "n"},
            {"axes": "nt"},
        ),
        own(
            "whole-example",
            "You take one statistic over all axes but the first.",
            "For (N, T, D) that mixes the steps of a sequence: an early step would know of the later ones. The statistic "
            "is of the last axis alone.",
            axes="rest",
        ),
        own(
            "second-axis",
            "You take the statistics over axis 1.",
            "For a table that is the last axis, for (N, T, D) it is time. Say `axis=-1`.",
            axes="one",
        ),
        own(*_GLOBAL, axes="all"),
        *_STANDARDISING,
        *_AFFINE,
        own(
            "affine-wrong-axis",
            "Your γ and β run along the wrong axis.",
            "There is one of each for every feature, and the features are the last axis, where NumPy lines them up by "
            "itself.",
            {"along": -2},
            {"along": 0},
        ),
        known("mutates-input"),
    ),
    properties=(Property("other examples have no part", _unaffected_by_others),),
    hints=(
        "Batch norm of lesson 02 with another axis: which numbers belong to one example?",
        "`normalize(x, -1, eps)`; `keepdims=True` if you write it out.",
        "γ and β of shape (D,) line up with the last axis without any reshape: `gamma * x_hat + beta`.",
    ),
)


# ---- layer_norm_backward -----------------------------------------------------------------------------


def layer_norm_backward(dy, x, gamma, eps=1e-5):
    return norms.layer_norm_backward(dy, x, gamma, eps)


def _layer_backward_variant(
    dy,
    x,
    gamma,
    eps=None,
    *,
    axes="last",
    ddof=0,
    eps_place="inside",
    eps_default=1e-5,
    eps_fixed=None,
    means="last",
    mean_term=1,
    spread_term=1,
    scale="inv_std",
    gamma_at="inside",
    dgamma_of="x_hat",
    dgamma_factor="one",
    dbeta_of="dy",
    params="nt",
    order=(0, 1, 2),
):
    eps = _eps(eps, eps_default, eps_fixed)
    mean, var = _moments(x, _layer_axes(x, axes), ddof)
    divisor = deviation(var, eps, eps_place)
    x_hat = (x - mean) / divisor
    dx_hat = dy * gamma if gamma_at == "inside" else dy

    def average(values):
        if means == "sum":
            return values.sum(axis=-1, keepdims=True)
        return values.mean(axis=_layer_axes(x, means), keepdims=True)

    dx = dx_hat - mean_term * average(dx_hat) - spread_term * x_hat * average(dx_hat * x_hat)
    dx = dx * {"inv_std": 1 / divisor, "inv_var": 1 / divisor**2, "one": 1.0}[scale]
    dx = dx * gamma if gamma_at == "outside" else dx
    factor = {"x_hat": x_hat, "x": x, "centred": x - mean}[dgamma_of]
    summed = _layer_axes(x, params) if params != "none" else ()
    dgamma = (dy * factor * (gamma if dgamma_factor == "gamma" else 1.0)).sum(axis=summed)
    dbeta = (dy * gamma if dbeta_of == "dx_hat" else dy).sum(axis=summed)
    return tuple((dx, dgamma, dbeta)[i] for i in order)


def _layer_backward_probes(rng):
    def case(*shape, spread=1.0):
        return uneven(rng, *shape), uneven(rng, *shape, spread=spread), parameters(rng, shape[-1])[0]

    return [
        Probe("six examples of four features, ε = 0.1", (*case(6, 4), 0.1)),
        Probe("sequences, (N, T, D) = (3, 5, 4)", (*case(3, 5, 4), 0.1)),
        Probe("as many steps as features (T = D)", (*case(3, 4, 4), 0.1)),
        Probe("as many examples as features (N = D)", (*case(4, 4), 0.1)),
        Probe("small variances, ε left at its default", case(5, 6, spread=3e-3)),
        Probe("a single example, ε = 2", (*case(1, 5), 2.0)),
    ]


def _sum_of_dx_is_zero(args, value):
    dx = np.asarray(value[0])
    worst = np.abs(dx.sum(axis=-1)).max() / max(np.abs(dx).max(), 1e-12)
    if worst > 1e-5:
        return (
            "Σdx over the features of an example should be 0: adding a constant to all of them leaves y as it is; it is "
            f"{worst:.2g} times the largest entry of dx"
        )
    return None


def _backward(dy, x, gamma, *eps, label="a small batch"):
    return Probe(label, (*_arrays(dy, x, gamma), *eps))


LAYER_BACKWARD = Question(
    name="layer_norm_backward",
    points=3,
    level=3,
    task="The gradients of layer normalisation, for x, γ and β.",
    ask=(
        "In batch norm γ may stand before the bracket of dx. Why not here?",
        "There all values that share a mean share γ. Here the mean runs over features, each with its own: first dx̂ = γ·dy, then the means.",
    ),
    reference=layer_norm_backward,
    variant=_layer_backward_variant,
    returns=("dx", "dgamma", "dbeta"),
    probes=_layer_backward_probes,
    examples=(
        _backward([[1, 0, 0]], [[0, 3, 6]], [1, 1, 1], 0.0),
        _backward([[1, 0, 2]], [[0, 3, 6]], [1, 2, 3], 1.0),
        _backward([[1, 0, 2], [0, 3, 1]], [[0, 3, 6], [5, 1, 0]], [1, 2, 3], 0.0),
        _backward([[1, 0, 2]], [[0, 0.02, 0.03]], [1, 2, 3], label="the default ε"),
        _backward(
            [[[1, 0, 2], [0, 3, 1]], [[2, 1, 0], [1, 1, 4]]],
            [[[0, 3, 6], [5, 1, 0]], [[1, 2, 4], [2, 0, 7]]],
            [1, 2, 3],
            0.0,
        ),
    ),
    misconceptions=(
        own(
            "gamma-outside",
            "You take γ out of the means: dx = γ/√(σ² + ε)·(dy − mean(dy) − x̂·mean(dy·x̂)).",
            "In batch norm that is right, since γ is one number for all the values that share a statistic. Here the values "
            "of one mean have each their own γ, so it goes in first: dx̂ = γ·dy, and the means are of dx̂.",
            gamma_at="outside",
        ),
        own(
            "gamma-ignored", "γ is missing from dx.", "dx̂ = γ·dy, and dx follows from dx̂.", gamma_at="nowhere"
        ),
        known("detached", mean_term=0, spread_term=0),
        known("mean-detached", mean_term=0),
        known("var-detached", spread_term=0),
        known("mean-added", mean_term=-1),
        known("spread-added", spread_term=-1),
        own(
            "sum-not-mean",
            "You subtract sums over the features where means belong.",
            "Each path through μ and σ² carries a factor 1/D.",
            means="sum",
        ),
        own(
            "means-over-batch",
            "In dx you take the means over the batch.",
            "μ and σ² were taken over the features of one example, so the same axis comes back in the gradient.",
            {"means": "n"},
            {"means": "nt"},
        ),
        own(
            "wrong-axis",
            "You take the statistics over the batch.",
            "That is the backward pass of batch normalisation. Here every example has its own.",
            {"axes": "n"},
            {"axes": "n", "means": "n"},
            {"axes": "nt"},
            {"axes": "nt", "means": "nt"},
        ),
        own(
            "dgamma-over-features",
            "You add dγ and dβ up over the features.",
            "The statistics run over the features, and γ has one entry for each of them: its gradient adds up over "
            "everything else, as in batch norm.",
            params="last",
        ),
        own(
            "not-summed-over-time",
            "You add dγ and dβ up over the first axis alone.",
            "One γ serves all examples and all steps: add over every axis but the last.",
            params="n",
        ),
        own(
            "per-example-dgamma",
            "You return dγ and dβ for each example, without adding them up.",
            "One γ serves all examples and all steps, so its gradient is the sum over them.",
            params="none",
        ),
        _SAMPLE_VARIANCE,
        known("eps-outside-sqrt", eps_place="outside"),
        known("no-eps", eps_place="none"),
        _EPS_DEFAULT,
        _EPS_FIXED,
        own(
            "inv-std-missing",
            "You do not divide dx by the deviation.",
            "y = γ(x − μ)/√(σ² + ε) + β: what reaches x is divided by √(σ² + ε) too.",
            scale="one",
        ),
        own(
            "divides-by-variance",
            "You divide dx by the variance.",
            "dx carries one factor 1/√(σ² + ε).",
            scale="inv_var",
        ),
        known("dgamma-uses-x", dgamma_of="x"),
        known("dgamma-uses-centred", dgamma_of="centred"),
        own(
            "gamma-in-dgamma",
            "Your dγ or dβ carries a factor γ.",
            "y = γ·x̂ + β, so ∂y/∂γ = x̂ and ∂y/∂β = 1: γ enters dx alone.",
            {"dgamma_factor": "gamma"},
            {"dgamma_factor": "gamma", "dbeta_of": "dx_hat"},
            {"dbeta_of": "dx_hat"},
        ),
        known("swapped-outputs", {"order": (0, 2, 1)}, {"order": (1, 2, 0)}, {"order": (2, 1, 0)}),
        known("mutates-input"),
    ),
    properties=(Property("Σdx is 0 in each example", _sum_of_dx_is_zero),),
    hints=(
        "Two sets of axes: the statistics run over the last one, γ and β are shared by all the others.",
        "First dx̂ = γ·dy. Then lesson 03's formula, with means over the last axis.",
        "dγ = Σ dy·x̂ and dβ = Σ dy over every axis but the last: `tuple(range(x.ndim - 1))`.",
        "`dx = (dx_hat - dx_hat.mean(-1, keepdims=True) - x_hat * (dx_hat * x_hat).mean(-1, keepdims=True)) * inv_std`.",
    ),
)


# ---- instance_norm -----------------------------------------------------------------------------------

# Which axes of (N, C, H, W) share a statistic, by the name of the choice.
_AXES = {
    "hw": (2, 3),
    "nhw": (0, 2, 3),
    "n": (0,),
    "chw": (1, 2, 3),
    "c": (1,),
    "w": (3,),
    "h": (2,),
    "all": (0, 1, 2, 3),
}


def instance_norm(x, gamma, beta, eps=1e-5):
    return norms.instance_norm(x, gamma, beta, eps)


def _instance_variant(x, gamma, beta, eps=None, **k):
    eps = _eps(eps, k.get("eps_default", 1e-5), k.get("eps_fixed"))
    axes = _AXES[k.get("axes", "hw")]
    return _with_affine(x, gamma, beta, 1, k, lambda x: _x_hat(x, axes, eps, k))


def _instance_probes(rng):
    def batch(*shape, spread=1.0):
        return uneven(rng, *shape, spread=spread), *parameters(rng, shape[1])

    return [
        Probe("six images of four channels, 3 × 5, ε = 0.1", (*batch(6, 4, 3, 5), 0.1)),
        Probe("small variances, ε left at its default", batch(5, 3, 2, 4, spread=3e-3)),
        Probe("images as wide as they have channels (W = C)", (*batch(5, 3, 4, 3), 0.1)),
        Probe("images as high as they have channels (H = C)", (*batch(5, 3, 3, 4), 0.1)),
        Probe("as many images as channels (N = C)", (*batch(3, 3, 2, 5), 0.1)),
        Probe("a single image, ε = 2", (*batch(1, 2, 5, 4), 2.0)),
        Probe(
            "float32 at mean 1000",
            (offset(rng, 2, 3, 4, 8), *(p.astype(np.float32) for p in parameters(rng, 3)), 1e-5),
            rounding=True,
        ),
    ]


def _every_image_has_mean_beta(args, y):
    worst = np.abs(np.asarray(y).mean(axis=(2, 3)) - args[2]).max()
    if worst > 1e-5:
        return f"the mean of each channel of each image should be its β; it is off by {worst:.2g}"
    return None


_TWO_IMAGES = [[[[1, 3]], [[0, 4]]], [[[5, 7]], [[10, 2]]]]  # (2, 2, 1, 2)
_TWO_BY_TWO = [[[[1, 3], [8, 2]], [[0, 4], [1, 6]]]]  # (1, 2, 2, 2)

INSTANCE = Question(
    name="instance_norm",
    points=2,
    level=1,
    task="Instance normalisation of images, (N, C, H, W): every channel of every image by itself.",
    ask=(
        "For (2, 3, 4, 5), how many means, and of how many numbers? What comes out for a picture of one colour?",
        "6 of 20. Each channel comes out as its β: the colour is just what this norm forgets.",
    ),
    reference=instance_norm,
    variant=_instance_variant,
    returns=("y",),
    probes=_instance_probes,
    examples=(
        _vectors([[[[1, 3]]], [[[5, 9]]]], [1], [0], 0.0),
        _vectors([[[[0, 2]]]], [1], [0], 3.0),
        _vectors([[[[0, 2]]]], [2], [5], 0.0),
        _vectors(_TWO_IMAGES, [2, 3], [5, 10], 0.0),
        _vectors(_TWO_BY_TWO, [2, 3], [5, 10], 0.0),
        _vectors([[[[0, 0.02]]]], [1], [0], label="the default ε"),
        _vectors(
            [[[[4096, 4097, 4098.5]]]], [1], [0], 0.0, dtype=np.float32, label="far from zero", rounding=True
        ),
    ),
    misconceptions=(
        own(*_PER_POSITION, axes="n"),
        own(*_BATCH_STATISTICS, axes="nhw"),
        own(
            "wrong-axis",
            "You take the statistics of each image, over its channels and positions.",
            "That is layer normalisation, or group normalisation with one group. Here each channel has its own.",
            axes="chw",
        ),
        own(*_POINTWISE, axes="c"),
        own(
            "one-spatial-axis",
            "You take the statistics over one of the two spatial axes.",
            "All positions of a channel share one mean and one variance: axes 2 and 3 together.",
            {"axes": "w"},
            {"axes": "h"},
        ),
        own(*_GLOBAL, axes="all"),
        *_STANDARDISING,
        *_AFFINE,
        known("affine-wrong-axis", {"along": 3}, {"along": 2}, {"along": 0}),
        known("mutates-input"),
    ),
    properties=(Property("each channel of each image has mean β", _every_image_has_mean_beta),),
    hints=(
        "How many means are there? One for each channel of each image: shape (N, C). So which axes are averaged away?",
        "`normalize(x, (2, 3), eps)`.",
        "γ and β of shape (C,) would line up with W. Reshape them: `gamma.reshape(1, -1, 1, 1)`.",
    ),
)


# ---- group_norm --------------------------------------------------------------------------------------


def group_norm(x, gamma, beta, num_groups, eps=1e-5):
    return norms.group_norm(x, gamma, beta, num_groups, eps)


def _group_variant(
    x, gamma, beta, num_groups, eps=None, *, groups="given", over="chw", cut="consecutive", checked=True, **k
):
    eps = _eps(eps, k.get("eps_default", 1e-5), k.get("eps_fixed"))
    N, C = x.shape[:2]
    if C % num_groups and checked:
        raise ValueError(f"num_groups is {num_groups}; it needs to divide {C}")
    count = {"given": num_groups, "size": max(C // num_groups, 1), "one": 1, "each": C}[groups]
    axes = {"chw": (2, 3, 4), "c": (2,), "nchw": (0, 2, 3, 4), "hw": (3, 4)}[over]

    def standardised(x):
        if C % count:  # cut through the channels
            return _x_hat(x.reshape(N, count, -1), (2,), eps, k).reshape(x.shape)
        if cut == "interleaved":
            apart = x.reshape(N, C // count, count, *x.shape[2:]).swapaxes(1, 2)
            return _x_hat(apart, axes, eps, k).swapaxes(1, 2).reshape(x.shape)
        return _x_hat(x.reshape(N, count, C // count, *x.shape[2:]), axes, eps, k).reshape(x.shape)

    if k.get("gamma_is") == "group":
        k = {**k, "gamma_is": "vector"}
        gamma, beta = (np.repeat(values[:num_groups], C // num_groups) for values in (gamma, beta))
    return _with_affine(x, gamma, beta, 1, k, standardised)


def _group_probes(rng):
    def batch(*shape, spread=1.0):
        return uneven(rng, *shape, spread=spread), *parameters(rng, shape[1])

    return [
        Probe("five images of six channels, 3 × 4, in 2 groups, ε = 0.1", (*batch(5, 6, 3, 4), 2, 0.1)),
        Probe("the same in 3 groups", (*batch(5, 6, 3, 4), 3, 0.1)),
        Probe("one group", (*batch(3, 4, 2, 5), 1, 0.1)),
        Probe("a group a channel", (*batch(3, 4, 2, 5), 4, 0.1)),
        Probe("small variances, ε left at its default", (*batch(3, 4, 2, 5, spread=3e-3), 2)),
        Probe("images as wide as they have channels (W = C)", (*batch(5, 6, 3, 6), 2, 0.1)),
        Probe("images as high as they have channels (H = C)", (*batch(5, 6, 6, 3), 3, 0.1)),
        Probe("as many images as channels (N = C)", (*batch(4, 4, 2, 5), 2, 0.1)),
        Probe("4 groups of 6 channels: it should raise", (*batch(3, 6, 2, 2), 4, 0.1)),
        Probe(
            "float32 at mean 1000",
            (offset(rng, 2, 4, 3, 4), *(p.astype(np.float32) for p in parameters(rng, 4)), 2, 1e-5),
            rounding=True,
        ),
    ]


def _grouped(x, gamma, beta, groups, *eps, dtype=float, label="a small batch", rounding=False):
    return Probe(label, (*_arrays(x, gamma, beta, dtype=dtype), groups, *eps), rounding=rounding)


_FOUR = [[[[1, 3]], [[0, 4]], [[5, 7]], [[10, 2]]]]  # one image of four channels of two pixels

GROUP = Question(
    name="group_norm",
    points=3,
    level=2,
    task="Group normalisation of images: groups of consecutive channels share a statistic, in each image.",
    ask=(
        "Eight channels, counted from 0. With whom does channel 3 share its statistics for two groups? For four? For three?",
        "With 0, 1 and 2; with 2; with nobody: 3 does not divide 8, so raise. Groups are neighbours, and num_groups is how many there are.",
    ),
    reference=group_norm,
    variant=_group_variant,
    returns=("y",),
    probes=_group_probes,
    examples=(
        _grouped([[[[0]], [[2]]]], [1, 1], [0, 0], 1, 0.0),
        _grouped([[[[0]], [[2]]]], [1, 1], [0, 0], 1, 3.0),
        _grouped([[[[0]], [[2]]]], [2, 3], [5, 7], 1, 0.0),
        _grouped(_FOUR, [1, 2, 3, 4], [0, 10, 20, 30], 2, 0.0),
        _grouped([*_FOUR, [[[9, 0]], [[2, 2]], [[6, 1]], [[3, 5]]]], [1, 2, 3, 4], [0, 10, 20, 30], 2, 0.0),
        _grouped([[[[0]], [[0.02]]]], [1, 1], [0, 0], 1, label="the default ε"),
        _grouped(np.arange(12).reshape(1, 6, 2, 1), [1] * 6, [0] * 6, 4, 0.0, label="4 groups of 6 channels"),
        _grouped(np.arange(12).reshape(1, 4, 3, 1), [1, 2, 3, 4], [0] * 4, 4, 0.0, label="a group a channel"),
        _grouped(
            np.arange(12).reshape(1, 6, 2, 1) ** 2,
            range(1, 7),
            range(6),
            3,
            0.0,
            label="3 groups of 6 channels",
        ),
        _grouped(
            [[[[4096]], [[4097]], [[4098.5]]]],
            [1] * 3,
            [0] * 3,
            1,
            0.0,
            dtype=np.float32,
            label="far from zero",
            rounding=True,
        ),
    ),
    misconceptions=(
        own(
            "groups-not-checked",
            "You return something when the groups do not divide the channels.",
            "`x.reshape(N, num_groups, -1)` also works when a group then ends in the middle of a channel, whenever the "
            "number of pixels allows it. Check `C % num_groups` and raise a ValueError.",
            checked=False,
        ),
        own(
            "group-size",
            "You take num_groups for the number of channels in a group.",
            "It says how many groups there are: each has C / num_groups channels.",
            groups="size",
        ),
        own(
            "interleaved-groups",
            "Your groups are every so-many-th channel.",
            "Groups are consecutive channels: with 6 channels and 2 groups, 0–2 and 3–5. Reshape to "
            "(N, num_groups, C // num_groups, H, W), in this order.",
            cut="interleaved",
        ),
        own(
            "wrong-axis",
            "You ignore the groups: one statistic for each image.",
            "That is one group, or layer norm over C, H and W.",
            groups="one",
        ),
        own(
            "per-instance",
            "You ignore the groups: one statistic for each channel of each image.",
            "That is instance normalisation, a group for each channel. The channels of a group share a mean and a "
            "variance.",
            {"groups": "each"},
            {"over": "hw"},
        ),
        own(*_POINTWISE, over="c"),
        own(*_BATCH_STATISTICS, over="nchw"),
        own(
            "gamma-per-group",
            "You use one γ and one β for each group.",
            "The statistics are a group's; γ and β are a channel's, of shape (C,).",
            gamma_is="group",
        ),
        *_STANDARDISING,
        *_AFFINE,
        known("affine-wrong-axis", {"along": 3}, {"along": 2}, {"along": 0}),
        known("mutates-input"),
    ),
    hints=(
        "Give the groups an axis of their own: (N, C, H, W) becomes (N, G, C/G, H, W).",
        "Which of these five axes share a statistic? All but N and G: (2, 3, 4). Then reshape back.",
        "γ and β belong to channels: apply them after the reshape back, as (1, C, 1, 1).",
        "`if C % num_groups: raise ValueError(…)`; `normalize(x.reshape(N, num_groups, -1), 2, eps).reshape(x.shape)`.",
    ),
)


# ---- adain -------------------------------------------------------------------------------------------


def adain(content, style, eps=1e-5):
    return norms.adain(content, style, eps)


def _adain_variant(
    content,
    style,
    eps=None,
    *,
    axes="hw",
    ddof=0,
    eps_place="inside",
    style_eps="inside",
    eps_default=1e-5,
    eps_fixed=None,
    root=True,
    style_root=True,
    centre=True,
    scale="both",
    shift="style",
    swapped=False,
    method="two-pass",
):
    eps = _eps(eps, eps_default, eps_fixed)
    content, style = (style, content) if swapped else (content, style)
    (mean, var), (style_mean, style_var) = (_moments(x, _AXES[axes], ddof, method) for x in (content, style))
    place = {"inside": style_eps, "outside": "outside", "none": "none"}[eps_place]
    style_std = deviation(style_var, eps, place, style_root)
    std = deviation(var, eps, eps_place, root)
    y = content - mean if centre else content
    y = y * {"both": style_std / std, "content": 1 / std, "none": 1.0, "inverse": std / style_std}[scale]
    return y + {"style": style_mean, "content": mean, "none": 0.0}[shift]


def _adain_probes(rng):
    def pair(*shape, size=(5, 6), spread=1.0):
        style = 2 * uneven(rng, *shape[:2], *size) - 1.5
        return uneven(rng, *shape, spread=spread), style

    return [
        Probe("three images of four channels, 3 × 5, a style of 5 × 6, ε = 0.1", (*pair(3, 4, 3, 5), 0.1)),
        Probe("a style of 2 × 2", (*pair(2, 3, 4, 3, size=(2, 2)), 0.1)),
        Probe("content and style of one size", (*pair(2, 3, 4, 3, size=(4, 3)), 0.1)),
        Probe("a flat style, ε = 0.5", (pair(2, 3, 4, 5)[0], 0.1 * pair(2, 3, 4, 5)[1], 0.5)),
        Probe("flat content, ε left at its default", pair(2, 3, 4, 5, spread=3e-3)),
        Probe("one image of one channel, ε = 2", (*pair(1, 1, 2, 5), 2.0)),
        Probe(
            "float32, content at mean 1000",
            (offset(rng, 2, 3, 4, 5), uneven(rng, 2, 3, 5, 6).astype(np.float32), 1e-5),
            rounding=True,
        ),
    ]


def _mean_is_the_style_s(args, y):
    worst = np.abs(np.asarray(y).mean(axis=(2, 3)) - args[1].mean(axis=(2, 3))).max()
    if worst > 1e-5:
        return f"the mean of each channel should be the style's; it is off by {worst:.2g}"
    return None


def _styled(content, style, *eps, dtype=float, label="one channel of two pixels", rounding=False):
    return Probe(label, (*_arrays(content, style, dtype=dtype), *eps), rounding=rounding)


ADAIN = Question(
    name="adain",
    points=2,
    level=2,
    task="Adaptive instance normalisation: the content, with the style's mean and deviation in each channel.",
    ask=(
        "Take one image for content and for style. What must come out, and which ε decides whether it does?",
        "The image. ε has to be in both roots, so that what is divided by is what is multiplied by.",
    ),
    reference=adain,
    variant=_adain_variant,
    returns=("y",),
    probes=_adain_probes,
    examples=(
        _styled([[[[1, 3]]]], [[[[10, 16]]]], 0.0),
        _styled([[[[0, 2]]]], [[[[10, 14]]]], 3.0),
        _styled([[[[1, 3], [2, 10]]]], [[[[10, 16, 4]]]], 0.0),
        _styled([[[[1, 3]], [[2, 6]]]], [[[[10, 16]], [[0, 8]]]], 0.0, label="two channels of two pixels"),
        _styled([[[[1, 3]]], [[[2, 6]]]], [[[[10, 16]]], [[[0, 8]]]], 0.0, label="two images of two pixels"),
        _styled([[[[0, 0.02]]]], [[[[10, 16]]]], label="the default ε"),
        _styled(
            [[[[4096, 4097, 4098.5]]]],
            [[[[0, 4, 8]]]],
            0.0,
            dtype=np.float32,
            label="far from zero",
            rounding=True,
        ),
    ),
    misconceptions=(
        own(
            "content-style-swapped",
            "You give the style the content's statistics.",
            "The content keeps its picture, where things are; the style gives mean and deviation.",
            swapped=True,
        ),
        own(
            "eps-in-one-root",
            "ε is under the content's root and not under the style's.",
            "Here it is under both, so that a content that is the style comes out as it was.",
            {"style_eps": "none"},
        ),
        own(
            "style-mean-not-added",
            "You do not add the style's mean.",
            "y = σ of the style · x̂ of the content + μ of the style: deviation for γ, mean for β.",
            shift="none",
        ),
        own(
            "content-mean-kept",
            "You add the content's own mean.",
            "Its place is taken by the style's.",
            shift="content",
        ),
        own(
            "style-deviation-ignored",
            "The style's deviation has no effect: you return x̂ + μ of the style.",
            "It takes the place of γ.",
            scale="content",
        ),
        own(
            "only-shifted",
            "You exchange the means and leave the deviations as they are.",
            "Divide by the content's deviation and multiply by the style's.",
            scale="none",
        ),
        own(
            "scale-inverted",
            "You multiply by the content's deviation and divide by the style's.",
            "It is the other way round: away with the content's, in with the style's.",
            scale="inverse",
        ),
        own(
            "mean-not-subtracted",
            "You do not subtract the content's mean.",
            "The output then has a mean of its own beside the style's.",
            centre=False,
        ),
        own(
            "no-sqrt",
            "You multiply by the style's variance.",
            "The deviation belongs there, its square root.",
            {"style_root": False},
            {"style_root": False, "root": False},
        ),
        known("divides-by-variance", root=False),
        own(*_BATCH_STATISTICS, axes="nhw"),
        own(
            "wrong-axis",
            "You take the statistics over the channels as well.",
            "AdaIN is instance normalisation: every channel of every image has its own.",
            axes="chw",
        ),
        own(*_POINTWISE[:2], "AdaIN takes them over the positions of each channel.", axes="c"),
        own(*_GLOBAL, axes="all"),
        _SAMPLE_VARIANCE,
        known("one-pass-variance", rounding=True, method="one-pass"),
        known("eps-outside-sqrt", eps_place="outside"),
        known("no-eps", eps_place="none"),
        _EPS_DEFAULT,
        _EPS_FIXED,
        known("mutates-input"),
    ),
    properties=(Property("each channel has the style's mean", _mean_is_the_style_s),),
    hints=(
        "Instance norm, then a scale and a shift. What are γ and β here?",
        "Of both arrays: mean and deviation over (2, 3), with `keepdims=True`, shape (N, C, 1, 1).",
        "`std = lambda x: np.sqrt(x.var((2, 3), keepdims=True) + eps)`, for the content and for the style.",
        "`std(style) * (content - content_mean) / std(content) + style_mean`.",
    ),
)


# ---- weight_standardize ------------------------------------------------------------------------------


def weight_standardize(weight, eps=1e-5):
    return norms.weight_standardize(weight, eps)


def _weight_variant(weight, eps=None, *, axes="ikk", fan=False, **k):
    eps = _eps(eps, k.get("eps_default", 1e-5), k.get("eps_fixed"))
    axes = {"ikk": (1, 2, 3), "kk": (2, 3), "okk": (0, 2, 3), "o": (0,), "i": (1,), "all": (0, 1, 2, 3)}[axes]
    y = _x_hat(weight, axes, eps, k)
    return y / np.sqrt(weight[0].size) if fan else y


def _weight_probes(rng):
    return [
        Probe("six outputs, four inputs, 3 × 5, ε = 0.1", (uneven(rng, 6, 4, 3, 5), 0.1)),
        Probe("small weights, ε left at its default", (uneven(rng, 5, 3, 2, 4, spread=3e-3),)),
        Probe("as many inputs as outputs", (uneven(rng, 4, 4, 3, 2), 0.1)),
        Probe("one input, ε = 2", (uneven(rng, 3, 1, 3, 3), 2.0)),
        Probe("kernels of one pixel", (uneven(rng, 5, 6, 1, 1), 0.1)),
        Probe("float32 at mean 1000", (offset(rng, 3, 4, 3, 3), 1e-5), rounding=True),
    ]


def _outputs_have_mean_zero(args, y):
    worst = np.abs(np.asarray(y).mean(axis=(1, 2, 3))).max()
    return f"the weights of each output should have mean 0; it reaches {worst:.2g}" if worst > 1e-5 else None


def _kernel(weight, *eps, dtype=float, label="a small kernel", rounding=False):
    return Probe(label, (np.array(weight, dtype=dtype), *eps), rounding=rounding)


WEIGHT = Question(
    name="weight_standardize",
    points=2,
    level=1,
    task="Weight standardisation: the weights of each output of a convolution get mean 0 and variance 1.",
    ask=(
        "For a weight of (8, 3, 5, 5), how many means, and of how many numbers?",
        "8 of 75: all the weights that one output adds up.",
    ),
    reference=weight_standardize,
    variant=_weight_variant,
    returns=("weight",),
    probes=_weight_probes,
    examples=(
        _kernel([[[[1, 3]]]], 0.0),
        _kernel([[[[0, 2]]]], 3.0),
        _kernel([[[[1, 3]], [[2, 10]]], [[[0, 4]], [[4, 1]]]], 0.0, label="two outputs, two inputs, 1 × 2"),
        _kernel([[[[0, 0.02]]]], label="the default ε"),
        _kernel([[[[4096, 4097, 4098.5]]]], 0.0, dtype=np.float32, label="far from zero", rounding=True),
    ),
    misconceptions=(
        own(
            "per-kernel",
            "You standardise each kh × kw kernel by itself.",
            "All the weights that one output adds up share a statistic, over its inputs too: axes 1, 2 and 3. (A 1 × 1 "
            "kernel by itself would become 0.)",
            axes="kk",
        ),
        own(
            "per-input",
            "You take the statistics over the outputs, for each input.",
            "An output is one sum over all its inputs and positions: its weights share a statistic.",
            axes="okk",
        ),
        own(
            "wrong-axis",
            "You take the statistics over the outputs, for each place in the kernel.",
            "Axis 0 is the one that stays.",
            axes="o",
        ),
        own(
            "over-inputs",
            "You take the statistics over the inputs alone, at each place in the kernel.",
            "The places of the kernel belong to the same sum: axes 1, 2 and 3.",
            axes="i",
        ),
        own(*_GLOBAL[:2], "Each output has its own.", axes="all"),
        own(
            "fan-in-scaled",
            "You divide by √(fan-in) as well.",
            "Scaled weight standardisation does so, in networks without any norm (Brock et al. 2021), to keep the size of "
            "the signal. The original leaves the variance at 1, and the norm that follows takes the size out.",
            fan=True,
        ),
        *_STANDARDISING,
        known("mutates-input"),
    ),
    properties=(Property("the weights of each output have mean 0", _outputs_have_mean_zero),),
    hints=(
        "Which weights are added up in one output value? Those share a mean and a variance.",
        "`weight[o]` has shape (in, kh, kw): one mean and one variance for each o.",
        "`normalize(weight, (1, 2, 3), eps)`.",
    ),
)


QUESTIONS = (NORMALIZE, LAYER, LAYER_BACKWARD, INSTANCE, GROUP, ADAIN, WEIGHT)

PREDICTIONS = {
    "11-neighbours": Prediction("b"),
    "11-parameters": Prediction("c"),
    "11-groups": Prediction("b"),
    "11-light": Prediction("c"),
    "11-energy": Prediction("a"),
    "11-digits": Prediction("b"),
    "11-adain": Prediction("c"),
    "11-layer-norm": Prediction("b"),
    "11-weights": Prediction("b"),
}
