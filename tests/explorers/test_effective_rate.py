"""The effective-rate explorer: its neuron against torch, its laws, and what its artists show."""

import numpy as np
import pytest
import torch

from bn_course.explorers.effective_rate import (
    DROP,
    STEPS,
    EffectiveRateExplorer,
    Params,
    angle,
    compute,
    draws,
    turned,
)


def test_the_weights_are_those_of_torch():
    x, noise, start = (torch.from_numpy(a) for a in draws(0))
    w = (3.0 * start).requires_grad_()
    optimiser = torch.optim.SGD([w], lr=1.0, weight_decay=0.01)
    result = compute(Params(rate=1.0, decay=0.01, length=3.0))
    for step in range(40):
        assert w.norm().item() == pytest.approx(result.lengths[step], rel=1e-9)
        a = x[step] @ w
        y = (a - a.mean()) / a.std(correction=0)
        loss = ((y - x[step][:, 0] - noise[step]) ** 2).mean() / 2
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()


def test_without_decay_the_weights_only_grow():
    assert (np.diff(compute(Params(rate=1.0, decay=0.0)).lengths) > 0).all()


@pytest.mark.parametrize("rate", [0.32, 1.0])
def test_with_decay_the_start_is_forgotten_and_the_turn_is_that_of_theory(rate):
    runs = [compute(Params(rate=rate, decay=0.03, length=length)) for length in (0.3, 1.0, 3.0)]
    ends = [run.effective[-1] for run in runs]
    assert max(ends) < 1.1 * min(ends)
    for run in runs:
        assert turned(run) == pytest.approx(np.sqrt(2 * rate * 0.03), rel=0.15)
        assert run.effective[-1] == pytest.approx(run.balance[-1], rel=0.25)


def test_a_lower_rate_lowers_the_effective_rate_at_once_and_then_it_recovers():
    run = compute(Params(rate=1.0, decay=0.03, drop=True))
    assert run.effective[DROP] == pytest.approx(run.effective[DROP - 1] / 10, rel=0.2)
    assert run.effective[-1] > 2 * run.effective[DROP]


def test_rate_and_length_squared_trade_against_each_other():
    one, other = compute(Params(rate=0.1, decay=0.0)), compute(Params(rate=10.0, decay=0.0, length=10.0))
    np.testing.assert_allclose(one.errors, other.errors, rtol=1e-6)


def test_angle_is_exact_when_small():
    assert angle(np.array([1.0, 0.0]), np.array([2.0, 2e-9])) == pytest.approx(1e-9)
    assert angle(np.array([1.0, 0.0]), np.array([0.0, 3.0])) == pytest.approx(np.pi / 2)


def test_artists_show_the_result():
    explorer = EffectiveRateExplorer(rate=1.0, step=200, decay=0.001)
    assert explorer.error is None
    np.testing.assert_array_equal(explorer.view.lines["length"].get_ydata(), explorer.result.lengths[:201])
    np.testing.assert_array_equal(
        explorer.view.lines["effective"].get_ydata(), explorer.result.effective[:201]
    )
    np.testing.assert_array_equal(explorer.view.balance.get_ydata(), explorer.result.balance)
    assert len(explorer.view.balance.get_ydata()) == STEPS + 1
    assert "After 200 steps at rate 1 with decay 0.001" in explorer.alt
    explorer.set(decay=0.0, step=0)
    assert explorer.error is None
    assert "no decay" in explorer.view.titles["error"].get_text()
