"""Inside a net while it learns: what batch norm keeps alive, the sentences, the artists."""

import numpy as np
import pytest

from bn_course.explorers.inside import InsideExplorer, Params, compute, describe, verdict
from bn_course.explorers.learning import DEPTH, EDGES, LAST, WIDTH


def test_a_relu_net_at_a_large_rate_loses_units_and_batch_norm_keeps_them():
    plain, normed = (compute(Params(batch_norm=norm, step=LAST)) for norm in (False, True))
    assert plain.dead.sum() > 4 * compute(Params(step=0)).dead.sum() > 0
    assert normed.dead.sum() == 0
    assert normed.story.losses[-1] < 0.5 * plain.story.losses[-1]


def test_batch_norm_holds_the_examples_apart_and_off_the_flat_parts():
    flat = [compute(Params("tanh", 0.1, 4.0, norm, 0)).flat for norm in (False, True)]
    assert flat[0] > 0.5 > 0.1 > flat[1]
    alike = [compute(Params("sigmoid", 0.1, 1.0, norm, 0)).story.between[0, -1] for norm in (False, True)]
    assert alike[0] < 0.01
    assert alike[1] == pytest.approx(1, abs=0.01)


def test_a_run_that_diverges_says_so_and_stays():
    result = compute(Params(rate=3.0, step=LAST))
    story = result.story
    assert story.end < LAST
    assert np.isfinite(story.losses).all()
    np.testing.assert_array_equal(story.histograms[-1], story.histograms[story.end])
    assert "Diverged" in verdict(result)
    assert "Diverged" in describe(result)


@pytest.mark.parametrize(
    ("params", "says"),
    [
        (Params(), "units are dead"),
        (Params("tanh", 0.1, 4.0, False, 0), "lie where the tanh is flat"),
        (Params("sigmoid", 0.1, 1.0, False, 0), "all examples are alike"),
        (Params(batch_norm=True), "passes its gradient on"),
    ],
)
def test_title_says_what_the_step_has_come_to(params, says):
    assert says in verdict(compute(params))


def test_artists_show_the_step():
    explorer = InsideExplorer(step=LAST)
    view, story = explorer.view, explorer.result.story
    view.update(explorer.result)
    tops, _, baseline = view.flat[2].get_data()
    np.testing.assert_allclose(baseline - tops, 0.85 * story.histograms[LAST, 2])
    passing = view.passing[2].get_data()
    np.testing.assert_allclose(passing[2] - passing[0], 0.85 * story.histograms[LAST, 2] * (EDGES[1:] > 0))
    black = (np.asarray(view.cells[DEPTH - 1].get_array())[0] == 0).all(axis=1)
    assert len(black) == WIDTH
    assert black.sum() == explorer.result.dead[-1] > 0
    assert view.dot.get_xdata() == [LAST]
    np.testing.assert_array_equal(view.curve.get_ydata(), story.losses)
