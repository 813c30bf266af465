"""Lesson 02: the forward pass of batch normalisation."""

import numpy as np

from bn_course import norms
from bn_course.checks._shared import known, own
from bn_course.grading.question import Prediction, Probe, Property, Question


def _offset(rng, shape, mean=1e3):
    """float32 values of deviation 1 far from zero, where a careless variance drowns in rounding."""
    return (mean + rng.normal(size=shape)).astype(np.float32)


FAR_FROM_ZERO = Probe(
    "float32 far from zero", (np.array([[8192.0], [8193.0], [8194.0]], np.float32),), rounding=True
)


# ---- batch_stats -------------------------------------------------------------------------------------


def batch_stats(x):
    mean, var = norms.statistics(x, axes=(0,))
    return mean[0], var[0]


def _batch_stats_variant(
    x,
    *,
    ddof=0,
    axis=0,
    keepdims=False,
    second="var",
    order="mean-var",
    method="two-pass",
    plus=0.0,
):
    mean = x.mean(axis=axis, keepdims=True)
    squares = {
        "two-pass": lambda: ((x - mean) ** 2).sum(axis=axis, keepdims=True),
        "one-pass": lambda: (x**2 - mean**2).sum(axis=axis, keepdims=True),
        "not-centred": lambda: (x**2).sum(axis=axis, keepdims=True),
    }[method]()
    count = x.size // mean.size
    var = squares / {"var": count - ddof, "std": count - ddof, "sum": 1}[second] + plus
    var = np.sqrt(var) if second == "std" else var
    mean, var = (mean, var) if keepdims else (np.squeeze(mean, axis), np.squeeze(var, axis))
    return (mean, var) if order == "mean-var" else (var, mean)


def _batch_stats_probes(rng):
    return [
        Probe("six examples, four features", (rng.normal(2, 3, size=(6, 4)),)),
        Probe("two examples, three features", (rng.normal(size=(2, 3)),)),
        Probe("as many examples as features", (rng.normal(1, 2, size=(5, 5)),)),
        Probe("small variances", (rng.normal(size=(7, 3)) * 1e-2,)),
        Probe("float32 at mean 1000", (_offset(rng, (8, 5)),), rounding=True),
    ]


BATCH_STATS = Question(
    name="batch_stats",
    points=1,
    level=1,
    task="The mean and the variance of each feature over a batch.",
    ask=(
        "Divide 1, 2, 6, less their mean, by the root of your variance. Is the variance of what comes out 1?",
        "With 14/3 it is. With 14/2 it is 2/3: batch norm standardises these three numbers, it does not estimate a population.",
    ),
    reference=batch_stats,
    variant=_batch_stats_variant,
    returns=("mean", "var"),
    probes=_batch_stats_probes,
    examples=(
        Probe("three examples", (np.array([[1.0], [2.0], [6.0]]),)),
        Probe("two features", (np.array([[1.0, 10.0], [3.0, 14.0]]),)),
        Probe("small variances", (np.array([[0.0], [0.02]]),)),
        FAR_FROM_ZERO,
    ),
    misconceptions=(
        known("sample-variance", ddof=1),
        known("wrong-axis", {"axis": 1}, {"axis": 1, "keepdims": True}),
        known("global-statistics", {"axis": None}),
        known("mean-not-subtracted", method="not-centred"),
        known("one-pass-variance", rounding=True, method="one-pass"),
        own(
            "std-not-variance",
            "Your second value is the standard deviation.",
            "The variance is its square: the mean of the squared distances from the mean, without a root.",
            second="std",
        ),
        own(
            "sum-of-squares",
            "Your second value is the sum of the squared distances.",
            "The variance is their mean: divide by N.",
            second="sum",
        ),
        own(
            "swapped-outputs",
            "You return the variance first.",
            "The order asked for is (mean, var).",
            order="var-mean",
        ),
        own(
            "eps-in-variance",
            "You add an ε to the variance.",
            "ε is no part of the variance: it is added where one divides by the deviation.",
            {"plus": 1e-5},
            {"plus": 1e-3},
        ),
        known("mutates-input"),
    ),
    properties=(
        Property(
            "the variance is never negative",
            lambda args, value: None if np.all(np.asarray(value[1]) >= 0) else "var has a negative entry",
        ),
    ),
    hints=(
        "A batch x of shape (N, D) has N examples in rows and D features in columns. Which axis do you add along?",
        "The variance is the mean of the squared distances from the mean, over the same axis.",
        "`mean = x.mean(axis=0)`; then subtract it, square, and take the mean over axis 0 once more.",
    ),
)


