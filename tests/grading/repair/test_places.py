"""Strangers' wrong answers: is the place the one that is wrong? And right answers: is nothing said?"""

import importlib.util
import inspect
from pathlib import Path

import numpy as np
import pytest
from repaired import ANSWERS, parameters
from ways import FAMILIES

from bn_course.grading.catalogue import catalogue, lessons
from bn_course.grading.judge import draw_probes
from bn_course.grading.question import SEED
from bn_course.grading.repair import find_place
from bn_course.grading.repair.here import find_place_here, run_edited_here
from bn_course.grading.repair.pieces import among, gathered
from bn_course.grading.repair.source import definitions
from bn_course.grading.run import run_here

AMPLE = 60.0  # seconds, so that what is found does not depend on the machine
STYLES = Path(__file__).parents[1] / "styles"


def places_of(answer, budget=AMPLE):
    question, probes, expected = answer.asked()
    pieces = gathered(question.name, among([answer.above, answer.text]))
    found = find_place(question, pieces.text, probes, expected, run_edited_here, budget)
    return tuple(map(pieces.local, found))


@pytest.mark.parametrize("answer", parameters())
def test_the_place_is_the_one_that_is_wrong(answer):
    places = places_of(answer)
    assert answer.found_by(places), places
    for place in places:
        line = answer.text.splitlines()[place.line - 1]
        shown = line[place.start : place.end].strip()
        assert shown
        assert place.text.split("…")[0].strip().startswith(" ".join(shown.split())[:20])
        assert place.fix


def test_there_are_a_hundred_answers_to_most_questions():
    assert sum(bool(answer.lines) for answer in ANSWERS) >= 150
    assert len({answer.question for answer in ANSWERS}) >= 45


def _right_answers():
    for stem in lessons():
        spec = importlib.util.spec_from_file_location(f"right_{stem}", STYLES / f"{stem}.py")
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        for question, ways in module.STYLES.items():
            name, answer = next(iter(ways.items()))
            yield pytest.param(question, answer, inspect.getsource(module), id=f"{question}-{name}")


@pytest.mark.parametrize(("name", "answer", "source"), [*_right_answers()])
def test_nothing_is_said_of_a_right_answer(name, answer, source):
    question = catalogue()[name]
    probes = question.probes(np.random.default_rng(SEED))
    expected = [run_here(question.reference, probe) for probe in probes]
    text = f"{source}\n{name} = {answer.__name__}\n"
    left_alone = "import MethodType" in source or "bn_course.nets" in source or name in FAMILIES["kernels"]
    if not left_alone:
        assert definitions(text, name).body
    assert find_place(question, text, probes, expected, run_edited_here, AMPLE) == ()


def test_two_places_that_would_each_do_are_both_named():
    source = """
def double(x):
    factor = 3
    return factor * x
"""
    question = catalogue()["double"]
    probes = draw_probes(question)
    expected = [run_here(question.reference, probe) for probe in probes]
    places = find_place(question, source, probes, expected, run_edited_here, AMPLE)
    assert [place.role for place in places] in (["alone"], ["either", "either"])
    assert places[0].line == 3


def test_a_function_that_is_not_at_the_top_of_its_file_is_left_alone():
    def double(x):
        return 3 * x

    question = catalogue()["double"]
    assert find_place_here(question, double, draw_probes(question), [], AMPLE) == ()
