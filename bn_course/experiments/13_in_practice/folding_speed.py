"""Is a folded network the same, and is it faster?"""

import time

import torch
from torch import nn

from bn_course.experiments import DOES_NOT_HOLD, HOLDS, Experiment, holds_when
from bn_course.nets import digits
from bn_course.nets.fold import folded

from ._shared import trained


def measure(seed, scale):
    rounds = 20 if scale == "full" else 6
    small, wide = trained(seed), trained(seed, hidden=(1024, 1024), steps=20)
    x = digits().test.x
    return {
        "error": relative_error(small, x),
        "error_float64": relative_error(small.double(), x.double()),
        "small": speed_up(small.float(), x[:1], 40, rounds),
        "wide": speed_up(wide, x.repeat(2, 1), 1, rounds),
    }


@torch.no_grad()
def relative_error(model, x):
    """The largest change of an output, over the largest output."""
    y = model.eval()(x)
    return ((folded(model)(x) - y).abs().max() / y.abs().max()).item()


def speed_up(model: nn.Module, x, calls, rounds):
    """Processor time before over after: the least of several rounds of each, in turn."""
    least = [float("inf")] * 2
    nets = model.eval(), folded(model)
    with torch.inference_mode():
        for _ in range(rounds):
            for place, net in enumerate(nets):
                begin = time.process_time()
                for _ in range(calls):
                    net(x)
                least[place] = min(least[place], time.process_time() - begin)
    return least[0] / least[1]


def verdict(numbers):
    """Exact to rounding; 'faster' means by a quarter, more than the clock's own unrest."""
    exact = numbers["error"].max() < 1e-4 and numbers["error_float64"].max() < 1e-12
    small, wide = (numbers[net].mean() > 1.25 for net in ("small", "wide"))
    if exact and small and wide:
        return HOLDS
    return holds_when("the layers are small") if exact and small else DOES_NOT_HOLD


EXPERIMENT = Experiment(
    claim="Folding batch norm into the layer before it leaves the outputs as they were and makes inference faster.",
    source="Jacob et al. 2018, section 3.2, arXiv:1712.05877, and every deployment guide",
    method="Digits, ReLU MLPs trained with batch norm: 4×64 asked for one example at a time, 2×1024 for 1000 at once; processor time before over after, the least of 20 rounds each; 'faster' is by a quarter or more.",
    measure=measure,
    verdict=verdict,
    finding="Outputs change by {error:.0e} of the largest in float32 and {error_float64:.0e} in float64; the small network is {small:.2f} times as fast, the wide one {wide:.2f} times",
)
