"""What comes of a graded room: JSON, a table, a page for each learner, and what the room got wrong."""

import csv
import io
import json
import re
from collections import Counter
from collections.abc import Sequence
from html import escape
from pathlib import Path
from urllib.parse import quote

from bn_course.course import write
from bn_course.grading.catalogue import find_question
from bn_course.grading.report import Report
from bn_course.workshop import reviews
from bn_course.workshop.grading import Result
from bn_course.workshop.handed import Handed, shown


def to_json(
    results: Sequence[Result],
    handed: Handed | None = None,
    room: Sequence[reviews.Handed] = (),
    items: list[dict] | None = None,
) -> str:
    """Every result and the summary of the room; what was not graded; what was reviewed and explained.

    With `items`, the questions as the items of a test.
    """
    rows = [{"question": q, kind: text, "times": n} for (q, kind, text), n in causes(results)]
    left = [{"path": shown(path), "why": why} for path, why in handed.left] if handed else []
    submissions = [{**result.to_dict(), "path": shown(result.path)} for result in results]
    found = {"submissions": submissions, "room": rows, "not_graded": left}
    found |= {"review": reviews.to_dict(room)} if room else {}
    return json.dumps(found | ({"items": items} if items is not None else {}), indent=1)


def causes(results: Sequence[Result]) -> list[tuple[tuple[str, str, str], int]]:
    """How often each (question, kind, text) was met, the commonest first.

    The kinds are "misconception" with its key, "relation" with its sentence, and "place" with the text of the
    line's part that is wrong, on whatever line it stands.
    """
    reports = [report for result in results for report in result.reports]
    met = Counter((report.name, *cause) for report in reports for cause in _causes(report))
    return sorted(met.items(), key=lambda item: (-item[1], item[0]))


def _causes(report: Report) -> list[tuple[str, str]]:
    found = [("misconception", key) for key in report.diagnosis]
    found += [("relation", report.relation)] if report.relation else []
    return found + ([("place", report.place[1])] if report.place else [])


def summary(results: Sequence[Result]) -> str:
    """The room in a few lines of text."""
    graded = [r for r in results if r.graded]
    lines = [f"{len(graded)} of {len(results)} submissions graded"]
    for reason, times in Counter(r.ours for r in results if r.ours).items():
        lines.append(f"{times} not graded, which is no fault of theirs: {reason}")
    names = list(dict.fromkeys(report.name for r in graded for report in r.reports))
    for name in names:
        reports = [report for r in graded for report in r.reports if report.name == name]
        passed = sum(report.passed for report in reports)
        untouched = sum(not report.attempted for report in reports)
        lines.append(f"  {name:32} {passed} of {len(reports)} passed, {untouched} not attempted")
    tried = Counter(report.name for r in graded for report in r.reports if report.attempted)
    for (name, kind, text), times in causes(graded):
        said = f"`{text}`" if kind == "place" else text
        lines.append(f"  {times:3} of {tried[name]}: {said} ({name})")
    return "\n".join(lines)


def write_csv(results: Sequence[Result], path: Path) -> None:
    """A row for each submission: what it is and what it scored, then the score of each question."""
    names = list(dict.fromkeys(report.name for r in results for report in r.reports))
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\n")
    writer.writerow(["path", "learner", "lesson", "score", "points", "problem", *names])
    for result in results:
        scores = {report.name: report.score for report in result.reports if result.graded}
        score = result.score if result.graded else "not graded"
        about = [shown(result.path), result.learner, result.lesson or "", score, result.points]
        fields = [*about, result.problem or result.ours or "", *(scores.get(name, "") for name in names)]
        writer.writerow([_not_a_formula(field) for field in fields])
    write(path, table.getvalue().encode())


def _not_a_formula(field):
    """A spreadsheet runs a text that begins like a formula, and file names are strangers' texts."""
    return f"'{field}" if isinstance(field, str) and field[:1] in "=+-@" and field else field


def write_html(results: Sequence[Result], folder: Path, room: Sequence[reviews.Handed] = ()) -> None:
    """A page for each submission, complete in itself, and an index with the summary.

    A page has what its learner wrote in their own words on its lesson.
    """
    links = []
    for number, result in enumerate(results, start=1):
        name = f"{number:03}-{_file_name(result.learner)}.html"
        title = f"{result.learner}: {shown(Path(result.path).name)}"
        write(folder / name, _page(title, _result_html(result) + _own_words(result, room)).encode())
        said = (
            f"{result.score:g} of {result.points} points" if result.graded else result.problem or "not graded"
        )
        links.append(f"<li><a href='{quote(name)}'>{escape(shown(result.path))}</a>: {escape(said)}</li>")
    told = "\n".join([summary(results), *reviews.summary(room)])
    body = f"<pre>{escape(told)}</pre><ol>{''.join(links)}</ol>"
    write(folder / "index.html", _page("The room", body).encode())


def _file_name(text: str) -> str:
    """`text` as a part of a file's name that every system allows."""
    return re.sub(r"[^\w.-]+", "-", text).encode()[:100].decode(errors="ignore")


def _result_html(result: Result) -> str:
    if result.problem:
        return f"<p>This file could not be graded: {escape(result.problem)}.</p>"
    if result.ours:
        return f"<p>This was not graded, which is no fault of what was handed in: {escape(result.ours)}.</p>"
    errors = "".join(f"<li><code>{escape(error)}</code></li>" for error in result.cell_errors)
    raised = f"<p>These cells raised:</p><ul>{errors}</ul>" if errors else ""
    reports = "".join(_task(report.name) + report._repr_html_() for report in result.reports)
    return f"<p><strong>{result.score:g} of {result.points} points</strong></p>{raised}{reports}"


def _own_words(result: Result, room: Sequence[reviews.Handed]) -> str:
    theirs = [row for handed in room if handed.learner == result.learner for row in handed.own_words]
    return "".join(
        f"<h2>In your own words</h2><p>{escape(row['question'])}</p>"
        f"<blockquote>{escape(row['text'])}</blockquote>"
        f"<p>Ticked: {escape('; '.join(row['ticked']) or 'nothing')}</p>"
        for row in theirs
        if row["lesson"] == result.lesson
    )


def _task(name: str) -> str:
    return f"<h2>{escape(name)}</h2><p>{escape(find_question(name).task)}</p>"


def _page(title: str, body: str) -> str:
    return (
        "<!doctype html><html lang='en-GB'><meta charset='utf-8'>"
        "<meta name='viewport' content='width=device-width'>"
        f"<title>{escape(title)}</title><style>:root {{ color-scheme: light dark }} "
        "body { font: 16px/1.5 system-ui, sans-serif; max-width: 45rem; margin: 2rem auto; padding: 0 1rem }"
        f"</style><h1>{escape(title)}</h1>{body}</html>\n"
    )
