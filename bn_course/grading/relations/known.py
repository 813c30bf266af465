"""The quantities that a statement can speak of: an argument, a number of entries, a mean along an axis."""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np

from bn_course.grading.relations.words import symbol


class Quantity(NamedTuple):
    """Something that is known of the arguments: its text, and how it is found."""

    text: str
    of: Callable[[dict[str, Any]], np.ndarray | float]
    mentions: tuple[str, ...] = ()

    def get(self, arguments: dict[str, Any]) -> np.ndarray | None:
        """Its value for these arguments; None where there is none."""
        try:
            with np.errstate(all="ignore"):
                found = np.asarray(self.of(arguments), dtype=np.float64)
        except (TypeError, ValueError, IndexError, KeyError, AttributeError, ZeroDivisionError):
            return None
        return found if found.size and np.isfinite(found).all() else None


def counts(arguments: dict[str, Any]) -> Iterator[Quantity]:
    """Numbers of entries, and arguments that are numbers."""
    for name, value in arguments.items():
        if type(value) in (int, float):
            yield Quantity(symbol(name), lambda args, n=name: args[n], (name,))
        elif isinstance(value, np.ndarray) and value.ndim:
            for axis in range(value.ndim):
                text = f"`{name}.shape[{axis}]`" if value.ndim > 1 else f"`len({name})`"
                yield Quantity(text, lambda args, n=name, k=axis: args[n].shape[k])
            if value.ndim > 1:
                yield Quantity(f"`{name}.size`", lambda args, n=name: args[n].size)
            if value.ndim > 2:
                yield from _several(name, value.ndim)
            if value.dtype.kind == "i" and value.ndim == 1:
                yield Quantity(f"`{name}.sum()`", lambda args, n=name: args[n].sum(), (name,))
        elif isinstance(value, tuple) and value:
            yield Quantity(f"`len({name})`", lambda args, n=name: len(args[n]))
            if all(type(one) is int for one in value):
                for i in range(len(value)):
                    yield Quantity(f"`{name}[{i}]`", lambda args, n=name, i=i: args[n][i], (name,))


def _several(name: str, ndim: int) -> Iterator[Quantity]:
    for axis in range(ndim):
        text = f"`{name}.size / {name}.shape[{axis}]`"
        yield Quantity(text, lambda args, n=name, k=axis: args[n].size / args[n].shape[k])
    if ndim == 4:
        text = f"`{name}.shape[2] · {name}.shape[3]`"
        yield Quantity(text, lambda args, n=name: args[n].shape[2] * args[n].shape[3])


def vectors(arguments: dict[str, Any]) -> Iterator[Quantity]:
    """Arguments that are arrays, and the roots of those with ε that are never negative."""
    plain = _plain(arguments)
    for name in plain:
        yield Quantity(symbol(name), lambda args, n=name: args[n], (name,))
    for name in plain if "eps" in arguments else ():
        if arguments[name].ndim == 1 and (arguments[name] >= 0).all():
            root = f"np.sqrt({name} + eps)"
            yield Quantity(f"`{root}`", lambda a, n=name: np.sqrt(a[n] + a["eps"]), (name, "eps"))
            for other in plain:
                if other != name and arguments[other].ndim == 1:
                    text = f"`({other} / {root})`"
                    yield Quantity(text, _over_root(other, name), (other, name, "eps"))


def _over_root(above: str, below: str) -> Callable:
    return lambda args: args[above] / np.sqrt(args[below] + args["eps"])


def _plain(arguments: dict[str, Any]) -> list[str]:
    return [n for n, v in arguments.items() if isinstance(v, np.ndarray) and v.ndim and v.dtype.kind == "f"]


def arrays(arguments: dict[str, Any]) -> Iterator[Quantity]:
    """Arguments that are arrays, and what they are along their axes."""
    yield from vectors(arguments)
    for name in _plain(arguments):
        yield Quantity(f"`np.linalg.norm({name})`", lambda args, n=name: np.linalg.norm(args[n]), (name,))
        for what in ("mean", "std"):
            text = f"`{name}.{what}()`"
            yield Quantity(text, lambda args, n=name, w=what: getattr(np, w)(args[n]), (name,))
        ndim = arguments[name].ndim
        if ndim > 1:
            for axes in _groups(ndim):
                yield from _statistics(name, axes, "eps" in arguments)


def _groups(ndim: int) -> list[tuple[int, ...]]:
    """Every axis alone, and all but one."""
    one = [(k,) for k in range(ndim)]
    rest = [tuple(k for k in range(ndim) if k != left) for left in range(ndim)]
    return list(dict.fromkeys([*one, *rest]))


def _statistics(name: str, axes: tuple[int, ...], eps: bool) -> Iterator[Quantity]:
    along = f"axis={axes[0] if len(axes) == 1 else axes}"
    for what in ("mean", "var", "std"):
        text = f"`{name}.{what}({along})`"
        yield Quantity(text, _statistic(name, what, axes), (name,))
    text = f"`np.linalg.norm({name}, {along})`"
    yield Quantity(text, lambda a: np.sqrt((a[name] ** 2).sum(axis=axes, keepdims=True)), (name,))
    if eps:
        text = f"`np.sqrt({name}.var({along}) + eps)`"
        yield Quantity(
            text, lambda a: np.sqrt(a[name].var(axis=axes, keepdims=True) + a["eps"]), (name, "eps")
        )


def _statistic(name: str, what: str, axes: tuple[int, ...]) -> Callable:
    return lambda args: getattr(np, what)(args[name], axis=axes, keepdims=True)


def placed(quantity: np.ndarray | None, shape: tuple[int, ...]) -> Iterator[tuple[int | None, np.ndarray]]:
    """Where a quantity can lie in an array of `shape`: as it is, or along one axis."""
    if quantity is None:
        return
    if quantity.ndim == len(shape):
        if all(q in (1, s) for q, s in zip(quantity.shape, shape, strict=True)):
            yield None, quantity
        return
    flat = quantity if quantity.ndim == 1 else np.squeeze(quantity)
    if flat.ndim == 0:
        yield None, flat
    elif flat.ndim == 1:
        for axis, size in enumerate(shape):
            if size == flat.size:
                yield axis, flat.reshape([-1 if i == axis else 1 for i in range(len(shape))])
