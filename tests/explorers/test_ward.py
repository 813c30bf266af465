"""The ward: its numbers are those of the layers and of the kit, and its artists show them."""

import copy

import numpy as np
import pytest
import torch

from bn_course.explorers.ward import PATIENTS, REMEDIES, Params, WardExplorer, compute
from bn_course.inspect import inspect_batch_norm
from bn_course.nets import digits, seeded


@pytest.mark.parametrize("patient", PATIENTS)
def test_as_it_came_there_is_a_symptom_and_mended_there_is_none(patient):
    ill, mended = (compute(Params(patient, remedy)) for remedy in ("as it came", "mended"))
    assert ill.accuracy < mended.accuracy - 5
    assert mended.accuracy > 95
    assert ill.alarms > 0
    assert mended.alarms == 0


def test_numbers_are_those_of_the_kit():
    result = compute(Params("folded", "as it came", "second"))
    with seeded(0):
        model, *_ = PATIENTS["folded"]("as it came", 0)
    report = inspect_batch_norm(model.eval(), digits().test.x).layers[1]
    np.testing.assert_allclose(np.sort(report.mean_distance), np.sort(abs(result.mean_off)), atol=1e-4)
    np.testing.assert_allclose(np.sort(report.var_ratio), result.var_ratio, rtol=1e-3)


def test_momentum_zero_cures_the_buffers_and_not_the_accuracy():
    ill, other, mended = (compute(Params("evaluated", remedy)) for remedy in REMEDIES)
    np.testing.assert_array_equal(other.mean_off, mended.mean_off)
    assert other.accuracy == ill.accuracy < 50


def test_points_and_titles_show_the_result():
    explorer = WardExplorer(patient="fine-tuned")
    assert explorer.error is None
    shown = explorer.view.points["mean_off"].get_ydata()
    np.testing.assert_allclose(shown, np.clip(explorer.result.mean_off, -3.1, 3.1))
    assert f"{explorer.result.accuracy:.0f} %" in explorer.view.symptom.get_text()
    assert "2 warnings" in explorer.alt
    explorer.set(remedy="mended")
    assert "no warning" in explorer.alt
    assert explorer.error is None


def test_patients_do_not_touch_the_random_state_or_each_other():
    state = torch.get_rng_state()
    first = copy.deepcopy(compute(Params("folded", "mended", seed=1)))
    assert torch.equal(torch.get_rng_state(), state)
    np.testing.assert_array_equal(compute(Params("folded", "mended", seed=1)).mean_off, first.mean_off)
