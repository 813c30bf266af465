"""What share of a small batch's gain is there when the noise of its statistics comes alone?"""

from functools import partial

from bn_course.experiments import Effect, Experiment
from bn_course.nets import mnist_1d

from ._shared import SCOPE, ghosts, network, test_percent, tuned

ARMS = {"large": (512, 512), "noise": (64, 512), "small": (64, 64)}  # examples a statistic, a step


def measure(seed, scale):
    epochs, rates = (20, (0.3, 0.9)) if scale == "full" else (10, (0.3,))
    data, numbers = mnist_1d(many=True), {}
    for arm, (together, batch) in ARMS.items():
        make = partial(network, [40, 128, 128, 128, 10], ghosts(together))
        model = tuned(make, data, rates, epochs * len(data.train) // batch, batch, seed)
        numbers[arm] = test_percent(model, data)
    return numbers


GAIN = Effect(
    "points that batches of 64 gain over batches of 512",
    lambda n: n["small"] - n["large"],
    above=1,
    why="there must be a gain to share out; one point is three times the error of 10 000 test examples",
)
MOST = Effect(
    "points of the noise alone, less half of that gain",
    lambda n: n["noise"] - (n["large"] + n["small"]) / 2,
    above=0,
    why="most of it is more than half",
)

EXPERIMENT = Experiment(
    claim="Most of what a smaller batch gains with batch norm is there when its statistics are as noisy and the optimiser's batch stays large.",
    source="what the popular explanation of small batches comes to; the noise is in Ioffe and Szegedy 2015, arXiv:1502.03167, section 3.4",
    scope=SCOPE.but(
        data="MNIST-1D",
        model="ReLU 3×128",
        values="64 and 512 × 1",
        optimiser="SGD with momentum 0.9, batches of 64 and 512",
        horizon="20 epochs",
        test=10_000,
    ),
    method="He initialisation, cosine; each arm at the better of 0.3 and 0.9 on validation data; test accuracy. Ghost batches of 64 in batches of 512 have the noise of the small batch and the steps of the large one.",
    measure=measure,
    holds=GAIN & MOST,
    finding="Batches of 512 give {large:.1f} %, ghost batches of 64 in them {noise:.1f}, batches of 64 {small:.1f}",
)
