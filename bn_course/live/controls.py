"""What a reader can set, declared once: Python checks it, the browser draws it.

Every control is a list of values with the text for each. What travels between browser and kernel
is an index into that list, so both sides hold exactly the same value, and a test can visit them
all. The browser draws native inputs, which bring keyboard, focus and names for screen readers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


@dataclass(frozen=True)
class Control:
    """One parameter: `kind` is "slider", "choice", "switch" or "player"."""

    kind: str
    label: str
    values: tuple[Any, ...]
    texts: tuple[str, ...]
    interval: int = 0  # milliseconds between two steps of a player

    def index(self, value: Any) -> int:
        """Where `value` stands in `values`; ValueError says what it takes otherwise."""
        for index, candidate in enumerate(self.values):
            if _same(candidate, value):
                return index
        raise ValueError(f"{self.label!r} cannot be {value!r}; it takes {', '.join(self._few())}")

    def text(self, value: Any) -> str:
        """How `value` is written beside the control."""
        return self.texts[self.index(value)]

    def _few(self) -> list[str]:
        texts = list(self.texts)
        return texts if len(texts) <= 8 else [*texts[:3], "…", texts[-1]]

    def corners(self) -> list[Any]:
        """The values a test visits: both ends and the middle of a slider, every option."""
        if self.kind in ("choice", "switch"):
            return list(self.values)
        last = len(self.values) - 1
        return [self.values[index] for index in sorted({0, last // 2, last})]

    def spec(self) -> dict[str, Any]:
        """What the browser needs to draw it."""
        return {
            "kind": self.kind,
            "label": self.label,
            "values": list(self.values),
            "texts": list(self.texts),
            "interval": self.interval,
        }


def slider(label: str, low: float, high: float, step: float) -> Control:
    """Evenly spaced values from `low` to `high`, both included."""
    count = round((high - low) / step)
    if count < 1 or abs(low + count * step - high) > 1e-9 * max(1.0, abs(high)):
        raise ValueError(f"slider {label!r}: {step} does not divide {low}…{high} into whole steps")
    if all(isinstance(number, int) for number in (low, high, step)):
        return steps(label, range(low, high + 1, step))
    return steps(label, [round(low + i * step, 10) + 0.0 for i in range(count + 1)])


def log_slider(label: str, low: float, high: float, per_decade: int = 4) -> Control:
    """Values evenly spaced in the logarithm, each rounded to two significant digits."""
    if not 0 < low < high:
        raise ValueError(f"log_slider {label!r}: needs 0 < low < high, had {low}…{high}")
    count = round(np.log10(high / low) * per_decade)
    return steps(label, [float(f"{value:.2g}") for value in np.geomspace(low, high, count + 1)])


def steps(label: str, values: Iterable[Any] | Mapping[str, Any]) -> Control:
    """A slider over any values, for example batch sizes 2, 4, 8; a mapping gives their texts."""
    return _control("slider", label, values)


def choice(label: str, options: Iterable[Any] | Mapping[str, Any]) -> Control:
    """A row of options, all of them visible; a mapping gives their texts."""
    return _control("choice", label, options)


def switch(label: str) -> Control:
    """A check box: False or True."""
    return _control("switch", label, {"off": False, "on": True})


def player(label: str, last: int, interval: int = 100) -> Control:
    """Play and a slider over the steps 0 … `last` of a history computed beforehand."""
    return _control("player", label, range(last + 1), interval)


def _control(kind, label, values, interval=0) -> Control:
    if isinstance(values, Mapping):
        texts, values = tuple(values), tuple(values.values())
    else:
        values = tuple(values)
        texts = tuple(_text(value) for value in values)
    if len(values) < 2:
        raise ValueError(f"{kind} {label!r} needs at least two values, had {values!r}")
    return Control(kind, label, values, texts, interval)


def _text(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return str(value)
    digits, _, exponent = f"{value:.10g}".partition("e")
    if exponent:  # 3.2e-05 is written 3.2·10⁻⁵, and 1e-05 is written 10⁻⁵
        power = "10" + str(int(exponent)).translate(SUPERSCRIPTS)
        return power if digits == "1" else f"{digits}·{power}".replace("-", "−")
    return digits.replace("-", "−")


def _same(candidate: Any, value: Any) -> bool:
    if isinstance(candidate, float) and isinstance(value, (int, float)):
        return abs(candidate - value) <= 1e-9 * max(abs(candidate), abs(value))
    return candidate == value