# ---- batch_norm_forward ------------------------------------------------------------------------------


def batch_norm_forward(x, gamma, beta, eps=1e-5):
    return norms.batch_norm(x, gamma, beta, eps)


def _forward_variant(
    x,
    gamma,
    beta,
    eps=None,
    *,
    ddof=0,
    axis=0,
    keepdims=True,
    method="two-pass",
    eps_place="inside",
    eps_default=1e-5,
    eps_fixed=None,
    root=True,
    centre=True,
    scale=True,
    affine="after",
    gamma_is="vector",
    beta_is="vector",
    swapped=False,
):
    eps = eps_default if eps is None else eps
    eps = eps if eps_fixed is None else eps_fixed
    gamma, beta = (beta, gamma) if swapped else (gamma, beta)
    gamma, beta = _parameter(gamma, gamma_is, 1.0), _parameter(beta, beta_is, 0.0)
    x = gamma * x + beta if affine == "before" else x
    mean = x.mean(axis=axis, keepdims=True)
    var = _variance(x, mean, axis, ddof, method)
    if not keepdims and axis is not None:
        mean, var = np.squeeze(mean, axis), np.squeeze(var, axis)
    divisor = _divisor(var, eps, eps_place, root) if scale else 1.0
    x_hat = (x - mean if centre else x) / divisor
    if affine == "before":
        return x_hat
    return gamma * (x_hat + beta) if affine == "shift-first" else gamma * x_hat + beta


def _parameter(vector, kind, neutral):
    return {"vector": vector, "first": vector[0], "mean": vector.mean(), "ignored": neutral}[kind]


def _variance(x, mean, axis, ddof, method):
    if method == "one-pass":
        return (x * x).mean(axis=axis, keepdims=True) - mean * mean
    count = x.size // mean.size
    return ((x - mean) ** 2).sum(axis=axis, keepdims=True) / (count - ddof)


def _divisor(var, eps, place, root):
    inside = {"inside": eps, "outside": 0.0, "none": 0.0, "squared": eps**2}[place]
    divisor = np.sqrt(var + inside) if root else var + inside
    return divisor + eps if place == "outside" else divisor


def _forward_probes(rng):
    def batch(n, d, spread=1.0, mean=0.0):
        return rng.normal(mean, spread, size=(n, d)), *_affine(rng, d)

    constant = np.concatenate([rng.normal(size=(6, 3)), np.full((6, 1), 2.0)], axis=1)
    return [
        Probe("six examples, four features, ε = 0.1", (*batch(6, 4, spread=2.0, mean=1.5), 0.1)),
        Probe("small variances, ε left at its default", batch(6, 3, spread=5e-3)),
        Probe("as many examples as features, ε = 0.1", (*batch(5, 5, mean=-2.0), 0.1)),
        Probe("ε = 2", (*batch(7, 3, spread=1.5), 2.0)),
        Probe("a feature that is constant", (constant, *_affine(rng, 4), 1e-3)),
        Probe(
            "float32 at mean 1000",
            (_offset(rng, (8, 5)), *(p.astype(np.float32) for p in _affine(rng, 5)), 1e-5),
            rounding=True,
        ),
    ]


def _affine(rng, d):
    """γ of both signs, none near zero or one; β likewise."""
    gamma = rng.uniform(1.3, 2.5, size=d) * np.where(np.arange(d) % 2, -1, 1)
    return gamma, rng.uniform(0.3, 1.5, size=d) * np.where(np.arange(d) % 3, 1, -1)


def _mean_is_beta(args, y):
    beta = args[2]
    found = np.asarray(y).mean(axis=0)
    worst = np.abs(found - beta).max()
    return f"the mean of y over the batch should be β; it is off by {worst:.2g}" if worst > 1e-5 else None


