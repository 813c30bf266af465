"""The questions of a graded room as the items of a test."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict

from bn_course.review.item_analysis import Analysis, analyse
from bn_course.workshop.grading import Result


def items(results: Sequence[Result]) -> list[Analysis]:
    """Who passed each question of what they handed in; what was not attempted was not passed."""
    sheets: dict[str, dict[str, bool]] = defaultdict(dict)
    for result in results:
        if result.graded:
            sheets[result.learner] |= {report.name: report.passed for report in result.reports}
    return analyse(list(sheets.values()))


def summary(results: Sequence[Result]) -> list[str]:
    """The items in lines of text."""
    return ["Items, with 95 % intervals:", *map(_line, items(results))]


def to_dicts(results: Sequence[Result]) -> list[dict]:
    """The items, ready for JSON."""
    return [asdict(item) for item in items(results)]


def _line(item: Analysis) -> str:
    low, high = item.difficulty_interval
    passed = f"{item.difficulty:4.0%} of {item.answered} passed ({low:.0%} to {high:.0%})"
    return f"  {item.name:32} {passed}, with the rest {_rest(item)}"


def _rest(item: Analysis) -> str:
    if item.discrimination is None:
        return "-"
    told = f"{item.discrimination:+.2f}"
    if item.discrimination_interval is None:
        return told
    low, high = item.discrimination_interval
    return f"{told} ({low:+.2f} to {high:+.2f})"
