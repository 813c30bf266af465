"""Lesson 03: items that come back in review."""

import numpy as np

from bn_course.grading.catalogue import find_question
from bn_course.review.computing import bn, bn_gradient, measured
from bn_course.review.item import RIGHT, ask, item, whole
from bn_course.review.lines import lines


@item("03-one-example", idea="paths")
def one_example(draw):
    n = int(draw.integers(4, 9))
    x = draw.normal(size=n)
    dx = bn_gradient(np.eye(n)[0], x, eps=1e-5)
    return ask(
        f"A batch of {n} examples, one feature. The loss looks at the output of one example alone. How many of the {n} numbers in dx are different from zero?",
        int((np.abs(dx) > 1e-6).sum()),
        {
            RIGHT: (f"all {n}", n),
            "rows-do-not-mix": ("one", 1),
            "gradient-taken-away": ("none", 0),
        },
        why="Every example moves the mean and the variance, and with them that one output.",
    )


@item("03-step", idea="rounding")
def step(draw):
    at = float(draw.uniform(0.5, 2))
    steps = {"10⁻⁵": 1e-5, "10⁻¹⁵": 1e-15, "0.1": 0.1}
    errors = {h: abs((np.sin(at + v) - np.sin(at - v)) / (2 * v) - np.cos(at)) for h, v in steps.items()}
    return ask(
        "The numbers are float64. Which step makes the central difference most accurate?",
        min(errors, key=errors.get),
        {RIGHT: "10⁻⁵", "smallest-step": "10⁻¹⁵", "large-step": "0.1"},
        why="A small step divides rounding errors by something small; a large one leaves the curve.",
    )


@item("03-mean-through-variance", idea="paths")
def mean_through_variance(draw):
    x, dvar = np.array(whole(draw, 4), float), float(draw.integers(1, 9))
    return ask(
        f"dσ² = {dvar:g} arrives at the variance. The mean μ of the batch has a path of its own through σ². It contributes to dμ",
        dvar * (-2 * (x - x.mean())).mean(),
        {
            RIGHT: ("exactly nothing", 0.0),
            "moments-graph": ("−2μ·dσ²", -2 * x.mean() * dvar),
            "path-needs-eps": ("nothing only if ε = 0", None),
        },
        why="∂σ²/∂μ is −2 times the mean of x − μ, which is 0.",
    )


@item("03-doubled-batch", idea="counts")
def doubled_batch(draw):
    x, dy = draw.normal(size=(2, 5))
    dx = bn_gradient(dy, x)
    return ask(
        "Every example is put into the batch a second time, with the same dy. The dx of an example",
        bn_gradient(np.r_[dy, dy], np.r_[x, x])[:5] / dx,
        {
            RIGHT: ("stays as it was", np.ones(5)),
            "divides-by-batch": ("is half of what it was", np.full(5, 0.5)),
            "sum-not-mean": ("is twice what it was", np.full(5, 2.0)),
        },
        why="Mean and variance are the same, and dx takes means of dy and dy·x̂, not sums.",
    )


@item("03-stretch", idea="paths")
def stretch(draw):
    factor = int(draw.integers(2, 9))
    x = draw.normal(0, 2, size=6)
    dx = bn_gradient(factor * bn(x), x)
    return ask(
        f"What arrives is dx̂ = {factor}·x̂: the loss asks the batch to spread out. ε is tiny. dx is",
        dx,
        {
            RIGHT: ("zero, nearly", np.zeros(6)),
            "var-detached": (f"{factor}·x̂/σ", factor * bn(x) / x.std()),
            "wrong-sign": (f"−{factor}·x̂/σ", -factor * bn(x) / x.std()),
        },
        why="The batch cannot spread out: the forward pass divides by its deviation. dx has no part along x̂.",
    )


@item("03-shift", idea="paths")
def shift(draw):
    constant = int(draw.integers(2, 20))
    x, dy = draw.normal(0, 2, size=(2, 6))
    grows = (bn_gradient(dy + constant, x) - bn_gradient(dy, x)).mean()
    return ask(
        f"Somebody adds {constant} to every entry of dx̂. dx",
        grows,
        {
            RIGHT: ("does not change", 0.0),
            "mean-detached": (f"grows by {constant}/σ", constant / x.std()),
            "straight-through": (f"grows by {constant}", float(constant)),
        },
        why="The backward pass takes the mean of dx̂ away: the batch cannot shift.",
    )


