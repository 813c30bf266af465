"""The running explorer: its estimates against torch's layer, and what its artists show."""

import numpy as np
import pytest
import torch

from bn_course.explorers.running import (
    LARGEST,
    SIGNALS,
    STEPS,
    Params,
    RunningExplorer,
    compute,
    draws,
    follow,
)


@pytest.mark.parametrize("signal", list(SIGNALS))
@pytest.mark.parametrize("momentum", [0.001, 0.1, 1.0])
def test_running_statistics_are_those_of_torch(signal, momentum):
    result = compute(Params(momentum=momentum, batch_size=4, signal=signal))
    layer = torch.nn.BatchNorm1d(1, momentum=momentum, dtype=torch.float64)
    for step in range(STEPS):
        x = draws(0)[step, :4] * np.sqrt(result.var[step]) + result.mean[step]
        layer(torch.from_numpy(x[:, None].copy()))
        assert layer.running_mean.item() == pytest.approx(result.running_mean[step])
        assert layer.running_var.item() == pytest.approx(result.running_var[step])


def test_outputs_are_those_of_torch_in_both_modes():
    result = compute(Params(batch_size=8, signal="drifts"))
    layer = torch.nn.BatchNorm1d(1, dtype=torch.float64)
    step = 40
    x = draws(0)[step, :8] * np.sqrt(result.var[step]) + result.mean[step]
    x[0] = result.mean[step] + np.sqrt(result.var[step])
    batch = torch.from_numpy(x[:, None])
    assert layer(batch)[0].item() == pytest.approx(result.training[step])
    layer.eval()
    layer.running_mean.fill_(result.running_mean[step])
    layer.running_var.fill_(result.running_var[step])
    assert layer(batch)[0].item() == pytest.approx(result.inference[step])


def test_the_start_keeps_the_weight_that_the_title_says():
    explorer = RunningExplorer(momentum=0.1, step=10)
    assert explorer.result.start_left == pytest.approx(0.9**10)
    assert "35 %" in explorer.view.titles["mean"].get_text()
    far = follow(np.full(10, 7.0), 0.1, start=107.0)
    assert far[-1] - 7 == pytest.approx(100 * explorer.result.start_left)


def test_a_batch_of_two_can_only_say_plus_or_minus_one():
    result = compute(Params(batch_size=2))
    assert abs(result.training).max() <= 1
    assert np.median(abs(result.training)) > 0.9999  # ε shows where the two are nearly equal


def test_inference_settles_on_a_feature_that_stands_still():
    result = compute(Params(momentum=0.03, batch_size=64, signal="stands still"))
    np.testing.assert_allclose(result.inference[-50:], 1, atol=0.1)
    wandering = compute(Params(momentum=1.0, batch_size=4, signal="stands still"))
    assert np.std(wandering.inference) > 5 * np.std(result.inference[-50:])


def test_momentum_trades_lag_for_noise():
    def error_after_the_jump(momentum):
        return compute(Params(momentum=momentum, batch_size=LARGEST)).running_mean[160] - 4

    assert error_after_the_jump(0.01) < error_after_the_jump(0.1) < error_after_the_jump(0.9) + 0.1
    assert error_after_the_jump(0.01) < -2


def test_the_lines_stop_at_the_step_shown():
    explorer = RunningExplorer(step=40)
    assert explorer.error is None
    for name, line in explorer.view.lines.items():
        np.testing.assert_array_equal(line.get_ydata(), getattr(explorer.result, name)[:40])
    explorer.set(step=0)
    assert explorer.error is None
    assert all(len(line.get_ydata()) == 0 for line in explorer.view.lines.values())
    assert "0 and the running variance 1" in explorer.alt


def test_the_alternative_text_gives_the_numbers():
    explorer = RunningExplorer(momentum=0.01, batch_size=32, signal="drifts", step=100)
    assert "After 100 steps with momentum 0.01 and batches of 32" in explorer.alt
    assert f"{explorer.result.running_mean[99]:.2f}" in explorer.alt
