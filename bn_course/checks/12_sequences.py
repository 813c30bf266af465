"""Lesson 12: sequences of different lengths, the root mean square, and weights as direction and length."""

import numpy as np

from bn_course import norms
from bn_course.checks._draw import signs
from bn_course.checks._knobs import deviation
from bn_course.checks._shared import known, own
from bn_course.grading.question import Prediction, Probe, Property, Question

# --- masked_batch_norm ------------------------------------------------------------------------


def masked_batch_norm(x, lengths, gamma, beta, eps=1e-5):
    """γ·(x − μ)/√(σ² + ε) + β at valid steps, μ and σ² over them; 0 at padding."""
    return norms.masked_batch_norm(x, lengths, gamma, beta, eps)


_AXES = {"pooled": (0, 1), "per-step": (0,), "per-sequence": (1,), "layer": (2,), "all": (0, 1, 2)}


def _valid(lengths, steps, kind):
    """Which steps count, (N, T, 1)."""
    step, lengths = np.arange(steps), np.asarray(lengths)[:, None]
    valid = {"right": step < lengths, "plus-one": step <= lengths, "end": step >= steps - lengths}[kind]
    return valid[..., None]


def _moments(x, valid, share, padding, ddof, method):
    """Mean and variance over the axes that `share` names, and what each mistake makes of padding."""
    if share == "mean-of-sequences":
        counts = valid.sum(axis=1, keepdims=True)
        mean = ((x * valid).sum(axis=1, keepdims=True) / counts).mean(axis=0, keepdims=True)
        squares = ((x - mean) ** 2 * valid).sum(axis=1, keepdims=True)
        return mean, (squares / counts).mean(axis=0, keepdims=True)
    axes = _AXES[share]
    zeroed = np.where(valid, x, 0.0)
    if padding == "as-zeros":
        x, valid = zeroed, np.ones_like(valid)
    elif padding == "as-given":
        valid = np.ones_like(valid)
    weights = np.broadcast_to(valid, x.shape)
    count = np.maximum(weights.sum(axis=axes, keepdims=True), 1)
    if padding == "count":
        count = np.broadcast_to(np.prod([x.shape[axis] for axis in axes]), count.shape)
    mean = np.where(valid, x, 0.0).sum(axis=axes, keepdims=True) / count
    if method == "one-pass":
        return mean, np.where(valid, x * x, 0.0).sum(axis=axes, keepdims=True) / count - mean * mean
    centred = zeroed - mean if padding == "variance" else np.where(weights, x - mean, 0.0)
    return mean, (centred**2).sum(axis=axes, keepdims=True) / np.maximum(count - ddof, 1)


def _masked_variant(
    x,
    lengths,
    gamma,
    beta,
    eps=None,
    *,
    valid="right",
    share="pooled",
    padding="left-out",
    out="zero",
    ddof=0,
    method="two-pass",
    eps_place="inside",
    eps_default=1e-5,
    eps_fixed=None,
    root=True,
    centre=True,
    scale=True,
    gamma_is="vector",
    beta_is="vector",
    swapped=False,
    order="after",
):
    eps = eps_default if eps is None else eps
    eps = eps if eps_fixed is None else eps_fixed
    gamma, beta = (beta, gamma) if swapped else (gamma, beta)
    vectors = {"vector": lambda v, _: v, "first": lambda v, _: v[:1], "ignored": lambda v, neutral: neutral}
    gamma, beta = vectors[gamma_is](gamma, 1.0), vectors[beta_is](beta, 0.0)
    counted = _valid(lengths, x.shape[1], valid)
    given = x
    x = gamma * x + beta if order == "before" else x
    mean, var = _moments(x, counted, share, padding, ddof, method)
    with np.errstate(all="ignore"):
        x_hat = (x - mean if centre else x) / (deviation(var, eps, eps_place, root) if scale else 1.0)
    if order == "before":
        y = x_hat
    else:
        y = gamma * (x_hat + beta) if order == "shift-first" else gamma * x_hat + beta
    if out == "kept":
        return y
    return np.where(counted, y, {"zero": 0.0, "beta": beta, "input": given}[out]).astype(given.dtype)


