"""How a model is run on a batch, whatever the two look like."""

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from inspect import Parameter, signature
from itertools import islice
from typing import Any

import torch
from torch import Tensor, nn

Call = Callable[[nn.Module, Any], Any]
ENOUGH = 64  # numbers, to tell two kinds of data apart
WRAPPED = "module", "_orig_mod"  # where DataParallel, AveragedModel and the like, and torch.compile keep it


def batches_of(model: nn.Module, given: Iterable[Any], most: int) -> list[Any]:
    """The batches, at most `most`, of an iterable of batches or of a single batch.

    Raises:
        ValueError: there is none, or two tensors of one shape, not alike, may be one batch or two.
    """
    found = [given] if is_batch(model, given) else list(islice(given, most))
    if not found:
        raise ValueError("batches is empty; it must hold at least one batch")
    return found


def is_batch(model: nn.Module, given: Any) -> bool:
    """Is it one batch, and not an iterable of them?"""
    if isinstance(given, Tensor | Mapping) or hasattr(given, "x"):
        return True
    if not isinstance(given, tuple | list) or len(given) < 2:
        return False
    tensors = [entry for entry in given if isinstance(entry, Tensor)]
    if len(tensors) < len(given):  # ((a, b), y) is a batch, [(x, y), (x, y)] are batches
        return bool(tensors)
    if len({len(t) if t.ndim else 0 for t in tensors}) > 1:
        return False
    if len(tensors) == _needed(model) or len({(t.dtype, t.ndim) for t in tensors}) > 1:
        return True
    if len(tensors) > 2 or len({t.untyped_storage().data_ptr() for t in tensors}) == 1:
        return False  # a list of many, or parts of one tensor
    if tensors[0].shape != tensors[1].shape:
        return True
    if _alike(*tensors):
        return False
    raise ValueError(
        "batches holds two tensors of one shape that are not alike: a batch (x, y), or two batches? Write "
        "[(x, y)] for one batch, and [(x1,), (x2,)] for two"
    )


def _alike(one: Tensor, other: Tensor) -> bool:
    """Could both be batches of one kind of data? If so, a target taken for a second input does no harm."""
    one, other = (t.double()[torch.isfinite(t)] for t in (one, other))
    if min(len(one), len(other)) < ENOUGH:
        return True
    spread = one.std(), other.std()
    return bool((one.mean() - other.mean()).abs() <= max(spread) / 2 and max(spread) <= 1.5 * min(spread))


def caller(model: nn.Module, batch: Any) -> Call:
    """How the model takes such a batch: the first way that its `forward` does not refuse."""
    ways = _ways(model, batch)
    for way in ways[:-1]:
        with suppress(TypeError, AttributeError):
            with suppress(ValueError):  # batch norm's refusal of a single value: the way was right
                way(model, batch)
            return way
    return ways[-1]


def labels_of(batch: Any) -> Tensor | None:
    """The classes of the examples, where a batch (x, y) has them."""
    if isinstance(batch, Mapping | Tensor):
        return None
    y = batch[-1] if isinstance(batch, tuple | list) else getattr(batch, "y", None)
    whole = isinstance(y, Tensor) and not y.is_floating_point() and y.ndim == 1 and len(y) > 0
    return y if whole and not (isinstance(batch, tuple | list) and len(batch) < 2) else None


def _ways(model: nn.Module, batch: Any) -> list[Call]:
    if isinstance(batch, Mapping):
        return _ways_of_mapping(model, batch)
    if isinstance(batch, tuple | list):
        return _ways_of_sequence(model, batch)
    if not isinstance(batch, Tensor) and hasattr(batch, "x"):
        return [lambda m, b: m(b.x), lambda m, b: m(b)]
    return [lambda m, b: m(b)]


def _ways_of_mapping(model: nn.Module, batch: Mapping) -> list[Call]:
    taken = _parameters(model)
    needed = [p.name for p in taken if p.default is Parameter.empty and p.kind in _NAMED]
    if not set(needed) <= set(batch):
        return [lambda m, b: m(b)]
    if any(p.kind is Parameter.VAR_KEYWORD for p in taken):
        return [lambda m, b: m(**b), lambda m, b: m(b)]
    names = [p.name for p in taken if p.name in batch]
    return [lambda m, b: m(**{name: b[name] for name in names})]


def _ways_of_sequence(model: nn.Module, batch: tuple | list) -> list[Call]:
    needed = _needed(model)
    if needed is None:  # it takes any number: as few as it does with
        return [lambda m, b, n=n: m(*b[:n]) for n in range(1, len(batch) + 1)]
    if isinstance(batch[0], tuple | list) and needed == len(batch[0]) > 1:
        return [lambda m, b: m(*b[0])]
    return [lambda m, b: m(*b[:needed])]


_NAMED = (Parameter.POSITIONAL_OR_KEYWORD, Parameter.KEYWORD_ONLY)
_PLACED = (Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD)


def _needed(model: nn.Module) -> int | None:
    """How many positional arguments `forward` cannot do without, at least one; None: it takes any number."""
    taken = _parameters(model)
    if any(p.kind is Parameter.VAR_POSITIONAL for p in taken):
        return None
    return max(1, sum(p.kind in _PLACED and p.default is Parameter.empty for p in taken))


def _parameters(model: nn.Module) -> list[Parameter]:
    try:
        return list(signature(_inner(model).forward).parameters.values())
    except (TypeError, ValueError):  # a scripted forward may have no signature
        return []


def _inner(model: nn.Module) -> nn.Module:
    """What torch's own wrappers wrap: they take anything and pass it on."""
    for name in WRAPPED:
        inner = getattr(model, name, None)
        if isinstance(inner, nn.Module):
            return _inner(inner)
    return model


def eager() -> Any:
    """A context in which what `torch.compile` has made runs as it was written, so that hooks are called."""
    return torch.compiler.set_stance("force_eager")
