"""What a session has set does not leak into a verdict, and is there again afterwards."""

import random
import warnings

import numpy as np
import pytest
import torch

from bn_course import grade
from bn_course.drivers.state import clean_state
from bn_course.grading.catalogue import catalogue


def seen():
    """Everything that may leak, as it is now."""
    return {
        "gradients": torch.is_grad_enabled(),
        "inference": torch.is_inference_mode_enabled(),
        "autocast": torch.is_autocast_enabled("cpu"),
        "dtype": torch.get_default_dtype(),
        "device": torch.empty(0).device.type,
        "threads": torch.get_num_threads(),
        "anomaly": (torch.is_anomaly_enabled(), torch.is_anomaly_check_nan_enabled()),
        "matmul": torch.get_float32_matmul_precision(),
        "deterministic": torch.get_deterministic_debug_mode(),
        "torch's random state": torch.default_generator.get_state().tolist(),
        "NumPy's random state": np.random.get_state()[1].tolist(),  # noqa: NPY002
        "Python's random state": random.getstate(),
        "errors": np.geterr(),
        "printing": np.get_printoptions(),
        "warnings": list(warnings.filters),
    }


def meddle():
    """Set everything as no fresh session has it."""
    torch.set_grad_enabled(False)
    torch.set_autocast_enabled("cpu", True)
    torch.set_default_dtype(torch.float64)
    torch.set_default_device("meta")
    torch.set_num_threads(2)
    torch.autograd.set_detect_anomaly(True, check_nan=False)
    torch.set_float32_matmul_precision("medium")
    torch.set_deterministic_debug_mode(1)
    torch.default_generator.manual_seed(7)
    np.random.seed(7)  # noqa: NPY002
    random.seed(7)
    np.seterr(all="raise")
    np.set_printoptions(precision=1, sign="+")
    warnings.simplefilter("always")


@pytest.fixture
def own_session():
    """The tests' own session, which is given back to them; and first, as a fresh one is."""
    torch.set_num_threads(1)
    before = seen()
    with warnings.catch_warnings(), np.errstate(), np.printoptions():
        yield before
        torch.set_grad_enabled(True)
        torch.set_autocast_enabled("cpu", False)
        torch.set_default_dtype(torch.float32)
        torch.set_default_device(None)
        torch.set_num_threads(1)
        torch.autograd.set_detect_anomaly(False, check_nan=True)
        torch.set_float32_matmul_precision("highest")
        torch.set_deterministic_debug_mode(0)


def test_a_session_is_fresh_inside_and_as_it_was_afterwards(own_session):
    fresh = {**own_session, "errors": dict.fromkeys(np.geterr(), "ignore")}
    with clean_state():
        first = seen()
    meddle()
    mine = seen()
    assert [name for name in mine if mine[name] == own_session[name]] == ["inference"]
    with clean_state():
        inside = seen()
        meddle()  # an answer may set what it likes
        torch.set_default_dtype(torch.float16)
    after = seen()
    assert [name for name in mine if after[name] != mine[name]] == []
    untold = {"warnings", *(name for name in fresh if "random" in name)}
    assert [name for name in fresh if inside[name] != fresh[name] and name not in untold] == []
    del first["warnings"], inside["warnings"]  # the first of the filters hides the others
    assert inside == first  # the random states too are the same each time


def test_inference_mode_is_left_and_entered_again():
    with torch.inference_mode():
        with clean_state():
            assert not torch.is_inference_mode_enabled()
            assert torch.ones(1, requires_grad=True).sum().requires_grad
        assert torch.is_inference_mode_enabled()


@pytest.mark.parametrize(
    "name", ["BatchNormFunction", "clinic_detached", "batch_norm_forward", "BatchNorm2d"]
)
def test_right_answers_pass_whatever_the_session_has_set(own_session, name):
    meddle()
    mine = seen()
    report = grade(name, catalogue()[name].reference)
    assert report.passed, report.message
    assert [name for name in mine if seen()[name] != mine[name]] == []


def test_an_answer_that_sets_something_does_not_harm_what_comes_after(own_session):
    def switches_off(x, gamma, beta, eps=1e-5):
        meddle()
        return gamma * (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + eps) + beta

    before = seen()
    assert grade("batch_norm_forward", switches_off).passed
    assert [name for name in before if seen()[name] != before[name]] == []


def test_a_report_prints_as_in_a_fresh_session(own_session):
    def wrong(x, gamma, beta, eps=1e-5):
        return gamma * (x - x.mean(axis=0)) / (x.std(axis=0) + eps) + beta

    said = grade("batch_norm_forward", wrong).message
    meddle()
    assert grade("batch_norm_forward", wrong).message == said