def _sequences(rng, lengths, steps, features, spread=1.0, padding="garbage"):
    """(N, T, D) whose means differ from feature to feature, step to step and sequence to sequence."""
    x = rng.normal(0.7, spread, (len(lengths), steps, features))
    x = x + spread * rng.normal(size=(len(lengths), 1, features)) + spread * rng.normal(size=(steps, 1))
    if padding == "zeros":
        x[np.arange(steps) >= np.asarray(lengths)[:, None]] = 0.0
    return x


def _masked_probes(rng):
    def case(lengths, steps, features, *eps, **options):
        x = _sequences(rng, lengths, steps, features, **options)
        lengths = np.array(lengths)
        return x, lengths, signs(rng, features), rng.uniform(0.3, 1.5, features), *eps

    far = (1e3 + rng.normal(size=(5, 7, 3))).astype(np.float32)
    parameters = signs(rng, 3).astype(np.float32), np.ones(3, np.float32)
    return [
        Probe(
            "six sequences of up to 5 steps, zeros behind them, ε = 0.1",
            case([5, 3, 1, 4, 2, 4], 5, 4, 0.1, padding="zeros"),
        ),
        Probe("padding that is not zero, ε = 0.1", case([2, 6, 4, 1, 3], 6, 3, 0.1)),
        Probe("small variances, ε left at its default", case([3, 4, 2, 4], 4, 3, spread=3e-3)),
        Probe("all of the same length, shorter than T", case([2, 2, 2], 5, 4, 0.1)),
        Probe("nothing is padding, N = T = D", case([4, 4, 4, 4], 4, 4, 0.1)),
        Probe("one sequence", case([3], 5, 2, 0.5)),
        Probe("float32 at mean 1000", (far, np.array([7, 2, 5, 3, 6]), *parameters, 1e-5), rounding=True),
    ]


def _masked(x, lengths, gamma, beta, *eps, label="two short sequences", dtype=float, rounding=False):
    arrays = np.array(x, dtype), np.array(lengths), np.array(gamma, dtype), np.array(beta, dtype)
    return Probe(label, (*arrays, *eps), rounding=rounding)


_MASKED_EXAMPLES = (
    _masked([[[1.0], [3]], [[8], [0]]], [2, 1], [1], [0], 0.0),
    _masked([[[2.0], [4], [0]]], [2], [1], [0], 3.0, label="one sequence"),
    _masked([[[2.0], [4], [0]]], [2], [2], [5], 0.0, label="one sequence"),
    _masked([[[1.0], [3]], [[8], [7]]], [2, 1], [2], [1], 0.0, label="padding that is not zero"),
    _masked([[[1.0, 0], [3, 8]], [[8, 4], [0, 0]]], [2, 1], [1, 2], [0, 10], 0.0, label="two features"),
    _masked([[[0.0], [0.02], [0]]], [2], [1], [0], label="the default ε"),
    _masked(
        [[[4096.0], [4097], [4098.5], [0]]],
        [3],
        [1],
        [0],
        0.0,
        label="far from zero",
        dtype=np.float32,
        rounding=True,
    ),
)


def _padding_is_zero(args, value):
    y = np.asarray(value)
    padding = y[~_valid(args[1], y.shape[1], "right")[..., 0]]
    if padding.size and np.abs(padding).max() > 0:
        return f"padding should come out as 0; an entry there is {padding.flat[np.abs(padding).argmax()]:.2g}"
    return None


def _valid_mean_is_beta(args, value):
    y = np.asarray(value)
    mean = y[_valid(args[1], y.shape[1], "right")[..., 0]].mean(axis=0)
    worst = np.abs(mean - args[3]).max()
    return (
        f"the valid steps of a feature should have mean β; it is off by {worst:.2g}" if worst > 1e-5 else None
    )


