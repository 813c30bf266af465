"""Numbers that are none, and scales that leave nothing of the signal."""

import numpy as np
import torch

from bn_course.inspect.finding import Finding, warns
from bn_course.inspect.kinds import running
from bn_course.inspect.seen import Seen

LARGE = 100.0  # |γ| beyond this
GONE = 1e-3  # every |γ| below this, and not 0
YOUNG = 1000  # batches, up to which a γ that began at 0 may still be small
DEAD = 0.25  # share of the channels
ENOUGH = 16  # examples, to call a channel dead


@warns
def not_finite(seen: Seen) -> Finding | None:
    tensors = [*seen.layer.parameters(recurse=False), *(running(seen.layer) or ())]
    if all(t.is_meta or torch.isfinite(t).all() for t in tensors if not torch.nn.parameter.is_lazy(t)):
        return None
    do = "Go back to a checkpoint from before, and find the step at which the first one came."
    return Finding("γ, β or the running statistics hold NaN or infinity", "02", do)


@warns
def not_finite_input(seen: Seen) -> Finding | None:
    count = seen.record.not_finite
    if not count:
        return None
    text = f"{count} of {seen.record.calls} inputs hold NaN or infinity: look further up"
    return Finding(text, "02", "Look for the first layer, or the batch, that has one.", float(count))


@warns
def negative_variance(seen: Seen) -> Finding | None:
    if seen.running is None or not (seen.running[1] < 0).any():
        return None
    do = "Load or measure the statistics anew; a variance is never below 0."
    return Finding(
        "the running variance is negative in some channels", "02", do, float(seen.running[1].min())
    )


@warns
def large_gamma(seen: Seen) -> Finding | None:
    if seen.gamma is None or not LARGE < seen.gamma.max() < np.inf:
        return None
    largest = float(seen.gamma.max())
    do = "Lower the learning rate, or look whether this layer's input has lost its spread."
    return Finding(f"the largest |γ| is {largest:.0f}", "08", do, largest)


@warns
def gamma_decayed(seen: Seen) -> Finding | None:
    if seen.gamma is None or not 0 < seen.gamma.max() < GONE:
        return None
    tracked = getattr(seen.layer, "num_batches_tracked", None)
    young = tracked is None or tracked < YOUNG
    if young and (seen.beta is None or abs(seen.beta).max() < 0.03):
        return None  # at the start of a residual branch γ begins at 0 on purpose, and β with it
    largest = float(seen.gamma.max())
    do = "Leave γ and β out of the weight decay, and set γ back to 1."
    return Finding(f"the largest |γ| is {largest:.1g}: hardly more than β comes out", "08", do, largest)


@warns
def epsilon_above(seen: Seen) -> Finding | None:
    """ε is more than the variance in the median channel, so that x̂ has a deviation below 0.7."""
    if not seen.measured or seen.record.sample.examples < ENOUGH:
        return None
    var = float(np.median(seen.var))
    if var >= seen.eps or dead_channels(seen):
        return None
    return _too_large(seen.eps / max(var, 1e-300))


@warns
def epsilon_above_in_others(seen: Seen) -> Finding | None:
    """The same where each example has statistics of its own."""
    ratio = seen.record.eps_ratio
    if ratio is None or ratio <= 1:
        return None
    return _too_large(ratio)


@warns
def dead_channels(seen: Seen) -> Finding | None:
    """A quarter of the channels and more are constant, and others are not: σ² is below ε."""
    if not seen.measured or seen.record.sample.examples < ENOUGH:
        return None
    low = (seen.var < seen.eps) & (seen.var < 1e-4 * seen.var.max())
    if not seen.training:  # these examples may be of one kind; the statistics are of all
        low &= seen.running[1] < seen.eps
    if low.mean() < DEAD:
        return None
    text = f"{low.sum()} of its {len(low)} channels are constant (σ² below ε): they are dead further up"
    return Finding(text, "08", "Look at the activation and the biases before it.", float(low.mean()))


def _too_large(ratio: float) -> Finding:
    """ε is so many times the variance."""
    times = f"{ratio:.0f} times" if ratio < 1000 else "thousands of times"
    text = f"ε is {times} the variance of its input: x̂ has a deviation of {1 / np.sqrt(1 + ratio):.1g}"
    return Finding(text, "02", "Scale the input, or choose a smaller ε.", ratio)
