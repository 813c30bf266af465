"""Show things to the learner: in a notebook as HTML or Markdown, in a terminal as text."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

from bn_course.grading.question import Prediction, Question
from bn_course.grading.report import MIME, Report

if TYPE_CHECKING:
    from bn_course.review.standing import Learned


def in_notebook() -> bool:
    """Is somebody's IPython kernel running this?"""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    return getattr(shell, "kernel", None) is not None


def display_report(report: Report, warning: str | None = None) -> Callable[[Report], None]:
    """Show a report, and below it what else the learner should know.

    Returns what shows the same report once more, with what was found about it since.
    """
    if not in_notebook():
        print(report, *[warning] if warning else [], sep="\n\n")
        return lambda found: print(f"\n{found.where}") if found.where else None
    from IPython.display import display

    shown = display(_bundle(report, warning), raw=True, display_id=True)
    return lambda found: shown.update(_bundle(found, warning), raw=True) if found != report else None


def _bundle(report: Report, warning: str | None) -> dict:
    bundle = report._repr_mimebundle_()
    if warning:
        bundle["text/plain"] += f"\n\n{warning}"
        bundle["text/html"] += f"<p>{escape(warning)}</p>"
        bundle[MIME]["warning"] = warning
    return {key: bundle[key] for key in ("text/plain", "text/html", MIME)}


@dataclass(frozen=True)
class Note:
    """A titled piece of Markdown: a hint, a solution."""

    title: str
    text: str
    warning: str | None = None

    def __str__(self) -> str:
        return "\n\n".join(filter(None, (self.title, self.text, self.warning)))

    __repr__ = __str__

    def _repr_markdown_(self) -> str:
        return "\n\n".join(filter(None, (f"**{self.title}**", self.text, self.warning)))


class Standing:
    """Questions passed and predictions made, with how well the stated confidence matched what came.

    `learned` adds what is due for review, what was gained and what was explained.
    """

    def __init__(
        self,
        state: dict,
        catalogue: dict[str, Question],
        predictions: dict[str, Prediction],
        warning: str | None = None,
        learned: "Learned | None" = None,
    ):
        self.learned = learned
        self.state = state
        self.catalogue = catalogue
        self.predictions = predictions
        self.warning = warning

    def to_dict(self) -> dict:
        """For each lesson its questions, with points and whether they passed; and the predictions."""
        return {
            "points": sum(row["score"] for rows in self._lessons().values() for row in rows),
            "of": sum(row["points"] for rows in self._lessons().values() for row in rows),
            "lessons": self._lessons(),
            "capstone": self.state.get("capstone", {}).get("passed", False),
            "predictions": self.calibration(),
            **({"review": self.learned.to_dict()} if self.learned else {}),
        }

    def _lessons(self) -> dict[str, list[dict]]:
        lessons: dict[str, list[dict]] = {}
        for name, question in self.catalogue.items():
            entry = self.state["questions"].get(name, {})
            passed = entry.get("passed", False)
            row = {
                "name": name,
                "passed": passed,
                "changed": passed and entry.get("version", 1) < question.version,
                "attempts": entry.get("attempts", 0),
                "hints": entry.get("hints", 0),
                "score": question.points if passed else 0,
                "points": question.points,
            }
            lessons.setdefault(question.lesson, []).append(row)
        return lessons

    def calibration(self) -> list[dict]:
        """For each stated confidence: how many predictions, and the share that came true."""
        levels: dict[int, list[bool]] = {}
        for name, made in self.state["predictions"].items():
            if name in self.predictions:
                levels.setdefault(made["sure"], []).append(came_true(made["answer"], self.predictions[name]))
        return [
            {"sure": sure, "made": len(hits), "right": sum(hits)} for sure, hits in sorted(levels.items())
        ]

    def __str__(self) -> str:
        summary = self.to_dict()
        lines = [f"{summary['points']} of {summary['of']} points"]
        for lesson, rows in summary["lessons"].items():
            lines += ["", lesson]
            lines += [f"  {_state(row)[0]} {row['name']:32} {_state(row)[1]}" for row in rows]
        lines += ["", self._capstone_line(), "", *self._calibration_lines()]
        if self.learned and (more := self.learned.lines()):
            lines += ["", *more]
        lines += ["", self.warning] if self.warning else []
        return "\n".join(lines)

    __repr__ = __str__

    def _capstone_line(self) -> str:
        entry = self.state.get("capstone", {"passed": False, "attempts": 0})
        failed = f"not yet, {entry['attempts']} attempts" if entry["attempts"] else "not attempted"
        return f"Capstone: {'passed' if entry['passed'] else failed}."

    def _calibration_lines(self) -> list[str]:
        rows = self.calibration()
        if not rows:
            return ["No predictions yet."]
        return ["Predictions:"] + [
            f"  {row['sure']} % sure: {row['right']} of {row['made']} came true" for row in rows
        ]

    def _repr_html_(self) -> str:
        summary = self.to_dict()
        body = "".join(
            f"<tr><th colspan='3' scope='rowgroup' style='text-align:left'>{lesson}</th></tr>"
            + "".join(
                f"<tr><td>{_state(row)[0]}</td><td style='{_NAME}'><code>{row['name']}</code></td>"
                f"<td style='text-align:left'>{_state(row)[1]}</td></tr>"
                for row in rows
            )
            for lesson, rows in summary["lessons"].items()
        )
        predictions = "<br>".join(map(escape, self._calibration_lines()))
        return (
            f"<p><strong>{summary['points']} of {summary['of']} points</strong></p>"
            f"<table>{body}</table><p>{self._capstone_line()}</p><p>{predictions}</p>"
            + (self.learned.html() if self.learned else "")
            + (f"<p>{escape(self.warning)}</p>" if self.warning else "")
        )


# A long name breaks where a window is narrow, so that nothing has to be scrolled sideways.
_NAME = "text-align:left;overflow-wrap:anywhere"


def _state(row: dict) -> tuple[str, str]:
    if row["passed"]:
        again = "; the question has changed since: check your answer again" if row["changed"] else ""
        return "✓", f"{row['score']} of {row['points']} points{again}"
    if row["attempts"]:
        return (
            "✗",
            f"{row['attempts']} attempt{'s' if row['attempts'] > 1 else ''}, {row['hints']} hints",
        )
    return "·", "not attempted"


def came_true(answer: str | float, prediction: Prediction) -> bool:
    """A choice is right or wrong; a number is right within the prediction's factor."""
    if isinstance(prediction.answer, str):
        return answer == prediction.answer
    low, high = sorted((prediction.answer / prediction.factor, prediction.answer * prediction.factor))
    return isinstance(answer, (int, float)) and low <= answer <= high
