"""Hooks on a model: each norm layer's record, and what they need to know of the model around it."""

import weakref
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.nn.modules.dropout import _DropoutNd

from bn_course.inspect.behaviour import look_at, weight_of_a_batch
from bn_course.inspect.calling import eager
from bn_course.inspect.history import History
from bn_course.inspect.kinds import examples_share, native, norm_layers, running, values_that_share
from bn_course.inspect.record import Record

TRIED = 3  # training passes in which the weight of a batch in the running mean is measured


class Recording:
    """What all layers were seen to do. `layers` are (name, layer); `order` is that of their first calls."""

    def __init__(self, model: nn.Module, watched: bool):
        self.model, self.watched = model, watched
        self.layers = norm_layers(model)
        self.records = {layer: Record() for _, layer in self.layers}
        self.order: list[nn.Module] = []
        self.history = History(self) if watched else None
        self.not_run = ""  # why the model was not run, where it was not
        self.was_training = model.training
        self.passes = 0
        self.on = True  # off while a layer is tried out
        self.refused = 0  # calls with a single value a channel
        self.predicted: Counter[int] = Counter()  # classes, of three and more, as the model sees them
        self.labels: Counter[int] = Counter()  # and as they came with the batches
        self.dropped: dict[nn.Module, tuple[float, float]] = {}  # see `dropout`
        self.seen_dropout = ""  # the dropout layer that was last called in this pass
        self.latest: tuple[weakref.ref, str] | None = None  # the last output of a layer with a bias
        self.momenta = {layer: getattr(layer, "momentum", None) for _, layer in self.layers}
        self.before = {layer: _copy(layer) for _, layer in self.layers}
        self.batch: int | None = None  # examples that the model was given in this pass
        self._place: dict[nn.Module, int] = {}  # how often a layer was called in this pass
        self._old: dict[nn.Module, Tensor] = {}
        norms = {module for layer in self.records for module in layer.modules()}
        self._others = [module for module in model.modules() if module not in norms and module is not model]

    # --- hooks --------------------------------------------------------------------------------

    def begin(self, _model: nn.Module, args: tuple, kwargs: dict) -> None:
        if self.on:
            self.passes, self.seen_dropout, self._place = self.passes + 1, "", {}
            self.batch = _length((*args, *kwargs.values()))

    def end(self, _model: nn.Module, _args: tuple, y: object) -> None:
        if not self.on:
            return
        if (
            isinstance(y, Tensor)
            and y.is_floating_point()
            and not y.is_meta
            and y.ndim == 2
            and y.shape[1] > 2
        ):
            self.predicted.update(y.detach().argmax(1).tolist())
        if self.history is not None:
            self.history.step()

    def enter(self, layer: nn.Module, args: tuple, kwargs: dict) -> None:
        x = args[0] if args else next(iter(kwargs.values()), None)
        if not self.on or not isinstance(x, Tensor) or torch._C._functorch.is_functorch_wrapped_tensor(x):
            return
        record = self.records[layer]
        if not record.calls:
            self.order.append(layer)
            self._first(layer, record, x)
        if layer.training:
            self._in_training(layer, record)
        if values_that_share(layer, x) == 1:
            self.refused += 1
        if self.latest is not None and self.latest[0]() is x:
            record.bias_before = self.latest[1]
        place = self._place.get(layer, 0)
        record.add(layer, x, place, self.batch)
        if self.passes:  # else the model is not called as a whole, and nobody knows where a pass begins
            self._place[layer] = place + 1

    def leave(self, layer: nn.Module, args: tuple, y: object) -> None:
        record = self.records[layer]
        if not self.on or not record.calls:
            return
        if layer in self._old:
            record.weight = weight_of_a_batch(layer, self._old.pop(layer), args[0] if args else None)
        if self.watched and layer.training and isinstance(y, Tensor) and y.requires_grad:
            record.returns.forward(y)

    def _first(self, layer: nn.Module, record: Record, x: Tensor) -> None:
        if native(layer) or x.is_meta:
            return
        self.on = False
        try:
            look_at(layer, record, x)
        finally:
            self.on = True

    def _in_training(self, layer: nn.Module, record: Record) -> None:
        record.training_calls += 1
        pair = running(layer)
        if pair is None:
            return
        if record.training_calls <= TRIED:
            self._old[layer] = pair[0].detach().clone()
        backward = torch._C._current_graph_task_id() != -1  # as torch.utils.checkpoint asks it
        record.in_backward += backward
        if backward or torch.is_grad_enabled():
            return
        if self._measured_anew(layer):
            record.measured_anew += 1
            record.shown_dropout += bool(self.seen_dropout)
        else:
            record.without_gradients += 1

    def _measured_anew(self, layer: nn.Module) -> bool:
        """Is it `update_bn`, which sets momentum to None, or a pass with all else in evaluation mode?"""
        if isinstance(layer, _BatchNorm) and layer.momentum is None and self.momenta[layer] is not None:
            return True
        return bool(self._others) and not any(m.training for m in [self.model, *self._others])

    def drop(self, layer: nn.Module, _args: tuple) -> None:
        if self.on and layer.training and layer.p > 0:
            self.seen_dropout = type(layer).__name__

    def produce(self, name: str):
        def hook(_layer: nn.Module, _args: tuple, y: object) -> None:
            if isinstance(y, Tensor):
                self.latest = weakref.ref(y), name

        return hook

    # --- to be hung up and taken away ---------------------------------------------------------

    def hooks(self) -> list:
        """Hang up all hooks; returns their handles."""
        model = self.model
        handles = (
            []
            if isinstance(model, torch.jit.ScriptModule)
            else [model.register_forward_pre_hook(self.begin, with_kwargs=True)]
        )
        for _, layer in self.layers:
            if not isinstance(layer, torch.jit.ScriptModule):
                handles.append(layer.register_forward_pre_hook(self.enter, with_kwargs=True))
                handles.append(layer.register_forward_hook(self.leave))
        for name, module in model.named_modules():
            if isinstance(module, _DropoutNd):
                handles.append(module.register_forward_pre_hook(self.drop))
            if not self.watched and _has_bias(module):
                handles.append(module.register_forward_hook(self.produce(name)))
        if not isinstance(model, torch.jit.ScriptModule):
            handles.append(model.register_forward_hook(self.end))
        return handles


