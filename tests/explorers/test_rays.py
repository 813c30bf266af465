"""The plane of two weights: its loss is the course's own batch norm's, and JavaScript agrees with Python."""

import itertools
import math

import numpy as np
import pytest

from bn_course.explorers.rays import (
    BOWL,
    DATA,
    LAST,
    LOST,
    RAYS,
    Params,
    RaysExplorer,
    arithmetic,
    compute,
    describe,
    ellipse,
    examples,
    loss_and_slope,
    sentence,
    wedge,
)
from bn_course.norms import batch_norm

CONTROLS = RaysExplorer.controls
GRID = [
    Params(w1, w2, rate, decay, step)
    for (w1, w2), rate, decay, step in itertools.product(
        [(-1.2, 0.2), (2.8, -2.8), (0.0, 0.1)], [0.1, 1.0, 3.2, 10.0], [0.0, 0.02, 0.05], [0, 2, 28, LAST]
    )
]
WEIGHTS = [(-1.2, 0.2), (0.3, 0.1), (2.0, 2.5)]


def as_json(params):
    return {name: getattr(params, name) for name in Params.__dataclass_fields__}


@pytest.mark.parametrize("w", WEIGHTS)
def test_the_loss_is_that_of_the_examples(w):
    x, t = examples()
    a = x @ w
    y = batch_norm(a[:, None], np.ones(1), np.zeros(1), eps=0)[:, 0]
    for normed, out in ((False, a), (True, y)):
        assert loss_and_slope(w, normed)[0] == pytest.approx(((out - t) ** 2).mean() / 2, abs=1e-5)


@pytest.mark.parametrize("w", WEIGHTS)
@pytest.mark.parametrize("normed", [False, True])
def test_the_slope_is_that_of_the_loss(w, normed):
    h = 1e-6
    for i, direction in enumerate(np.eye(2)):
        ahead, behind = (loss_and_slope(tuple(w + s * h * direction), normed)[0] for s in (1, -1))
        assert loss_and_slope(w, normed)[1][i] == pytest.approx((ahead - behind) / (2 * h), abs=1e-8)


def test_on_a_ray_the_loss_is_constant_and_the_slope_at_right_angles_and_shorter_further_out():
    near, far = (-1.2, 0.2), (-12.0, 2.0)
    (loss, slope), (same, smaller) = loss_and_slope(near, True), loss_and_slope(far, True)
    assert same == pytest.approx(loss, rel=1e-12)
    np.testing.assert_allclose(np.multiply(smaller, 10), slope, rtol=1e-12)
    assert np.dot(near, slope) == pytest.approx(0, abs=1e-12)
    assert abs(loss_and_slope(near, False)[0] - loss_and_slope(far, False)[0]) > 1


def test_level_lines_join_equal_losses():
    least = loss_and_slope(tuple(DATA["best"]), False)[0]
    for radius in BOWL:
        losses = [loss_and_slope(tuple(w), False)[0] for w in ellipse(radius)]
        np.testing.assert_allclose(losses, least + radius**2 / 2, atol=1e-4)
    for share in RAYS:
        at_zero, *arc = wedge(share)
        assert not at_zero.any()
        losses = [loss_and_slope(tuple(w), True)[0] for w in arc]
        level = 1 - DATA["fit"] + 2 * DATA["fit"] * share
        np.testing.assert_allclose([losses[0], losses[-1]], level, atol=1e-4)
        assert min(losses[1:-1]) > level


def test_without_decay_every_step_lengthens_by_pythagoras_and_the_turn_follows_from_it():
    for params in (p for p in GRID if p.decay == 0 and p.step < LAST):
        result = compute(params)
        start, now, after = result.lengths
        push = params.rate * math.hypot(*result.slope)
        assert after == pytest.approx(math.hypot(now, push))
        assert now >= start
        w, next_w = (np.array(result.batch[params.step + i]) for i in (0, 1))
        cosine = w @ next_w / np.linalg.norm(w) / np.linalg.norm(next_w)
        assert math.cos(math.radians(result.turn)) == pytest.approx(cosine)


def test_decay_changes_the_length_and_not_the_loss():
    """At the bottom of the valley nothing else happens, until the effective rate has grown too large."""
    calm, thrown = (compute(Params(-1.0, 1.2, 3.2, 0.02, step)) for step in (12, 28))
    later = compute(Params(-1.0, 1.2, 3.2, 0.02, 16))
    assert later.lengths[1] < 0.8 * calm.lengths[1]
    assert later.losses[1] == pytest.approx(calm.losses[1], abs=1e-6)
    assert thrown.turn > 45
    assert "throws it out" in sentence(thrown)


@pytest.mark.parametrize(
    ("params", "says"),
    [
        (Params(), "at right angles"),
        (Params(decay=0.05, step=12), "draws w in"),
        (Params(decay=0.005, step=2), "lengthens w, and decay"),
        (Params(rate=10.0, step=12), "Too large a rate for the bowl"),
    ],
)
def test_title_says_what_the_settings_show(params, says):
    assert says in sentence(compute(params))


def test_a_lost_descent_stays_where_it_was_lost():
    path = compute(Params(rate=10.0)).none
    assert LOST <= math.hypot(*path[-1]) < 100 * LOST
    assert path[-1] == path[-2]


def test_zero_is_refused_in_words():
    explorer = RaysExplorer()
    explorer.set(w1=0.0, w2=0.0)
    assert "deviation 0" in explorer.alert


def test_artists_show_the_result():
    explorer = RaysExplorer(decay=0.05, step=3)
    view, result = explorer.view, explorer.result
    view.update(result)
    for line, path in zip(view.paths, (result.none, result.batch), strict=True):
        np.testing.assert_array_equal(line.get_xydata(), path[:4])
    np.testing.assert_array_equal(view.arm.get_xydata(), [(0, 0), result.batch[3]])
    np.testing.assert_allclose(view.next.get_xydata()[-1], result.batch[4])
    np.testing.assert_allclose(np.hypot(*view.ring.get_xydata().T), result.lengths[1])


def test_javascript_agrees_with_python(javascript):
    answers = javascript(RaysExplorer._esm, [["compute", as_json(params), DATA] for params in GRID])
    for params, answer in zip(GRID, answers, strict=True):
        result = compute(params)
        for name in ("none", "batch", "losses", "slope", "lengths", "turn"):
            np.testing.assert_allclose(answer[name], getattr(result, name), atol=1e-9, rtol=1e-9)


def test_javascript_says_the_same(javascript):
    results = javascript(RaysExplorer._esm, [["compute", as_json(params), DATA] for params in GRID])
    for function, expected in (("describe", describe), ("arithmetic", arithmetic)):
        said = javascript(RaysExplorer._esm, [[function, result] for result in results])
        assert said == [expected(compute(params)) for params in GRID]
