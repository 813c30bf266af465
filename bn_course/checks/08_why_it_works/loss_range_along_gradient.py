"""Lesson 08: Return the smallest and the largest loss(w − s·grad) over the step sizes s."""

import numpy as np

from bn_course.checks._mistake import mistake
from bn_course.grading.question import Probe, Property, Question


def loss_range_along_gradient(loss, w, grad, step_sizes):
    """(min, max) of loss(w − s·grad) over the step sizes s."""
    losses = [loss(w - size * grad) for size in step_sizes]
    return min(losses), max(losses)


def _range(
    loss,
    w,
    grad,
    step_sizes,
    *,
    sign=-1,
    path="from-w",
    direction="gradient",
    start=False,
    sizes="all",
    returned="min-max",
):
    direction = {
        "gradient": grad,
        "unit": grad / np.linalg.norm(grad),
        "sign": np.sign(grad),
        "descent-on-w": w,
    }[direction]
    taken = {"all": step_sizes, "not-last": step_sizes[:-1], "not-first": step_sizes[1:]}[sizes]
    taken = np.concatenate([[0.0], taken]) if start else np.asarray(taken)
    reach = np.cumsum(taken) if path == "cumulative" else taken
    losses = np.array([loss(w + sign * size * direction) for size in reach])
    return {
        "min-max": lambda: (losses.min(), losses.max()),
        "max-min": lambda: (losses.max(), losses.min()),
        "width": lambda: losses.max() - losses.min(),
        "ends": lambda: (losses[0], losses[-1]),
        "where": lambda: (taken[losses.argmin()], taken[losses.argmax()]),
        "change": lambda: (losses.min() - loss(w), losses.max() - loss(w)),
        "all": lambda: losses,
    }[returned]()


def _loss_probe(label, curvature, centre, w, grad, step_sizes):
    arrays = [np.asarray(a, float) for a in (curvature, centre, w, grad, step_sizes)]
    lists = [a.tolist() for a in arrays]
    return Probe(
        label,
        (tuple(arrays[:2]), *arrays[2:]),
        driver="08_why_it_works:with_loss",
        shown=f"loss(v) = Σ c·(v − m)²/2 with c = {lists[0]} and m = {lists[1]}; "
        f"w = {lists[2]}, grad = {lists[3]}, step_sizes = {lists[4]}",
    )


def _range_probes(rng):
    def probe(label, shape, sizes):
        curvature = rng.uniform(0.3, 2.0, shape)
        centre, w = rng.normal(size=shape), rng.normal(size=shape) * 2
        slope = curvature * (w - centre)
        return _loss_probe(label, curvature, centre, w, slope + 0.2 * rng.normal(size=shape), sizes)

    return [
        probe("five weights, five steps", 5, [0.1, 0.45, 1.1, 1.6, 2.3]),
        probe("a matrix of weights", (3, 2), [0.05, 0.2, 0.3]),
        probe("steps that all overshoot", 4, [3.5, 2.5, 4.5, 3.0]),
        probe("steps in no order", (2, 3), [0.9, 0.2, 2.8, 0.4]),
        probe("a single step", 4, [0.3]),
    ]


def _in_order(args, value):
    low, high = (float(np.asarray(v)) for v in value)
    return "the first number is larger than the second" if low > high + 1e-9 else None


QUESTION = Question(
    name="loss_range_along_gradient",
    version=2,
    points=2,
    level=2,
    reference=loss_range_along_gradient,
    variant=_range,
    returns=("the smallest loss", "the largest loss"),
    probes=_range_probes,
    examples=(
        _loss_probe("one weight, two steps", [1.0], [0.0], [4.0], [2.0], [1.0, 2.5]),
        _loss_probe("one weight, three steps", [2.0], [1.0], [3.0], [2.0], [2.0, 0.5, 1.5]),
        _loss_probe("two weights, two steps", [1.0, 2.0], [0.0, 0.0], [2.0, 1.0], [2.0, 3.0], [2.0, 1.0]),
    ),
    misconceptions=(
        mistake("uphill", sign=1),
        mistake("steps-accumulate", path="cumulative"),
        mistake("unit-gradient", direction="unit"),
        mistake("sign-of-gradient", direction="sign"),
        mistake("along-the-weights", direction="descent-on-w"),
        mistake("start-included", start=True),
        mistake("last-step-left-out", sizes="not-last"),
        mistake("first-step-left-out", sizes="not-first"),
        mistake("swapped-outputs", returned="max-min"),
        mistake("width-returned", returned="width"),
        mistake("ends-of-the-walk", returned="ends"),
        mistake("where-not-what", returned="where"),
        mistake("change-returned", returned="change"),
        mistake("all-losses-returned", returned="all"),
        mistake("mutates-input"),
    ),
    properties=(Property("the smallest comes first", _in_order),),
)
