"""What is said of an answer, as a check would say it."""

from collections.abc import Callable

from bn_course.grading.catalogue import find_question
from bn_course.grading.judge import draw_probes
from bn_course.grading.relations import Relation, relations
from bn_course.grading.run import run_here


def told(name: str, answer: Callable) -> tuple[Relation, ...]:
    """The relations of `answer` to what question `name` expects."""
    question = find_question(name)
    probes = draw_probes(question)
    expected = [run_here(question.reference, probe) for probe in probes]
    outcomes = [run_here(answer, probe) for probe in probes]
    return relations(question, probes, expected, outcomes, lambda probe: run_here(answer, probe))
