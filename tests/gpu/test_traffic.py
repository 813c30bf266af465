"""The model of the memory's traffic."""

import numpy as np
import pytest
import torch

from bn_course.gpu.traffic import bytes_moved, bytes_read_once, crossings


@pytest.mark.parametrize(("op", "times"), [("inference", 2), ("training", 3), ("backward", 5)])
@pytest.mark.parametrize(
    ("dtype", "size"),
    [
        ("float32", 4),
        (np.float64, 8),
        (np.dtype("float16"), 2),
        (torch.bfloat16, 2),
        ("bfloat16", 2),
    ],
)
def test_bytes_of_two_passes(dtype, size, op, times):
    assert bytes_moved((2, 3, 5, 7), dtype, op) == times * 210 * size
    assert isinstance(bytes_moved((2, 3), dtype, op), int)


def test_reading_once_saves_a_read_in_training_and_two_backwards():
    shape, dtype = (8, 4, 16, 16), "float32"
    tensor = 8 * 4 * 16 * 16 * 4
    assert bytes_moved(shape, dtype, "training") - bytes_read_once(shape, dtype, "training") == tensor
    assert bytes_moved(shape, dtype, "backward") - bytes_read_once(shape, dtype, "backward") == 2 * tensor
    assert bytes_moved(shape, dtype, "inference") == bytes_read_once(shape, dtype, "inference")


def test_operations_are_counted_by_what_they_read_and_write():
    x, y, row = torch.randn(4, 5), torch.randn(4, 5), torch.randn(5)
    counted = {
        "x + 1": lambda: x + 1,
        "x + y": lambda: x + y,
        "x * x": lambda: x * x,
        "x * row": lambda: x * row,
        "x.mean(0)": lambda: x.mean(0),
        "row + row": lambda: row + row,
        "x.view(4, 5)": lambda: x.view(4, 5),
    }
    assert [crossings(work, (4, 5)) for work in counted.values()] == [2, 3, 2, 2, 1, 0, 0]


def test_large_shapes_do_not_overflow():
    assert bytes_moved((1024, 1024, 512, 512), np.float32, "backward") == 5 * 4 * 2**38


@pytest.mark.parametrize(
    ("dtype", "op"), [("float32", "forward"), ("float33", "training"), (object(), "training")]
)
def test_what_is_unknown_is_named(dtype, op):
    with pytest.raises(ValueError, match=r"op is 'forward'; it must be one of|dtype is"):
        bytes_moved((2, 3), dtype, op)
