"""The meter, held to counts made by hand."""

import json

import numpy as np
import pytest
import torch

pytest.importorskip("triton", reason="Triton is for Linux alone")

import triton
import triton.language as tl

from bn_course.gpu.meter import Access, Meter, from_memory


@triton.jit
def copy(x_ptr, y_ptr, n, BLOCK: tl.constexpr):
    at = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    tl.store(y_ptr + at, tl.load(x_ptr + at, at < n, 0.0), at < n)


@triton.jit
def copy_without_mask(x_ptr, y_ptr, BLOCK: tl.constexpr):
    at = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    tl.store(y_ptr + at, tl.load(x_ptr + at))


@triton.jit
def every(x_ptr, y_ptr, step, BLOCK: tl.constexpr):
    at = tl.arange(0, BLOCK) * step
    tl.store(y_ptr + tl.program_id(0), tl.sum(tl.load(x_ptr + at), 0))


@triton.jit
def into_one(x_ptr, total_ptr, ATOMIC: tl.constexpr):
    x = tl.load(x_ptr + tl.program_id(0))
    if ATOMIC:
        tl.atomic_add(total_ptr, x)
    else:
        tl.store(total_ptr, tl.load(total_ptr) + x)


@triton.jit
def twice(x):
    doubled = x + x
    return doubled


@triton.jit
def doubled_sum(x_ptr, y_ptr, BLOCK: tl.constexpr, WIDE: tl.constexpr):
    x = tl.load(x_ptr + tl.arange(0, BLOCK))
    if WIDE:
        x = x.to(tl.float32)
    tl.store(y_ptr, tl.sum(twice(x), 0).to(y_ptr.dtype.element_ty))


def test_a_copy_of_ten_numbers_by_programs_of_four():
    x, y = torch.arange(10.0), torch.empty(10)
    launch = Meter().launch(copy, (3,), x, y, 10, BLOCK=4)
    assert torch.equal(x, y)
    assert launch.bytes("x", "read") == launch.bytes("y", "write") == 40
    assert launch.bytes("y", "read") == 0
    assert launch.by_program("x").tolist() == [16, 16, 8]
    # 4 numbers are half a sector: the first two programs share one, the third has another.
    assert [a.sectors.tolist() for a in launch.of("x")] == [[0], [0], [1]]
    assert launch.fetched("x") == 3 * 32
    assert launch.masked == 2 * 2
    assert launch.times("x", "read").tolist() == [1] * 10
    assert (launch.beyond, launch.races, launch.unwritten) == (0, {}, 0)


@pytest.mark.parametrize(
    ("dtype", "step", "sectors"),
    # 16 numbers: neighbours lie in 16·4/32 sectors; from 32 bytes on each has its own
    [(torch.float32, 1, 2), (torch.float32, 2, 4), (torch.float32, 8, 16), (torch.float32, 32, 16),
     (torch.bfloat16, 1, 1), (torch.bfloat16, 8, 8), (torch.bfloat16, 16, 16), (torch.float64, 1, 4)],
)  # fmt: skip
def test_strided_loads_fetch_sectors_that_they_do_not_use(dtype, step, sectors):
    x, y = torch.ones(16 * step).to(dtype), torch.empty(1)
    launch = Meter().launch(every, (1,), x, y.to(dtype), step, BLOCK=16)
    assert launch.bytes("x") == 16 * dtype.itemsize
    assert launch.fetched("x") == 32 * sectors


def test_a_tensor_that_begins_within_a_sector_touches_one_more():
    whole = torch.arange(32.0)
    y = torch.empty(8)
    assert Meter().launch(copy, (1,), whole[8:16], y, 8, BLOCK=8).fetched("x") == 32
    assert Meter().launch(copy, (1,), whole[3:11], y, 8, BLOCK=8).fetched("x") == 64


def test_what_lies_beyond_the_end_is_counted_and_harms_nobody():
    x, y = torch.ones(6), torch.empty(6)
    launch = Meter().launch(copy_without_mask, (2,), x, y, BLOCK=4)
    assert launch.beyond == 2 + 2  # two lanes of the second program, reading and writing
    assert torch.equal(x, y)
    x, total = torch.ones(6), torch.empty(1)
    Meter().launch(every, (1,), x, total, 1, BLOCK=8)
    assert total.isnan()


@pytest.mark.parametrize("dtype", [torch.float32, torch.float16, torch.int32])
def test_programs_that_write_one_address_race_unless_by_an_atomic(dtype):
    x, total = torch.arange(5).to(dtype), torch.zeros(1).to(dtype)
    assert Meter().launch(into_one, (5,), x, total, ATOMIC=False).races == {"total": 1}
    total = torch.zeros(1).to(dtype)
    launch = Meter().launch(into_one, (5,), x, total, ATOMIC=True)
    assert launch.races == {}
    assert total.item() == 10
    assert launch.bytes("total") == 5 * 2 * dtype.itemsize  # each reads and writes
    assert launch.times("total", "atomic").tolist() == [5]


