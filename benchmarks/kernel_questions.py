"""The questions about kernels, their solutions run on a GPU: right there too, and how near a copy's speed.

python benchmarks/kernel_questions.py              on the first CUDA device: evidence/kernels_gpu.json
python benchmarks/kernel_questions.py --rehearse   in Triton's interpreter, small: nothing timed or recorded
"""

import argparse
import json
import sys
from datetime import date
from pathlib import Path

import torch

from bn_course.gpu.timing import copy_bandwidth, device_name, median_seconds
from bn_course.grading.catalogue import catalogue

EVIDENCE = Path(__file__).resolve().parent.parent / "evidence" / "kernels_gpu.json"
SHAPE, SMALL = (256, 256, 56 * 56), (3, 4, 64)
EPS = 1e-5


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rehearse", action="store_true", help="on the CPU; nothing is timed or recorded")
    rehearse = parser.parse_args().rehearse
    if not rehearse and not torch.cuda.is_available():
        print("There is no CUDA device here: not run, and nothing is recorded.", file=sys.stderr)
        return 1
    device, shape = ("cpu", SMALL) if rehearse else ("cuda", SHAPE)
    launches = prepared(shape, torch.float32 if rehearse else torch.bfloat16, device)
    bandwidth = None if rehearse else copy_bandwidth(device)
    rows = {}
    for name, (launch, check, moved) in launches.items():
        launch()
        error = check()
        if error > 0.05:
            print(f"{name}: off by {error:.2g}", file=sys.stderr)
            return 1
        rows[name] = {"largest error": float(f"{error:.2g}"), "bytes": moved}
        if not rehearse:
            seconds = median_seconds(launch, device)
            share = moved / bandwidth / seconds
            rows[name] |= {"seconds": float(f"{seconds:.4g}"), "of a copy's speed": round(share, 3)}
        print(name, rows[name], flush=True)
    if not rehearse:
        record = {
            "device": device_name(device),
            "date": date.today().isoformat(),
            "shape": shape,
            "rows": rows,
        }
        EVIDENCE.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    return 0


def prepared(shape, dtype, device) -> dict:
    """Of each question: what launches its kernel, what says how wrong the result is, and the bytes."""
    n, channels, positions = shape
    values = n * positions
    generator = torch.Generator(device).manual_seed(0)
    x, dy, residual = (torch.randn(shape, generator=generator, device=device).to(dtype) for _ in range(3))
    y, dx, fused, rows = (torch.empty_like(x) for _ in range(4))
    block = min(2048, 1 << (values - 1).bit_length())
    per_split = -(-values // block // 16 or 1) * block
    splits = -(-values // per_split)
    gamma, beta = torch.rand(2, channels, generator=generator, device=device)
    parts, saved = torch.empty(2, splits, channels, device=device), torch.empty(2, channels, device=device)
    sums, totals = torch.zeros(2, splits, channels, device=device), torch.zeros(2, channels, device=device)
    sizes, strides = (channels, positions, values, per_split), x.stride()
    grid, blocks = (channels, splits), {"BLOCK_M": block, "BLOCK_C": 1}
    wide = x.double()
    exact = torch.nn.functional.batch_norm(wide, None, None, gamma.double(), beta.double(), True, 0.0, EPS)
    merged = {**blocks, "SPLITS": 1 << (splits - 1).bit_length()}
    mean, inv_std = wide.mean((0, 2)), 1 / torch.sqrt(wide.var((0, 2), correction=0) + EPS)
    x_hat = (wide - mean[None, :, None]) * inv_std[None, :, None]
    sums[0, 0], sums[1, 0] = dy.double().sum((0, 2)), (dy.double() * x_hat).sum((0, 2))
    inner = dy.double() - dy.double().mean((0, 2), True) - x_hat * (dy.double() * x_hat).mean((0, 2), True)
    exact_dx = (gamma * inv_std)[None, :, None] * inner
    exact_fused = torch.relu(x_hat + residual.double())
    scale, shift = inv_std.float(), (-mean * inv_std).float()
    at_mean, at_inv_std = mean.float(), inv_std.float()
    row, weights = x.view(n * channels, positions), torch.ones(2, positions, device=device)
    width = 1 << (positions - 1).bit_length()

    def off(a, b):
        return lambda: (a.double() - b).abs().max().item()

    kernel = {name: catalogue()[name].reference.jitted for name in catalogue() if name.endswith("_kernel")}
    return {
        "stats_kernel": (
            lambda: kernel["stats_kernel"][grid](x, *parts, *sizes, *strides, **blocks),
            lambda: 0.0,  # what it left is judged by what the next one makes of it
            x.nbytes,
        ),
        "normalize_kernel": (
            lambda: kernel["normalize_kernel"][grid](
                x, y, gamma, beta, *parts, *saved, EPS, *sizes, splits, *strides, **merged
            ),
            off(y, exact),
            2 * x.nbytes,
        ),
        "backward_kernel": (
            lambda: kernel["backward_kernel"][grid](
                x, dy, dx, gamma, at_mean, at_inv_std, *sums, *totals, *sizes, splits, *strides, **merged
            ),
            off(dx, exact_dx),
            3 * x.nbytes,
        ),
        "fused_relu_kernel": (
            lambda: kernel["fused_relu_kernel"][grid](
                x, residual, fused, scale, shift, *sizes, *strides, **blocks
            ),
            off(fused, exact_fused),
            3 * x.nbytes,
        ),
        "layer_norm_kernel": (
            lambda: kernel["layer_norm_kernel"][(len(row),)](
                row, rows, *weights, EPS, positions, row.stride(0), BLOCK=width
            ),
            lambda: (
                (rows.view_as(row).double() - torch.nn.functional.layer_norm(row.double(), (positions,)) - 1)
                .abs()
                .max()
                .item()
            ),
            2 * x.nbytes,
        ),
    }


if __name__ == "__main__":
    sys.exit(main())