_MASKED = Question(
    name="masked_batch_norm",
    points=3,
    level=2,
    task="Batch normalisation of sequences of different lengths: padding has no part in it and comes out as 0.",
    ask=(
        "Make every sequence ten steps longer with padding of 1000. What may change in the valid steps?",
        "Nothing. And the padding comes out as 0, not as β.",
    ),
    reference=masked_batch_norm,
    variant=_masked_variant,
    returns=("y",),
    probes=_masked_probes,
    examples=_MASKED_EXAMPLES,
    properties=(
        Property("padding comes out as zeros", _padding_is_zero),
        Property("the valid steps of each feature have mean β", _valid_mean_is_beta),
    ),
    misconceptions=(
        own(
            "padding-counted",
            "Padding takes part in the mean and the variance.",
            "What stands behind the end of a sequence is not data. Counted, it makes an example's output depend on "
            "how long the longest sequence of its batch happens to be.",
            {"padding": "as-given"},
            {"padding": "as-zeros"},
        ),
        own(
            "divides-by-all-steps",
            "You add up the valid steps and divide by all steps, N·T.",
            "The mean runs over the valid steps, so it is divided by their number, Σ lengths.",
            padding="count",
        ),
        own(
            "variance-counts-padding",
            "Your mean is right, and padding takes part in the variance.",
            "x·mask − μ is −μ at padding, not 0, so every padded step adds μ² to the sum of squares. Mask after "
            "subtracting the mean.",
            padding="variance",
        ),
        own(
            "padding-not-zeroed",
            "The statistics are right, and padding does not come out as zeros.",
            "What lies behind the end of a sequence must not feed the next layer. Set it to 0 at the end.",
            {"out": "kept"},
            {"out": "input"},
        ),
        own(
            "padding-becomes-beta",
            "Padding comes out as β.",
            "You set x̂ to 0 there and then shift. Zero the output, after γ and β.",
            out="beta",
        ),
        own(
            "one-step-too-many",
            "You count one step behind the end of each sequence.",
            "Steps are numbered from 0, so step t is valid when t < length.",
            valid="plus-one",
        ),
        own(
            "padding-in-front",
            "You take the last steps of each sequence for the valid ones.",
            "Here the padding is at the end: the first `length` steps are valid.",
            valid="end",
        ),
        own(
            "statistics-per-step",
            "You take statistics of each time step by itself.",
            "That is recurrent batch norm. Here a feature has one mean and one variance, over all valid steps of all "
            "sequences.",
            share="per-step",
        ),
        own(
            "statistics-per-sequence",
            "You take statistics of each sequence by itself.",
            "That is instance normalisation. Here the valid steps of all sequences share them.",
            share="per-sequence",
        ),
        own(
            "every-sequence-counts-the-same",
            "You average within each sequence, then over the sequences.",
            "A step of a short sequence then weighs more than a step of a long one. Every valid step counts the same.",
            share="mean-of-sequences",
        ),
        own(
            "wrong-axis",
            "You take the statistics of each step, over its features.",
            "That is layer normalisation, which has no trouble with padding. Batch normalisation has one mean and one "
            "variance for each feature.",
            share="layer",
        ),
        known("global-statistics", share="all"),
        known("sample-variance", ddof=1),
        known("one-pass-variance", method="one-pass", rounding=True),
        known("eps-outside-sqrt", eps_place="outside"),
        known("no-eps", eps_place="none"),
        known("eps-default", {"eps_default": 1e-3}, {"eps_default": 1e-6}, {"eps_default": 1e-8}),
        known("eps-hard-coded", {"eps_fixed": 1e-5}, {"eps_fixed": 1e-3}),
        known("divides-by-variance", root=False),
        known("mean-not-subtracted", centre=False),
        known("only-centred", scale=False),
        known("gamma-ignored", gamma_is="ignored"),
        known("beta-ignored", beta_is="ignored"),
        known("affine-ignored", gamma_is="ignored", beta_is="ignored"),
        known("gamma-after-shift", order="shift-first"),
        known("affine-before", order="before"),
        known("scalar-gamma", {"gamma_is": "first"}, {"gamma_is": "first", "beta_is": "first"}),
        known("gamma-beta-swapped", swapped=True),
        known("mutates-input"),
    ),
    hints=(
        "Which steps are data? Make an array (N, T) of true and false from `np.arange(T)` and `lengths`.",
        "`valid = np.arange(T) < lengths[:, None]`. Indexing with it, `x[valid]`, gives all valid steps as one batch "
        "(M, D), and that batch you can normalise.",
        "Begin with `y = np.zeros_like(x)` and write the normalised steps where they came from: `y[valid] = …`.",
        "`steps = x[valid]`, `x_hat = (steps - steps.mean(axis=0)) / np.sqrt(steps.var(axis=0) + eps)`, "
        "`y[valid] = gamma * x_hat + beta`.",
    ),
)


