"""Weight standardisation makes group norm better."""

from torch import nn

from bn_course.experiments import Effect, Experiment
from bn_course.nets import cnn, digits
from bn_course.nets.norms import WeightStandardizedConv2d

from ._shared import SCOPE, percent, tuned

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


def gain(plan):
    return lambda n: n[f"standardised_{plan}"] - n[f"plain_{plan}"]


LONG = Effect(
    "points gained after 400 steps", gain("long"), above=1.5, why="seven or eight of the 500 test images"
)
SHORT = Effect(
    "points gained after 50 steps", gain("short"), above=3, why="twice that, since all is unrest then"
)

EXPERIMENT = Experiment(
    claim="Weight standardisation makes group norm better.",
    source="Qiao et al. 2019, arXiv:1903.10520, on ImageNet and COCO",
    scope=SCOPE.but(horizon="50, 100 and 400 steps, cosine schedule"),
    method="Digits, CNN 16-32, group norm of 4 groups, batches of 128, PyTorch's initialisation, SGD with momentum 0.9 and a "
    "cosine schedule; 50, 100 and 400 steps, each arm and length at its best of four rates from 0.03 to 1; test accuracy. "
    "Under 1.5 points is a tie.",
    measure=measure,
    holds=LONG,
    when={"training is short": SHORT},
    beyond="ResNets on ImageNet and detectors on COCO, trained with one to four images on a device",
    finding="Without and with it: {plain_short:.0f} and {standardised_short:.0f} % after 50 steps, {plain_middling:.1f} and "
    "{standardised_middling:.1f} % after 100, {plain_long:.1f} and {standardised_long:.1f} % after 400",
)
