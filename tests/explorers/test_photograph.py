"""The picture through each norm: its outputs against the norms' own axes, and what the artists show."""

import numpy as np
import pytest

from bn_course.explorers.photograph import (
    HEIGHT,
    LOST,
    WIDTH,
    Params,
    PhotographExplorer,
    compute,
    displayed,
    scenes,
)
from bn_course.norms import standardize

AXES = {"batch": (0, 2, 3), "layer": (1, 2, 3), "pointwise layer": 1, "instance": (2, 3)}


def test_the_scenes_are_pictures_and_differ_in_light():
    x = scenes()
    assert x.shape == (3, 3, HEIGHT, WIDTH)
    assert x.min() >= 0
    assert x.max() <= 1
    noon, evening, night = x.mean((2, 3))
    assert noon.mean() > evening.mean() > 2 * night.mean()
    assert evening[0] > evening[2] + 0.1  # red
    assert night[2] > night[0]  # blue


@pytest.mark.parametrize("norm", AXES)
def test_a_norm_is_its_axes(norm):
    result = compute(Params(norm=norm, contrast=0.6, brightness=0.2))
    np.testing.assert_allclose(result.y, standardize(result.x, AXES[norm]), atol=1e-9)


def test_one_group_is_layer_norm_and_three_are_instance_norm():
    for groups, norm in ((1, "layer"), (3, "instance")):
        grouped = compute(Params(norm="group", num_groups=groups)).y
        np.testing.assert_allclose(grouped, compute(Params(norm=norm)).y, atol=1e-9)


@pytest.mark.parametrize("norm", ["layer", "instance"])
def test_the_light_of_one_picture_is_forgotten(norm):
    plain, lit = (
        compute(Params(norm=norm, **light)).y for light in ({}, {"contrast": 0.4, "brightness": -0.3})
    )
    np.testing.assert_allclose(lit, plain, atol=0.02)  # up to ε, which weighs more at low contrast
    assert norm != "layer" or abs(lit.mean((2, 3))).max() > 0.2  # the tint stays


def test_batch_norm_remembers_the_light_and_passes_it_on():
    plain, lit = (compute(Params(norm="batch", brightness=b)).y for b in (0, 0.4))
    assert lit[0].mean() > plain[0].mean() + 0.3
    assert abs(lit[2] - plain[2]).max() > 0.05  # the other pictures move as well


def test_two_groups_are_refused_in_a_sentence():
    explorer = PhotographExplorer(norm="group")
    explorer.set(num_groups=2)
    assert "num_groups is 2" in explorer.alert
    assert "divides its 3 channels" in explorer.alert
    explorer.set(norm="batch")
    assert explorer.error is None


def test_the_artists_show_the_result():
    explorer = PhotographExplorer(norm="batch")
    explorer.view.still(explorer.result)
    result = explorer.result
    np.testing.assert_array_equal(explorer.view.pictures[5].get_array(), displayed(result.y[2]))
    dots, bars = explorer.view.dots[1][0]
    np.testing.assert_allclose(dots.get_ydata(), result.means[1][:, 0])
    np.testing.assert_allclose(np.ptp(bars.get_segments()[2][:, 1]), 2 * result.deviations[1][2, 0])
    assert explorer.view.title.get_text() == LOST["batch"]


def test_the_alternative_text_gives_the_difference_that_is_left():
    assert "differ by up to 0.00" in PhotographExplorer(norm="instance").alt
    batch = PhotographExplorer(norm="batch")
    assert f"differ by up to {np.ptp(batch.result.means[1].mean(1)):.2f}" in batch.alt
    assert "One group takes" in PhotographExplorer(num_groups=1).alt
