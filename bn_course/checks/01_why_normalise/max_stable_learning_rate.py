"""Lesson 01, max_stable_learning_rate."""

import numpy as np

from bn_course.checks._shared import known, own
from bn_course.grading.question import Probe, Property, Question


# max_stable_learning_rate --------------------------------------------------------------------------
def max_stable_learning_rate(x):
    """2/λmax(xᵀx/N): below it gradient descent on f(w) = ‖xw − t‖²/(2N) converges."""
    return 2 / np.linalg.eigvalsh(x.T @ x / len(x))[-1]


def _max_stable_learning_rate(x, *, numerator=2, per="n", spectrum="largest", centred=False, inverse=False):
    n, d = x.shape
    x = x - x.mean(axis=0) if centred else x
    divisor = {"n": n, "nothing": 1, "n-1": n - 1, "d": d, "entries": n * d, "sqrt": np.sqrt(n)}[per]
    hessian = x.T @ x / divisor
    values = np.linalg.eigvalsh(hessian)
    curvature = {
        "largest": lambda: values[-1],
        "smallest": lambda: values[0],
        "trace": lambda: values.sum(),
        "mean": lambda: values.mean(),
        "diagonal": lambda: np.diag(hessian).max(),
        "frobenius": lambda: np.linalg.norm(hessian),
        "singular": lambda: np.linalg.svd(x, compute_uv=False)[0] / divisor,
        "condition": lambda: values[-1] / values[0],
        "sum-of-ends": lambda: values[0] + values[-1],
        "example": lambda: (x**2).sum(axis=1).max(),
        "largest-entry": lambda: abs(hessian).max(),
    }[spectrum]()
    return curvature if inverse else numerator / curvature


def _rate_probes(rng):
    def table(n, d):
        return rng.normal(size=(n, d)) * np.geomspace(0.5, 3, d) + rng.normal(size=d)

    with_ones = np.column_stack([np.ones(8), table(8, 3)])
    return [
        Probe("seven examples of three features", (table(7, 3),)),
        Probe("a column of ones among the features", (with_ones,)),
        Probe("two features", (table(5, 2),)),
        Probe("a single feature", (table(6, 1),)),
    ]


def _is_the_limit(args, value):
    hessian = args[0].T @ args[0] / len(args[0])
    error = np.ones(len(hessian))

    def left(share):
        step = np.eye(len(hessian)) - share * float(value) * hessian
        with np.errstate(all="ignore"):
            return np.linalg.norm(np.linalg.matrix_power(step, 4096) @ error)

    if not left(0.99) < np.linalg.norm(error):
        return "with 0.99 times your rate, gradient descent diverges"
    if left(1.01) < np.linalg.norm(error):
        return "with 1.01 times your rate, gradient descent still converges"
    return None


