"""The fused kernels against PyTorch in float64, on a GPU where there is one, else in Triton's interpreter."""

import pytest
import torch
from torch import nn

pytest.importorskip("triton", reason="Triton is for Linux alone")

from bn_course.gpu import fused

DEVICE = "cuda" if torch.cuda.is_available() else "cpu"
LAYOUTS = {"nchw": torch.contiguous_format, "channels_last": torch.channels_last}
PLANS = {
    "one_program": fused.ONE_PROGRAM,
    "split": fused.SPLIT,
    "reversed": fused.Plan(splits=3),
    "grouped": fused.Plan(group_bytes=1500),
}
TYPES = {torch.float32: 2e-5, torch.bfloat16: 3e-2, torch.float16: 3e-3}


def layers(channels, **options):
    """The fused layer, and PyTorch's in float64 with the same random parameters."""
    torch.manual_seed(0)
    ours = fused.FusedBatchNorm2d(channels, **options).to(DEVICE)
    nn.init.normal_(ours.weight)
    nn.init.normal_(ours.bias)
    theirs = nn.BatchNorm2d(channels).to(DEVICE).double()
    theirs.load_state_dict(ours.state_dict())
    return ours, theirs


def run(layer, x, residual, dy, relu, outside):
    """Outputs, gradients, buffers; `outside` adds and rectifies what PyTorch's layer does not."""
    x = x.clone().requires_grad_()
    residual = None if residual is None else residual.clone().requires_grad_()
    if outside:
        y = layer(x) if residual is None else layer(x) + residual
        y = torch.relu(y) if relu else y
    else:
        y = layer(x, residual)
    y.backward(dy)
    extra = [] if residual is None else [residual.grad]
    return [
        y.detach(),
        x.grad,
        *extra,
        layer.weight.grad,
        layer.bias.grad,
        layer.running_mean,
        layer.running_var,
    ]


def compare(ours, theirs, x, residual, relu, tolerance):
    dy = torch.randn_like(x)
    mine = run(ours, x, residual, dy, relu, outside=False)
    wide = [None if t is None else t.double() for t in (x, residual, dy)]
    exact = run(theirs, *wide, relu, outside=True)
    for a, b in zip(mine, exact, strict=True):
        scale = max(1.0, b.abs().max().item())
        assert (a.double() - b).abs().max().item() < tolerance * scale


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("plan", PLANS)
def test_every_plan_in_both_layouts(plan, layout):
    ours, theirs = layers(6)
    ours.plan = PLANS[plan]
    x = (torch.randn(4, 6, 5, 7, device=DEVICE) * 2 + 3).contiguous(memory_format=LAYOUTS[layout])
    compare(ours, theirs, x, None, False, 2e-5)


@pytest.mark.parametrize("dtype", TYPES, ids=str)
@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_type_with_relu_and_residual(dtype, layout):
    ours, theirs = layers(5, relu=True)
    shape = (3, 5, 4, 6)
    x = torch.randn(shape, device=DEVICE).to(dtype).contiguous(memory_format=LAYOUTS[layout])
    residual = torch.randn(shape, device=DEVICE).to(dtype)
    # What is at the ReLU's kink may fall on either side of it in half precision; none is taken.
    with torch.no_grad():
        reference = nn.BatchNorm2d(5).to(DEVICE).double()
        reference.load_state_dict(theirs.state_dict())
        edge = (reference(x.double()) + residual.double()).abs() < 0.05
        residual[edge] += 0.2
    compare(ours, theirs, x, residual, True, TYPES[dtype])


@pytest.mark.parametrize("shape", [(2, 1, 3, 3), (1, 3, 2, 2), (70, 2, 1, 1), (2, 65, 3, 2)])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_odd_shapes(shape, layout):
    if layout == "nchw":
        shape = (shape[0], min(shape[1], 5), *shape[2:])  # a program a channel: slow to interpret
    ours, theirs = layers(shape[1])
    x = torch.randn(shape, device=DEVICE).contiguous(memory_format=LAYOUTS[layout])
    compare(ours, theirs, x, None, False, 2e-4)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_mean_of_a_thousand_deviations(layout):
    ours, theirs = layers(4)
    ours.plan = fused.Plan(splits=3)
    x = (torch.randn(8, 4, 9, 9, device=DEVICE) + 1000).contiguous(memory_format=LAYOUTS[layout])
    compare(ours, theirs, x, None, False, 1e-3)


def test_more_parts_than_are_merged_at_once():
    ours, theirs = layers(64)
    ours.plan = fused.Plan(splits=40)
    x = (torch.randn(5, 64, 32, 32, device=DEVICE) + 1000).contiguous(memory_format=torch.channels_last)
    assert fused._Launch.of(x, ours.plan).splits > fused._Launch.of(x, ours.plan).blocks_and_parts["PARTS"]
    compare(ours, theirs, x, None, False, 1e-3)


def test_two_runs_give_the_same_bits():
    x, dy = torch.randn(2, 8, 4, 9, 9, device=DEVICE)
    results = []
    for _ in range(2):
        ours, _ = layers(4, relu=True)
        results.append(run(ours, x, None, dy, True, outside=False))
    assert all(torch.equal(a, b) for a, b in zip(*results, strict=True))


@pytest.mark.parametrize("residual", [False, True])
def test_evaluation_with_and_without_gradients(residual):
    ours, theirs = layers(3, relu=True)
    x, r = torch.randn(2, 2, 3, 4, 4, device=DEVICE)
    ours(x), theirs(x.double())
    ours.eval(), theirs.eval()
    exact = torch.relu(theirs(x.double()) + (r.double() if residual else 0))
    with torch.no_grad():
        alone = ours(x, r if residual else None)
    leaf = x.clone().requires_grad_()
    watched = ours(leaf, r if residual else None)
    for y in (alone, watched):
        assert (y.double() - exact).abs().max() < 1e-5
    watched.sum().backward()
    assert leaf.grad.abs().sum() > 0


def test_what_is_not_contiguous_is_copied_not_misread():
    ours, theirs = layers(3)
    x = torch.randn(4, 6, 5, 5, device=DEVICE)[:, ::2]
    compare(ours, theirs, x, None, False, 2e-5)


@pytest.mark.parametrize(
    ("x", "residual", "message"),
    [
        (torch.randn(2, 3, 4), None, "expected 4D input"),
        (torch.randn(2, 4, 4, 4), None, "x has 4 channels; the layer has 3"),
        (torch.randn(1, 3, 1, 1), None, "more than one value a channel"),
        (torch.randn(0, 3, 4, 4), None, "more than one value a channel"),
        (torch.randn(2, 3, 4, 4).double(), None, "the kernels take float32, bfloat16 and float16"),
        (torch.randn(2, 3, 4, 4), torch.randn(2, 3, 4, 5), "residual has shape"),
    ],
)
def test_what_the_kernels_cannot_take_is_refused(x, residual, message):
    layer = fused.FusedBatchNorm2d(3).to(DEVICE)
    with pytest.raises(ValueError, match=message):
        layer(x.to(DEVICE), residual)


def test_a_cumulative_average_is_refused():
    with pytest.raises(ValueError, match="momentum is None"):
        fused.FusedBatchNorm2d(3, momentum=None)
