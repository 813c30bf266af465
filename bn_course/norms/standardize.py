"""The one operation under every norm: give chosen entries mean 0 and variance 1.

A norm chooses the axes that share a mean and a variance, standardises over them, and applies an
affine map. Batch, layer, instance and group normalisation differ in that choice alone.
"""

import math

import numpy as np

from bn_course.norms import _shapes


def statistics(x, axes):
    """Mean and population variance of x over `axes`.

    mean = Σx / n,  var = Σ(x − mean)² / n: two passes, the second over centred values. The shortcut
    E[x²] − E[x]² subtracts two large, nearly equal numbers and loses every digit when the mean is
    large beside the deviation (Chan, Golub & LeVeque 1983, "Algorithms for computing the sample
    variance").

    Args:
        x: real numbers, any shape, not empty; integers are taken as float64.
        axes: an axis or several, counted from either end.

    Returns:
        (mean, var), shaped like x with length 1 along `axes`, in the type of x; float32 when x is
        float16, whose variance float16 could not hold.

    Raises:
        ValueError: x is empty or not real; an axis is out of range or named twice.
    """
    x, axes = _checked(x, axes)
    centred, mean = centre(working(x), axes)
    return mean, sum_of_products(centred, centred, axes) / count(x, axes)


def standardize(x, axes, eps=1e-5):
    """x̂ = (x − mean) / √(var + eps), mean and variance taken over `axes`.

    The variance of x̂ is var / (var + eps), a little below 1. Values that are all equal become
    zeros; with eps = 0 they become NaN (0/0).

    Args:
        x: real numbers, any shape, not empty; integers are taken as float64.
        axes: an axis or several, counted from either end.
        eps: at least 0, in the units of x².

    Returns:
        x_hat, a new array of x's shape and type.

    Raises:
        ValueError: as `statistics`; eps is negative or not finite.
    """
    eps = _shapes.epsilon(eps)
    x, axes = _checked(x, axes)
    x_hat, inv_std = centre_with_inv_std(working(x), axes, eps)
    x_hat *= inv_std
    return x_hat.astype(x.dtype, copy=False)


def standardize_backward(dx_hat, x_hat, inv_std, axes):
    """Gradient of a loss through `standardize`, the statistics' dependence on x included.

    dx = inv_std · (dx_hat − mean(dx_hat) − x_hat · mean(dx_hat · x_hat)), means over `axes`.

    The gradient loses its components along 1 and along x_hat: moving x in either direction would
    be undone by the mean or by the variance (Ioffe & Szegedy 2015, arXiv:1502.03167, section 3).

    Args:
        dx_hat: ∂L/∂x̂, any shape.
        x_hat: what `standardize` returned, of the same shape.
        inv_std: 1/√(var + eps), shaped like x_hat with length 1 along `axes`.
        axes: the axes that `standardize` was given.

    Returns:
        dx = ∂L/∂x, a new array of x_hat's shape and type.

    Raises:
        ValueError: the shapes differ from these, or an axis is out of range or named twice.
    """
    x_hat = _shapes.batch_array(x_hat, 1, "the axes of x", name="x_hat")
    axes = _shapes.axis_tuple(axes, x_hat)
    dx_hat = _shapes.same_shape("dx_hat", dx_hat, x_hat, "x_hat")
    inv_std = _shapes.real_array("inv_std", inv_std)
    if inv_std.shape != kept_shape(x_hat, axes):
        raise ValueError(f"inv_std has shape {inv_std.shape}; it needs {kept_shape(x_hat, axes)}")
    work = working(x_hat)
    dx_hat = dx_hat.astype(work.dtype, copy=False)
    inv_std = inv_std.astype(work.dtype, copy=False)
    sums = gradient_sums(dx_hat, work, axes)
    dx = remove_components(dx_hat, work, inv_std, *(s / count(work, axes) for s in sums))
    return dx.astype(x_hat.dtype, copy=False)


# What follows is for the norms: working arrays and checked axes in, no checks.


def working(x):
    """x in the type that the arithmetic is done in: float32 for float16, otherwise its own."""
    return x.astype(np.result_type(x, np.float32), copy=False)


def count(x, axes):
    """How many values share a statistic."""
    return math.prod(x.shape[axis] for axis in axes)


def kept_shape(x, axes):
    """x's shape with length 1 along `axes`."""
    return tuple(1 if axis in axes else size for axis, size in enumerate(x.shape))


