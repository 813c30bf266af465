"""What a room predicts, from its learners' progress files: how many chose what, and no names."""

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from statistics import mean, median

from bn_course.grading.catalogue import predictions
from bn_course.grading.question import Prediction
from bn_course.grading.show import came_true

_WIDTH = 40  # characters of the longest bar


@dataclass(frozen=True)
class Room:
    """The answers to each prediction, as pairs (answer, % sure), and how many files there were."""

    answers: dict[str, list[tuple[str | float, int]]]
    learners: int
    unreadable: int


def read(places: Iterable[Path]) -> Room:
    """Read the progress files, or those below folders. What is no prediction in them is passed over."""
    files = {file for place in places for file in ([place] if place.is_file() else _below(place))}
    answers, unreadable = {name: [] for name in predictions()}, 0
    for file in sorted(files):
        try:
            made = json.loads(file.read_text(encoding="utf-8"))["predictions"].items()
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            unreadable += 1
            continue
        for name, entry in made:
            if name in answers and _sensible(entry, predictions()[name]):
                answers[name].append((entry["answer"], entry["sure"]))
    return Room(answers, len(files) - unreadable, unreadable)


def _below(folder: Path) -> list[Path]:
    if not folder.is_dir():
        raise FileNotFoundError(f"there is no {folder}")
    return sorted(folder.rglob("progress.json"))


def _sensible(entry: object, prediction: Prediction) -> bool:
    """The files are the learners' own, so anything may stand in them."""
    if not isinstance(entry, dict):
        return False
    answer, sure = entry.get("answer"), entry.get("sure")
    if isinstance(prediction.answer, str):
        fits = isinstance(answer, str) and re.fullmatch("[a-z]", answer)
    else:
        fits = type(answer) in (int, float) and isfinite(answer)
    return bool(fits) and type(sure) is int and 0 <= sure <= 100


def summary(room: Room, wanted: str = "", answers: bool = False) -> str:
    """The room's predictions whose names begin with `wanted`; with the right answers only where asked."""
    lines = [f"{room.learners} learners"]
    if room.unreadable:
        lines.append(f"{room.unreadable} more files could not be read")
    for name, made in room.answers.items():
        if made and name.startswith(wanted):
            right = predictions()[name]
            lines += ["", f"{name}: {len(made)} predictions"]
            lines += _bars(made, right) if isinstance(right.answer, str) else _numbers(made)
            if answers:
                hits = sum(came_true(answer, right) for answer, _ in made)
                told = right.said(right.answer) if isinstance(right.answer, str) else right.answer
                lines.append(f"  right: {told}, by {hits} of {len(made)}")
    return "\n".join(lines)


def _bars(made: Sequence[tuple[str, int]], prediction: Prediction) -> list[str]:
    lines = []
    for letter in sorted({answer for answer, _ in made}):
        sure = [s for answer, s in made if answer == letter]
        bar = "█" * max(1, round(_WIDTH * len(sure) / len(made)))
        told = prediction.said(letter)
        lines.append(f"  {bar} {len(sure)}, {mean(sure):.0f} % sure on average: {told}")
    return lines


def _numbers(made: Sequence[tuple[float, int]]) -> list[str]:
    said = sorted(answer for answer, _ in made)
    return [f"  median {median(said):g}; all: {' '.join(f'{number:g}' for number in said)}"]
