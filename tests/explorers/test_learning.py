"""The run inside `InsideExplorer`: gradients by differences, one step by hand, and what a look sees."""

import numpy as np
import pytest

from bn_course.explorers.learning import (
    BATCH,
    EDGES,
    EXAMPLES,
    Net,
    begin,
    examples,
    forward,
    gradients,
    loss_and_error,
    train,
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


def test_a_look_is_what_the_net_gives_at_the_start():
    story = train("tanh", 1.0, 2.0, False, 0)
    x, classes = examples()
    net = begin("tanh", 2.0, 0)
    _, pre, outputs, scores = forward(net, x, "tanh", False)
    assert story.losses[0] == pytest.approx(loss_and_error(scores, classes)[0])
    np.testing.assert_allclose(story.live[0, 3], (1 - outputs[4] ** 2 >= 0.1).mean(axis=0))
    np.testing.assert_allclose(story.between[0, 3], np.sqrt(pre[3].var(axis=0).mean()))
    counts = np.histogram(np.clip(pre[3], -5, 5), EDGES)[0]
    np.testing.assert_allclose(story.histograms[0, 3], np.minimum(counts / counts[1:-1].max(), 1))


def test_the_first_step_is_one_of_gradient_descent_on_a_batch():
    x, classes = examples()
    net = begin("ReLU", 1.0, 0)
    rows = np.random.default_rng(0).permutation(EXAMPLES)[:BATCH]
    slopes = gradients(net, x[rows], classes[rows], "ReLU", False)
    after = Net(*([p - g for p, g in zip(*pair, strict=True)] for pair in zip(net, slopes, strict=True)))
    assert train("ReLU", 1.0, 1.0, False, 0).losses[1] == pytest.approx(
        loss(after, x, classes, "ReLU", False), rel=1e-4
    )
