"""What every norm layer of a model is doing, and what is wrong with it. (lesson 14)

    inspect_batch_norm(model, batches)       the model as it stands, on a few batches; nothing changes
    with watch_batch_norm(model) as seen:    what your own code does to the layers while it runs
        train_one_epoch(...)
    print(seen)

Both work on any torch module, whether this course knows it or not. What they measure of a layer with running
statistics is how far these are from the statistics of what the layer is fed: the distance of the means in
deviations of the input, σ, and the ratio of the variances. A finding is a sentence, with the lesson that
explains it. `warnings` are findings that healthy networks do not give (the experiment `kit_false_alarms`
measures it); `notes` are worth knowing and may be on purpose.
"""

import random
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from inspect import Parameter, signature
from itertools import islice
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm, _NormBase
from torch.nn.parameter import is_lazy

from bn_course.nets import norms
from bn_course.nets.recalibrate import Moments

FAR_MEAN = 0.5  # the running mean is this many deviations off, or more, in a quarter of the channels
FAR_VAR = 2.0  # the running variance is so many times too large or too small, in a quarter of the channels
FEW = 8  # values that share a statistic: fewer make it very noisy (lesson 10)
LARGE = 100.0  # |γ| beyond this
HALVES = 0.5  # between the two halves of a batch, in the median channel: so many deviations, ...
SCALES = 1.5  # ... or deviations with this ratio, ...
CERTAIN = 4.0  # ... and so many standard errors
LOST = 0.1  # share of the gradient that asks for a shift to which the output is blind


@dataclass(frozen=True)
class Finding:
    """A sentence on one layer, and the lesson that explains it."""

    text: str
    lesson: str

    def __str__(self) -> str:
        return f"{self.text} (lesson {self.lesson})"


@dataclass(frozen=True)
class LayerReport:
    """One norm layer.

    Attributes:
        name, kind: where it is in the model, and its class.
        training: its mode, as it was when it was called.
        parameters: "learn", "frozen" (no gradient reaches them) or "none".
        calls: how often it was called; `examples` and `values` are the fewest it saw: examples a call, and
            values that share one statistic (N·H·W a channel in batch norm; None for a kind not known).
        mean_distance: |running mean − mean of its input| in deviations of its input, a number a channel;
            None without running statistics, or where it was never called.
        var_ratio: running variance / variance of its input, likewise, ε added to both.
        halves: distance between the means of the first and the second half of its batches, in deviations,
            in the median channel; None where examples share no statistic.
        moved: how far `watch_batch_norm` saw the running mean move, in deviations, in the median channel.
        gamma: the smallest and the largest |γ|; None where it has none.
    """

    name: str
    kind: str
    training: bool
    parameters: str
    calls: int
    examples: int | None
    values: int | None
    mean_distance: np.ndarray | None
    var_ratio: np.ndarray | None
    halves: float | None
    moved: float | None
    gamma: tuple[float, float] | None
    warnings: tuple[Finding, ...]
    notes: tuple[Finding, ...]


@dataclass
class Inspection:
    """The norm layers of a model, in order; print it."""

    layers: list[LayerReport] = field(default_factory=list)

    @property
    def warnings(self) -> list[tuple[str, Finding]]:
        """Every warning, with the name of its layer."""
        return [(layer.name, finding) for layer in self.layers for finding in layer.warnings]

    @property
    def notes(self) -> list[tuple[str, Finding]]:
        return [(layer.name, finding) for layer in self.layers for finding in layer.notes]

    def __getitem__(self, name: str) -> LayerReport:
        """The layer called so."""
        for layer in self.layers:
            if layer.name == name:
                return layer
        raise KeyError(f"no norm layer {name!r}; there are: {', '.join(layer.name for layer in self.layers)}")

    def __repr__(self) -> str:
        if not self.layers:
            return (
                "No norm layer: nothing to inspect. A folded network is compared with what it was made from."
            )
        told = [*_told("!", self.warnings), *_told("·", self.notes)]
        return "\n".join([*_table(self.layers), *([""] if told else []), *told])


