"""Weight standardisation makes group norm better."""

from torch import nn

from bn_course.experiments import DOES_NOT_HOLD, HOLDS, Experiment, holds_when
from bn_course.nets import cnn, digits
from bn_course.nets.norms import WeightStandardizedConv2d

from ._shared import percent, tuned

TIE = 1.5  # points


def measure(seed, scale):
    """Test accuracy with and without, after a short and after a long training, each at its best rate."""
    data, small = digits(image=True), scale == "small"
    plans = {"short": (50, (0.3,)), "long": (250, (0.1,))}
    if not small:
        plans = {"short": (50, (0.03, 0.1, 0.3, 1.0)), "middling": (100, (0.03, 0.1, 0.3, 1.0))}
        plans["long"] = (400, (0.03, 0.1, 0.3, 1.0))
    arms = {"plain": nn.Sequential, "standardised": standardised}
    return {
        f"{arm}_{plan}": percent(tuned(lambda c=change: model(c), rates, data, steps, seed), data.test)
        for arm, change in arms.items()
        for plan, (steps, rates) in plans.items()
    }


def model(change):
    return change(*cnn((16, 32), lambda channels: nn.GroupNorm(4, channels)))


def standardised(*layers):
    """The same layers with weight standardisation in every convolution."""
    return nn.Sequential(*(with_standardised(layer) for layer in layers))


def with_standardised(layer):
    if not isinstance(layer, nn.Conv2d):
        return layer
    new = WeightStandardizedConv2d(layer.in_channels, layer.out_channels, 3, layer.stride, padding=1)
    new.load_state_dict(layer.state_dict())
    return new


def verdict(numbers):
    gain = {
        plan: (numbers[f"standardised_{plan}"] - numbers[f"plain_{plan}"]).mean()
        for plan in ("short", "long")
    }
    if gain["long"] > TIE:
        return HOLDS
    return holds_when("training is short") if gain["short"] > 2 * TIE else DOES_NOT_HOLD


EXPERIMENT = Experiment(
    claim="Weight standardisation makes group norm better.",
    source="Qiao et al. 2019, arXiv:1903.10520, on ImageNet and COCO",
    method="Digits, CNN 16-32, group norm of 4 groups, batches of 128, PyTorch's initialisation, SGD with momentum 0.9 and a "
    "cosine schedule; 50, 100 and 400 steps, each arm and length at its best of four rates from 0.03 to 1; test accuracy. "
    "Under 1.5 points is a tie.",
    measure=measure,
    verdict=verdict,
    finding="Without and with it: {plain_short:.0f} and {standardised_short:.0f} % after 50 steps, {plain_middling:.1f} and "
    "{standardised_middling:.1f} % after 100, {plain_long:.1f} and {standardised_long:.1f} % after 400",
)
