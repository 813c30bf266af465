"""The sphere: x̂ and dx against the course's norms and a measured slope, words that are true, one drawing."""

import itertools
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest

from bn_course.explorers import oblique
from bn_course.explorers.sphere import (
    Params,
    SphereExplorer,
    compute,
    describe,
    facts,
    farthest_points,
    inside,
    labels,
    sentence,
    table,
)
from bn_course.live import COLOURS
from bn_course.live.plot import module_text
from bn_course.live.style import INK, MUTED
from bn_course.norms import batch_norm, batch_norm_backward

BATCHES = [(0.8, 2.0, -1.6, 0.4), (6.0, -1.4, -1.4, -1.4), (-6.0, 6.0, 5.9, 0.1), (1.0, 1.1, 1.0, 1.0)]
GRID = [
    Params(N, shift, scale, eps, *batch, turn, gradient)
    for N, (shift, scale), eps, batch, turn, gradient in itertools.product(
        (2, 3, 4), ((0.0, 1.0), (-1.5, 0.1), (0.7, 2.0)), (0, 0.01, 10), BATCHES, (0, 130), (False, True)
    )
]
NAMES = {COLOURS["none"]: "none", COLOURS["batch"]: "batch", MUTED: "muted", INK: "ink"}


@pytest.mark.parametrize("params", GRID[::17], ids=str)
def test_it_is_the_course_s_own_batch_norm_and_dx_is_the_slope_of_its_first_output(params):
    result = compute(params)
    one, zero = np.ones(1), np.zeros(1)
    column = result.x[:, None]
    np.testing.assert_allclose(result.x_hat, batch_norm(column, one, zero, params.eps)[:, 0], atol=1e-12)
    backward = batch_norm_backward(result.dx_hat[:, None], column, one, params.eps)[0]
    np.testing.assert_allclose(result.dx, backward[:, 0], atol=1e-9, rtol=1e-9)
    step = 1e-6 * np.sqrt(result.var + params.eps)
    first = [
        [batch_norm((result.x + sign * move)[:, None], one, zero, params.eps)[0, 0] for sign in (1, -1)]
        for move in step * np.eye(params.N)
    ]
    slopes = np.array([(up - down) / (2 * step) for up, down in first])
    np.testing.assert_allclose(slopes, result.dx, atol=1e-6 / np.sqrt(result.var + params.eps))


@pytest.mark.parametrize("params", GRID[::11], ids=str)
def test_x_hat_lies_on_the_shell_or_inside_it_and_dx_is_tangent_as_far_as_eps_allows(params):
    result = compute(params)
    assert np.linalg.norm(result.x_hat) == pytest.approx(np.sqrt(params.N) * result.shrink)
    assert (result.shrink == 1) == (params.eps == 0)
    assert abs(result.x_hat.sum()) < 1e-9
    assert abs(result.dx.sum()) * np.sqrt(result.var + params.eps) < 1e-9
    passes = result.x_hat[0] * params.eps / (result.var + params.eps) ** 1.5  # lesson 03
    assert result.dx @ result.x_hat == pytest.approx(passes, abs=1e-7)


def test_what_is_forgotten_moves_x_and_not_x_hat():
    for N in (2, 3, 4):
        before = compute(Params(N=N))
        after = compute(Params(N=N, shift=1.5, scale=0.1))
        np.testing.assert_allclose(after.x_hat, before.x_hat, atol=1e-12)
        assert abs(after.x - before.x).max() > 0.1


