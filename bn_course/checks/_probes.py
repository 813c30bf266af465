"""What the probes of several lessons are drawn from: numbers on which no mistake can hide."""

import numpy as np

from bn_course.grading.question import Probe


def signs(rng, d):
    """γ with none near 0 or 1, every second one negative."""
    return rng.uniform(1.3, 2.5, d) * np.where(np.arange(d) % 2, -1.0, 1.0)


def signs_in_thirds(rng, c):
    """γ with none near 0 or 1, every third one negative."""
    return rng.uniform(1.3, 2.0, c) * np.where(np.arange(c) % 3 == 1, -1.0, 1.0)


def parameters(rng, channels):
    """γ of both signs, none near zero or one; β likewise."""
    gamma = signs(rng, channels)
    return gamma, rng.uniform(0.3, 1.5, size=channels) * np.where(np.arange(channels) % 3, 1, -1)


def uneven(rng, *shape, spread=1.0):
    """Numbers whose means differ along every axis, so that every choice of axes shows."""
    x = rng.normal(0.5, spread, size=shape)
    for axis, size in enumerate(shape):
        along = [-1 if i == axis else 1 for i in range(len(shape))]
        x = x + spread * rng.normal(size=size).reshape(along)
    return x


def batch_of(rng, *shape, spread=1.0, along=1):
    """x of this shape, and γ and β for the axis `along`."""
    return uneven(rng, *shape, spread=spread), *parameters(rng, shape[along])


def offset(rng, *shape, mean=1e3):
    """float32 of deviation 1 far from zero, where a careless variance drowns in rounding."""
    return (mean + rng.normal(size=shape)).astype(np.float32)


def small(*args, label="a small batch", dtype=float, **options):
    """An example to redo by hand: lists become arrays, numbers and the rest stay as they are."""
    given = (np.array(arg, dtype=dtype) if isinstance(arg, (list, np.ndarray)) else arg for arg in args)
    zero = any(isinstance(arg, float) and arg == 0 for arg in args)
    return Probe(label, tuple(given), **{"driver": "with_zero" if zero else "call"} | options)


def far_from_zero(*args):
    """A small example in float32, on which E[x²] − E[x]² is wrong."""
    return small(*args, label="float32 far from zero", dtype=np.float32, rounding=True)


def in_float32(*args):
    """Arrays in float32; the rest as it is."""
    return tuple(arg.astype(np.float32) if isinstance(arg, np.ndarray) else arg for arg in args)


# Shapes (N, C, H, W) on which every choice of axes, and every axis that γ may lie along by mistake, shows.
IMAGES = {
    "six images of four channels, 3 × 5": (6, 4, 3, 5),
    "images as wide as they have channels (W = C)": (5, 3, 4, 3),
    "images as high as they have channels (H = C)": (5, 3, 3, 4),
    "as many images as channels (N = C)": (3, 3, 2, 5),
}


def images(batch, eps=0.1):
    """A probe for each of `IMAGES`: `batch(*shape)` draws what comes before ε."""
    return [Probe(f"{label}, ε = {eps}", (*batch(*shape), eps)) for label, shape in IMAGES.items()]


def more(*args, at=0):
    """Probes for what a task promises of every ε: small deviations, no ε at all, and all digits of float64.

    `args` end before ε; `at` is the place of x among them.
    """
    hardly = (*args[:at], args[at] * 1e-6, *args[at + 1 :])
    return [
        Probe("values that hardly vary, ε = 0.001", (*hardly, 1e-3)),
        Probe("values that hardly vary, ε = 0", (*hardly, 0.0), driver="with_zero"),
        Probe("float64, to ten digits", (*args, 0.1), rtol=1e-9, atol=1e-10),
        Probe("after a call with other numbers", (*args, 0.1), driver="after_another"),
    ]


def no_eps(*args):
    """A small example with ε = 0, of deviations so small that any other ε shows."""
    return small(*args, 0.0, label="ε = 0")


def to_ten_digits(*args):
    """A small example on which float32 shows."""
    return small(*args, label="float64, to ten digits", rtol=1e-9, atol=1e-10)


def constant_at(place, drawn, eps=1e-3, value=2.0, at=0):
    """A probe on which some values that share a statistic are all equal: ε alone keeps it from 0/0."""
    x = drawn[at].copy()
    x[place] = value
    return Probe(f"values that are all equal, ε = {eps}", (*drawn[:at], x, *drawn[at + 1 :], eps))


def every_epsilon(batch, shape, place, more_args=(), *, at=0, value=2.0):
    """What is asked of every ε and of its default. `batch(*shape, spread)` draws the arguments, x at `at`;
    `more_args` stand between these and ε; the values at `place` share a statistic."""
    return [
        Probe("small variances, ε left at its default", (*batch(*shape, spread=3e-3), *more_args)),
        constant_at(place, (*batch(*shape), *more_args), value=value, at=at),
        *more(*batch(*shape), *more_args, at=at),
    ]


def of_every_norm(rng, batch, shape, place, far, more_args=()):
    """`every_epsilon`, and float32 far from zero, of the shape `far`."""
    return [
        *every_epsilon(batch, shape, place, more_args),
        Probe(
            "float32 at mean 1000",
            (offset(rng, *far), *in_float32(*batch(*far)[1:]), *more_args, 1e-5),
            rounding=True,
        ),
    ]


def small_ones_of_every_norm(lay, rest):
    """Examples on which ε and rounding show. `lay` puts values that share a statistic in their place, and
    `rest(n)` is what stands between x, with n of them, and ε."""

    def given(*values):
        return lay(np.array(values)), *rest(len(values))

    return (
        small(*given(0, 0.02), label="the default ε"),
        no_eps(*given(0, 0.002)),
        small(*given(3, 3), 1.0),
        to_ten_digits(*given(0, 1, 3), 1.0),
        far_from_zero(*given(4096, 4097, 4098.5), 0.0),
    )
