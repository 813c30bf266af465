"""The heat-map explorer: it draws the stored runs, and a click chooses a cell."""

import numpy as np
import pytest

from bn_course.experiments import evidence
from bn_course.explorers import heatmap
from bn_course.explorers.heatmap import ARMS, DEPTHS, RATES, SCALES, HeatmapExplorer, Params, compute


def test_it_shows_the_means_of_the_stored_runs():
    stored = evidence("rate_scale_depth")
    result = compute(Params(rate=0.3, scale=3.0, depth=10))
    for arm in ARMS:
        expected = stored.mean[arm][DEPTHS.index(10)]
        np.testing.assert_allclose(result.ends[arm], expected[:, :, -1])
        np.testing.assert_allclose(result.curves[arm], expected[SCALES.index(3.0), RATES.index(0.3)])
        assert len(result.seeds[arm]) == len(stored.seeds)


def test_the_share_that_works_counts_cells():
    result = compute(Params())
    for arm in ARMS:
        works = sum(end >= 90 for end in result.ends[arm].ravel())
        assert result.share[arm] == pytest.approx(works / (len(RATES) * len(SCALES)))
    assert result.share["batch"] > result.share["none"]


def test_the_artists_show_the_result():
    explorer = HeatmapExplorer(rate=1.0, scale=0.3, depth=2)
    assert explorer.error is None
    for arm in ARMS:
        np.testing.assert_array_equal(explorer.view.images[arm].get_array(), explorer.result.ends[arm])
        np.testing.assert_array_equal(explorer.view.lines[arm].get_ydata(), explorer.result.curves[arm])
        shown = explorer.view.numbers[arm][SCALES.index(0.3)][RATES.index(1.0)].get_text()
        assert shown == f"{explorer.result.curves[arm][-1]:.0f}"
        frame = explorer.view.frames[arm]
        assert frame.get_x() + 0.5 == RATES.index(1.0)
        assert frame.get_y() + 0.5 == SCALES.index(0.3)


@pytest.mark.parametrize("arm", ARMS)
def test_a_click_chooses_the_cell_in_either_map(arm):
    explorer = HeatmapExplorer()
    explorer.png  # noqa: B018 - drawn once, so that the axes have their places
    place = explorer.view.axes[arm].transData.transform((RATES.index(0.01), SCALES.index(10.0)))
    assert explorer.view.pick(*place) == {"rate": 0.01, "scale": 10.0}
    corner = explorer.view.axes[arm].transData.transform((len(RATES) - 0.55, -0.45))
    assert explorer.view.pick(*corner) == {"rate": RATES[-1], "scale": SCALES[0]}
    assert explorer.view.pick(0, 0) == {}


def test_the_alternative_text_gives_the_numbers():
    explorer = HeatmapExplorer(rate=0.1, scale=1.0, depth=5)
    assert "5 layers" in explorer.alt
    assert f"{explorer.result.curves['batch'][-1]:.0f} % with batch norm" in explorer.alt


def test_missing_evidence_is_said_in_the_figure(monkeypatch):
    def missing(name):
        raise ValueError(f"no evidence {name!r}")

    monkeypatch.setattr(heatmap, "evidence", missing)
    heatmap.measured.cache_clear()
    try:
        with pytest.raises(ValueError, match="rate_scale_depth"):
            compute(Params())
    finally:
        heatmap.measured.cache_clear()