# --- rms_norm ---------------------------------------------------------------------------------


def rms_norm(x, gamma, eps=1e-6):
    """γ·x/√(mean(x²) + ε), the mean over the last axis."""
    return norms.rms_norm(x, gamma, eps)


def _rms_variant(
    x,
    gamma,
    eps=None,
    *,
    axes="last",
    size="mean-square",
    centre=False,
    eps_place="inside",
    eps_default=1e-6,
    eps_fixed=None,
    root=True,
    gamma_is="vector",
    order="after",
):
    eps = eps_default if eps is None else eps
    eps = eps if eps_fixed is None else eps_fixed
    gamma = {
        "vector": gamma,
        "first": gamma[:1],
        "ignored": np.ones_like(gamma),
        "one-plus": 1 + gamma,
    }[gamma_is]
    axes = {
        "last": (x.ndim - 1,),
        "first": (0,),
        "all": tuple(range(x.ndim)),
        "but-first": tuple(range(1, x.ndim)),
    }[axes]
    x = gamma * x if order == "before" else x
    x = x - x.mean(axis=axes, keepdims=True) if centre else x
    square = {
        "mean-square": lambda: (x * x).mean(axis=axes, keepdims=True),
        "sum": lambda: (x * x).sum(axis=axes, keepdims=True),
        "less-one": lambda: (
            (x * x).sum(axis=axes, keepdims=True) / max(np.prod([x.shape[axis] for axis in axes]) - 1, 1)
        ),
        "variance": lambda: x.var(axis=axes, keepdims=True),
        "absolute": lambda: np.abs(x).mean(axis=axes, keepdims=True) ** 2,
    }[size]()
    with np.errstate(all="ignore"):
        x_hat = x / deviation(square, eps, eps_place, root)
    return x_hat if order == "before" else gamma * x_hat


def _rms_probes(rng):
    def case(*shape, spread=1.0):
        x = spread * (rng.normal(0.6, 1, shape) + rng.normal(size=(shape[0], *[1] * (len(shape) - 1))))
        return x, signs(rng, shape[-1])

    return [
        Probe("6 examples of 4 features, ε = 0.1", (*case(6, 4), 0.1)),
        Probe("sequences (N, T, D), ε = 0.1", (*case(3, 5, 4), 0.1)),
        Probe("small numbers, ε left at its default", case(5, 3, spread=2e-3)),
        Probe("as many examples as features", (*case(4, 4), 0.1)),
        Probe("one vector", (*case(5), 0.3)),
        Probe("images (N, C, H, W), W last", (*case(2, 3, 2, 5), 0.2)),
    ]


def _rms(x, gamma, *eps, label="one example"):
    return Probe(label, (np.array(x, float), np.array(gamma, float), *eps))


