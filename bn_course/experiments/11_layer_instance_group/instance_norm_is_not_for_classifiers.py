"""'Instance norm is for style transfer, not for classification.'"""

from torch import nn

from bn_course.experiments import Effect, Experiment
from bn_course.nets import cnn, digits

from ._shared import SCOPE, digits_runs, percent, tuned

LOSS = 3  # points


def measure(seed, scale):
    data = digits(image=True)
    runs = digits_runs(seed, scale == "small")
    found = {norm: percent(run, data.test) for norm, run in runs.items()}
    flat = tuned(lambda: without_relu(cnn((16, 32), "instance")), (0.3,), data, 100, seed)
    return found | {"instance_without_relu": percent(flat, data.test)}


def without_relu(model):
    """The ReLU between the last norm and the mean over positions is left out: only β comes through."""
    model[5] = nn.Identity()
    return model


LOST = Effect(
    "points that it is behind batch norm",
    lambda n: n["batch"] - n["instance"],
    above=3,
    why="Wu and He find 4.8 on ImageNet; fewer than 3 are no reason to call it unfit",
)

EXPERIMENT = Experiment(
    claim="Instance norm is for style transfer, not for classification.",
    source="said in articles; on ImageNet Wu & He 2018, arXiv:1803.08494, Table 1, find it 4.8 points behind batch norm",
    scope=SCOPE,
    method="Digits, CNN 16-32, PyTorch's initialisation, 400 steps of SGD with momentum 0.9 and a cosine schedule, each norm "
    "at its best of three rates chosen on validation data; test accuracy. More than 3 points are counted as a loss.",
    measure=measure,
    holds=LOST,
    finding="On digits none {none:.1f} %, batch {batch:.1f} %, layer {layer:.1f} %, group {group:.1f} %, "
    "instance {instance:.1f} %: where the class is a shape, little is lost. Without a ReLU between the last instance norm and "
    "the mean over positions it is {instance_without_relu:.0f} %: that mean is β, whatever the image",
)