QUESTION = Question(
    name="max_stable_learning_rate",
    points=2,
    level=2,
    task="Return the learning rate below which gradient descent on f(w) = ‖xw − t‖²/(2N) converges.",
    ask=(
        "One feature, two examples: 1 and 3. What is the curvature of f, and where does one step with η = 0.2 end? With 0.4?",
        "The curvature is (1 + 9)/2 = 5. With 1/5 the step ends on the minimum, with 2/5 as far beyond it as it began: 2/λmax, λ of xᵀx/N.",
    ),
    reference=max_stable_learning_rate,
    variant=_max_stable_learning_rate,
    returns=("the learning rate",),
    probes=_rate_probes,
    examples=(
        Probe("two examples of one feature", (np.array([[1.0], [3.0]]),)),
        Probe("two examples of two features", (np.array([[1.0, 0.0], [0.0, 2.0]]),)),
        Probe("three examples of two features", (np.array([[1.0, 1.0], [1.0, 2.0], [1.0, 6.0]]),)),
    ),
    misconceptions=(
        own(
            "half-the-limit",
            "Your rate is half the limit: 1/λmax.",
            "With 1/λmax the steepest direction arrives in one step, so it is a good rate and not the "
            "largest: up to 2/λmax a step overshoots and still ends nearer. (A loss without the factor ½ has "
            "twice the curvature, and this value as its limit. Here f has the ½.)",
            numerator=1,
        ),
        own(
            "twice-the-limit",
            "Your rate is twice the limit.",
            "The ½ in f cancels against the 2 from the square, so the second derivative is xᵀx/N, not "
            "xᵀx/(2N).",
            numerator=4,
        ),
        own(
            "not-averaged",
            "You take the eigenvalue of xᵀx, not of xᵀx/N.",
            "f is a mean over N examples, so its curvature is too: your limit would shrink as N grows.",
            per="nothing",
        ),
        own(
            "divides-by-n-minus-one",
            "You divide xᵀx by N − 1.",
            "That is for estimating a covariance. The second derivative of f carries the 1/N of f.",
            per="n-1",
        ),
        own(
            "divides-by-features",
            "You divide by the number of features, or of entries.",
            "The mean in f runs over the N examples, which are the rows of x: `len(x)`.",
            {"per": "d"},
            {"per": "entries"},
        ),
        own(
            "smallest-eigenvalue",
            "You use the smallest eigenvalue.",
            "It sets how long the slowest direction takes. What diverges first is the steepest direction, "
            "the one with the largest. (`eigvalsh` sorts from small to large.)",
            spectrum="smallest",
        ),
        own(
            "singular-value",
            "You use the largest singular value of x as it is.",
            "The eigenvalues of xᵀx are the squares of the singular values of x.",
            {"spectrum": "singular"},
            {"spectrum": "singular", "per": "nothing"},
            {"spectrum": "singular", "per": "sqrt"},
        ),
        own(
            "trace",
            "You use the sum of the eigenvalues, the trace.",
            "The directions do not add up: each converges or diverges by itself, and the steepest decides. "
            "Your rate is safe, and too small by as much as the number of features.",
            spectrum="trace",
        ),
        own(
            "mean-eigenvalue",
            "You use the mean of the eigenvalues.",
            "One direction is steeper than the mean, and there your rate diverges.",
            spectrum="mean",
        ),
        own(
            "features-one-by-one",
            "You use the largest entry of xᵀx/N, which is the curvature along one weight's axis.",
            "The steepest direction need not lie along an axis: where features go together it lies between "
            "them and is steeper than either. The eigenvalue finds it.",
            {"spectrum": "diagonal"},
            {"spectrum": "largest-entry"},
        ),
        own(
            "frobenius",
            "You use the Frobenius norm of xᵀx/N.",
            "`np.linalg.norm` of a matrix is the root of the sum of its squared entries unless told "
            "otherwise. The largest eigenvalue is smaller (`np.linalg.norm(a, 2)` gives it for a symmetric a).",
            spectrum="frobenius",
        ),
        own(
            "condition-number",
            "You use the condition number λmax/λmin.",
            "It tells how many steps convergence takes, not how large a step may be; it has no units, and a "
            "learning rate has.",
            {"spectrum": "condition"},
            {"spectrum": "condition", "inverse": True},
        ),
        own(
            "best-rate",
            "You return 2/(λmin + λmax).",
            "That is the rate that converges fastest. The limit of stability is a little higher, 2/λmax.",
            spectrum="sum-of-ends",
        ),
        own(
            "curvature-returned",
            "You return the largest eigenvalue itself.",
            "It is the curvature. The steeper f is, the smaller the step has to be: the limit is 2 divided "
            "by it.",
            inverse=True,
        ),
        own(
            "covariance",
            "You subtract the mean of each feature first, as a covariance does.",
            "f uses x as it is, mean included. The mean makes f steeper, which is one reason to subtract it "
            "from the data; here you are told about data that still have it.",
            {"centred": True},
            {"centred": True, "per": "n-1"},
        ),
        own(
            "largest-example",
            "You use the example with the largest ‖x‖².",
            "That is the limit for steps on one example at a time. f is the mean over all of them.",
            spectrum="example",
        ),
        known("mutates-input"),
    ),
    properties=(Property("descent converges just below it and diverges just above", _is_the_limit),),
    hints=(
        "The gradient of f is xᵀ(xw − t)/N. Differentiate once more: which matrix is the curvature of f?",
        "Along an eigenvector of that matrix, with eigenvalue λ, a step multiplies the error by 1 − ηλ. "
        "For which η is that between −1 and 1? Which λ is the strictest?",
        "The matrix is xᵀx/N: `hessian = x.T @ x / len(x)`. It is symmetric, so `np.linalg.eigvalsh` gives its "
        "eigenvalues, from small to large.",
        "`2 / np.linalg.eigvalsh(x.T @ x / len(x))[-1]`.",
    ),
)
