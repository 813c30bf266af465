"""The explorer of small batches: its evidence, its outputs against torch's layers, and its artists."""

import numpy as np
import pytest
import torch

from bn_course.experiments import evidence
from bn_course.explorers import small_batches
from bn_course.explorers.small_batches import (
    BATCHES,
    NORMS,
    SIZES,
    Params,
    SmallBatchesExplorer,
    compute,
    draws,
)
from bn_course.nets.renorm import BatchRenorm1d


@pytest.mark.parametrize("norm", list(NORMS))
def test_the_error_is_that_of_the_evidence(norm):
    stored = evidence("error_against_batch_size").mean[norm]
    shown = [compute(Params(norm=norm, batch_size=size)).error for size in SIZES]
    np.testing.assert_array_equal(shown, stored)


@pytest.mark.parametrize(
    ("norm", "layer"), [("batch", torch.nn.BatchNorm1d(1)), ("renorm", BatchRenorm1d(1))]
)
@pytest.mark.parametrize("size", [2, 8])
def test_outputs_are_those_of_the_layers_in_training(norm, layer, size):
    result = compute(Params(norm=norm, batch_size=size, example=1.5))
    layer = layer.double()
    for batch in range(5):
        layer.reset_running_stats()
        x = torch.from_numpy(draws(0)[batch, :size].copy())
        x[0] = 1.5
        assert layer.train()(x[:, None])[0].item() == pytest.approx(result.training[batch], rel=1e-4)


@pytest.mark.parametrize("norm", ["layer", "group", "none"])
def test_what_does_not_look_across_the_batch_is_the_same_in_every_batch(norm):
    results = [compute(Params(norm=norm, batch_size=size)) for size in SIZES]
    for result in results:
        np.testing.assert_array_equal(result.training, np.full(BATCHES, results[0].inference))


def test_two_examples_leave_plus_or_minus_one():
    result = compute(Params(batch_size=2))
    assert abs(result.training).max() <= 1
    assert np.median(abs(result.training)) > 0.9999


def test_a_larger_batch_is_calmer_and_renormalisation_is_inference_while_the_bounds_hold():
    spreads = [compute(Params(batch_size=size)).spread for size in (4, 16, 64)]
    assert spreads[0] > spreads[1] > spreads[2]
    renormed = compute(Params(norm="renorm", batch_size=64))
    assert renormed.spread < 1e-6


def test_artists_show_the_result():
    explorer = SmallBatchesExplorer(batch_size=8, norm="group", batches=30)
    assert explorer.error is None
    view, result = explorer.view, explorer.result
    np.testing.assert_array_equal(view.dots.get_xdata(), result.training)
    assert len(view.dots.get_ydata()) == 30
    assert [float(v[0]) for v in view.point.get_data()] == [8.0, result.error]
    assert view.titles[0].get_text() == f"{result.error:.1f} % wrong with 8 a batch"
    assert view.point.get_color() == small_batches.HUES["group"]
    explorer.set(batches=0)
    assert explorer.error is None
    assert "No batch has been drawn" in explorer.alt


def test_missing_evidence_is_said_so(monkeypatch):
    def missing(name):
        raise ValueError(f"no evidence {name!r}: it has not been measured")

    small_batches.measured.cache_clear()
    monkeypatch.setattr(small_batches, "evidence", missing)
    with pytest.raises(ValueError, match="it has not been measured"):
        compute(Params())
    small_batches.measured.cache_clear()
