"""Right answers in many ways pass; mistakes in other styles, and several at once, do not.

A sample, the same at every run, of what `make diagnosis` does with hundreds of answers to each question.
"""

import itertools
import random

import numpy as np
import pytest
from ways import FAMILIES, REWRITTEN, go_together, right_ways, wrong_ways

from bn_course.grading.catalogue import catalogue
from bn_course.grading.compare import same
from bn_course.grading.judge import judge_here
from bn_course.grading.question import SEED
from bn_course.grading.run import run_here

WAYS = 12
every_question = pytest.mark.parametrize("name", list(catalogue()))
rewritten = pytest.mark.parametrize("name", [name for family in REWRITTEN for name in FAMILIES[family]])


@rewritten
def test_right_answers_written_in_other_ways_pass(name):
    question = catalogue()[name]
    ways = right_ways(question, WAYS)
    assert len({way.text for way in ways}) == WAYS
    for way in ways:
        report = judge_here(question, way.answer)
        assert report.passed, f"{' · '.join(way.steps)}\n{way.text}\n{report}"


@rewritten
def test_mistakes_made_in_other_styles_are_named(name):
    question = catalogue()[name]
    mistakes = random.Random(f"{name} {SEED}").sample(question.diagnosable, min(3, len(question.diagnosable)))
    for (misconception, knobs), way in zip(mistakes, wrong_ways(question, mistakes), strict=True):
        report = judge_here(question, way.answer)
        told = f"{knobs}: {' · '.join(way.steps)}\n{way.text}\n{report}"
        assert not report.passed, told
        assert report.diagnosis == (misconception.key,), told


@every_question
def test_three_mistakes_at_once_are_rejected(name):
    question = catalogue()[name]
    probes = question.probes(np.random.default_rng(SEED))
    expected = [run_here(question.reference, probe) for probe in probes]
    for knobs in some_triples(question, 8):
        answer = question.with_knobs(knobs)
        outcomes = (run_here(answer, probe) for probe in probes)
        assert not all(map(same, expected, outcomes, probes)), knobs


def test_every_question_belongs_to_one_family():
    assert sorted(itertools.chain.from_iterable(FAMILIES.values())) == sorted(catalogue())


def some_triples(question, count):
    rng = random.Random(f"{question.name} {SEED}")
    for _ in range(count if len(question.diagnosable) > 2 else 0):
        mistakes = rng.sample(question.diagnosable, 3)
        if go_together(mistakes):
            yield {name: value for _, setting in mistakes for name, value in setting.items()}