def inspect_batch_norm(
    model: nn.Module,
    batches: Iterable[Any],
    call: Callable[[nn.Module, Any], Any] | None = None,
    most: int = 16,
) -> Inspection:
    """Run the model on a few batches, as it stands, and report on every norm layer.

    The layers are used in the modes that they are in: call it on a model in evaluation mode to learn whether
    its running statistics fit. Modes, parameters, gradients, buffers, hooks and the states of the random
    number generators are afterwards what they were.

    Args:
        model: any module. One with lazy layers that have not seen data is reported without being run.
        batches: an iterable of batches, or one batch. Tensors go to the model as they are; of a tuple or
            list, such as (x, y), as many entries as its `forward` needs; of a mapping, the entries that it
            names; of an object with an attribute `x`, that.
        call: how to run the model on a batch, where none of this fits: `call(model, batch)`.
        most: no more than so many batches are taken, so an endless generator will do.

    Raises:
        ValueError: `batches` holds none.
        Whatever the model itself raises on a batch, but for batch norm's refusal of a single value a channel,
        which is a finding.
    """
    seen = Inspection()
    layers = _norm_layers(model)
    if any(is_lazy(tensor) for tensor in [*model.parameters(), *model.buffers()]):
        seen.layers = [_report(model, name, layer, _Record(), ran=False) for name, layer in layers]
        return seen
    one = isinstance(batches, Tensor | Mapping) or hasattr(batches, "x")
    given = list(islice([batches] if one else batches, most))
    if not given:
        raise ValueError("batches is empty; it must hold at least one batch")
    with _unchanged(model), _recording(layers) as records:
        for records.batch, batch in enumerate(given):
            refused = len(records.refused)
            try:
                (call or _call)(model, batch)
            except ValueError:
                if len(records.refused) == refused:
                    raise
    seen.layers = [_report(model, name, layer, records.of(layer)) for name, layer in layers]
    return seen


@contextmanager
def watch_batch_norm(model: nn.Module) -> Iterator[Inspection]:
    """Record what the code inside the `with` block does to the norm layers of `model`.

    The inspection that it gives is empty until the block ends, and is filled however it ends. Besides what
    `inspect_batch_norm` reports it knows whether running statistics moved, and in which passes: with
    gradients off, or during the backward pass. It observes through forward hooks, which it takes away again.
    """
    seen = Inspection()
    layers = _norm_layers(model)
    before = {layer: _running(layer) for _, layer in layers}
    before = {layer: None if pair is None else [t.clone() for t in pair] for layer, pair in before.items()}
    with _recording(layers) as records:
        try:
            yield seen
        finally:
            seen.layers = [
                _report(model, name, layer, records.of(layer), before=before[layer], watched=True)
                for name, layer in layers
            ]


# --- which layers, and how the model is run ---------------------------------------------------


def _norm_layers(model: nn.Module) -> list[tuple[str, nn.Module]]:
    """Every norm layer once, by its first name. A layer is known by its class, or by what it keeps."""
    return [(name or "(the model)", module) for name, module in model.named_modules() if _is_norm(module)]


def _is_norm(module: nn.Module) -> bool:
    known = _NormBase, nn.GroupNorm, nn.LayerNorm, nn.RMSNorm, norms.Norm
    return isinstance(module, known) or _running(module) is not None


def _running(layer: nn.Module) -> tuple[Tensor, Tensor] | None:
    """(running mean, running variance), where the layer keeps them."""
    pair = getattr(layer, "running_mean", None), getattr(layer, "running_var", None)
    return pair if all(isinstance(t, Tensor) and not is_lazy(t) for t in pair) else None


def _uses_batch(layer: nn.Module, training: bool) -> bool:
    """Do examples of a batch share a statistic, as the layer stands?"""
    if isinstance(layer, nn.modules.instancenorm._InstanceNorm):
        return False
    keeps = _running(layer) is not None
    return (keeps and training) or (isinstance(layer, _BatchNorm) and not keeps)


def _call(model: nn.Module, batch: Any) -> Any:
    if isinstance(batch, Mapping):
        taken = signature(model.forward).parameters.values()
        if not any(p.kind is Parameter.VAR_KEYWORD for p in taken):
            batch = {p.name: batch[p.name] for p in taken if p.name in batch}
        return model(**batch)
    if isinstance(batch, tuple | list):
        return model(*batch[: _needed(model)])
    return model(batch.x if not isinstance(batch, Tensor) and hasattr(batch, "x") else batch)