def _rows_have_rms_gamma(args, value):
    x, gamma, *eps = args
    x_hat = np.asarray(value) / gamma
    square = (x * x).mean(axis=-1)
    wanted = np.sqrt(square / (square + (eps[0] if eps else 1e-6)))
    worst = np.abs(np.sqrt((x_hat * x_hat).mean(axis=-1)) - wanted).max()
    if worst > 1e-5:
        return f"y/γ should have a root mean square of rms/√(rms² + ε) in each row; it is off by {worst:.2g}"
    return None


_RMS = Question(
    name="rms_norm",
    points=2,
    level=1,
    task="Divide each row by its root mean square, and scale: layer norm without the mean and without β.",
    ask=(
        "Add 10 to a row: should the result change? Multiply it by 10: should it?",
        "Yes, RMS norm keeps the mean in the length. No, but for ε. Layer norm would forget both.",
    ),
    reference=rms_norm,
    variant=_rms_variant,
    returns=("y",),
    probes=_rms_probes,
    examples=(
        _rms([[1, 7]], [1, 1], 0.0),
        _rms([[0, 2]], [1, 1], 2.0),
        _rms([[1, 7]], [2, -3], 0.0),
        _rms([[1, 7], [2, 4]], [2, 3], 0.0, label="two examples"),
        _rms([[[1, 7], [2, 4]]], [2, 3], 0.0, label="one sequence of two steps"),
        _rms([[0.001, 0.007]], [1, 1], label="the default ε"),
    ),
    properties=(Property("each row leaves with root mean square 1, times γ", _rows_have_rms_gamma),),
    misconceptions=(
        own(
            "mean-subtracted",
            "You subtract the mean.",
            "That is layer normalisation. RMS norm leaves the mean in, which is its whole point: one statistic less.",
            centre=True,
        ),
        own(
            "divides-by-deviation",
            "You divide by the deviation.",
            "The root mean square is taken around 0, not around the mean: √mean(x²).",
            size="variance",
        ),
        own(
            "no-sqrt",
            "You divide by the mean square instead of its root.",
            "The mean square has the units of x squared. The root is missing.",
            root=False,
        ),
        own(
            "sum-not-mean",
            "You divide by the root of the sum of squares.",
            "That gives every row length 1. RMS norm divides by the root of the mean, so rows leave with length √D.",
            size="sum",
        ),
        own(
            "divides-by-one-less",
            "You divide the sum of squares by D − 1.",
            "No mean was estimated, so nothing is to be corrected: it is the plain mean of D squares.",
            size="less-one",
        ),
        own(
            "mean-absolute",
            "You divide by the mean of |x|.",
            "The mean of the absolute values is another measure of size: square, average, take the root.",
            size="absolute",
        ),
        own(
            "wrong-axis",
            "You take the mean square of each feature, over the first axis.",
            "RMS norm looks at one vector alone: the mean runs over the last axis, the features.",
            axes="first",
        ),
        own(
            "global-statistics",
            "You take one root mean square of all numbers together.",
            "Each vector has its own, over the last axis, with `keepdims=True`.",
            axes="all",
        ),
        own(
            "over-steps-too",
            "You take one root mean square for each example, over its steps as well.",
            "Each step of a sequence has its own. Otherwise a later step would change an earlier one.",
            axes="but-first",
        ),
        known("eps-outside-sqrt", eps_place="outside"),
        known("no-eps", eps_place="none"),
        own(
            "eps-default",
            "Your default for ε is not 1e-6.",
            "1e-6 is this question's default. PyTorch's layer takes the smallest step of the number type unless "
            "told; layer norm's default is 1e-5. Where x is small, it shows.",
            {"eps_default": 1e-5},
            {"eps_default": 1e-8},
            {"eps_default": 1e-3},
        ),
        known("eps-hard-coded", {"eps_fixed": 1e-6}, {"eps_fixed": 1e-5}),
        known("gamma-ignored", gamma_is="ignored"),
        own(
            "one-plus-gamma",
            "You multiply by 1 + γ.",
            "Some models store γ − 1 (Gemma does). Here γ itself is the factor.",
            gamma_is="one-plus",
        ),
        own(
            "scalar-gamma",
            "You use one number of γ for all features.",
            "γ has one entry for each feature.",
            gamma_is="first",
        ),
        own(
            "gamma-before",
            "You multiply by γ before dividing by the root mean square.",
            "The root mean square is that of x. γ comes after it.",
            order="before",
        ),
        known("mutates-input"),
    ),
    hints=(
        "Layer norm has four steps: subtract the mean, divide by the deviation, scale, shift. Two of them go.",
        "Root, mean, square, read from the right: square x, take the mean over the last axis, add ε, take the root.",
        "`(x**2).mean(axis=-1, keepdims=True)` has one number for each vector and broadcasts against x.",
        "`gamma * x / np.sqrt((x**2).mean(axis=-1, keepdims=True) + eps)`, with `eps=1e-6` in the signature.",
    ),
)


