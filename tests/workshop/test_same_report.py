"""The sandbox says of an answer what a notebook says of it: the same name, relation, place and sentence."""

from functools import partial

import pytest
from cells import AMPLE, typed, with_place

from bn_course.grading.catalogue import catalogue
from bn_course.grading.judge import judge, judge_here, located
from bn_course.workshop.repairing import find_place_in
from bn_course.workshop.sandbox import Limits
from bn_course.workshop.session import Session

HEAD = "def batch_norm_forward(x, gamma, beta, eps=1e-5):\n"
WRONG = {
    "sample variance": ("batch_stats", "def batch_stats(x):\n    return x.mean(0), x.var(0, ddof=1)\n"),
    "standard deviation": ("batch_stats", "def batch_stats(x):\n    return x.mean(0), x.std(0)\n"),
    "other axis": ("batch_stats", "def batch_stats(x):\n    return x.mean(1), x.var(1)\n"),
    "exchanged": ("batch_stats", "def batch_stats(x):\n    return x.var(0), x.mean(0)\n"),
    "half": ("batch_stats", "def batch_stats(x):\n    return x.mean(0), x.var(0) / 2\n"),
    "one value": ("batch_stats", "def batch_stats(x):\n    return x.mean(0)\n"),
    "dictionary": ("batch_stats", "def batch_stats(x):\n    return {'mean': x.mean(0), 'var': x.var(0)}\n"),
    "raises": ("batch_stats", "def batch_stats(x):\n    return x.mean(0), x.variance(0)\n"),
    "no ε": ("batch_norm_forward", HEAD + "    return gamma * (x - x.mean(0)) / x.std(0) + beta\n"),
    "own ε": (
        "batch_norm_forward",
        HEAD + "    return gamma * (x - x.mean(0)) / np.sqrt(x.var(0) + 3e-7) + beta\n",
    ),
    "ε outside": (
        "batch_norm_forward",
        HEAD + "    return gamma * (x - x.mean(0)) / (np.sqrt(x.var(0)) + eps) + beta\n",
    ),
    "in place": (
        "stable_variance",
        "def stable_variance(x):\n    x -= x.mean(0)\n    return (x**2).mean(0)\n",
    ),
}


@pytest.mark.parametrize(("name", "text"), WRONG.values(), ids=WRONG)
def test_the_sandbox_says_what_a_notebook_says(name, text):
    question, answer = catalogue()[name], typed(name, text)
    here = with_place(judge_here(question, answer), question, answer)
    with Session(["import numpy as np", text], [name], Limits(call=30.0, total=600.0)) as session:
        session.start()
        there = judge(question, lambda probe: session.call(name, probe))
        there = located(there, question, partial(find_place_in, session, question, budget=AMPLE))
    assert not there.passed
    assert there == here