def _deviation_is_gamma(args, y):
    x, gamma, _, *rest = args
    eps = rest[0] if rest else 1e-5
    var = x.var(axis=0)
    wanted = np.abs(gamma) * np.sqrt(var / (var + eps))
    worst = np.abs(np.asarray(y).std(axis=0) - wanted).max()
    message = f"the deviation of y should be |γ|·σ/√(σ² + ε); it is off by {worst:.2g}"
    return message if worst > 1e-5 else None


def _forward_example(x, gamma, beta, eps):
    x, gamma, beta = (np.array(a, dtype=float) for a in (x, gamma, beta))
    return Probe("a small batch", (x, gamma, beta, eps))


FORWARD = Question(
    name="batch_norm_forward",
    points=3,
    level=2,
    task="Standardise each feature over the batch, then scale by γ and shift by β.",
    ask=(
        "A column of x is 3, 3, 3, γ = 2, β = 5. What must y be for every ε > 0, and what is yours?",
        "5, 5, 5, since x̂ is 0. γ(x̂ + β) gives 10, γ and β applied to x before standardising give 0, no ε gives NaN.",
    ),
    reference=batch_norm_forward,
    variant=_forward_variant,
    returns=("y",),
    probes=_forward_probes,
    examples=(
        _forward_example([[1], [2], [6]], [1], [0], 0.0),
        _forward_example([[0], [2]], [1], [0], 3.0),
        _forward_example([[0], [2]], [2], [5], 0.0),
        _forward_example([[0, 1], [2, 5]], [1, 3], [0, 10], 0.0),
        Probe("the default ε", (np.array([[0.0], [0.02]]), np.array([1.0]), np.array([0.0]))),
        _forward_example([[3], [3]], [1], [0], 1.0),
        Probe(
            "float32 far from zero",
            (
                np.array([[4096.0], [4097.0], [4098.5]], np.float32),
                np.ones(1, np.float32),
                np.zeros(1, np.float32),
                0.0,
            ),
            rounding=True,
        ),
    ),
    misconceptions=(
        known("sample-variance", ddof=1),
        known("wrong-axis", {"axis": 1}, {"axis": 1, "keepdims": False}),
        known("global-statistics", axis=None),
        known("one-pass-variance", rounding=True, method="one-pass"),
        known("eps-outside-sqrt", eps_place="outside"),
        known("no-eps", eps_place="none"),
        own(
            "eps-squared",
            "You square ε before adding it.",
            "The definition is √(σ² + ε): ε is added to the variance as it is.",
            eps_place="squared",
        ),
        known(
            "eps-default",
            {"eps_default": 1e-3},
            {"eps_default": 1e-8},
            {"eps_default": 1e-6},
            {"eps_default": 1e-4},
        ),
        known(
            "eps-hard-coded",
            {"eps_fixed": 1e-5},
            {"eps_fixed": 1e-8},
            {"eps_fixed": 1e-3},
        ),
        known("divides-by-variance", root=False),
        known("mean-not-subtracted", centre=False),
        known("only-centred", scale=False),
        known("gamma-ignored", gamma_is="ignored"),
        known("beta-ignored", beta_is="ignored"),
        known(
            "affine-ignored",
            gamma_is="ignored",
            beta_is="ignored",
        ),
        known("gamma-after-shift", affine="shift-first"),
        known("affine-before", affine="before"),
        known(
            "scalar-gamma",
            {"gamma_is": "first"},
            {"gamma_is": "mean"},
            {"gamma_is": "first", "beta_is": "first"},
            {"gamma_is": "mean", "beta_is": "mean"},
        ),
        known(
            "gamma-beta-swapped",
            swapped=True,
        ),
        known("mutates-input"),
    ),
    properties=(
        Property("the mean of y is β", _mean_is_beta),
        Property("the deviation of y is |γ|·σ/√(σ² + ε)", _deviation_is_gamma),
    ),
    hints=(
        "Two steps: first make each feature's mean 0 and its deviation (nearly) 1, then apply γ and β.",
        "x̂ = (x − μ) / √(σ² + ε), with μ and σ² of each column. NumPy lines a (D,) array up with the columns of (N, D).",
        "`x_hat = (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + eps)`; the output scales x̂ by γ and adds β.",
    ),
)


