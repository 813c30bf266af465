"""Strangers' answers to lesson 08, second half."""

from corpus import right, wrong

ANSWERS = [
    wrong(
        "effective_learning_rate",
        """
def effective_learning_rate(lr, weight):
    if weight.ndim == 2:
        return float(lr / np.linalg.norm(weight, 2) ** 2)
    return float(lr / np.sum(weight * weight))
""",
        "np.linalg.norm with 2 is the largest singular value of a matrix, not the length of all weights.",
        "np.linalg.norm(weight, 2)",
        keys="spectral-norm",
    ),
    wrong(
        "effective_learning_rate",
        """
from math import sqrt
def effective_learning_rate(lr, weight):
    total = 0.0
    for w in weight.flat:
        total += w * w
    return lr / sqrt(total)
""",
        "It divides by the length and not by its square.",
        "sqrt(total)",
        keys="not-squared",
    ),
    wrong(
        "effective_learning_rate",
        """
def effective_learning_rate(lr, weight):
    n = np.linalg.norm(np.ravel(weight))
    return float(lr / n * n)
""",
        "lr / n * n is lr: the length cancels.",
        "lr / n * n",
        keys="multiplied",
    ),
    wrong(
        "effective_learning_rate",
        """
def effective_learning_rate(lr, weight):
    return float(lr / (np.var(weight) * weight.size))
""",
        "The variance of the weights stands for their squared length.",
        "np.var(weight) * weight.size",
        keys="deviation",
    ),
    wrong(
        "effective_learning_rate",
        """
def effective_learning_rate(lr, weight):
    w = np.asarray(weight, dtype=float).reshape(-1)
    return float(lr / (w @ w + 1e-2))
""",
        "1e-2 is added to the squared length for safety.",
        "+ 1e-2",
        keys="eps-added",
    ),
    right(
        "effective_learning_rate",
        """
from math import fsum
effective_learning_rate = lambda lr, weight: lr / fsum(v * v for v in np.ravel(weight).tolist())
""",
    ),
    wrong(
        "effective_learning_rate",
        """
def effective_learning_rate(lr, weight):
    return float(lr / np.sqrt(np.mean(weight**2)))
""",
        "The mean square stands for the sum, and its root is taken.",
        ["np.mean(weight**2)", "np.sqrt("],
        keys="mean-not-sum not-squared",
        kind="pair",
    ),
    wrong(
        "effective_learning_rate",
        """
def effective_learning_rate(lr, weight):
    np.abs(weight, out=weight)
    return float(lr / weight.sum() ** 2)
""",
        "weight is made positive in place, and absolute values are added up where squares belong.",
        ["out=weight", "weight.sum() ** 2"],
        keys="mutates-input absolute-values",
        kind="promise",
    ),
    wrong(
        "loss_range_along_gradient",
        """
def loss_range_along_gradient(loss, w, grad, step_sizes):
    p = np.array(w, dtype=float)
    lo, hi = float("inf"), float("-inf")
    for s in step_sizes:
        p = p - s * grad
        v = loss(p)
        lo = v if v < lo else lo
        hi = v if v > hi else hi
    return lo, hi
""",
        "The point moves on from step to step, so the step sizes accumulate.",
        "p = p - s * grad",
        keys="steps-accumulate",
    ),
    wrong(
        "loss_range_along_gradient",
        """
def loss_range_along_gradient(loss, w, grad, step_sizes):
    best = worst = loss(w)
    for s in step_sizes:
        value = loss(w - s * grad)
        best, worst = min(best, value), max(worst, value)
    return best, worst
""",
        "The loss at w itself always counts.",
        "best = worst = loss(w)",
        keys="start-included",
    ),
    wrong(
        "loss_range_along_gradient",
        """
def loss_range_along_gradient(loss, w, grad, step_sizes):
    direction = grad / np.linalg.norm(grad)
    values = np.array([loss(w - s * direction) for s in step_sizes])
    return values.min(), values.max()
""",
        "The gradient is normalised to length 1 first.",
        "grad / np.linalg.norm(grad)",
        keys="unit-gradient",
    ),
    wrong(
        "loss_range_along_gradient",
        """
def loss_range_along_gradient(loss, w, grad, step_sizes):
    first, *_, last = sorted(step_sizes) if len(step_sizes) > 1 else [step_sizes[0]] * 2
    ends = loss(w - first * grad), loss(w - last * grad)
    return min(ends), max(ends)
""",
        "The steps are sorted and the first and last are taken: the ends of the walk, not its extremes.",
        "sorted(step_sizes)",
        keys="ends-of-the-walk",
    ),
    wrong(
        "loss_range_along_gradient",
        """
def loss_range_along_gradient(loss, w, grad, step_sizes):
    values = []
    previous = 0.0
    for t in step_sizes:
        s = t - previous
        w += s * grad
        previous = t
        values.append(loss(w))
    return min(values), max(values)
""",
        "w is moved in place and not put back, and the walk goes uphill.",
        ["w +=", "w += s * grad"],
        keys="uphill",
        kind="promise",
    ),
    right(
        "loss_range_along_gradient",
        """
def loss_range_along_gradient(loss, w, grad, step_sizes):
    ray = np.asarray(w)[None] - np.multiply.outer(np.asarray(step_sizes), grad)
    values = np.fromiter(map(loss, ray), dtype=float)
    return tuple(np.quantile(values, [0, 1]))
""",
    ),
    wrong(
        "loss_range_along_gradient",
        """
def loss_range_along_gradient(loss, w, grad, step_sizes):
    values = [float(loss(w - s * np.sign(grad))) for s in step_sizes]
    return max(values), min(values)
""",
        "Only the gradient's sign is walked along, and the largest comes first.",
        ["np.sign(grad)", "max(values), min(values)"],
        keys="swapped-outputs sign-of-gradient",
        kind="pair",
    ),
    wrong(
        "gradient_growth_per_layer",
        """
def gradient_growth_per_layer(norms):
    return float((norms[-1] / norms[0]) ** (1 / (len(norms) - 1)))
""",
        "It uses the two ends alone; what lies between has no say.",
        "(norms[-1] / norms[0])",
        keys="ends-only",
    ),
    wrong(
        "gradient_growth_per_layer",
        """
def gradient_growth_per_layer(norms):
    y = np.log(norms)
    k = np.arange(len(norms))
    return float(np.exp(k @ y / (k @ k)))
""",
        "The line is fitted without an intercept.",
        "k @ y / (k @ k)",
        keys="line-through-zero",
    ),
    wrong(
        "gradient_growth_per_layer",
        """
def gradient_growth_per_layer(norms):
    p = np.polyfit(range(len(norms)), np.log10(norms), 1)
    return float(np.exp(p[0]))
""",
        "Logarithms to base 10 are undone with e.",
        "np.log10(norms)",
        keys="mixed-bases",
    ),
    wrong(
        "gradient_growth_per_layer",
        """
from statistics import fmean
def gradient_growth_per_layer(norms):
    return fmean(b / a for a, b in zip(norms, norms[1:]))
""",
        "It averages the ratios of neighbours.",
        "b / a",
        keys="mean-of-ratios",
    ),
    wrong(
        "gradient_growth_per_layer",
        """
from numpy.polynomial import Polynomial
def gradient_growth_per_layer(norms):
    line = Polynomial.fit(np.arange(len(norms)), np.log(norms), 1)
    return float(np.exp(line.coef[1]))
""",
        "Polynomial.fit gives coefficients on a scaled axis, lowest first; [1] is the slope on [−1, 1].",
        ".coef[1]",
    ),
    right(
        "gradient_growth_per_layer",
        """
def gradient_growth_per_layer(norms):
    y = np.log(np.asarray(norms, dtype=float))
    k = np.arange(y.size) - (y.size - 1) / 2
    return float(np.exp(np.sum(k * y) / np.sum(k**2)))
""",
    ),
    wrong(
        "gradient_growth_per_layer",
        """
def gradient_growth_per_layer(norms):
    slope = np.polyfit(np.arange(len(norms)), np.log(norms[::-1]), 1)[0]
    return float(slope)
""",
        "The order is turned round, and the slope itself is returned.",
        ["norms[::-1]", "float(slope)"],
        keys="no-exponential backwards",
        kind="pair",
    ),
]