# --- weight_norm ------------------------------------------------------------------------------


def weight_norm(v, g):
    """g·v/‖v‖, row by row."""
    return norms.weight_norm(v, g)


def _weight_variant(
    v, g, *, axis="rows", length="euclid", power=1, g_is="length", along="rows", centre=False, turned=False
):
    v = v - v.mean(axis=1, keepdims=True) if centre else v
    over = {"rows": 1, "columns": 0, "all": None}[axis]

    def total(values):
        return values.sum(axis=over, keepdims=True)

    norm = {
        "euclid": lambda: np.sqrt(total(v * v)),
        "sum": lambda: total(np.abs(v)),
        "largest": lambda: np.abs(v).max(axis=over, keepdims=True),
        "rms": lambda: np.sqrt(total(v * v) / (v.size / total(v * v).size)),
        "one": lambda: np.ones((1, 1)),
    }[length]()
    g = {
        "length": lambda: g,
        "ignored": lambda: np.ones_like(g),
        "exp": lambda: np.exp(g),
        "size": lambda: np.abs(g),
        "first": lambda: np.full_like(g, g[0]),
    }[g_is]()
    w = v / norm**power * (g[:, None] if along == "rows" else g)
    return w.T if turned else w


def _weight_probes(rng):
    def case(out, into):
        v = rng.normal(0.4, rng.uniform(0.5, 2.0, (out, 1)), (out, into))
        g = rng.uniform(0.4, 2.5, out) * np.where(np.arange(out) % 3 == 1, -1, 1)
        return v, g

    return [
        Probe("4 outputs of 3 inputs", case(4, 3)),
        Probe("as many outputs as inputs", case(3, 3)),
        Probe("2 outputs of 6 inputs", case(2, 6)),
        Probe("one output", case(1, 4)),
        Probe("one input", case(5, 1)),
    ]


def _weight(v, g, label="one row"):
    return Probe(label, (np.array(v, float), np.array(g, float)))


def _rows_have_length_g(args, value):
    lengths = np.linalg.norm(np.asarray(value), axis=-1)
    worst = np.abs(lengths - np.abs(args[1])).max()
    return f"row i of w should have length |g[i]|; it is off by {worst:.2g}" if worst > 1e-5 else None