def total(x, axes):
    """Σx over `axes`, kept with length 1, in float64 or wider.

    A plain float32 sum would be wrong: NumPy adds pairwise along the fastest axis only, and one by
    one down the rows of a batch. Near 10⁹ (10⁵ rows at mean 10⁴) float32 steps by 64, and the mean
    comes out wrong by whole units. Summing in float64 throughout is right, and slow where x is
    large. There float32 adds what it adds well, short runs, as a product with ones (BLAS reads
    memory faster than NumPy's own sums), and float64 the runs.
    """
    wide = np.result_type(x, np.float64)
    if x.dtype == wide or x.size < 1 << 14 or not x.flags.c_contiguous:
        return x.sum(axis=axes, dtype=wide, keepdims=True)
    kept = [axis for axis in range(x.ndim) if axis not in axes] or [-1]
    trailing = tuple(range(kept[-1] + 1, x.ndim))
    if count(x, trailing) > 1:
        partial = sum_columns(x.reshape(*x.shape[: kept[-1] + 1], -1), wide)
        partial = partial.reshape(*x.shape[: kept[-1] + 1], *(1 for _ in trailing))
    else:
        leading = max(kept[0], 0)
        partial = sum_rows(x.reshape(-1, math.prod(x.shape[leading:])), wide)
        partial = partial.reshape((1,) * leading + x.shape[leading:])
    return partial.sum(axis=axes, dtype=wide, keepdims=True)


def sum_columns(x, wide, run=1024):
    """Σ over the last axis in type `wide`, each run of it added in its own type first."""
    size = x.shape[-1]
    if size <= run:
        return x @ np.ones(size, x.dtype)
    whole = size // run * run
    runs = x[..., :whole].reshape(*x.shape[:-1], -1, run) @ np.ones(run, x.dtype)
    return runs.sum(axis=-1, dtype=wide) + x[..., whole:].sum(axis=-1, dtype=wide)


def sum_rows(rows, wide, run=64):
    """Σ over axis 0 of a matrix in type `wide`, each run of rows added in their own type first."""
    whole = len(rows) // run * run
    runs = np.ones(run, rows.dtype) @ rows[:whole].reshape(-1, run, rows.shape[1])
    return runs.sum(axis=0, dtype=wide) + rows[whole:].sum(axis=0, dtype=wide)


def sum_of_products(a, b, axes, run=256):
    """Σ a·b over `axes`, kept with length 1, in the type of a and b, without storing a·b.

    At most `run` products are added in their own type, and the runs in float64. One by one, thousands
    of float32 would lose digits, most of all where they are alike, as those of an image of zeros and
    ones: every addition is then rounded the same way, and a sum of 65 536 is off by 6 in 10 000.
    """
    if count(a, axes) <= run:
        every = range(a.ndim)
        kept = [axis for axis in every if axis not in axes]
        return np.einsum(a, every, b, every, kept).reshape(kept_shape(a, axes))
    longest = max(axes, key=lambda axis: a.shape[axis])
    others = tuple(axis for axis in axes if axis != longest)
    wide = np.result_type(a, np.float64)
    step = run // count(a, others)
    if step < 2:
        runs = sum_of_products(a, b, others, run)
        return runs.sum(axis=longest, dtype=wide, keepdims=True).astype(a.dtype, copy=False)
    rest = a.shape[longest] % step
    if rest:
        parts = (np.split(array, [-rest], axis=longest) for array in (a, b))
        return sum(sum_of_products(*part, axes, run) for part in zip(*parts, strict=True))
    before, after = a.shape[:longest], a.shape[longest + 1 :]
    in_runs = (array.reshape(*before, -1, step, *after) for array in (a, b))
    runs = sum_of_products(*in_runs, [axis + (axis >= longest) for axis in axes], run)
    return runs.sum(axis=longest, dtype=wide).astype(a.dtype, copy=False)


def centre(x, axes):
    """(x − mean, mean) over `axes`; x − mean is a new array."""
    mean = (total(x, axes) / count(x, axes)).astype(x.dtype, copy=False)
    return x - mean, mean


def centre_with_inv_std(x, axes, eps):
    """(x − mean, 1/√(var + eps)): the first a new array, the second with `axes` kept."""
    centred, _ = centre(x, axes)
    var = sum_of_products(centred, centred, axes) / count(x, axes)
    return centred, 1 / np.sqrt(var + eps)


def gradient_sums(dy, x_hat, axes):
    """(Σdy, Σdy·x̂) over `axes`, kept with length 1."""
    return total(dy, axes).astype(dy.dtype, copy=False), sum_of_products(dy, x_hat, axes)


def remove_components(dx_hat, x_hat, scale, mean_dx_hat, mean_dx_hat_x_hat, out=None):
    """scale · (dx_hat − mean(dx_hat) − x_hat · mean(dx_hat · x_hat)); `out` may be x_hat."""
    dx = np.multiply(x_hat, mean_dx_hat_x_hat, out=out)
    np.subtract(dx_hat, dx, out=dx)
    dx -= mean_dx_hat
    dx *= scale
    return dx


def _checked(x, axes):
    x = _shapes.batch_array(x, 1, "any shape")
    return x, _shapes.axis_tuple(axes, x)
