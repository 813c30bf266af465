"""Is a folded network the same, and is it faster?"""

import time

import torch
from torch import nn

from bn_course.experiments import Effect, Experiment
from bn_course.nets import digits
from bn_course.nets.fold import folded

from ._shared import SCOPE, trained


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


ROUNDING = "what rounding makes of it in so many layers"
SAME = Effect(
    "relative change of the outputs, float32", lambda n: n["error"], below=1e-4, ratio=True, why=ROUNDING
) & Effect("the same, float64", lambda n: n["error_float64"], below=1e-12, ratio=True, why=ROUNDING)
QUARTER = "a quarter is more than the clock's own unrest"
SMALL = Effect("times as fast, the small network", lambda n: n["small"], above=1.25, ratio=True, why=QUARTER)
WIDE = Effect("times as fast, the wide network", lambda n: n["wide"], above=1.25, ratio=True, why=QUARTER)

EXPERIMENT = Experiment(
    claim="Folding batch norm into the layer before it leaves the outputs as they were and makes inference faster.",
    source="Jacob et al. 2018, section 3.2, arXiv:1712.05877, and every deployment guide",
    scope=SCOPE.but(
        model="ReLU MLPs 4×64 and 2×1024", horizon="one build of PyTorch for the CPU, one thread", test=0
    ),
    method="Digits, ReLU MLPs trained with batch norm: 4×64 asked for one example at a time, 2×1024 for 1000 at once; processor time before over after, the least of 20 rounds each; 'faster' is by a quarter or more.",
    measure=measure,
    holds=SAME & SMALL & WIDE,
    when={"the layers are small": SAME & SMALL},
    finding="Outputs change by {error:.0e} of the largest in float32 and {error_float64:.0e} in float64; the small network is {small:.2f} times as fast, the wide one {wide:.2f} times",
)