def _needed(model: nn.Module) -> int | None:
    """How many positional arguments `forward` cannot do without, at least one; None: it takes any number."""
    taken = signature(model.forward).parameters.values()
    if any(p.kind is Parameter.VAR_POSITIONAL for p in taken):
        return None
    plain = (Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD)
    return max(1, sum(p.kind in plain and p.default is Parameter.empty for p in taken))


@contextmanager
def _unchanged(model: nn.Module) -> Iterator[None]:
    """Gradients off, and whatever a forward pass may change is put back: modes, buffers, random states.

    The model works on copies of its buffers. The tensors themselves are not written to, so that a backward
    pass that is still to come finds them as it left them.
    """
    places = [place for module in model.modules() for place in (module._buffers, vars(module))]
    kept = [(place, {name: t for name, t in place.items() if isinstance(t, Tensor)}) for place in places]
    modes = [(module, module.training) for module in model.modules()]
    states = random.getstate(), np.random.get_state()  # noqa: NPY002 - the global one is put back, not used
    devices = {t.device.index for t in model.parameters() if t.device.type == "cuda"}
    copies: dict[int, Tensor] = {}
    with torch.no_grad(), torch.random.fork_rng(devices=sorted(devices)):
        try:
            for place, tensors in kept:
                for name, t in tensors.items():
                    place[name] = copies.setdefault(id(t), t.detach().clone())
            yield
        finally:
            for place, tensors in kept:
                place.update(tensors)
            for module, mode in modes:
                module.training = mode
            random.setstate(states[0])
            np.random.set_state(states[1])  # noqa: NPY002


# --- what is recorded -------------------------------------------------------------------------


class _Record:
    """What one layer was seen to do."""

    def __init__(self):
        self.calls = self.without_gradients = self.in_backward = 0
        self.modes: list[bool] = []  # of the layer at each call: a hook of its own may have set it
        self.examples: list[int] = []
        self.values: list[int] = []
        self.moments = Moments()
        self.means: dict[int, list[Tensor]] = {}  # of the channels: for each batch, a call each
        self.gaps: list[Tensor] = []  # between the means of the halves of a batch
        self.errors: list[Tensor] = []  # the standard errors of these
        self.scales: list[Tensor] = []  # the logarithm of the ratio of the halves' deviations
        self.lost = 0.0  # share of the gradient that a shift of the input has, and must not have
        self.not_finite = 0

    def training(self, layer: nn.Module) -> bool:
        return any(self.modes) if self.modes else layer.training

    @torch.no_grad()
    def add(self, layer: nn.Module, x: Tensor, batch: int | None, gradients: bool) -> None:
        self.calls += 1
        self.modes.append(layer.training)
        if layer.training and _running(layer) is not None:
            backward = torch._C._current_graph_task_id() != -1  # as torch.utils.checkpoint asks it
            self.in_backward += backward
            self.without_gradients += not backward and not gradients
        self.examples.append(len(x))
        values = _values(layer, x)
        if values is not None:
            self.values.append(values)
        self.not_finite += not bool(torch.isfinite(x).all())
        shared_by_examples = isinstance(layer, _NormBase) or _running(layer) is not None
        if not shared_by_examples or not x.numel() or x.ndim < 2:
            return
        self.moments.add(x)
        wide = x.to(torch.promote_types(x.dtype, torch.float32)).transpose(0, 1)  # (C, N, ...)
        rows = (wide.flatten(2).mean(2) if x.ndim > 2 else wide).cpu().double()  # (C, N)
        if batch is not None:
            self.means.setdefault(batch, []).append(rows.mean(1))
        if len(x) >= FEW:
            half = len(x) // 2
            one, other = rows[:, :half], rows[:, half:]
            self.gaps.append(one.mean(1) - other.mean(1))
            self.errors.append((one.var(1) / half + other.var(1) / (len(x) - half)).sqrt())
            self.scales.append(((one.var(1) + 1e-12) / (other.var(1) + 1e-12)).log() / 2)


