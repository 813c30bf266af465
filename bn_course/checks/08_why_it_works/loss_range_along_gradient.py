"""Lesson 08: Return the smallest and the largest loss(w − s·grad) over the step sizes s."""

import numpy as np

from bn_course.checks._shared import own
from bn_course.grading.question import Probe, Property, Question


# loss_range_along_gradient -------------------------------------------------------------------------
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
        tuple(arrays),
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
    points=2,
    level=2,
    task="Return the smallest and the largest loss(w − s·grad) over the step sizes s.",
    ask=(
        "loss(w) = w², w = 1, gradient 2, steps 0.25 and 1. At which points do you evaluate the loss?",
        "At 0.5 and −1, both from w = 1: (0.25, 1). w itself is not among them, and no step begins where another ended.",
    ),
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
        own(
            "uphill",
            "You step along + grad.",
            "The gradient points uphill; a step of gradient descent is w − s·grad.",
            sign=1,
        ),
        own(
            "steps-accumulate",
            "You start each step where the last one ended.",
            "All points lie on one line through the same w: each step size is measured from there. Keep w, and "
            "compute w − s·grad anew for each s. (`w -= s * grad` would also change the caller's array.)",
            path="cumulative",
        ),
        own(
            "unit-gradient",
            "You divide the gradient by its length.",
            "A step of size s goes as far as s·‖grad‖: that is what gradient descent does at learning rate s, "
            "and why a steep place is dangerous.",
            direction="unit",
        ),
        own(
            "sign-of-gradient",
            "You step along the sign of the gradient.",
            "That is another method. Here each weight moves in proportion to its entry of grad.",
            direction="sign",
        ),
        own(
            "along-the-weights",
            "You step along w instead of grad.",
            "w − s·w changes the length of w. The landscape is wanted along the gradient.",
            direction="descent-on-w",
        ),
        own(
            "start-included",
            "You count the loss at w itself.",
            "s = 0 is among the points only if step_sizes has it.",
            start=True,
        ),
        own(
            "last-step-left-out",
            "You leave the last step size out.",
            "Every entry of step_sizes counts; the last one is often where the loss is largest.",
            sizes="not-last",
        ),
        own(
            "first-step-left-out",
            "You leave the first step size out.",
            "Every entry of step_sizes counts.",
            sizes="not-first",
        ),
        own(
            "swapped-outputs",
            "You return the largest loss first.",
            "The order is (min, max).",
            returned="max-min",
        ),
        own(
            "width-returned",
            "You return the difference of the two.",
            "Asked for are both ends of the range, (min, max).",
            returned="width",
        ),
        own(
            "ends-of-the-walk",
            "You return the losses at the first and the last step size.",
            "The smallest loss is often in between, and step_sizes need not be in order.",
            returned="ends",
        ),
        own(
            "where-not-what",
            "You return step sizes, not losses.",
            "Asked for is how low and how high the loss is, not where.",
            returned="where",
        ),
        own(
            "change-returned",
            "You subtract the loss at w.",
            "Asked for are the losses themselves.",
            returned="change",
        ),
        own(
            "all-losses-returned",
            "You return every loss.",
            "Asked for are the smallest and the largest of them.",
            returned="all",
        ),
    ),
    properties=(Property("the smallest comes first", _in_order),),
    hints=(
        "For each step size s there is one point, w − s·grad, and one loss. How many losses are there in all?",
        "Collect them: `losses = [loss(w - s * grad) for s in step_sizes]`. Each starts at the same w.",
        "Return `min(losses), max(losses)`.",
    ),
)