_WEIGHT = Question(
    name="weight_norm",
    points=1,
    level=1,
    task="The weight whose rows have the directions of v and the lengths g.",
    ask=(
        "Multiply v by 7. What happens to the weight? Multiply g by −1?",
        "Nothing, and every row turns round. Each row of the weight has length |g|: compute it.",
    ),
    reference=weight_norm,
    variant=_weight_variant,
    returns=("w",),
    probes=_weight_probes,
    examples=(
        _weight([[3, 4]], [10]),
        _weight([[3, 4]], [-2]),
        _weight([[3, 4], [0, 2]], [10, 1], label="two rows"),
        _weight([[3, 4], [0, 2], [1, 0]], [1, 2, 3], label="three rows"),
    ),
    properties=(Property("row i has length |g[i]|", _rows_have_length_g),),
    misconceptions=(
        own(
            "wrong-axis",
            "You divide by the length of each column.",
            "A row of v, (out, in), holds the weights of one output. Its length is what g replaces.",
            axis="columns",
        ),
        own(
            "one-norm-for-all",
            "You divide by the length of the whole matrix.",
            "Each output has its own length. (PyTorch's `weight_norm` does what you did with `dim=None`.)",
            axis="all",
        ),
        own(
            "not-divided",
            "You multiply v by g and do not divide by ‖v‖.",
            "The length of v must not matter: only its direction goes into w.",
            length="one",
        ),
        own(
            "norm-squared",
            "You divide by the square of the length.",
            "v/‖v‖ has length 1; v/‖v‖² has length 1/‖v‖. The root is missing.",
            power=2,
        ),
        own(
            "sum-of-absolutes",
            "You divide by the sum of the absolute values.",
            "‖v‖ is the Euclidean length, √Σv². (`np.linalg.norm` gives it; `ord=1` does not.)",
            length="sum",
        ),
        own(
            "largest-entry",
            "You divide by the largest absolute value.",
            "‖v‖ is the Euclidean length, √Σv².",
            length="largest",
        ),
        own(
            "mean-not-sum",
            "You divide by the root mean square of each row.",
            "A length is the root of the sum of squares. With the mean, rows come out √in times too long.",
            length="rms",
        ),
        own(
            "g-ignored",
            "You return v/‖v‖: g has no effect.",
            "g is the length of w, and it is learned.",
            g_is="ignored",
        ),
        own(
            "g-as-logarithm",
            "You multiply by exp(g).",
            "The paper tried this too, to keep lengths positive, and found no use for it. Here g is the length itself.",
            g_is="exp",
        ),
        own(
            "sign-of-g-lost",
            "You multiply by |g|.",
            "A negative g turns the direction round; gradient descent may pass through 0.",
            g_is="size",
        ),
        own(
            "one-g-for-all",
            "You use one number of g for all rows.",
            "g has one entry for each output.",
            g_is="first",
        ),
        own(
            "g-along-inputs",
            "You scale the columns by g.",
            "NumPy lines up the last axes, so g of shape (out,) runs along the inputs. Write `g[:, None]`.",
            along="columns",
        ),
        own(
            "mean-subtracted",
            "You subtract the mean of each row first.",
            "That is centred weight normalisation, a step towards weight standardisation. Weight norm keeps the direction of v.",
            centre=True,
        ),
        own(
            "weight-transposed",
            "You return the weight transposed.",
            "w has the shape of v, (out, in).",
            turned=True,
        ),
        known("mutates-input"),
    ),
    hints=(
        "Which entries belong to one output? They share a length.",
        "`np.linalg.norm(v, axis=1, keepdims=True)` gives the length of each row, shape (out, 1).",
        "g has shape (out,). To run along the rows it needs the shape (out, 1): `g[:, None]`.",
        "`g[:, None] * v / np.linalg.norm(v, axis=1, keepdims=True)`.",
    ),
)


QUESTIONS = (_MASKED, _RMS, _WEIGHT)

PREDICTIONS = {
    "12-padding": Prediction("c"),
    "12-cost": Prediction("b"),
    "12-shared": Prediction("b"),
    "12-longer": Prediction("c"),
    "12-rms": Prediction("a"),
    "12-leak": Prediction("b"),
    "12-fails": Prediction("b"),
    "12-time": Prediction("c"),
    "12-order": Prediction("b"),
    "12-weights": Prediction("c"),
    "12-bln": Prediction("c"),
}