@torch.no_grad()
def _shift_in_gradient(layer: nn.Module, x: Tensor) -> float:
    """Which share of a gradient that is sent back through the layer asks for a shift of x.

    0 unless the output, as batch norm's, is the same for a shifted input; then the gradient must be 0 along
    the shift, or it is not that of the function. (lesson 03)
    """
    y, shifted = layer.forward(x), layer.forward(x + x.std() + 1)
    if not torch.isfinite(y).all() or (y - shifted).abs().max() > 1e-2 * y.abs().max():
        return 0.0
    with torch.enable_grad():
        leaf = x.detach().clone().requires_grad_()
        y = layer.forward(leaf)
        if not y.requires_grad:
            return 0.0
        weights = torch.linspace(0.5, 1.5, y.numel(), device=y.device, dtype=y.dtype).view(y.shape)
        (dx,) = torch.autograd.grad(y, leaf, weights, allow_unused=True)
    if dx is None:
        return 0.0
    dx = dx.transpose(0, 1).flatten(1).cpu().double()
    return float((dx.sum(1).abs() / (dx.abs().sum(1) + 1e-12)).median())


class _Records:
    """What all layers were seen to do."""

    def __init__(self):
        self.batch: int | None = None  # the one that is going through the model, where that is known
        self.layers: dict[nn.Module, _Record] = {}
        self.refused: list[nn.Module] = []  # layers that were given a single value a channel

    def of(self, layer: nn.Module) -> _Record:
        return self.layers.setdefault(layer, _Record())

    def hook(self, layer: nn.Module, args: tuple, kwargs: dict) -> None:
        x = args[0] if args else next(iter(kwargs.values()), None)
        if isinstance(x, Tensor):
            record = self.of(layer)
            record.add(layer, x, self.batch, torch.is_grad_enabled())
            values = _values(layer, x)
            if values == 1:
                self.refused.append(layer)
            ours = self.batch is not None  # the buffers are copies: the layer may be tried out
            enough = values is not None and values >= FEW  # of two values no gradient is left, only rounding
            if ours and enough and record.calls == 1 and _uses_batch(layer, layer.training):
                record.lost = _shift_in_gradient(layer, x)


@contextmanager
def _recording(layers: list[tuple[str, nn.Module]]) -> Iterator[_Records]:
    records = _Records()
    handles = [layer.register_forward_pre_hook(records.hook, with_kwargs=True) for _, layer in layers]
    try:
        yield records
    finally:
        for handle in handles:
            handle.remove()


def _values(layer: nn.Module, x: Tensor) -> int | None:
    """How many values of x share a statistic, if that is known."""
    if isinstance(layer, nn.LayerNorm | nn.RMSNorm):
        return int(np.prod(layer.normalized_shape))
    if isinstance(layer, norms.LayerNorm | norms.RMSNorm):
        return x.shape[layer.axis if isinstance(layer, norms.LayerNorm) else -1]
    if x.ndim < 2 or not x.numel():
        return None
    if isinstance(layer, nn.GroupNorm | norms.GroupNorm):
        return x[0].numel() // layer.num_groups
    if isinstance(layer, nn.modules.instancenorm._InstanceNorm):
        return x[0, 0].numel()
    return x.numel() // x.shape[1]


# --- what is made of it -----------------------------------------------------------------------


def _report(
    model: nn.Module,
    name: str,
    layer: nn.Module,
    record: _Record,
    ran: bool = True,
    before: list[Tensor] | None = None,
    watched: bool = False,
) -> LayerReport:
    distance, ratio = _distances(layer, record)
    own = list(layer.parameters(recurse=False))
    frozen = bool(own) and not any(p.requires_grad for p in own)
    report = LayerReport(
        name=name,
        kind=type(layer).__name__,
        training=record.training(layer),
        parameters="frozen" if frozen else "learn" if own else "none",
        calls=record.calls,
        examples=min(record.examples, default=None),
        values=min(record.values, default=None),
        mean_distance=distance,
        var_ratio=ratio,
        halves=_halves(layer, record)[0],
        moved=_moved(layer, record, before),
        gamma=_gamma(layer),
        warnings=(),
        notes=(),
    )
    warnings = tuple(_warnings(layer, record, report, watched))
    return replace(report, warnings=warnings, notes=tuple(_notes(model, layer, report, ran)))


def _eps(layer: nn.Module) -> float:
    return getattr(layer, "eps", None) or 1e-5