def test_no_example_gets_farther_than_the_farthest_points_and_there_a_pull_at_it_comes_to_nothing():
    rng = np.random.default_rng(0)
    for N in (2, 3, 4):
        for x in rng.normal(size=(200, N)):
            result = compute(Params(N, 0.0, 1.0, 0, *x, *np.zeros(4 - N)))
            assert abs(result.x_hat).max() <= np.sqrt(N - 1) + 1e-9
            # The bound and the gradient are one thing: what is left of the pull is the distance from it.
            assert result.left @ result.left == pytest.approx((N - 1 - result.x_hat[0] ** 2) / N, abs=1e-9)
        for i, x in enumerate(farthest_points(N)):
            result = compute(Params(N, 0.0, 1.0, 0, *x, *np.zeros(4 - N)))
            np.testing.assert_allclose(result.x_hat, x, atol=1e-12)
            assert result.x_hat[i] == pytest.approx(np.sqrt(N - 1))
            assert (np.linalg.norm(result.left) < 1e-9) == (i == 0 or N == 2)


def test_the_picture_keeps_lengths_and_right_angles():
    for N, directions in oblique.DIRECTIONS.items():
        lengths = np.eye(3) * [1, N > 2, 1]
        np.testing.assert_allclose(directions @ directions.T, lengths, atol=1e-12)
        along_one = directions @ np.ones(N) / np.sqrt(N)
        np.testing.assert_allclose(along_one, [0, 0, 1 if N < 4 else 0], atol=1e-12)


def test_the_mean_goes_straight_down_and_the_deviation_along_the_ray():
    for params in GRID[::3]:
        at = compute(params).places
        if params.N < 4:
            assert at["x"][0] == pytest.approx(at["centred"][0])
        else:
            np.testing.assert_allclose(at["x"], at["centred"], atol=1e-12)
        for end in ("x_hat", "shell"):
            assert np.cross([*at["centred"], 0], [*at[end], 0])[2] == pytest.approx(0, abs=1e-9)
        if params.N == 3:
            flat = np.sin(np.radians(oblique.ELEVATION[3]))
            assert np.hypot(at["shell"][0], at["shell"][1] / flat) == pytest.approx(1)


@pytest.mark.parametrize(
    ("params", "says"),
    [
        (Params(), "x goes anywhere; x̂ stays on a sphere of radius 2"),
        (Params(N=3), "on a circle of radius √3"),
        (Params(N=3, eps=0.01), "just short of a circle"),
        (Params(N=3, eps=1), "keeps 83 % of the radius"),
        (Params(N=2), "one bit"),
        (Params(N=2, gradient=True), "dx is zero"),
        (Params(gradient=True), "dx lies along the sphere"),
        (Params(N=3, x1=6.0, x2=-1.4, x3=-1.4), "Example 1 is as far out as it can get, at √2"),
        (Params(N=3, x1=6.0, x2=-1.4, x3=-1.4, gradient=True), "a pull at it comes to nothing"),
        (Params(N=3, x1=-1.4, x2=6.0, x3=-1.4, gradient=True), "Example 2 is as far out as it can get"),
    ],
)
def test_title_says_what_the_settings_show(params, says):
    assert says in sentence(compute(params))


def test_every_title_is_true():
    """Whatever the settings: with ε, and at the edges, too."""
    seen = set()
    for params in GRID:
        result, said = compute(params), sentence(compute(params))
        length, left = np.linalg.norm(result.x_hat), np.linalg.norm(result.left)
        truth = {
            "stays on": length == pytest.approx(np.sqrt(params.N)),
            "just short of": 0.95 <= length / np.sqrt(params.N) < 1,
            "pulls x̂ inside": length < 0.95 * np.sqrt(params.N),
            "one bit": sorted(result.x_hat) == pytest.approx([-1, 1]),
            "dx is zero": left < 1e-9,
            "comes to nothing": left < 1e-9,
            "dx lies along": abs(result.left @ result.x_hat) < 1e-9 and left > 1e-3,
            "as far out": abs(result.x_hat).max() == pytest.approx(np.sqrt(params.N - 1)),
        }
        found = [words for words in truth if words in said]
        assert found
        assert all(truth[words] for words in found), (params, said)
        seen |= set(found)
    assert seen == set(truth)


