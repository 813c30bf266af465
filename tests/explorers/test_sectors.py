"""The strip of sectors: what is stored is what the meter counts, and what is drawn is what is stored."""

from importlib import import_module

import numpy as np
import pytest

from bn_course.explorers.sectors import (
    BEST,
    KERNELS,
    SECTORS,
    Params,
    SectorsExplorer,
    compare,
    compute,
    stored,
)


def ours(name):
    variant = import_module("bn_course.checks.06_pytorch_and_gpu.stats_kernel").QUESTION.variant
    return variant(**KERNELS[name])


@pytest.mark.parametrize("name", KERNELS)
def test_the_stored_traces_are_the_meters(name):
    pytest.importorskip("triton", reason="Triton is for Linux alone")
    from bn_course.explorers.sectors import traced

    assert traced(ours(name)) == stored()[name]


@pytest.mark.parametrize(
    ("name", "most", "fetched"),
    [
        (BEST, 1, 1024),
        ("x read twice", 2, 2048),
        ("lanes far apart", 2, 2048),
        ("every program reads all", 2, 2048),
        ("one program does all", 1, 1024),
    ],
)
def test_bytes_of_each_kernel_by_hand(name, most, fetched):
    result = compute(Params(kernel=name))
    assert result.times[0].max() == most
    assert result.fetched.tolist() == [fetched, 1024]


def test_programs_one_after_another():
    done = [compute(Params(kernel="one program does all", finished=n)).fetched.tolist() for n in range(5)]
    assert done == [[0, 0], [512, 256], [512, 512], [1024, 768], [1024, 1024]]


def test_the_colours_are_the_counts():
    e = SectorsExplorer(kernel="x read twice")
    assert e.error is None
    np.testing.assert_array_equal(np.ravel(e.view.strips[0].get_array()), np.full(SECTORS, 2))
    np.testing.assert_array_equal(np.ravel(e.view.strips[1].get_array()), np.ones(SECTORS))
    e.set(finished=0)
    assert not np.any(e.view.strips[0].get_array())
    assert e.view.titles[0].get_text() == "x read twice: 0 bytes fetched"


def test_yours_stands_beside_the_best():
    pytest.importorskip("triton", reason="Triton is for Linux alone")
    e = compare(ours("lanes far apart"))
    assert e.result.names == ("yours", BEST)
    assert e.result.fetched.tolist() == [2048, 1024]
    assert "yours: 2048 bytes" in e.alt


def test_an_unknown_kernel_is_refused():
    with pytest.raises(ValueError, match="there is no kernel"):
        Params(kernel="the fastest")