def test_one_program_races_with_nobody():
    x, total = torch.ones(1), torch.zeros(1)
    assert Meter().launch(into_one, (1,), x, total, ATOMIC=False).races == {}


def test_the_order_of_the_programs_can_be_turned():
    x = torch.tensor([1.0, 2.0**25, -(2.0**25)])
    totals = []
    for backwards in (False, True):
        total = torch.zeros(1)
        Meter(backwards).launch(into_one, (3,), x, total, ATOMIC=True)
        totals.append(total.item())
    assert totals == [0.0, 1.0]  # float32 loses a 1 beside 2²⁵


def test_reading_what_nobody_wrote_is_counted():
    meter, x, total = Meter(), torch.ones(4), torch.zeros(1)
    assert meter.launch(into_one, (4,), x, total, ATOMIC=False, fresh=("total",)).unwritten == 1
    assert meter.launch(into_one, (4,), x, total, ATOMIC=False).unwritten == 0
    assert meter.launch(copy, (1,), x, torch.empty(4), 4, BLOCK=4, fresh=("y",)).unwritten == 0


@pytest.mark.parametrize(("dtype", "wide", "sums"), [
    (torch.float32, False, 0), (torch.bfloat16, False, 2), (torch.float16, False, 2),
    (torch.bfloat16, True, 0), (torch.float16, True, 0),
])  # fmt: skip
def test_sums_in_half_precision_are_counted_also_in_helpers(dtype, wide, sums):
    x, y = torch.full((8,), 0.5).to(dtype), torch.empty(1).to(dtype)
    launch = Meter().launch(doubled_sum, (1,), x, y, BLOCK=8, WIDE=wide)
    assert y.item() == 8
    assert launch.half_sums == sums


def test_bfloat16_is_rounded_to_the_nearest():
    x = torch.randn(64, generator=torch.Generator().manual_seed(0))
    y = torch.empty(64, dtype=torch.bfloat16)

    @triton.jit
    def shorten(x_ptr, y_ptr, BLOCK: tl.constexpr):
        at = tl.arange(0, BLOCK)
        tl.store(y_ptr + at, tl.load(x_ptr + at).to(tl.bfloat16))

    Meter().launch(shorten, (1,), x, y, BLOCK=64)
    assert torch.equal(y, x.to(torch.bfloat16))


def test_a_tensor_has_the_name_that_each_kernel_gives_it_and_is_the_same_memory():
    meter, x, y = Meter(), torch.ones(4), torch.empty(4)
    meter.launch(copy, (1,), x, y, 3, BLOCK=4, fresh=("y",))
    meter.launch(copy, (1,), y, torch.empty(4), 4, BLOCK=4)
    assert meter.launches[1].bytes("x", "read") == 16
    assert meter.launches[1].unwritten == 1


def test_a_tensor_given_twice_is_one():
    x = torch.ones(4)
    launch = Meter().launch(copy, (1,), x, x, 4, BLOCK=4)
    assert launch.bytes("x", "read") == launch.bytes("x", "write") == 16
    assert launch.races == {}  # one program reads and writes it


def test_an_element_that_several_lanes_ask_for_is_one():
    access = Access(0, "x", "read", np.array([3, 3, 4]), 4)
    assert access.bytes == 8
    assert access.sectors.tolist() == [0]


def test_the_kernels_namespace_stays_as_it_is():
    before, language = set(globals()), dict(vars(tl))
    Meter().launch(copy, (1,), torch.ones(4), torch.empty(4), 4, BLOCK=4)
    assert set(globals()) == before
    assert vars(tl) == language  # nor is Triton's own changed


@pytest.mark.parametrize(
    ("x", "error", "message"),
    [
        (torch.ones(4, dtype=torch.complex64), TypeError, "x is torch.complex64"),
        (torch.ones(4, 2)[:, 0], ValueError, "x has gaps"),
    ],
)
def test_what_cannot_be_metered_is_refused(x, error, message):
    with pytest.raises(error, match=message):
        Meter().launch(copy, (1,), x, torch.empty(4), 4, BLOCK=4)


def test_a_cache_spares_what_it_still_holds():
    x, y = torch.arange(32.0), torch.empty(32)
    meter = Meter()
    for _ in range(2):
        meter.launch(copy, (4,), x, y, 32, BLOCK=8)  # four sectors read, four written
    once, twice = from_memory(meter.launches[:1], 10**6), from_memory(meter.launches, 10**6)
    assert once == (4 + 4) * 32
    assert twice == once + 4 * 32  # x was there; y is written all the same
    assert from_memory(meter.launches, 0) == 2 * once


def test_the_ladder_is_what_is_stored_for_machines_without_triton():
    from bn_course import course
    from bn_course.gpu.ladder import counted

    assert counted() == json.loads((course.folder("evidence") / "ladder.json").read_text(encoding="utf-8"))
