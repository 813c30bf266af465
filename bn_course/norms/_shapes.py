"""What every norm asks of its arguments.

A complaint names the argument, what it was, and what it needs to be.
"""

import math
import operator

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple


def real_array(name, value):
    """`value` as an array of floats: integers and booleans become float64, floats stay."""
    array = as_array(name, value, "real numbers")
    if array.dtype.kind in "biu":
        return array.astype(np.float64)
    if array.dtype.kind != "f":
        raise ValueError(f"{name} has dtype {array.dtype}; it needs real numbers")
    return array


def as_array(name, value, need):
    """`value` as an array of whatever type; lists of unequal lengths and the like are no array."""
    try:
        return np.asarray(value)
    except (TypeError, ValueError, RuntimeError) as error:  # the last: a tensor that wants a gradient
        raise ValueError(f"{name} is a {type(value).__name__}; it needs {need}: {error}") from error


def batch_array(value, min_rank, layout, name="x"):
    """`value` as a float array of at least `min_rank` axes, described by `layout`, not empty."""
    x = real_array(name, value)
    if x.ndim < min_rank:
        axes = "axis" if min_rank == 1 else "axes"
        raise ValueError(f"{name} has shape {x.shape}; it needs at least {min_rank} {axes}, {layout}")
    if x.size == 0:
        raise ValueError(f"{name} has shape {x.shape}; it needs at least one value on every axis")
    return x


def same_shape(name, value, x, x_name="x"):
    """`value` as a float array of the shape of `x`."""
    array = real_array(name, value)
    if array.shape != x.shape:
        raise ValueError(f"{name} has shape {array.shape}; it needs that of {x_name}, {x.shape}")
    return array


def vector(name, value, size, of):
    """`value` as a float array of shape (size,); `of` says whose channels, for the message."""
    array = real_array(name, value)
    if array.shape != (size,):
        raise ValueError(f"{name} has shape {array.shape}; it needs ({size},) for {of}")
    return array


def variances(name, value, size, of):
    """A `vector` with no negative entry."""
    array = vector(name, value, size, of)
    if (array < 0).any():
        raise ValueError(f"{name} holds {array.min()}; a variance needs to be at least 0")
    return array


def epsilon(value):
    """`value` as a float, finite and not negative."""
    return _number_between("eps", value, 0.0, math.inf, "a finite number, at least 0")


def fraction(name, value):
    """`value` as a float between 0 and 1."""
    return _number_between(name, value, 0.0, 1.0, "a number from 0 to 1")


def _number_between(name, value, low, high, need):
    try:
        number = float(value) if math.isfinite(value) else math.nan  # isfinite refuses a string
    except (TypeError, ValueError, OverflowError, RuntimeError):
        number = math.nan
    if not low <= number <= high:
        raise ValueError(f"{name} is {value!r}; it needs to be {need}")
    return number


def axis_tuple(axes, x):
    """`axes`, one or several, counted from the front; at least one, none twice."""
    try:
        found = normalize_axis_tuple(axes, x.ndim)
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"axes is {axes!r}; x of shape {x.shape} needs whole numbers "
            f"from {-x.ndim} to {x.ndim - 1}, each axis once"
        ) from error
    if not found:
        raise ValueError(f"axes is {axes!r}; it needs at least one axis")
    return found


def channel_axis_of(x, channel_axis):
    """`channel_axis` counted from the front."""
    try:
        axis = operator.index(channel_axis)
    except TypeError:
        axis = x.ndim
    if not -x.ndim <= axis < x.ndim:
        raise ValueError(
            f"channel_axis is {channel_axis!r}; x of shape {x.shape} needs a whole number "
            f"from {-x.ndim} to {x.ndim - 1}"
        )
    return axis % x.ndim


def groups_of(x, num_groups):
    """`num_groups` as an int that divides the channels of `x`, axis 1."""
    try:
        groups = operator.index(num_groups)
    except TypeError:
        groups = 0
    channels = x.shape[1]
    if groups < 1 or channels % groups:
        raise ValueError(
            f"num_groups is {num_groups!r}; x of shape {x.shape} needs a whole number "
            f"that divides its {channels} channels"
        )
    return groups


def several_values(x, axes, statistic, name="x"):
    """Raise when `statistic` of `x` would be taken over a single value along `axes`."""
    if all(x.shape[axis] == 1 for axis in axes):
        raise ValueError(
            f"{name} has shape {x.shape}; it needs at least two values for {statistic}: "
            "the variance of one value is 0 and says nothing"
        )


def along(values, axis, ndim):
    """A vector laid along `axis` of an array of `ndim` axes, ready to broadcast."""
    return values.reshape([-1 if i == axis else 1 for i in range(ndim)])
