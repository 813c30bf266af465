"""What explains a wrong answer: a name, or a relation; and what is certain of ε corrects the names."""

import numpy as np
import pytest

from bn_course.grading.catalogue import find_question
from bn_course.grading.judge import judge_here


def any_eps(x, gamma, beta, eps=1e-5):
    return gamma * (x - x.mean(0)) / np.sqrt(x.var(0) + 3e-7) + beta


def no_eps(x, gamma, beta, eps=1e-5):
    return gamma * (x - x.mean(0)) / x.std(0) + beta


def other_default(x, gamma, beta, eps=1e-3):
    return gamma * (x - x.mean(0)) / np.sqrt(x.var(0) + eps) + beta


def sample_variance(x, gamma, beta, eps=1e-5):
    return gamma * (x - x.mean(0)) / np.sqrt(x.var(0, ddof=1) + eps) + beta


def report_on(answer, name="batch_norm_forward"):
    return judge_here(find_question(name), answer)


@pytest.mark.parametrize(
    ("answer", "keys"),
    [
        (any_eps, {"eps-hard-coded"}),
        (no_eps, {"no-eps"}),
        (other_default, {"eps-default", "other-default-eps"}),
    ],
)
def test_a_relation_about_epsilon_decides_between_the_names(answer, keys):
    """No knob knows ε = 3e-7: the name is that of what was proven."""
    report = report_on(answer)
    assert len(report.diagnosis) == 1
    assert set(report.diagnosis) <= keys
    assert report.relation is None


def test_a_name_is_said_and_no_relation_beside_it():
    report = report_on(sample_variance)
    assert report.diagnosis == ("sample-variance",)
    assert report.relation is None
    assert report.explanations


def test_where_no_name_fits_a_relation_is_said():
    def halves(x):
        return x.mean(0), x.var(0) / 2

    report = report_on(halves, "batch_stats")
    assert report.diagnosis == ()
    assert report.relation == "Your var is the right var times 1/2."
    assert report.relation in report.message
    assert not report.explanations


def test_a_right_answer_is_not_explained():
    report = report_on(find_question("batch_norm_forward").reference)
    assert report.passed
    assert (report.diagnosis, report.relation, report.place) == ((), None, None)