def _distances(layer: nn.Module, record: _Record) -> tuple[np.ndarray | None, np.ndarray | None]:
    running = _running(layer)
    if running is None or record.moments.count < 2 or record.moments.mean.shape != running[0].shape:
        return None, None
    mean, var = (t.detach().cpu().double() for t in running)
    spread = record.moments.sum_of_squares / (record.moments.count - 1) + _eps(layer)
    distance = (mean - record.moments.mean).abs() / spread.sqrt()
    return distance.numpy(), ((var + _eps(layer)) / spread).numpy()


def _moved(layer: nn.Module, record: _Record, before: list[Tensor] | None) -> float | None:
    running = _running(layer)
    if before is None or running is None or record.moments.count < 2:
        return None
    spread = record.moments.sum_of_squares / (record.moments.count - 1) + _eps(layer)
    step = (running[0] - before[0]).detach().cpu().double().abs()
    return float((step / spread.sqrt()).median())


def _halves(layer: nn.Module, record: _Record) -> tuple[float | None, str]:
    """The distance between the halves of the batches, and what is to be said of it, if anything."""
    if not record.gaps or not _uses_batch(layer, record.training(layer)):
        return None, ""
    calls = len(record.gaps)
    gap, scale = torch.stack(record.gaps).mean(0).abs(), torch.stack(record.scales).mean(0).abs()
    error = torch.stack(record.errors).square().sum(0).sqrt() / calls
    spread = (record.moments.sum_of_squares / record.moments.count + _eps(layer)).sqrt()
    distance, certain = float((gap / spread).median()), float((gap / (error + 1e-12)).median())
    if distance > HALVES and certain > CERTAIN:
        return distance, f"lie {distance:.1f} σ apart"
    ratio, of_noise = (
        float(scale.median().exp()),
        (calls * (float(np.median(record.examples)) / 2 - 1)) ** 0.5,
    )
    if ratio > SCALES and np.log(ratio) * of_noise > CERTAIN:
        return distance, f"have deviations in a ratio of {ratio:.1f}"
    return distance, ""


def _gamma(layer: nn.Module) -> tuple[float, float] | None:
    weight = getattr(layer, "weight", None)
    if not isinstance(weight, Tensor) or is_lazy(weight) or not weight.numel():
        return None
    size = weight.detach().abs()
    return float(size.min()), float(size.max())


def _warnings(layer: nn.Module, record: _Record, report: LayerReport, watched: bool) -> Iterator[Finding]:
    running = _running(layer)
    tensors = [t for t in [*layer.parameters(recurse=False), *(running or ())] if not is_lazy(t)]
    if not all(torch.isfinite(t).all() for t in tensors):
        yield Finding("γ, β or the running statistics hold NaN or infinity", "02")
    if record.not_finite:
        yield Finding(
            f"{record.not_finite} of {record.calls} inputs hold NaN or infinity: look further up", "02"
        )
    if running is not None and bool((running[1] < 0).any()):
        yield Finding("the running variance is negative in some channels", "02")
    if report.gamma and report.gamma[1] > LARGE:
        yield Finding(f"the largest |γ| is {report.gamma[1]:.0f}", "08")
    if report.values == 1 and (running is None or report.training):
        yield Finding("a statistic of a single value: it is its own mean, and β comes out", "04")
    elif report.values and np.median(record.values) < FEW and _uses_batch(layer, report.training):
        yield Finding(f"only {report.values} values share a statistic, which is then mostly noise", "10")
    if running is None:
        if isinstance(layer, _BatchNorm) and not report.training:
            yield Finding("it has no running statistics: predictions depend on the batch", "04")
        return
    yield from (
        _of_training(layer, record, report, watched) if report.training else _of_evaluation(layer, report)
    )
    if watched and record.in_backward:
        yield Finding(
            f"{record.in_backward} of {record.calls} passes were made during the backward pass and counted "
            "again: gradient checkpointing",
            "14",
        )
    if watched and record.without_gradients > record.in_backward:
        yield Finding(
            f"{record.without_gradients} of {record.calls} passes were in training mode with gradients off: "
            f"predictions depend on the batch, and the running mean moved by {report.moved:.2f} σ",
            "04",
        )
    apart = _calls_apart(layer, record)
    if apart > FAR_MEAN:
        yield Finding(
            f"it is called several times a pass, on inputs whose means lie {apart:.1f} σ apart: its running "
            "statistics are a mixture",
            "12",
        )