# ---- identity_affine ---------------------------------------------------------------------------------


def identity_affine(mean, var, eps):
    return np.sqrt(var + eps), mean.copy()


def _identity_variant(
    mean,
    var,
    eps,
    *,
    eps_place="inside",
    root=True,
    inverse=False,
    shift="mean",
    order="gamma-beta",
):
    gamma = _divisor(var, eps, eps_place, root)
    beta = {"mean": mean, "negative": -mean, "scaled": mean / gamma, "minus-scaled": -mean / gamma}[shift]
    gamma = 1 / gamma if inverse else gamma
    return (gamma, beta) if order == "gamma-beta" else (beta, gamma)


def _identity_probes(rng):
    def statistics(d):
        return rng.normal(size=d) * 2 + 0.3, rng.uniform(0.5, 4, size=d)

    return [
        Probe("four features, ε = 0.1", (*statistics(4), 0.1)),
        Probe("three features, ε = 1.7", (*statistics(3), 1.7)),
        Probe("small variances", (rng.normal(size=3), rng.uniform(1e-4, 1e-3, size=3), 1e-2)),
        Probe("a variance of zero", (rng.normal(size=2), np.array([0.0, 1.3]), 1e-2)),
    ]


def _identity_example(mean, var, eps):
    return Probe("one feature", (np.array([mean]), np.array([var]), eps))


def _gives_input_back(args, value):
    mean, var, eps = args
    gamma, beta = (np.asarray(v) for v in value)
    x = mean + np.array([[-1.0], [2.0]]) * np.sqrt(var)
    back = gamma * (x - mean) / np.sqrt(var + eps) + beta
    worst = np.abs(back - x).max()
    return f"γ·x̂ + β should be x; it is off by {worst:.2g}" if worst > 1e-5 else None


IDENTITY = Question(
    name="identity_affine",
    points=2,
    level=2,
    task="The γ and β that make batch norm give its input back, for a batch of these statistics.",
    ask=(
        "With σ² = 0.0001 and ε = 0.00001, what does the forward pass divide by, to three digits?",
        "√0.00011 = 0.0105, not 0.0100. γ has to multiply by just what was divided by, and β brings back the mean that was subtracted.",
    ),
    reference=identity_affine,
    variant=_identity_variant,
    returns=("gamma", "beta"),
    probes=_identity_probes,
    examples=(
        _identity_example(2.0, 4.0, 0.0),
        _identity_example(0.0, 1.0, 3.0),
        _identity_example(2.0, 1.0, 3.0),
    ),
    misconceptions=(
        own(
            "no-eps",
            "Your γ is √σ²: ε is missing.",
            "Batch norm divides by √(σ² + ε), so that is what γ must undo. With √σ² a feature of small variance "
            "comes back too small: this is the famous formula, and it is true for ε = 0 alone.",
            eps_place="none",
        ),
        own(
            "eps-outside-sqrt",
            "Your γ is √σ² + ε.",
            "Batch norm divides by √(σ² + ε), with ε inside the root, so that is what γ must undo.",
            eps_place="outside",
        ),
        known("no-sqrt", root=False),
        own(
            "inverse-gamma",
            "Your γ divides once more.",
            "Batch norm divides by √(σ² + ε). To undo that, γ multiplies by it.",
            inverse=True,
        ),
        own(
            "negative-beta",
            "Your β subtracts the mean again.",
            "Batch norm took the mean away. To undo that, β adds it: β = μ.",
            shift="negative",
        ),
        own(
            "scaled-beta",
            "You divide β by the deviation.",
            "β is added after γ has scaled, so it is in the units of x: β = μ.",
            {"shift": "scaled"},
            {"shift": "minus-scaled"},
        ),
        own(
            "swapped-outputs",
            "You return β first.",
            "The order asked for is (gamma, beta).",
            order="beta-gamma",
        ),
        known("mutates-input"),
    ),
    properties=(Property("γ·x̂ + β is x", _gives_input_back),),
    hints=(
        "Write down y = γ·(x − μ)/√(σ² + ε) + β and ask which γ and β make y = x.",
        "The factor in front of x must be 1. The rest must cancel.",
        "γ = √(σ² + ε) cancels the division; then only −μ + β is left over, so β = μ.",
    ),
)


