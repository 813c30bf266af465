"""Channels of a trained network: the network as PyTorch computes it, the norms, and what the sheet shows."""

import numpy as np
import pytest
import torch
from torch.nn.functional import batch_norm, conv2d, group_norm, instance_norm, relu

from bn_course.explorers import channels
from bn_course.explorers.channels import (
    COLUMNS,
    DOT,
    GREYS,
    GROUP,
    HIGHEST,
    RANGE,
    SENTENCES,
    SHOWN,
    SIDE,
    STEP,
    ChannelsExplorer,
    Params,
    compute,
    convolve,
    describe,
    sheet,
    stored,
)

NORMS = list(SENTENCES)


def tensors(*names):
    return [torch.from_numpy(stored()[name]) for name in names]


@pytest.mark.parametrize("stride", [1, 2])
def test_convolution_is_pytorch_s(stride):
    rng = np.random.default_rng(0)
    x, filters = rng.normal(size=(2, 3, 8, 6)), rng.normal(size=(5, 3, 3, 3))
    theirs = conv2d(torch.from_numpy(x), torch.from_numpy(filters), stride=stride, padding=1)
    np.testing.assert_allclose(convolve(x, filters, stride), theirs.numpy(), atol=1e-12)


def test_the_channels_are_those_of_the_stored_network():
    pictures, first, second, gamma, beta, mean, var = tensors(
        "pictures", "first", "second", "gamma", "beta", "mean", "var"
    )
    x = ((pictures - pictures.mean()) / pictures.std(correction=0))[:, None]
    one = conv2d(x, first, padding=1)
    two = conv2d(relu(batch_norm(one, mean, var, gamma, beta)), second, stride=2, padding=1)
    for layer, expected in ((1, one), (2, two)):
        np.testing.assert_allclose(channels.channels(layer, 1.0, 0.0)[1], expected.numpy(), atol=1e-10)
        shown = compute(Params(layer=layer, first=5)).x
        np.testing.assert_allclose(shown, expected[:, 4:8].numpy(), atol=1e-10)


def test_the_network_has_learned_something():
    assert stored()["accuracy"] > 2 / 3  # which of three photographs: guessing is right once in three times


@pytest.mark.parametrize("layer", [1, 2])
def test_the_norms_see_all_channels_of_the_layer(layer):
    x = torch.from_numpy(channels.channels(layer, 1.0, 0.0)[1])
    count = x.shape[1]
    expected = {
        "batch": batch_norm(x, None, None, training=True),
        "layer": group_norm(x, 1),
        "group": group_norm(x, count // GROUP),
        "instance": instance_norm(x),
    }
    for norm in NORMS:
        y = compute(Params(norm, layer)).y
        np.testing.assert_allclose(y, expected[norm][:, :SHOWN].numpy(), atol=1e-6)


def order(energies, axis):
    return np.argsort(np.round(energies, 6), axis=axis).tolist()


@pytest.mark.parametrize("layer", [1, 2])
@pytest.mark.parametrize("first", [1, 9])
def test_what_each_norm_keeps_is_what_its_title_says(layer, first):
    results = {norm: compute(Params(norm, layer, first, contrast=0.4)) for norm in NORMS}
    before = results["batch"].energies[0]
    after = {norm: result.energies[1] for norm, result in results.items()}
    assert order(after["batch"], axis=0) == order(before, axis=0)
    assert order(after["layer"], axis=1) == order(before, axis=1)
    for pair in (slice(0, 2), slice(2, 4)):
        assert order(after["group"][:, pair], axis=1) == order(before[:, pair], axis=1)
    np.testing.assert_allclose(after["instance"], 1, atol=0.01)


def test_another_light_on_the_flag_reaches_the_other_squares_under_batch_norm_alone():
    for norm in NORMS:
        usual, dim = (compute(Params(norm, contrast=contrast)).y for contrast in (1.0, 0.2))
        assert (np.abs(usual[1:] - dim[1:]).max() > 0.05) == (norm == "batch")


def test_unknown_norms_are_refused():
    with pytest.raises(ValueError, match="it needs to be one of batch, layer"):
        Params("weight")


def test_the_sheet_has_every_cell_in_its_place():
    result = compute(Params(layer=2))
    shown = sheet(result)
    assert (np.round(GREYS * shown) == GREYS * shown).all()
    row, column = 1, 6  # the face, channel 2 normalised
    top, left = row * STEP, COLUMNS[column] - COLUMNS[0]
    cell = shown[top : top + SIDE : 2, left : left + SIDE : 2]
    np.testing.assert_allclose(cell, np.clip(result.y[1, 1] / RANGE, -1, 1), atol=0.5 / GREYS + 1e-9)
    assert (shown[SIDE:STEP] == 1).all()  # white between


@pytest.mark.parametrize(("norm", "frames"), [("batch", 4), ("layer", 3), ("group", 6), ("instance", 12)])
def test_a_frame_for_each_set_that_shares_a_mean(norm, frames):
    found = ChannelsExplorer(norm=norm).view.frames.get_segments()
    assert len(found) == frames
    low, high = np.min(found, axis=(0, 1)), np.max(found, axis=(0, 1))
    whole = np.array([SHOWN * STEP, 3 * STEP]) - (STEP - SIDE) + 2
    np.testing.assert_allclose(high - low, whole * DOT)


def test_bars_show_the_deviations():
    explorer = ChannelsExplorer(norm="group", first=5)
    for bars, energies in zip(explorer.view.bars, explorer.result.energies, strict=True):
        heights = [[end[1] for _, end in lines.get_segments()] for lines in bars]
        np.testing.assert_allclose(heights, np.minimum(energies, HIGHEST))
    assert "channels 5 to 8 of layer 1" in describe(explorer.result)