@item("03-batch-of-two", idea="counts")
def batch_of_two(draw):
    dy, x = draw.normal(0, 1, size=2), draw.normal(0, 5, size=2)
    share = np.linalg.norm(bn_gradient(dy, x)) / np.linalg.norm(dy / x.std())
    return ask(
        "A batch of two examples, σ far above √ε. Of the gradient that arrives at x̂, the layers below receive",
        round(share, 3),
        {
            RIGHT: ("practically nothing", 0.0),
            "half-the-gradient": ("half", 0.5),
            "straight-through": ("as much as in any batch", 1.0),
        },
        why="Two numbers have two directions, shift and spread, and both are taken away.",
    )


@item("03-detached", idea="paths")
def detached(draw):
    found = measured("detached_statistics")
    learned = found["learned_right_best"] - found["learned_detached_best"]
    fixed = found["fixed_right_best"] - found["fixed_detached_best"]
    return ask(
        "A network with batch norm is trained with all statistics treated as constants in the backward pass, each arm at its best learning rate. With γ and β learned, and then with them fixed, it",
        "either" if fixed > 5 > learned else "neither" if fixed < 5 else "both",
        {
            RIGHT: ("trains nearly as well, and then clearly worse", "either"),
            "detached-always-fails": ("fails both times: the gradient is wrong", "both"),
            "detached": ("does as well both times: the forward pass is the same", "neither"),
        },
        why="Measured over five seeds. A wrong gradient can go unnoticed in the loss, so gradients are checked.",
    )


@item("03-three-terms", idea="paths")
def three_terms(draw):
    x, dy = np.array(whole(draw, 3), float), np.array(whole(draw, 3), float)
    x_hat, sigma = bn(x), x.std()
    return ask(
        f"x is {x[0]:g}, {x[1]:g}, {x[2]:g}, dy is {dy[0]:g}, {dy[1]:g}, {dy[2]:g}, γ = 1, ε = 0. The sum of dx is",
        bn_gradient(dy, x).sum(),
        {
            RIGHT: 0.0,
            "mean-detached": dy.sum() / sigma,
            "sum-not-mean": (dy - dy.sum() - x_hat * (dy * x_hat).sum()).sum() / sigma,
            "straight-through": dy.sum(),
        },
        why="The mean of dy is subtracted, and x̂ adds up to 0.",
    )


backward_lines = lines(
    "batch_norm_backward",
    "paths",
    """
    x_hat = (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + eps)
    dgamma, dbeta = (dy * x_hat).sum(axis=0), dy.sum(axis=0)
    inner = dy - dbeta / len(x) - x_hat * dgamma / len(x)
    return gamma / np.sqrt(x.var(axis=0) + eps) * inner, dgamma, dbeta
    """,
    {
        "dgamma-uses-x": "dgamma, dbeta = (dy * x).sum(axis=0), dy.sum(axis=0)",
        "mean-detached": "inner = dy - x_hat * dgamma / len(x)",
        "var-detached": "inner = dy - dbeta / len(x)",
        "sum-not-mean": "inner = dy - dbeta - x_hat * dgamma",
        "gamma-ignored": "return 1 / np.sqrt(x.var(axis=0) + eps) * inner, dgamma, dbeta",
    },
)


@item("ask-numerical-gradient", idea="rounding")
def numerical_gradient(draw):
    at, h = int(draw.integers(1, 4)), float(draw.choice([0.1, 0.2]))
    found = find_question("numerical_gradient").reference(lambda x: float((x**3).sum()), np.array([float(at)]), h)
    return ask(
        f"f(x) = x³ at {at}, central differences with h = {h:g}. The result is",
        float(np.squeeze(found)),
        {
            RIGHT: 3 * at**2 + h**2,
            "forward-differences": ((at + h) ** 3 - at**3) / h,
            "not-divided": (at + h) ** 3 - (at - h) ** 3,
            "half-a-step": 2 * (3 * at**2 + h**2),
        },
        why=f"The slope is {3 * at**2}; from both sides the error is h², from one it is of the order of h.",
        digits=4,
    )
