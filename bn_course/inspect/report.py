"""What is told of a model: a report a layer, and all of them together."""

from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from bn_course.inspect import findings  # noqa: F401 - enters them
from bn_course.inspect.finding import NOTES, WARNINGS, Finding
from bn_course.inspect.finding import findings as found_by
from bn_course.inspect.findings.batches import between_halves
from bn_course.inspect.history import Moment
from bn_course.inspect.recording import Recording
from bn_course.inspect.seen import Seen
from bn_course.inspect.table import html, text


@dataclass(frozen=True)
class LayerReport:
    """One norm layer.

    Attributes:
        name, kind: where it is in the model, and its class.
        training: its mode, as it was when it was called; of a layer of one's own, whether it used the batch.
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
        gammas: |γ|, a number a channel.
        order: its place in the order in which the layers were first called, from 0; None if it never was.
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
    gammas: np.ndarray | None
    order: int | None
    warnings: tuple[Finding, ...]
    notes: tuple[Finding, ...]


@dataclass
class Inspection:
    """The norm layers of a model, in order; print it, or see it as a table, a picture or a dictionary.

    `history` holds at most 32 moments of what `watch_batch_norm` saw, evenly apart.
    """

    layers: list[LayerReport] = field(default_factory=list)
    history: list[Moment] = field(default_factory=list)

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
        return text(self)

    def _repr_html_(self) -> str:
        return html(self)

    def to_dict(self) -> dict[str, Any]:
        """Everything but the history, ready for JSON: arrays as lists, and None for a number that is none."""
        layers = [
            plain({key: getattr(layer, key) for key in layer.__dataclass_fields__}) for layer in self.layers
        ]
        return {"layers": layers, "warnings": told(self.warnings), "notes": told(self.notes)}

    def plot(self):
        """A matplotlib Figure: each layer's running statistics against those of its input, and its γ."""
        from bn_course.inspect.picture import plot

        return plot(self)


def told(found: list[tuple[str, Finding]]) -> list[dict[str, Any]]:
    return [{"layer": name, **plain(asdict(finding))} for name, finding in found]


def plain(value: Any) -> Any:
    """The same of lists, dictionaries and numbers that JSON knows."""
    if isinstance(value, Finding):
        return plain(asdict(value))
    if isinstance(value, dict):
        return {key: plain(part) for key, part in value.items()}
    if isinstance(value, list | tuple | np.ndarray):
        return [plain(part) for part in value]
    if isinstance(value, float | np.floating):
        return float(value) if np.isfinite(value) else None
    return value


def report(whole: Recording) -> list[LayerReport]:
    """What is to be told of every layer that turned out to be a norm."""
    seen = [Seen(name, layer, whole.records[layer], whole) for name, layer in whole.layers]
    return [_of_layer(one) for one in seen if not one.record.not_norm]


def _of_layer(seen: Seen) -> LayerReport:
    halves = between_halves(seen)
    gamma = seen.gamma
    return LayerReport(
        name=seen.name,
        kind=getattr(seen.layer, "original_name", type(seen.layer).__name__),
        training=seen.training,
        parameters=seen.learns,
        calls=seen.record.calls,
        examples=seen.record.examples,
        values=seen.values,
        mean_distance=seen.mean_distance,
        var_ratio=seen.var_ratio,
        halves=None if halves is None else halves[0],
        moved=seen.moved,
        gamma=None if gamma is None else (float(gamma.min()), float(gamma.max())),
        gammas=gamma,
        order=seen.whole.order.index(seen.layer) if seen.layer in seen.whole.order else None,
        warnings=tuple(found_by(WARNINGS, seen)),
        notes=tuple(found_by(NOTES, seen)),
    )
