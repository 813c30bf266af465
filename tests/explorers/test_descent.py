"""The descent explorer: its closed forms against descent itself, and what its artists show."""

import numpy as np
import pytest

from bn_course.explorers.descent import (
    LEVELS,
    PREPARATIONS,
    START,
    STEPS,
    DescentExplorer,
    Params,
    compute,
    contours,
    inputs,
    whiten,
)


def descend(x, rate, steps):
    """Gradient descent as one would write it, on noise-free targets; returns w − w* at each step."""
    error, path = START.copy(), [START]
    for _ in range(steps):
        error = error - rate * x.T @ (x @ error) / len(x)
        path.append(error)
    return np.array(path)


@pytest.mark.parametrize("share", [0.05, 0.5, 0.95, 1.1])
@pytest.mark.parametrize("prepared", list(PREPARATIONS))
def test_path_and_loss_are_those_of_gradient_descent(share, prepared):
    result = compute(Params(scale=3.0, mean=1.0, correlation=0.5, share=share, prepared=prepared))
    for problem in (result.raw, result.prepared):
        path = descend(problem.x, share * problem.limit, STEPS)
        np.testing.assert_allclose(problem.path, path, rtol=1e-8, atol=1e-10)
        loss = ((problem.x @ path.T) ** 2).mean(axis=0)
        np.testing.assert_allclose(problem.loss, loss / loss[0], rtol=1e-6, atol=1e-14)


def test_steps_needed_is_the_first_step_at_a_millionth():
    problem = compute(Params(scale=2.0, mean=0.5)).raw
    path = descend(problem.x, 0.5 * problem.limit, problem.steps_needed)
    loss = ((problem.x @ path.T) ** 2).mean(axis=0)
    assert loss[-1] <= 1e-6 * loss[0] < loss[-2]


def test_diverges_above_the_limit_and_says_so():
    explorer = DescentExplorer(share=1.05)
    assert explorer.result.raw.steps_needed is None
    assert explorer.result.raw.loss[-1] > 1
    assert explorer.alt.count("diverges") == 2


def test_inputs_have_the_moments_that_the_sliders_say():
    x = inputs(5.0, 2.0, -0.4, 0)
    np.testing.assert_allclose(x.std(axis=0), [1, 5])
    np.testing.assert_allclose(x.mean(axis=0), [2, 10])
    assert np.corrcoef(x.T)[0, 1] == pytest.approx(-0.4)


def test_condition_numbers_follow_their_formulas():
    result = compute(Params(scale=10.0, mean=0.0, correlation=0.0))
    assert result.raw.condition == pytest.approx(100)
    assert result.prepared.condition == pytest.approx(1)
    correlated = compute(Params(scale=10.0, mean=3.0, correlation=0.9))
    assert correlated.prepared.condition == pytest.approx(1.9 / 0.1)
    whitened = compute(Params(scale=10.0, mean=3.0, correlation=0.9, prepared="whitened"))
    assert whitened.prepared.condition == pytest.approx(1)
    # Two features with mean m and deviation 1, uncorrelated: 1 + 2m².
    assert compute(Params(scale=1.0, mean=3.0)).raw.condition == pytest.approx(19)


def test_whitened_data_have_the_identity_as_covariance():
    x = whiten(inputs(20.0, 3.0, 0.9, 0))
    np.testing.assert_allclose(np.cov(x.T, ddof=0), np.eye(2), atol=1e-10)


def test_contours_are_curves_of_equal_loss():
    hessian = compute(Params(correlation=0.5)).raw.hessian
    for level, curve in zip(LEVELS, contours(hessian), strict=True):
        loss = np.einsum("ip,ij,jp->p", curve, hessian, curve)
        np.testing.assert_allclose(loss, level * START @ hessian @ START)


def test_artists_show_the_result():
    explorer = DescentExplorer()
    explorer.set(step=7, prepared="whitened")
    assert explorer.error is None
    raw, prepared = explorer.view.rows
    np.testing.assert_array_equal(raw.path.get_xydata(), explorer.result.raw.path[:8])
    np.testing.assert_array_equal(prepared.points.get_xydata(), explorer.result.prepared.x)
    np.testing.assert_array_equal(explorer.view.raw_loss.get_ydata(), explorer.result.raw.loss)
    assert prepared.name.get_text() == "Whitened"
    assert raw.verdict.get_text() == "κ = 134: 647 steps"
