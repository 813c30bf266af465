"""Every kernel of `bn_course.gpu` moves what the traffic model says, and what a channel needs besides."""

import pytest
import torch

pytest.importorskip("triton", reason="Triton is for Linux alone")

from bn_course.gpu import fused
from bn_course.gpu.meter import Meter
from bn_course.gpu.traffic import bytes_moved

SHAPE = (4, 4, 8, 8)
PLANS = {
    "one program": fused.ONE_PROGRAM,
    "split": fused.Plan(splits=4, reverse=False),
    "reversed": fused.Plan(splits=4),
}
LAYOUTS = {"nchw": torch.contiguous_format, "channels_last": torch.channels_last}
TENSOR = 4 * 4 * 8 * 8
VECTORS = {  # float32 of a channel that each kernel reads and writes; s of them for each split
    "stats_kernel": lambda s: 2 * s,  # mean, m2
    "normalise_kernel": lambda s: 2 * s * s + 2 * s + 2 + 4,  # all parts, γ, β; saved; running, both ways
    "gradient_sums_kernel": lambda s: 2 * s + 2 * s,  # μ and 1/σ; two sums
    "dx_kernel": lambda s: 2 * s * s + 3 * s + 2,  # all parts; γ, μ, 1/σ; dβ and dγ
}


def metered(plan, layout, dtype, extras=False):
    torch.manual_seed(0)
    x, dy, residual = (torch.randn(SHAPE).to(dtype).contiguous(memory_format=layout) for _ in range(3))
    gamma, beta, mean, var = torch.randn(4, SHAPE[1]).abs()
    with Meter() as meter:
        y, *saved = fused.forward(
            x, gamma, beta, mean, var, 1e-5, 0.1, True, extras, residual if extras else None, plan
        )
        fused.backward(dy, x, y, gamma, *saved, extras, extras, plan)
    return {launch.kernel: launch for launch in meter.launches}


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16], ids=str)
@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("plan", PLANS)
def test_two_passes_move_the_least_that_two_passes_can(plan, layout, dtype, monkeypatch):
    small_tiles(monkeypatch)
    launches = metered(PLANS[plan], LAYOUTS[layout], dtype)
    splits = launches["stats_kernel"].grid[1]
    assert splits == (1 if plan == "one program" else 4)
    tensors = {"stats_kernel": 1, "normalise_kernel": 2, "gradient_sums_kernel": 2, "dx_kernel": 3}
    for name, launch in launches.items():
        vectors = VECTORS[name](splits) * SHAPE[1] * 4
        assert launch.bytes() == tensors[name] * TENSOR * dtype.itemsize + vectors, name
        assert (launch.races, launch.beyond, launch.half_sums) == ({}, 0, 0), name
    forward = ((name, t) for name in ("stats_kernel", "normalise_kernel") for t in ("x", "y"))
    assert sum(launches[name].bytes(t) for name, t in forward) == bytes_moved(SHAPE, dtype, "training")
    backward = ((name, t) for name in ("gradient_sums_kernel", "dx_kernel") for t in ("x", "dy", "dx"))
    assert sum(launches[name].bytes(t) for name, t in backward) == bytes_moved(SHAPE, dtype, "backward")


def small_tiles(monkeypatch):
    """Tiles of at most 64 values, so that a small tensor has several."""
    whole = fused._Launch.of

    def small(x, plan):
        launch = whole(x, plan)
        tiles = -(-launch.values // 64)
        per_split = -(-tiles // (plan.splits or 1)) * 64
        object.__setattr__(launch, "block_m", 64)
        object.__setattr__(launch, "per_split", per_split)
        object.__setattr__(launch, "splits", -(-launch.values // per_split))
        return launch

    monkeypatch.setattr(fused._Launch, "of", small)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_sector_of_a_tensor_is_used_whole_and_every_element_once(layout, monkeypatch):
    small_tiles(monkeypatch)
    for name, launch in metered(PLANS["reversed"], LAYOUTS[layout], torch.float32).items():
        for tensor in launch.sizes.keys() & {"x", "y", "dy", "dx"}:
            if launch.bytes(tensor):
                assert launch.fetched(tensor) == launch.bytes(tensor) == TENSOR * 4, (name, tensor)
                kind = "write" if tensor == {"normalise_kernel": "y", "dx_kernel": "dx"}.get(name) else "read"
                assert launch.times(tensor, kind).tolist() == [1] * TENSOR


def test_relu_and_residual_cost_their_own_bytes_and_no_more():
    launches = metered(fused.Plan(splits=1), torch.contiguous_format, torch.float32, extras=True)
    forward = [launches["normalise_kernel"].bytes(t) for t in ("x", "residual", "y")]
    assert forward == [TENSOR * 4] * 3
    assert launches["gradient_sums_kernel"].bytes("y") == TENSOR * 4  # where the output is above 0
    assert launches["dx_kernel"].bytes("dresidual") == TENSOR * 4


def test_inference_reads_once_and_writes_once():
    x = torch.randn(SHAPE)
    gamma, beta, mean, var = torch.randn(4, SHAPE[1]).abs()
    with Meter() as meter:
        fused.forward(x, gamma, beta, mean, var, 1e-5, 0.1, False, False, None, fused.REVERSED)
    (launch,) = meter.launches
    assert launch.bytes("x") + launch.bytes("y") == bytes_moved(SHAPE, "float32", "inference")


def test_pass_two_reads_only_what_pass_one_wrote():
    from bn_course.gpu import kernels

    x, parts = torch.randn(2, 2, 8, 8), torch.full((2, 2, 2), torch.nan)
    sizes = (0, 2, 128, 64)
    blocks = {"S": 64, "LAST": False, "BLOCK_M": 32, "BLOCK_C": 1}
    meter = Meter()
    meter.launch(kernels.stats_kernel, (2, 2), x, *parts, *sizes, **blocks, fresh=("mean", "m2"))
    y, gamma, beta, saved = torch.empty_like(x), torch.ones(2), torch.zeros(2), torch.empty(2, 2)
    launch = meter.launch(
        kernels.normalise_kernel, (2, 2), x, x, y, gamma, beta, *parts, *saved, *saved, 1e-5, 0.1, *sizes, 2,
        **blocks, PARTS=2, TRAINING=True, TRACKED=False, RELU=False, ADD=False, REVERSE=True,
        fresh=("y", "saved_mean", "saved_inv_std"),
    )  # fmt: skip
    assert launch.unwritten == 0
    exact = torch.nn.functional.batch_norm(x.double(), None, None, training=True)
    assert (y - exact).abs().max() < 1e-5
