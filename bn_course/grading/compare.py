"""Compare plain values: in shape, in kind, and within a probe's tolerance."""

from typing import Any

import numpy as np

from bn_course.grading.question import Probe
from bn_course.grading.run import Foreign, Outcome

_NAMED = 6  # of the values that are asked for, as many by name


def contract_fault(expected: Any, value: Any, names: tuple[str, ...]) -> str | None:
    """What is wrong with the type or the shape of `value`, or with its numbers as such; None if nothing."""
    if isinstance(expected, tuple):
        parts = tuple(value) if isinstance(value, np.ndarray) and value.ndim else value  # it unpacks like one
        if not isinstance(parts, tuple) or len(parts) != len(expected):
            some = ", ".join(names[:_NAMED]) + ", …" * (len(names) > _NAMED)
            return f"it should return {len(expected)} values ({some}); it returned {kind(value)}"
        faults = (contract_fault(e, v, (name,)) for e, v, name in zip(expected, parts, names, strict=True))
        return next((fault for fault in faults if fault), None)
    if expected is None:
        return None if value is None else f"{names[0]} should be None; it is {kind(value)}"
    if isinstance(expected, str):
        return None if isinstance(value, str) else f"{names[0]} is {kind(value)}"
    return _array_fault(expected, value, names[0])


def _array_fault(expected: np.ndarray, value: Any, name: str) -> str | None:
    array = as_array(value)
    if array is None or _comma_too_many(expected, value):
        hint = "; it is a tuple of one value: is there a comma too many?" if _single(value) else ""
        return f"{name} should be {kind(expected)}; it is {kind(value)}{hint}"
    if array.dtype.kind == "c":
        return f"{name} should be real; it is {kind(array)}"
    if array.shape != expected.shape:
        return f"{name} should have shape {expected.shape}; it has shape {array.shape}"
    if np.isnan(array).any() and not np.isnan(expected).any():
        return f"{name} contains NaN ({np.isnan(array).sum()} of {array.size} entries)"
    if np.isinf(array).any() and not np.isinf(expected).any():
        return f"{name} contains infinities ({np.isinf(array).sum()} of {array.size} entries)"
    return None


def _single(value: Any) -> bool:
    return isinstance(value, tuple) and len(value) == 1 and isinstance(value[0], np.ndarray)


def _comma_too_many(expected: np.ndarray, value: Any) -> bool:
    """Is this a tuple around the answer? A list of one row is none: it is as long as `expected` is."""
    return _single(value) and expected.ndim <= value[0].ndim and value[0].ndim > 0


def as_array(value: Any) -> np.ndarray | None:
    """`value` as one array of numbers, or None when it is none: nested sequences of numbers count."""
    if isinstance(value, (np.ndarray, np.generic)):  # a scalar: an entry of a one-dimensional array
        return np.asarray(value)
    if isinstance(value, tuple):
        parts = [as_array(item) for item in value]
        if parts and all(p is not None and p.shape == parts[0].shape for p in parts):
            return np.array(parts)
    return None


def kind(value: Any) -> str:
    """A word for what `value` is."""
    if isinstance(value, np.ndarray):
        return "a number" if value.ndim == 0 else f"an array of shape {value.shape}"
    if isinstance(value, tuple):
        return f"{len(value)} value" + "s" * (len(value) != 1)
    if isinstance(value, Foreign):
        return f"a value of type {value.type_name}"
    if isinstance(value, str):
        return "a string"
    return "None" if value is None else "'...'"


def close(expected: Any, value: Any, probe: Probe) -> bool:
    """Are these the same within the probe's tolerance? Axes of length one are overlooked."""
    if isinstance(expected, tuple):
        if isinstance(value, np.ndarray) and value.ndim:
            value = tuple(value)
        return (
            isinstance(value, tuple)
            and len(value) == len(expected)
            and all(close(e, v, probe) for e, v in zip(expected, value, strict=True))
        )
    if not isinstance(expected, np.ndarray):
        return type(expected) is type(value) and expected == value
    array = as_array(value)
    if array is None or np.squeeze(array).shape != np.squeeze(expected).shape:
        return False
    if _comma_too_many(expected, value):
        return False
    wanted = np.squeeze(expected).astype(np.float64) if expected.dtype.kind != "c" else np.squeeze(expected)
    # In float64, errors of rounding follow the largest entry, not each entry: sums cancel.
    scale = 1.0 if probe.rounding else max(1.0, _largest(wanted))
    return bool(
        np.allclose(np.squeeze(array), wanted, rtol=probe.rtol, atol=probe.atol * scale, equal_nan=True)
    )


def same(expected: Outcome, outcome: Outcome, probe: Probe) -> bool:
    """Did an answer do what was expected: raise an error of that type, or return the same values?"""
    if expected.failure and outcome.failure:
        return probe.any_error or outcome.failure.is_a(expected.failure.type_name)
    return alike(expected, outcome, probe)


def alike(one: Outcome, other: Outcome, probe: Probe) -> bool:
    """Did two answers do the same: both raise, whatever it is, or both return the same values?"""
    if one.failure or other.failure:
        return bool(one.failure and other.failure)
    return close(one.value, other.value, probe)


def largest_difference(expected: Any, value: Any) -> float:
    """The largest absolute difference between two values of one structure."""
    if isinstance(expected, tuple):
        return max(largest_difference(e, v) for e, v in zip(expected, tuple(value), strict=True))
    if not isinstance(expected, np.ndarray):
        return 0.0
    return _largest(as_array(value).astype(np.float64) - expected)


def largest(value: Any) -> float:
    """The largest absolute entry of a value."""
    if isinstance(value, tuple):
        return max(map(largest, value), default=0.0)
    return _largest(value) if isinstance(value, np.ndarray) else 0.0


def _largest(array: np.ndarray) -> float:
    finite = np.abs(array[np.isfinite(array)])
    return float(finite.max()) if finite.size else 0.0
