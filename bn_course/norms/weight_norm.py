"""Weight normalisation (Salimans & Kingma 2016, arXiv:1602.07868): a weight as a direction and a length.

It standardises no activations. A unit's weight vector is written as w = g v/‖v‖, and gradient descent
changes g and v.
"""

import numpy as np

from bn_course.norms import _shapes
from bn_course.norms.standardize import total, working


def weight_norm(v, g):
    """w = g v / ‖v‖: row i of w has the direction of row i of v and the length |g[i]|.

    Equation 2 of the paper.

    Args:
        v: directions, (out, in), no row of them zero; float16 is computed in float32.
        g: lengths, (out,).

    Returns:
        w, a new array of v's shape and type.

    Raises:
        ValueError: v is not (out, in), is empty or has a row of zeros; g is not (out,).
    """
    v, g = _checked(v, g)
    direction, _ = _directions(v)
    return (direction * g.astype(direction.dtype)[:, None]).astype(v.dtype, copy=False)


def weight_norm_backward(dw, v, g):
    """Gradient of a loss through `weight_norm`: equation 3 of the paper.

    dg = dw·v/‖v‖ for each row, and dv = g/‖v‖ · (dw − (dw·v/‖v‖) v/‖v‖): dv is at right angles to v,
    as dx is to x̂ in batch norm.

    Args:
        dw: ∂L/∂w, of v's shape.
        v, g: as given to `weight_norm`.

    Returns:
        (dv, dg): of the shapes and types of v and g.

    Raises:
        ValueError: as `weight_norm`; dw has another shape than v.
    """
    v, g = _checked(v, g)
    dw = _shapes.same_shape("dw", dw, v, "v")
    direction, norm = _directions(v)
    dw = dw.astype(direction.dtype, copy=False)
    dg = total(dw * direction, (1,)).astype(direction.dtype, copy=False)  # (out, 1)
    dv = g.astype(direction.dtype)[:, None] / norm * (dw - dg * direction)
    return dv.astype(v.dtype, copy=False), dg[:, 0].astype(g.dtype, copy=False)


def _checked(v, g):
    v = _shapes.batch_array(v, 2, "(out, in)", name="v")
    if v.ndim != 2:
        raise ValueError(f"v has shape {v.shape}; it needs 2 axes, (out, in)")
    g = _shapes.vector("g", g, v.shape[0], f"the rows of v, {v.shape}")
    zero = np.flatnonzero((v == 0).all(axis=1))
    if zero.size:
        raise ValueError(f"v has shape {v.shape} and zeros in row {zero[0]}; a row needs a direction")
    return v, g


def _directions(v):
    """(v/‖v‖, ‖v‖), row by row, in the working type; the largest entry is divided out before squaring."""
    work = working(v)
    largest = np.abs(work).max(axis=1, keepdims=True)
    scaled = work / largest
    norm = np.sqrt(total(np.square(scaled), (1,))).astype(work.dtype, copy=False)
    return scaled / norm, largest * norm
