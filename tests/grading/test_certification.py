"""Every question keeps the course's promise: stubs, solutions, every mistake, every pair, every style."""

import json
import time

import numpy as np
import pytest
from programs import from_notebook, styles

from bn_course.drivers import PLAIN
from bn_course.grading.catalogue import catalogue, lessons
from bn_course.grading.compare import same
from bn_course.grading.judge import draw_probes, judge_here
from bn_course.grading.run import run_here

NAMES = list(catalogue())
SETTINGS = [
    pytest.param(name, misconception.key, setting, id=f"{name}-{misconception.key}-{number}")
    for name, question in catalogue().items()
    for number, (misconception, setting) in enumerate(question.diagnosable)
]
every_question = pytest.mark.parametrize("name", NAMES)


def judged_within_a_second(question, answer):
    """The report. A check takes less than a second of processor time; a busy machine has three tries."""
    seconds = []
    while len(seconds) < 3:
        start = time.process_time()
        report = judge_here(question, answer)
        seconds.append(time.process_time() - start)
        if seconds[-1] < 1.0:
            return report
    raise AssertionError(f"a check of {question.name} took {min(seconds):.2f} s of processor time")


@every_question
def test_a_stub_is_not_attempted(name):
    question = catalogue()[name]

    def raises(*args):
        raise NotImplementedError

    for stub in (raises, lambda *args: ..., lambda *args: None):
        report = judge_here(question, stub)
        assert not report.attempted
        assert not report.passed
        assert report.score == 0


@every_question
def test_the_solution_passes_quickly(name):
    question = catalogue()[name]
    answer = from_notebook(question).build()
    report = judged_within_a_second(question, answer)
    assert report.passed, str(report)
    assert report.score == report.points


@every_question
def test_the_variant_without_knobs_is_the_reference(name):
    question = catalogue()[name]
    for probe in draw_probes(question):
        assert same(run_here(question.reference, probe), run_here(question.with_knobs({}), probe), probe), (
            probe.label
        )
    assert judge_here(question, question.with_knobs({})).passed


@pytest.mark.parametrize(("name", "key", "setting"), SETTINGS)
def test_every_mistake_is_rejected_named_and_shown(name, key, setting):
    question = catalogue()[name]
    answer = question.with_knobs(setting)
    report = judged_within_a_second(question, answer)
    assert report.attempted
    assert not report.passed
    assert report.diagnosis == (key,)
    assert any(
        not same(run_here(question.reference, probe), run_here(answer, probe), probe)
        for probe in question.examples
    ), "no small example shows it"
    json.dumps(report.to_dict())


@every_question
def test_every_pair_of_mistakes_is_rejected(name):
    question = catalogue()[name]
    probes = draw_probes(question)
    expected = [run_here(question.reference, probe) for probe in probes]
    for (first, second), knobs in question.pairs:
        answer = question.with_knobs(knobs)
        assert any(
            not same(right, run_here(answer, probe), probe)
            for right, probe in zip(expected, probes, strict=True)
        ), f"{first.key} and {second.key} cancel: {knobs}"


@every_question
def test_right_answers_in_other_styles_pass(name):
    question = catalogue()[name]
    ways = styles(question.lesson)[name]
    assert len(ways) >= 3
    for way, answer in ways.items():
        report = judge_here(question, answer)
        assert report.passed, f"{way}: {report}"


@every_question
def test_changing_an_argument_is_named(name):
    question = catalogue()[name]
    if "mutates-input" not in {m.key for m in question.misconceptions}:
        return

    def mutating(*args):
        result = question.reference(*args)
        for arg in args:
            if isinstance(arg, np.ndarray):
                arg += 1
            elif isinstance(arg, list):
                arg.pop()
        return result

    probes = draw_probes(question)
    assert all(probe.driver in PLAIN for probe in probes), "mutation is tried on plain calls"
    report = judge_here(question, mutating)
    assert not report.passed
    assert report.diagnosis == ("mutates-input",)


@every_question
def test_a_question_is_complete(name):
    question = catalogue()[name]
    assert len(question.hints) >= 3
    assert len(set(question.hints)) == len(question.hints)
    assert question.points > 0
    assert question.level in (1, 2, 3)
    keys = [m.key for m in question.misconceptions]
    assert len(set(keys)) == len(keys)
    assert all(m.did.endswith((".", ".)")) and m.why.endswith((".", ".)")) for m in question.misconceptions)


def test_every_lesson_with_questions_has_styles():
    for stem in lessons():
        asked = {name for name, question in catalogue().items() if question.lesson == stem}
        assert set(styles(stem)) == asked
