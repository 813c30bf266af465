"""The rungs of lesson 06's ladder, counted: what the forward pass does to memory under each plan.

The counts are the same on every machine. Where there is no Triton they come from `evidence/ladder.json`,
which a test holds to the meter.
"""

import json
from importlib.util import find_spec

from bn_course import course

SHAPE = (8, 4, 32, 32)  # 32 KiB a channel in float32
CACHE = 64 * 1024  # bytes: half of x
RUNGS = {
    "one program a channel": {"splits": 1, "reverse": False},
    "split": {"splits": 2, "reverse": False},
    "split, second pass reversed": {"splits": 2, "reverse": True},
    "split, reversed, in groups": {"splits": 2, "reverse": True, "group_bytes": CACHE // 2},
}


def counted() -> dict[str, dict[str, float]]:
    """Of each rung: programs, tensors asked for, tensors from memory, the busiest program's share."""
    if find_spec("triton") is None:
        return json.loads((course.folder("evidence") / "ladder.json").read_text(encoding="utf-8"))
    return {name: _count(**plan) for name, plan in RUNGS.items()}


def _count(**plan) -> dict[str, float]:
    import torch

    from bn_course.gpu import fused
    from bn_course.gpu.meter import Meter, from_memory

    x = torch.randn(SHAPE, generator=torch.Generator().manual_seed(0))
    gamma, beta, mean, var = torch.ones(4, SHAPE[1])
    with Meter() as meter:
        fused.forward(x, gamma, beta, mean, var, 1e-5, 0.1, True, False, None, fused.Plan(**plan))
    launches = meter.launches
    asked = sum(launch.fetched(name) for launch in launches for name in ("x", "y"))
    first = launches[0].by_program("x")
    return {
        "programs": sum(launch.programs for launch in launches if launch.kernel == "stats_kernel"),
        "asked": round(asked / x.nbytes, 3),
        "from memory": round(from_memory(launches, CACHE) / x.nbytes, 3),
        "busiest": round(float(first.max() / x.nbytes), 4),
    }
