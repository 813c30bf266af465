"""Find the place in a submission: edits and judgement here, the edited answers in the stranger's process."""

from collections.abc import Sequence

from bn_course.grading.question import Probe, Question
from bn_course.grading.repair import Place, find_place
from bn_course.grading.repair.pieces import among, gathered
from bn_course.grading.repair.source import NotUnderstood
from bn_course.grading.run import Outcome
from bn_course.workshop.session import Session


def find_place_in(
    session: Session,
    question: Question,
    probes: Sequence[Probe],
    expected: Sequence[Outcome],
    budget: float | None = None,
) -> tuple[Place, ...]:
    """As `find_place`, for what the session's notebook defines. Ask when everything has been graded: an
    edited answer may end the process and use up its time.
    """
    try:
        pieces = gathered(question.name, among(session.cells))
    except NotUnderstood:
        return ()

    places = find_place(question, pieces.text, probes, expected, session.try_edited, budget)
    return tuple(map(pieces.local, places))