def _of_training(layer, record, report, watched) -> Iterator[Finding]:
    if report.parameters == "frozen":
        by = f", by {report.moved:.2f} σ so far" if watched and report.moved is not None else ""
        yield Finding(f"γ and β are frozen, and its running statistics still move{by}: training mode", "13")
    momentum = getattr(layer, "momentum", 0.1)
    if momentum == 0:
        yield Finding("momentum is 0: the running statistics never move", "04")
    elif momentum is not None and momentum >= 0.9:
        yield Finding(f"momentum is {momentum:g}: it remembers the last batch alone. Is it Keras'?", "04")
    _, apart = _halves(layer, record)
    if apart:
        yield Finding(
            f"the first and the second half of its batches {apart}: two kinds of data share statistics", "14"
        )
    if record.lost > LOST:
        yield Finding(
            f"its output ignores a shift of its input, and {100 * record.lost:.0f} % of its gradient "
            "asks for one: the statistics are detached from the graph",
            "03",
        )


def _of_evaluation(layer, report) -> Iterator[Finding]:
    mean, var = _running(layer)
    if bool((mean == 0).all() and (var == 1).all()):
        yield Finding("it normalises with mean 0 and variance 1: statistics that were never recorded", "04")
    elif report.mean_distance is not None:
        ratio = np.maximum(report.var_ratio, 1 / np.maximum(report.var_ratio, 1e-12))
        off, times = (float(np.quantile(values, 0.75)) for values in (report.mean_distance, ratio))
        if off > FAR_MEAN or times > FAR_VAR:
            yield Finding(
                "its running statistics are not those of its input: in a quarter of the channels the mean is "
                f"{off:.1f} σ off or more, or the variance by a factor of {times:.1f} or more",
                "13",
            )


def _calls_apart(layer: nn.Module, record: _Record) -> float:
    """Of a layer that is used in several places: how far their means lie apart, in deviations."""
    shared = [torch.stack(means) for means in record.means.values() if len(means) > 1]
    if not shared:
        return 0.0
    spread = (record.moments.sum_of_squares / record.moments.count + _eps(layer)).sqrt()
    return max(float(((m.amax(0) - m.amin(0)) / spread).median()) for m in shared)


def _notes(model: nn.Module, layer: nn.Module, report: LayerReport, ran: bool) -> Iterator[Finding]:
    if not ran:
        yield Finding("the model has lazy layers without shapes: run a batch through it first", "06")
    elif not report.calls:
        yield Finding("it was never called", "06")
    if report.gamma == (0.0, 0.0):
        yield Finding("every γ is 0: β comes out. At the start of a residual branch that is on purpose", "07")
    left = model.training and not report.training and _running(layer) is not None
    if left and report.parameters == "learn":
        yield Finding("it is in evaluation mode, the model is not, and its γ and β learn", "13")


# --- how it is shown --------------------------------------------------------------------------

_COLUMNS = ("layer", "kind", "mode", "γ, β", "calls", "examples", "mean off", "variance", "|γ|")


def _table(layers: list[LayerReport]) -> list[str]:
    rows = [_COLUMNS, *map(_row, layers)]
    widths = [max(len(row[i]) for row in rows) for i in range(len(_COLUMNS))]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    ]


def _row(layer: LayerReport) -> tuple[str, ...]:
    far = layer.mean_distance is not None
    return (
        layer.name,
        layer.kind,
        "training" if layer.training else "evaluation",
        layer.parameters,
        str(layer.calls),
        "" if layer.examples is None else str(layer.examples),
        f"{np.median(layer.mean_distance):.2f} σ" if far else "",
        f"× {np.median(layer.var_ratio):.2f}" if far else "",
        "" if layer.gamma is None else f"{layer.gamma[0]:.2f} … {layer.gamma[1]:.2f}",
    )


def _told(mark: str, findings: list[tuple[str, Finding]]) -> list[str]:
    """One line for each sentence, with all layers that it is true of."""
    by_text: dict[str, list[str]] = {}
    for name, finding in findings:
        by_text.setdefault(str(finding), []).append(name)
    return [f"{mark} {', '.join(names)}: {text}" for text, names in by_text.items()]
