"""What a report says, in which order, and what learners throw at it."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from bn_course import grade
from bn_course.grading.catalogue import find_question
from bn_course.grading.judge import judge_here, show
from bn_course.grading.question import Probe


def forward(x, gamma, beta, eps=1e-5):
    return gamma * (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + eps) + beta


def names(report):
    return [check.name for check in report.checks if not check.passed]


def test_an_exception_is_shown_with_the_learners_line():
    def batch_norm_forward(x, gamma, beta, eps=1e-5):
        return x - undefined_name  # noqa: F821

    report = grade("batch_norm_forward", batch_norm_forward)
    assert "NameError" in report.message
    assert "return x - undefined_name" in report.message
    assert "judge.py" not in report.message
    assert report.diagnosis == ()


def test_a_wrong_signature_is_told_the_right_one():
    report = grade("batch_norm_forward", lambda x: x)
    assert "It is called as `batch_norm_forward(x, gamma, beta, eps)`" in report.message


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (lambda x, g, b, e=1e-5: forward(x, g, b, e)[0], "should have shape (6, 4); it has shape (4,)"),
        (lambda x, g, b, e=1e-5: (forward(x, g, b, e),), "a comma too many"),
        (lambda x, g, b, e=1e-5: {"y": forward(x, g, b, e)}, "of type dict"),
        (lambda x, g, b, e=1e-5: "done", "a string"),
        (lambda x, g, b, e=1e-5: forward(x, g, b, e) + 0j, "should be real"),
        (lambda x, g, b, e=1e-5: np.full(x.shape, np.nan), "contains NaN"),
        (lambda x, g, b, e=1e-5: np.full(x.shape, np.inf), "contains infinities"),
        (lambda x, g, b, e=1e-5: np.array([None] * 3), "array of object"),
    ],
)
def test_the_contract_is_named_before_the_values(answer, said):
    report = grade("batch_norm_forward", answer)
    assert said in report.message
    assert "types and shapes" in names(report)
    assert not report.passed


def test_a_missing_output_is_counted():
    report = grade("batch_stats", lambda x: x.mean(axis=0))
    assert not report.passed
    report = grade("batch_stats", lambda x: (x.mean(axis=0), x.var(axis=0), 1))
    assert "it should return 2 values (mean, var); it returned 3 values" in report.message


def test_torch_tensors_that_need_a_gradient_are_read():
    def answer(x, gamma, beta, eps=1e-5):
        x = torch.tensor(x, requires_grad=True)
        y = (x - x.mean(0)) / torch.sqrt(x.var(0, correction=0) + eps)
        return y * torch.from_numpy(gamma) + torch.from_numpy(beta)

    assert grade("batch_norm_forward", answer).passed


def test_a_mistake_and_a_change_in_place_are_both_named():
    def answer(x, gamma, beta, eps=1e-5):
        x -= x.mean(axis=0)
        return gamma * x / np.sqrt(x.var(axis=0, ddof=1) + eps) + beta

    assert grade("batch_norm_forward", answer).diagnosis == ("sample-variance", "mutates-input")


def test_two_mistakes_at_once_are_both_named():
    def answer(x, gamma, beta, eps=1e-5):
        return gamma * (x - x.mean(axis=0)) / (x.std(axis=0, ddof=1) + eps) + beta

    assert set(grade("batch_norm_forward", answer).diagnosis) == {"sample-variance", "eps-outside-sqrt"}


def test_a_table_of_answers_cannot_pass():
    seen = {}

    def record(x, gamma, beta, eps=1e-5):
        y = forward(x, gamma, beta, eps)
        seen[x.tobytes()] = y
        return y

    assert grade("batch_norm_forward", record).passed
    assert not grade("batch_norm_forward", lambda x, *rest: seen.get(x.tobytes(), np.zeros(x.shape))).passed


def test_what_is_unlike_any_known_mistake_is_not_named():
    report = grade("batch_norm_forward", lambda x, g, b, e=1e-5: 1.37 * forward(x, g, b, e))
    assert not report.passed
    assert report.diagnosis == ()
    assert report.example is not None


def test_learners_warnings_and_prints_do_no_harm(recwarn):
    def answer(x, gamma, beta, eps=1e-5):
        np.log(np.zeros(1))
        return forward(x, gamma, beta, eps)

    assert grade("batch_norm_forward", answer).passed
    assert not recwarn.list


def test_html_escapes_what_learners_write():
    def batch_norm_forward(x, gamma, beta, eps=1e-5):
        raise ValueError("<script>alert(1)</script>")

    html = grade("batch_norm_forward", batch_norm_forward)._repr_html_()
    assert "<script>" not in html
    assert "&lt;script&gt;" in html


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (np.array([[1.0], [2.5]]), "[[1], [2.5]]"),
        (np.array([-0.00001, 0.378]), "[0, 0.378]"),
        (np.array(3.0), "3"),
        (0.1, "0.1"),
        ((1, np.array([2.0])), "(1, [2])"),
        (None, "None"),
    ],
)
def test_values_are_written_as_one_would(value, text):
    assert show(value) == text


def test_of_long_arrays_the_first_entry_that_differs_is_shown():
    question = replace(find_question("double"), examples=(Probe("a long one", (np.arange(20.0),)),))
    example = judge_here(question, lambda x: np.where(x < 15, 2 * x, 0.0) if x.size == 20 else x).example
    assert example.yours.endswith("20, 22, …], of shape (20,); at [15]: 0")
    assert example.expected.endswith("20, 22, …], of shape (20,); at [15]: 30")
