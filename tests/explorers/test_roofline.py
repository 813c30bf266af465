"""The memory's speed limit: bytes, floors, and what was measured."""

import json

import numpy as np
import pytest
import torch

from bn_course import course
from bn_course.explorers.roofline import (
    CROSSINGS,
    MEASURED,
    SHAPES,
    WIDTHS,
    Params,
    RooflineExplorer,
    compute,
)
from bn_course.gpu.contestants import composed
from bn_course.gpu.traffic import bytes_moved, bytes_read_once, crossings

RECORD = json.loads((course.folder("evidence") / "norms_cpu.json").read_text(encoding="utf-8"))
WAYS = dict(zip(CROSSINGS, range(3), strict=True))


@pytest.mark.parametrize("dtype", WIDTHS)
@pytest.mark.parametrize("shape", SHAPES)
def test_bytes_are_those_of_the_traffic_model(shape, dtype):
    megabytes = compute(Params(shape=shape, dtype=dtype)).megabytes
    for way, count in (("fused, two passes", bytes_moved), ("fused, read once", bytes_read_once)):
        expected = sum(count(shape, dtype, op) for op in ("training", "backward"))
        assert megabytes[WAYS[way]] * 1e6 == pytest.approx(expected)


def test_the_formula_written_out_crosses_the_bus_as_often_as_is_said():
    x, gamma, beta = (torch.randn(shape, requires_grad=True) for shape in ((8, 4, 6, 6), (4,), (4,)))
    dy = torch.randn(8, 4, 6, 6)

    def both_ways():
        torch.autograd.grad(composed(x, gamma, beta), (x, gamma, beta), dy)

    assert crossings(lambda: composed(x, gamma, beta), x.shape) == 12
    assert crossings(both_ways, x.shape) == 45 == CROSSINGS["each operation by itself"]


def test_floors_fall_with_the_bandwidth_and_the_width():
    slow, fast = (compute(Params(bandwidth=b)).floors for b in (10.0, 100.0))
    np.testing.assert_allclose(slow, 10 * fast)
    half = compute(Params(dtype="bfloat16", bandwidth=10.0)).floors
    np.testing.assert_allclose(slow, 2 * half)


def test_dots_are_the_stored_times_and_only_in_the_type_that_was_measured():
    stored = {tuple(row["shape"]): row["seconds"] for row in RECORD["rows"]}
    e = RooflineExplorer(shape=(256, 1024))
    assert e.error is None
    assert e.view.dots.get_xdata()[3] == pytest.approx(1e3 * stored[256, 1024]["nn.BatchNorm"])
    assert np.isnan(e.view.dots.get_xdata()[4])  # channels last is for images
    e.set(dtype="bfloat16")
    assert np.isnan(e.view.dots.get_xdata()).all()


def test_what_the_lesson_asks_to_see_is_there():
    copied = RECORD["copy_bytes_a_second"] / 1e9
    assert Params().bandwidth == pytest.approx(copied, abs=0.5)  # the slider stands at that machine's copy
    own = MEASURED.index("nn.BatchNorm")
    in_cache = compute(Params(shape=(256, 1024)))
    assert in_cache.measured[own] < in_cache.floors[1]
    tiny = compute(Params(shape=(64, 128)))
    assert (tiny.measured[np.isfinite(tiny.measured)] > tiny.floors[1]).all()


def test_every_shape_was_measured():
    assert all(np.isfinite(compute(Params(shape=shape)).measured).sum() >= 5 for shape in SHAPES)


def test_an_unknown_shape_is_refused():
    with pytest.raises(ValueError, match="nothing was measured at"):
        Params(shape=(2, 3))
