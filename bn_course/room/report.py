"""After the room: a page and a table of what was predicted, tried and misunderstood, and how long it took."""

import csv as tables
import io
from collections.abc import Iterable, Sequence
from datetime import datetime
from html import escape
from typing import Any

from bn_course.review.item_analysis import Analysis, share
from bn_course.room import after, pace
from bn_course.room.store import INSTRUCTOR, Row

Table = tuple[str, str, tuple[str, ...], list[tuple[Any, ...]]]  # title, what it says, columns, rows
_NONE = "–"


def html(rows: Sequence[Row]) -> str:
    """A page, complete in itself, without a name in it."""
    body = "".join(map(_section, _tables(rows)))
    title = f"Room {rows[0].room}" if rows else "A room"
    return (
        "<!doctype html><html lang='en-GB'><meta charset='utf-8'>"
        f"<meta name='viewport' content='width=device-width'><title>{title}</title>"
        f"<style>{_CSS}</style><main><h1>{title}</h1>{_head(rows)}{body}</main></html>\n"
    )


def csv(rows: Sequence[Row]) -> str:
    """The same tables, one below the other, each under a line with its title and one with its columns."""
    text = io.StringIO()
    writer = tables.writer(text, lineterminator="\n")
    for title, _, columns, lines in _tables(rows):
        writer.writerows([(title,), columns, *lines, ()])
    return text.getvalue()


def _tables(rows: Sequence[Row]) -> list[Table]:
    found = [
        _predictions(rows),
        _items("Predictions as items", "Everybody's first answer.", after.prediction_items(rows)),
        _questions(rows),
        _items("Questions as items", "Who passed, of those who tried.", after.question_items(rows)),
        _mistakes(rows),
        _pace(rows),
    ]
    return [table for table in found if table[3]]


def _predictions(rows: Sequence[Row]) -> Table:
    columns = (
        "prediction",
        "right before",
        "right after",
        "normalised gain",
        "sure and right",
        "sure and wrong",
    )
    lines = [
        (
            one.question,
            _of(*one.before),
            _of(*one.after) if one.after else _NONE,
            _number(one.gain, "+.2f"),
            _number(one.sure_right, ".0f", " %"),
            _number(one.sure_wrong, ".0f", " %"),
        )
        for one in after.predicted(rows)
    ]
    said = (
        "With 95 % intervals. The gain is the share of what could be gained, of those who voted twice. "
        "The last two columns: how sure at first those were who were right, and who were wrong."
    )
    return "Predictions, before and after talking", said, columns, lines


def _items(title: str, said: str, found: Iterable[Analysis]) -> Table:
    columns = ("item", "answers", "right", "with the rest")
    said += (
        " An item that goes with the rest near 0 or below it asks something else, or badly; "
        "from fewer than some thirty learners the intervals are wide."
    )
    lines = [
        (one.name, one.answered, _of(round(one.difficulty * one.answered), one.answered), _correlation(one))
        for one in found
    ]
    return title, said, columns, lines


def _questions(rows: Sequence[Row]) -> Table:
    columns = ("question", "tried", "passed", "attempts, median", "minutes to the pass, median")
    lines = [
        (
            one.question,
            one.learners,
            _of(one.passed, one.learners),
            f"{one.attempts:g}",
            _number(one.minutes, ".1f"),
        )
        for one in after.tried(rows)
    ]
    return "Questions", "From each learner's first attempt on.", columns, lines


def _mistakes(rows: Sequence[Row]) -> Table:
    found = after.tried(rows)
    lines = [(one.question, key, _of(count, one.learners)) for one in found for key, count in one.mistakes]
    columns = ("question", "misconception", "learners")
    return "Misconceptions, by question", "Learners who had it at any attempt.", columns, lines


def _pace(rows: Sequence[Row]) -> Table:
    columns = ("section", "began at", "minutes until the next", "planned")
    title, found = pace.followed(rows) or ("", [])
    lines = [
        (one.section, f"{one.began:.0f}", _number(one.took, ".0f"), _number(one.planned, "d"))
        for one in found
    ]
    said = f"Against the plan '{title}'; minutes between sections that the room was seen in."
    return "Pace", said, columns, lines


def _head(rows: Sequence[Row]) -> str:
    learners = {row.learner for row in rows if row.learner != INSTRUCTOR and row.kind != "leave"}
    if not rows:
        return "<p>Nothing was sent to this room.</p>"
    first, last = (datetime.fromtimestamp(row.received) for row in (rows[0], rows[-1]))
    when = f"{first.day} {first:%B %Y, %H:%M} to {last.day} {last:%B, %H:%M}"  # Windows has no %-d
    return f"<p>{len(learners)} learners, {when}.</p>"


def _section(table: Table) -> str:
    title, said, columns, lines = table
    head = "".join(f"<th scope='col'>{escape(column)}</th>" for column in columns)
    body = "".join(f"<tr><th scope='row'>{escape(first)}</th>{_cells(rest)}</tr>" for first, *rest in lines)
    place = f"<div class='scrolls' tabindex='0' role='region' aria-label='{escape(title)}'>"
    shown = f"{place}<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    return f"<h2>{escape(title)}</h2><p>{escape(said)}</p>{shown}"


def _cells(values: Sequence[Any]) -> str:
    return "".join(f"<td>{escape(str(value))}</td>" for value in values)


def _of(right: int, of: int) -> str:
    low, high = share(right, of)
    return f"{right} of {of} ({low:.0%} to {high:.0%})" if of else _NONE


def _correlation(one: Analysis) -> str:
    if one.discrimination_interval is None:
        return _number(one.discrimination, "+.2f")
    low, high = one.discrimination_interval
    return f"{one.discrimination:+.2f} ({low:+.2f} to {high:+.2f})"


def _number(number: float | None, how: str, unit: str = "") -> str:
    return _NONE if number is None else f"{number:{how}}{unit}"


_CSS = """
:root { color-scheme: light dark } table { border-collapse: collapse }
th, td { padding: 0.2rem 0.8rem; text-align: right;
border-bottom: 1px solid #8886; font-variant-numeric: tabular-nums } tr > :first-child { text-align: left;
font-weight: 500 } .scrolls { overflow-x: auto }
body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; padding: 0 1rem; max-width: 60rem }
""".strip().replace("\n", " ")
