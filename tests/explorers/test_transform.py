"""The flagship of lesson 02: its values, its artists, and JavaScript that agrees with them."""

import itertools
import re

import numpy as np
import pytest

from bn_course.explorers.transform import (
    CONTROLS,
    DRAWS,
    Params,
    TransformExplorer,
    arithmetic,
    compute,
    describe,
    number,
    sentence,
)
from bn_course.norms import batch_norm

DATA = {"draws": DRAWS.tolist()}
GRID = [
    Params(mu, sigma, gamma, beta, eps, size, batch, tracked)
    for (mu, sigma), (gamma, beta), eps, size, (batch, tracked) in itertools.product(
        [(2.0, 1.5), (-4.0, 0.1), (0.0, 2.5)],
        [(1.0, 0.0), (-3.0, 4.0), (0.0, -0.3)],
        [1e-5, 0.1, 10.0],
        [2, 8, 128],
        [(1, 5), (8, 128)],
    )
]


def as_json(params):
    return {name: getattr(params, name) for name in Params.__dataclass_fields__}


def test_output_is_the_course_s_own_batch_norm():
    for params in GRID:
        result = compute(params)
        x = result.x[:, None]
        y = batch_norm(x, np.array([params.gamma]), np.array([params.beta]), params.eps)
        np.testing.assert_allclose(result.y, y[:, 0], rtol=0, atol=1e-12)


def test_shift_and_scale_of_the_input_do_not_reach_x_hat():
    before = compute(Params(eps=1e-5)).x_hat
    after = compute(Params(mu=-4.0, sigma=2.5, eps=1e-5)).x_hat
    np.testing.assert_allclose(before, after, atol=1e-5)


def test_gamma_and_beta_alone_decide_mean_and_deviation_of_the_output():
    for mu, sigma in [(2.0, 1.5), (-4.0, 0.5), (0.0, 2.5)]:
        y = compute(Params(mu=mu, sigma=sigma, gamma=-2.0, beta=3.0)).y
        assert y.mean() == pytest.approx(3.0)
        assert y.std() == pytest.approx(2.0, rel=1e-4)


def test_large_eps_shrinks_by_what_the_figure_says():
    result = compute(Params(eps=10.0))
    assert result.x_hat.std() == pytest.approx(result.shrink)
    assert result.shrink < 0.5


def test_means_scatter_less_in_larger_batches():
    scatter = [compute(Params(size=size)).means.std() for size in (2, 16, 128)]
    assert scatter[0] > 2 * scatter[1] > 2 * scatter[2]


@pytest.mark.parametrize(
    ("params", "says"),
    [
        (Params(), "Whatever μ and σ"),
        (Params(mu=-4.0, sigma=0.1), "Whatever μ and σ"),
        (Params(eps=10.0), "keeps only 42 %"),
        (Params(size=2), "Two entries"),
        (Params(size=4), "Statistics of 4 entries wander"),
        (Params(gamma=0.0), "every entry comes out as β"),
    ],
)
def test_title_says_what_the_settings_show(params, says):
    assert says in sentence(compute(params))


def test_title_s_two_entries_really_become_one_and_minus_one():
    for batch in range(1, 9):
        x_hat = compute(Params(size=2, batch=batch)).x_hat
        if "Two entries" in sentence(compute(Params(size=2, batch=batch))):
            np.testing.assert_allclose(np.sort(x_hat), [-1, 1], atol=0.05)


@pytest.mark.parametrize("params", GRID[::7])
def test_arithmetic_can_be_redone_from_the_numbers_shown(params):
    lines = arithmetic(compute(params))
    exact = compute(params)
    superscripts = str.maketrans("−⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "--0123456789")
    for line in lines[1:]:
        *_, numbers, result = line.split(" = ")
        digits = re.sub(r"10(⁻[⁰-⁹¹²³]+)", r"1e\1", numbers).translate(superscripts)
        python = digits.replace("·", "*").replace("√", "np.sqrt")
        half_a_digit = 0.5 * 10.0 ** -len(result.split(".")[1])
        value = float(result.translate(superscripts))
        assert eval(python, {"np": np}) == pytest.approx(value, abs=1.001 * half_a_digit), line
    assert value == pytest.approx(exact.y[exact.tracked], abs=0.01 * max(1, abs(params.gamma)))


def test_number_has_a_true_minus_and_no_negative_zero():
    assert number(-1.5) == "−1.50"
    assert number(-0.001) == "0.00"


def test_artists_show_the_result():
    explorer = TransformExplorer(mu=-1.0, gamma=2.0, beta=1.0, tracked=3)
    view, result = explorer.view, explorer.result
    view.update(result)
    for dots, values in zip(view.dots, (result.x, result.x_hat, result.y), strict=True):
        np.testing.assert_array_equal(dots.get_xdata(), values)
    rings = [float(ring.get_xdata()[0]) for ring in view.rings]
    assert rings == [result.x[2], result.x_hat[2], result.y[2]]
    np.testing.assert_array_equal(view.lines[0].get_xdata(), [result.mean] * 2)
    np.testing.assert_array_equal(view.others.get_xdata(), result.means)


def test_javascript_agrees_with_python(javascript):
    calls = [["compute", as_json(params), DATA] for params in GRID]
    for params, answer in zip(GRID, javascript(TransformExplorer._esm, calls), strict=True):
        result = compute(params)
        for name in ("x", "mean", "var", "x_hat", "y", "means", "shrink"):
            np.testing.assert_allclose(answer[name], getattr(result, name), atol=1e-12, rtol=1e-12)
        assert answer["tracked"] == result.tracked


def test_javascript_says_the_same(javascript):
    text = TransformExplorer._esm
    results = javascript(text, [["compute", as_json(params), DATA] for params in GRID])
    assert javascript(text, [["describe", result] for result in results]) == [
        describe(compute(params)) for params in GRID
    ]
    steps = [
        ["arithmetic", result, CONTROLS["eps"].text(params.eps)]
        for params, result in zip(GRID, results, strict=True)
    ]
    for params, answer in zip(GRID, javascript(text, steps), strict=True):
        joined = [" = ".join(filter(None, row[1:])) for row in answer]
        assert joined == arithmetic(compute(params))


@pytest.mark.browser
def test_chromium_serves_where_node_is_missing(javascript_in_chromium):
    params, text = Params(), TransformExplorer._esm
    (answer,) = javascript_in_chromium(text, [["compute", as_json(params), DATA]])
    np.testing.assert_allclose(answer["y"], compute(params).y, atol=1e-12)