@contextmanager
def recording(model: nn.Module, watched: bool = False) -> Iterator[Recording]:
    """Record what happens to the norm layers of a model, and take every hook away again."""
    seen = Recording(model, watched)
    handles = seen.hooks()
    try:
        with eager():
            yield seen
    finally:
        for handle in handles:
            handle.remove()
        for record in seen.records.values():
            record.returns.settle()


def shares_now(layer: nn.Module, record: Record) -> bool:
    """Do the examples of a batch share a statistic, in the mode that the layer was called in?"""
    if record.shares is not None:
        return record.shares
    keeps, training = (
        running(layer) is not None,
        record.training_calls > 0 or (not record.calls and layer.training),
    )
    return examples_share(layer) and (training or not keeps)


def _has_bias(module: nn.Module) -> bool:
    linear = isinstance(module, nn.Linear | nn.modules.conv._ConvNd)
    return linear and getattr(module, "bias", None) is not None


def _copy(layer: nn.Module) -> tuple[Tensor, Tensor] | None:
    pair = running(layer)
    return None if pair is None else tuple(t.detach().clone() for t in pair)


def _length(given: tuple) -> int | None:
    """The length of the first tensor in what a model was called with."""
    for part in given:
        if isinstance(part, Tensor):
            return len(part) if part.ndim else None
        inner = (
            tuple(part.values()) if isinstance(part, dict) else part if isinstance(part, tuple | list) else ()
        )
        if inner and (found := _length(tuple(inner))):
            return found
    return None
