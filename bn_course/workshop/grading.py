"""Grade one submission: its code in a process of its own, the judging here."""

import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from bn_course.grading.catalogue import catalogue
from bn_course.grading.judge import judge, located
from bn_course.grading.question import Question
from bn_course.grading.report import Report
from bn_course.workshop.archive import Unreadable
from bn_course.workshop.handed import learner
from bn_course.workshop.repairing import find_place_in
from bn_course.workshop.sandbox import Limits
from bn_course.workshop.session import CannotStart, Ended, Session
from bn_course.workshop.submission import read


@dataclass(frozen=True)
class Result:
    """What became of one submission.

    Where nothing could be graded, `problem` says what is wrong with the file, or `ours` what is wrong with
    this machine: that is no fault of the learner's, and no score.
    """

    path: str
    lesson: str | None
    reports: tuple[Report, ...]
    cell_errors: tuple[str, ...] = ()
    problem: str | None = None
    ours: str | None = None
    seconds: float = 0.0

    @property
    def graded(self) -> bool:
        return self.problem is None and self.ours is None

    @property
    def learner(self) -> str:
        return learner(Path(self.path))

    @property
    def score(self) -> float:
        return sum(report.score for report in self.reports)

    @property
    def points(self) -> int:
        return sum(report.points for report in self.reports)

    def to_dict(self) -> dict:
        """Everything, ready for JSON."""
        return {
            "path": self.path,
            "learner": self.learner,
            "lesson": self.lesson,
            "score": self.score if self.graded else None,
            "points": self.points,
            "problem": self.problem,
            "ours": self.ours,
            "cell_errors": list(self.cell_errors),
            "seconds": round(self.seconds, 3),
            "questions": [report.to_dict() for report in self.reports],
        }

    @classmethod
    def from_dict(cls, kept: dict) -> "Result":
        """A result as `to_dict` wrote it."""
        return cls(
            kept["path"],
            kept["lesson"],
            tuple(Report.from_dict(report) for report in kept["questions"]),
            tuple(kept["cell_errors"]),
            kept["problem"],
            kept["ours"],
            kept["seconds"],
        )


def grade_file(path: Path, limits: Limits, slot: int = 0, lesson: str | None = None) -> Result:
    """Grade a notebook that anybody may have written. Raises nothing that the notebook could cause.

    `slot` tells submissions that are graded at the same time apart.
    """
    start = time.monotonic()
    try:
        submission = read(path, lesson)
    except Unreadable as error:
        return Result(str(path), lesson, (), problem=str(error))
    asked = [q for q in catalogue().values() if q.lesson == submission.lesson]
    reports, ours = [], None
    with Session(submission.cells, [q.name for q in asked], limits, slot) as session:
        try:
            session.start()
            reports = [_grade_question(question, session) for question in asked]
            # Only now: an edited answer may end the process.
            reports = [
                located(report, question, partial(find_place_in, session, question))
                for report, question in zip(reports, asked, strict=True)
            ]
        except Ended as end:
            reports = [_stopped(question, str(end)) for question in asked]
        except CannotStart as error:
            ours = str(error)
        errors = tuple(f"cell {i + 1}: {e}" for i, e in enumerate(session.errors) if e)
    ours = ours or next((report.note for report in reports if not report.checked), None)
    seconds = time.monotonic() - start
    return Result(str(path), submission.lesson, tuple(reports), errors, ours=ours, seconds=seconds)


def _grade_question(question: Question, session: Session) -> Report:
    if question.name not in session.defined:
        note = f"The notebook, run from top to bottom, defines no `{question.name}`."
        return Report(question.name, False, 0, question.points, attempted=False, note=note)
    return judge(question, lambda probe: session.call(question.name, probe))


def _stopped(question: Question, reason: str) -> Report:
    note = f"The notebook could not be run to its end: {reason}."
    return Report(question.name, False, 0, question.points, note=note)
