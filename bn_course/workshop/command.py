"""`bn-course grade`: what is graded, printed and written."""

import argparse
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from rich.console import Console
from rich.progress import Progress

from bn_course.workshop import feedback, items, reviews, sandbox
from bn_course.workshop.batch import grade_all
from bn_course.workshop.grading import Result
from bn_course.workshop.handed import Handed, find, shown
from bn_course.workshop.sandbox import Limits

_ROOM = 2**18  # bytes on the disk for each submission's results: pages of a few 10 kB


def run(arguments: argparse.Namespace) -> int:
    """Grade, print and write. Returns 0 when every file could be graded and all was written, else 1."""
    if os.name != "posix":
        raise OSError("strangers' notebooks can be graded on Linux and macOS alone")
    said = Console(stderr=True, highlight=False, soft_wrap=True)
    handed = find(arguments.paths, arguments.unzip)
    for line in handed.said():
        said.print(line, markup=False)
    room = reviews.read(arguments.paths)
    if not handed.notebooks and room:
        _print_room(room, arguments.json)
        return 0
    if not handed.notebooks:
        raise FileNotFoundError(f"no notebook in {', '.join(map(shown, arguments.paths))}")
    for place in filter(None, (arguments.csv, arguments.html)):
        _try(place, place == arguments.html, len(handed.notebooks))
    if not sandbox.bubblewrap():
        said.print(f"WARNING: {sandbox.UNPROTECTED}", style="bold red")
    return _Run(handed, room, arguments, said).grade()


def _print_room(room: list[reviews.Handed], as_json: bool) -> None:
    print(json.dumps(reviews.to_dict(room), indent=1) if as_json else "\n".join(reviews.summary(room)))


def _try(place: Path, is_folder: bool, submissions: int) -> None:
    """Fail now, before an hour of grading, where what comes of it could not be written."""
    folder = place if is_folder else place.parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not is_folder and place.exists() and not place.is_file():
            raise OSError(None, "it is no plain file")
        with tempfile.TemporaryFile(dir=folder):
            free = shutil.disk_usage(folder).free
    except OSError as error:
        raise OSError(f"{shown(place)} cannot be written ({error.strerror}); nothing was graded") from None
    if free < submissions * _ROOM:
        raise OSError(f"the disk has too little room for {shown(place)}; nothing was graded")


class _Run:
    """One run of the command: a line for each result as it comes, and all outputs at the end."""

    def __init__(self, handed: Handed, room: list[reviews.Handed], arguments: argparse.Namespace, said):
        self.handed, self.room, self.arguments = handed, room, arguments
        self.said: Console = said
        self.finished = 0

    def grade(self) -> int:
        with Progress(console=self.said, transient=True, disable=not sys.stderr.isatty()) as self.bar:
            self.task = self.bar.add_task("grading", total=len(self.handed.notebooks))
            try:
                results = grade_all(
                    self.handed.notebooks,
                    Limits(total=self.arguments.timeout),
                    self.arguments.jobs,
                    done=self._done,
                    stopping=self._stopping,
                    deliver=self._deliver,
                )
            except KeyboardInterrupt:
                total = len(self.handed.notebooks)
                self.said.print(f"{self.finished} of {total} are graded and kept: the same command goes on.")
                raise
        return 0 if self.delivered and all(result.graded for result in results) else 1

    def _done(self, result: Result) -> None:
        self.finished += 1
        self.bar.advance(self.task)
        if self.arguments.json:
            return
        if self.bar.live.is_started:
            self.bar.print(_line(result), markup=False)
        else:
            print(_line(result))

    def _stopping(self, waiting: list[Path]) -> None:
        names = ", ".join(map(shown, waiting)) or "nothing"
        self.said.print(f"Stopping. Still being graded, and waited for: {names}", markup=False)

    def _deliver(self, results: list[Result]) -> bool:
        """Write and print everything; what cannot be written costs itself alone."""
        csv, html = self.arguments.csv, self.arguments.html
        self.delivered = all(
            [
                not csv or self._write(csv, lambda: feedback.write_csv(results, csv)),
                not html or self._write(html, lambda: feedback.write_html(results, html, self.room)),
            ]
        )
        print(*self._told(results), sep="\n")
        sys.stdout.flush()
        return self.delivered

    def _told(self, results: list[Result]) -> list[str]:
        asked = self.arguments.items
        if self.arguments.json:
            found = items.to_dicts(results) if asked else None
            return [feedback.to_json(results, self.handed, self.room, found)]
        lines = [feedback.summary(results), *reviews.summary(self.room)]
        return lines + (items.summary(results) if asked else [])

    def _write(self, place: Path, work: Callable[[], None]) -> bool:
        try:
            work()
        except OSError as error:
            lost = f"{shown(place)} could not be written ({error.strerror})."
            self.said.print(f"{lost} The same command tries again, and grades nothing twice.", markup=False)
            return False
        return True


def _line(result: Result) -> str:
    path = shown(result.path)
    if not result.graded:
        return f"{path}: {result.problem or 'not graded'}"
    keys = sorted({key for report in result.reports for key in report.diagnosis})
    found = f"  {', '.join(keys)}" if keys else ""
    return f"{path}: {result.score:g} of {result.points}{found}"
