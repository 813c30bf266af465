"""`inspect_batch_norm` and `watch_batch_norm`: what the rest of the package is for."""

from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from torch import nn
from torch.nn.parameter import is_lazy

from bn_course.inspect.calling import Call, batches_of, caller, eager, labels_of
from bn_course.inspect.dropout import MOST, variance_with_dropout
from bn_course.inspect.recording import Recording, recording
from bn_course.inspect.report import Inspection, report
from bn_course.inspect.unchanged import unchanged


def inspect_batch_norm(
    model: nn.Module,
    batches: Iterable[Any],
    call: Call | None = None,
    most: int = 16,
) -> Inspection:
    """Run the model on a few batches, as it stands, and report on every norm layer.

    The layers are used in the modes that they are in: call it on a model in evaluation mode to learn whether
    its running statistics fit. Modes, parameters, gradients, buffers, hooks and the states of the random
    number generators are afterwards what they were. A model that `torch.compile` has made is run as it was
    written; of one that is exported, scripted or traced the layers are named as not understood.

    Args:
        model: any module. One with lazy layers that have not seen data, or on the meta device, is reported
            without being run.
        batches: an iterable of batches, or one batch. Tensors go to the model as they are; of a tuple or
            list, such as (x, y), as many entries as its `forward` needs; of a mapping, the entries that it
            names, or the mapping itself; of an object with an attribute `x`, that, or the object itself.
        call: how to run the model on a batch, where none of this fits: `call(model, batch)`.
        most: no more than so many batches are taken, so an endless generator will do.

    Raises:
        ValueError: `batches` holds none, or two tensors that may be one batch or two.
        Whatever the model itself raises on a batch, but for batch norm's refusal of a single value a channel,
        which is a finding.
    """
    reason = _not_to_be_run(model)
    if reason:
        whole = Recording(model, watched=False)
        whole.not_run = reason
        return Inspection(report(whole))
    given = batches_of(model, batches, most)
    call = call or _ways(model, given)
    with unchanged(model), recording(model) as whole:
        for batch in given:
            labels = labels_of(batch)
            whole.labels += Counter() if labels is None else Counter(labels.tolist())
            _run(model, batch, call, whole)
        whole.on = False
        few = given[:MOST]
        whole.dropped = variance_with_dropout(
            model, list(whole.records), lambda: [call(model, batch) for batch in few]
        )
    return Inspection(report(whole))  # of the model's own buffers, not of the copies that it worked on


@contextmanager
def watch_batch_norm(model: nn.Module) -> Iterator[Inspection]:
    """Record what the code inside the `with` block does to the norm layers of `model`.

    The inspection that it gives is empty until the block ends, and is filled however it ends. Besides what
    `inspect_batch_norm` reports it knows whether running statistics moved, and in which passes: with
    gradients off, during the backward pass, or without one. It observes through hooks, which it takes away
    again, measures the first 16 calls of a layer and one in 16 of the others, and keeps nothing that grows
    with them. What `torch.compile` has made runs as it was written inside the block.
    """
    seen = Inspection()
    with recording(model, watched=True) as whole:
        try:
            yield seen
        finally:
            for record in whole.records.values():
                record.returns.settle()
            seen.layers = report(whole)
            seen.history = whole.history.moments


def _not_to_be_run(model: nn.Module) -> str:
    tensors = [*model.parameters(), *model.buffers()]
    if any(is_lazy(tensor) for tensor in tensors):
        return "the model has lazy layers without shapes: run a batch through it first"
    if any(tensor.is_meta for tensor in tensors):
        return "the model is on the meta device: it has shapes, and no numbers"
    return ""


def _ways(model: nn.Module, batches: list[Any]) -> Call:
    """How the model takes batches of each type."""
    ways = {}
    with unchanged(model), eager():
        for batch in batches:
            if type(batch) not in ways:
                ways[type(batch)] = caller(model, batch)
    return lambda model, batch: ways[type(batch)](model, batch)


def _run(model: nn.Module, batch: Any, call: Call, whole: Recording) -> None:
    refused = whole.refused
    try:
        call(model, batch)
    except ValueError:
        if whole.refused == refused:
            raise
