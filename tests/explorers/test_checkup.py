"""The layers over a training run: moments are those of the kit, and the artists show them."""

import numpy as np
import pytest

from bn_course.explorers.checkup import MOMENTS, RUNS, STEPS, CheckupExplorer, Params, compute, watched


@pytest.mark.parametrize("run", RUNS)
def test_a_run_gives_moments_evenly_apart_to_its_end(run):
    moments, _ = watched(run, 0)
    assert [moment.step for moment in moments] == list(range(2, STEPS + 1, STEPS // MOMENTS))


def test_statistics_settle_where_all_is_well_and_lag_where_momentum_is_small():
    well, slow = (compute(Params(run)) for run in ("as it should be", "momentum 0.002"))
    assert well.warnings == ()
    assert all("lag" in warning for warning in slow.warnings)
    assert np.quantile(slow.var_ratio[-1], 0.75) > 2 > np.quantile(well.var_ratio[-1], 0.75)
    first = compute(Params("as it should be", 0))
    assert np.median(first.mean_off) > np.median(well.mean_off)


def test_a_class_a_batch_is_found_while_it_trains():
    (warning,) = compute(Params("a class a batch")).warnings
    assert "one class" in warning


def test_dots_and_titles_show_the_moment():
    explorer = CheckupExplorer(run="as it should be", moment=3)
    assert explorer.error is None
    shown = explorer.view.dots["gamma", 2].get_ydata()
    np.testing.assert_allclose(shown, np.sort(explorer.result.gamma[2]))
    assert "Step 8" in explorer.view.titles[0].get_text()
    assert "no warning" in explorer.alt
    explorer.set(moment=MOMENTS - 1)
    assert f"Step {STEPS}" in explorer.view.titles[0].get_text()