def test_a_batch_of_equal_numbers_is_refused_unless_eps_helps():
    same = Params(N=2, x1=0.3, x2=0.3)
    with pytest.raises(ValueError, match="All 2 are the same: with ε = 0, x̂ would be 0/0"):
        compute(same)
    result = compute(replace(same, eps=0.1))
    assert not result.x_hat.any()
    assert "keeps 0 %" in sentence(result)


def test_the_alternative_text_has_the_numbers():
    text = describe(compute(Params(N=3, gradient=True)))
    for numbers in ("0.80, 2.00, −1.60", "deviation 1.50", "0.27, 1.07, −1.34", "1.41", "0.43, −0.29, −0.14"):
        assert numbers in text


def test_artists_show_the_result():
    for params in (Params(), Params(N=3, gradient=True), Params(N=2, eps=1, x1=6.0)):
        explorer = SphereExplorer(**asdict(params))
        view, result = explorer.view, explorer.result
        view.update(result)
        assert view.heading.get_text() == sentence(result)
        drawn = {name: np.array(line.get_data()).T for name, line in view.lines.items()}
        np.testing.assert_allclose(drawn["x_hat"], [result.places["x_hat"]])
        np.testing.assert_allclose(drawn["x"], [inside(result.places["x"])])
        np.testing.assert_allclose(drawn["thread"][0], result.places["x"])
        assert np.isfinite(drawn["shell"]).all() == (params.eps > 0)
        assert view.arrows["arrives"].get_visible() == params.gradient
        columns = [text.get_text().split("\n") for text in view.columns if text.get_text()]
        assert [list(row) for row in zip(*columns, strict=True)][:2] == table(result)[:2]


def as_json(params):
    given = asdict(params)
    return given, {"gradient": given.pop("gradient")}


def test_javascript_agrees_with_python_and_says_the_same(javascript):
    text = SphereExplorer._esm
    answers = javascript(text, [["compute", *as_json(params)] for params in GRID])
    for params, answer in zip(GRID, answers, strict=True):
        result = compute(params)
        for name in ("x", "mean", "var", "x_hat", "dx_hat", "left", "dx", "shrink"):
            np.testing.assert_allclose(answer[name], getattr(result, name), atol=1e-11, rtol=1e-11)
        for name, place in result.places.items():
            np.testing.assert_allclose(answer["places"][name], place, atol=1e-11, rtol=1e-11)
        assert answer["behind"] == result.behind
    calls = [[name, answer] for answer in answers for name in ("describe", "facts", "table", "labels")]
    said = iter(javascript(text, calls))
    for result in map(compute, GRID):
        assert [next(said) for _ in range(3)] == [describe(result), facts(result), table(result)]
        found, expected = next(said), labels(result)
        assert [(w, c) for w, _, c in found] == [(w, NAMES[c]) for w, _, c in expected]
        places = [np.array([place for _, place, _ in these]) for these in (found, expected)]
        np.testing.assert_allclose(*places, atol=1e-9)


def test_javascript_refuses_what_python_refuses(javascript):
    with pytest.raises(Exception, match="with ε = 0, x̂ would be 0/0"):
        javascript(SphereExplorer._esm, [["compute", *as_json(Params(N=2, x1=0.3, x2=0.3))]])


def test_a_point_that_is_dragged_is_drawn_where_the_pointer_is(javascript):
    module = module_text(Path(oblique.__file__).with_suffix(".js"))
    rng, by = np.random.default_rng(1), [0.4, -0.3]
    cases = [(rng.normal(size=N), turn) for N in (2, 3, 4) for turn in (0, 50, 200)]
    answers = javascript(module, [["moved", x.tolist(), by, turn] for x, turn in cases])
    for (x, turn), moved in zip(cases, answers, strict=True):
        step = oblique.on_page(np.array(moved), turn) - oblique.on_page(x, turn)
        np.testing.assert_allclose(step, by, atol=1e-12)
        if len(x) > 2:  # the mean is not to be seen in the plane in which the point is dragged
            assert np.mean(moved) == pytest.approx(x.mean())
