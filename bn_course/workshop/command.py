"""`bn-course grade`: what is graded, printed and written."""

import argparse
import os
import sys
from pathlib import Path

from rich.console import Console
from rich.progress import Progress

from bn_course.workshop import feedback, sandbox
from bn_course.workshop.batch import find, grade_all
from bn_course.workshop.grading import Result
from bn_course.workshop.sandbox import Limits


def run(arguments: argparse.Namespace) -> int:
    """Grade, print and write. Returns 0 when every file could be graded, else 1."""
    if os.name != "posix":
        raise OSError("strangers' notebooks can be graded on Linux and macOS alone")
    paths = find(arguments.paths)
    if not paths:
        raise FileNotFoundError(f"no notebook in {', '.join(map(str, arguments.paths))}")
    said = Console(stderr=True, highlight=False)
    if not sandbox.bubblewrap():
        said.print(f"WARNING: {sandbox.UNPROTECTED}", style="bold red")
    results = _grade(paths, arguments, said)
    if arguments.csv:
        feedback.write_csv(results, arguments.csv)
    if arguments.html:
        feedback.write_html(results, arguments.html)
    print(feedback.to_json(results) if arguments.json else feedback.summary(results))
    return 0 if all(result.problem is None for result in results) else 1


def _grade(paths: list[Path], arguments: argparse.Namespace, said: Console) -> list[Result]:
    with Progress(console=said, transient=True, disable=not sys.stderr.isatty()) as bar:
        task = bar.add_task("grading", total=len(paths))

        def done(result: Result) -> None:
            bar.advance(task)
            if not arguments.json:
                bar.print(_line(result), markup=False) if bar.live.is_started else print(_line(result))

        return grade_all(paths, Limits(total=arguments.timeout), arguments.jobs, done=done)


def _line(result: Result) -> str:
    if result.problem:
        return f"{result.path}: {result.problem}"
    keys = sorted({key for report in result.reports for key in report.diagnosis})
    found = f"  {', '.join(keys)}" if keys else ""
    return f"{result.path}: {result.score:g} of {result.points}{found}"