# ---- stable_variance ---------------------------------------------------------------------------------


def stable_variance(x):
    return norms.statistics(x, axes=(0,))[1][0]


def _stable_variant(x, *, ddof=0, axis=0, keepdims=False, method="two-pass", root=False, divide=True):
    mean = x.mean(axis=axis, keepdims=True)
    if method == "one-pass":
        var = (x * x).mean(axis=axis, keepdims=True) - mean * mean
    else:
        centred = x - mean if method == "two-pass" else x
        squares = (centred * centred).sum(axis=axis, keepdims=True)
        var = squares / (x.size // mean.size - ddof if divide else 1)
    var = np.sqrt(var) if root else var
    return var if keepdims else np.squeeze(var, axis)


def _stable_probes(rng):
    return [
        Probe("six examples, four features", (rng.normal(2, 3, size=(6, 4)),)),
        Probe("two examples, three features", (rng.normal(size=(2, 3)),)),
        Probe("as many examples as features", (rng.normal(1, 2, size=(5, 5)),)),
        Probe("float32 at mean 10 000, few examples", (_offset(rng, (6, 4), 1e4),), rounding=True),
        Probe(
            "float32 at mean 10 000, 2000 examples",
            (_offset(rng, (2000, 3), 1e4),),
            rounding=True,
            rtol=1e-3,
            atol=1e-4,
        ),
    ]


STABLE = Question(
    name="stable_variance",
    points=2,
    level=3,
    task="The variance of each feature, right in float32 far from zero.",
    ask=(
        "What is the square of 10 000, and how far from it is the next float32?",
        "10⁸, and 8: a variance of 1 is lost between E[x²] and E[x]². Subtract the mean first, and what is squared is small.",
    ),
    reference=stable_variance,
    variant=_stable_variant,
    returns=("var",),
    probes=_stable_probes,
    examples=(
        Probe("three examples", (np.array([[1.0], [2.0], [6.0]]),)),
        Probe("two features", (np.array([[1.0, 10.0], [3.0, 14.0]]),)),
        FAR_FROM_ZERO,
    ),
    misconceptions=(
        known("sample-variance", ddof=1),
        known("wrong-axis", {"axis": 1}, {"axis": 1, "keepdims": True}),
        known("global-statistics", axis=None),
        known("mean-not-subtracted", method="not-centred"),
        known("one-pass-variance", rounding=True, method="one-pass"),
        own(
            "std-not-variance",
            "You return the standard deviation.",
            "The variance is its square: leave the root out.",
            root=True,
        ),
        own(
            "sum-of-squares",
            "You return the sum of the squared distances.",
            "The variance is their mean: divide by N.",
            divide=False,
        ),
        known("mutates-input"),
    ),
    properties=(
        Property(
            "it is never negative",
            lambda args, var: None if np.all(np.asarray(var) >= 0) else "a variance is negative",
        ),
    ),
    hints=(
        "At mean 10⁴ a float32 keeps about three decimals. What happens to them in x²?",
        "Two numbers near 10⁸ are subtracted in E[x²] − E[x]², and their difference is near 1. Subtract first, square after.",
        "Two passes: `centred = x - x.mean(axis=0)`, then the mean of `centred**2` over axis 0.",
    ),
)

QUESTIONS = (BATCH_STATS, FORWARD, IDENTITY, STABLE)

PREDICTIONS = {
    "02-variance": Prediction("b"),
    "02-small-deviation": Prediction(0.30, factor=1.25),
    "02-shift-and-scale": Prediction("c"),
    "02-batch-of-two": Prediction("a"),
    "02-undo-other-batch": Prediction("b"),
    "02-xor": Prediction("c"),
    "02-one-pass": Prediction("c"),
}
