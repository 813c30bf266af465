"""Inside a net while it learns: gradients by differences, the run, the sentences, the artists."""

import numpy as np
import pytest

from bn_course.explorers import inside
from bn_course.explorers.inside import (
    BATCH,
    DEPTH,
    EXAMPLES,
    LAST,
    WIDTH,
    InsideExplorer,
    Net,
    Params,
    begin,
    compute,
    describe,
    examples,
    forward,
    gradients,
    loss_and_error,
    verdict,
)


def loss(net, x, classes, activation, normed):
    return loss_and_error(forward(net, x, activation, normed)[-1], classes)[0]


@pytest.mark.parametrize("activation", ["tanh", "sigmoid"])
@pytest.mark.parametrize("normed", [False, True])
def test_gradients_are_those_of_the_loss(activation, normed):
    x, classes = (part[:20] for part in examples())
    rng = np.random.default_rng(1)
    net = Net(*([p + 0.1 * rng.normal(size=p.shape) for p in part] for part in begin(activation, 1.0, 0)))
    slopes = gradients(net, x, classes, activation, normed)
    for part, slope in zip(net, slopes, strict=True):
        for p, g in zip(part, slope, strict=True):
            at = tuple(rng.integers(size) for size in p.shape)
            if not normed and part is net.gammas:
                assert g[at] == 0
                continue
            kept, h, ends = p[at], 1e-5, []
            for sign in (1, -1):
                p[at] = kept + sign * h
                ends.append(loss(net, x, classes, activation, normed))
            p[at] = kept
            assert g[at] == pytest.approx((ends[0] - ends[1]) / (2 * h), rel=1e-5, abs=1e-9)


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


def test_a_look_is_what_the_net_gives_at_the_start():
    story = compute(Params("tanh", 1.0, 2.0, False, 0)).story
    x, classes = examples()
    net = begin("tanh", 2.0, 0)
    _, pre, outputs, scores = forward(net, x, "tanh", False)
    assert story.losses[0] == pytest.approx(loss_and_error(scores, classes)[0])
    np.testing.assert_allclose(story.live[0, 3], (1 - outputs[4] ** 2 >= 0.1).mean(axis=0))
    np.testing.assert_allclose(story.between[0, 3], np.sqrt(pre[3].var(axis=0).mean()))
    counts = np.histogram(np.clip(pre[3], -5, 5), inside.EDGES)[0]
    np.testing.assert_allclose(story.histograms[0, 3], np.minimum(counts / counts[1:-1].max(), 1))


def test_the_first_step_is_one_of_gradient_descent_on_a_batch():
    x, classes = examples()
    net = begin("ReLU", 1.0, 0)
    rows = np.random.default_rng(0).permutation(EXAMPLES)[:BATCH]
    slopes = gradients(net, x[rows], classes[rows], "ReLU", False)
    after = Net(*([p - g for p, g in zip(*pair, strict=True)] for pair in zip(net, slopes, strict=True)))
    assert compute(Params()).story.losses[1] == pytest.approx(
        loss(after, x, classes, "ReLU", False), rel=1e-4
    )


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
    np.testing.assert_allclose(
        passing[2] - passing[0], 0.85 * story.histograms[LAST, 2] * (inside.EDGES[1:] > 0)
    )
    black = (np.asarray(view.cells[DEPTH - 1].get_array())[0] == 0).all(axis=1)
    assert len(black) == WIDTH
    assert black.sum() == explorer.result.dead[-1] > 0
    assert view.dot.get_xdata() == [LAST]
    np.testing.assert_array_equal(view.curve.get_ydata(), story.losses)
