"""Is it the noise of its statistics that makes a small batch generalise better? Take the two apart."""

from functools import partial

from bn_course.experiments import Effect, Experiment
from bn_course.nets import mnist_1d

from ._shared import SCOPE, ghosts, network, test_percent, tuned


def measure(seed, scale):
    """The optimiser's batch is 512 or 64; 64 examples or 512 share a statistic, or one (layer norm).

    "long": batches of 512 for as many steps as an equal number of epochs gives batches of 64.
    """
    epochs, rates, long_rates = (30, (0.1, 0.3, 0.9, 2.0), (0.3, 0.9, 2.0))
    if scale == "small":
        epochs, rates, long_rates = (1, (0.9,), (0.9,))
    data = mnist_1d()

    def run(norm, batch_size, counted=None, rates=rates):
        steps = epochs * len(data.train) // (counted or batch_size)
        make = partial(network, [40, 128, 128, 128, 10], norm)
        return test_percent(tuned(make, data, rates, steps, batch_size, seed), data)

    return {
        "batch_512": run("batch", 512),
        "ghost_64_of_512": run(ghosts(64), 512),
        "batch_64": run("batch", 64),
        "batch_512_long": run("batch", 512, 64, long_rates),
        "ghost_64_of_512_long": run(ghosts(64), 512, 64, long_rates),
        "layer_512": run("layer", 512),
        "layer_64": run("layer", 64),
    }


TIE = "less is within the error of 1000 test examples"
NOISE = Effect(
    "points gained by the noise alone", lambda n: n["ghost_64_of_512"] - n["batch_512"], above=1.5, why=TIE
)
MOST = Effect(
    "the same, less half of what small batches gain",
    lambda n: n["ghost_64_of_512"] - (n["batch_512"] + n["batch_64"]) / 2,
    above=0,
    why="a reason should be half of it",
)
NOT_STEPS = Effect(
    "points of small batches above large ones in as many steps",
    lambda n: n["batch_64"] - n["batch_512_long"],
    above=1.5,
    why=TIE,
)

EXPERIMENT = Experiment(
    claim="With batch norm a smaller batch generalises better because its statistics are noisier.",
    source="Many articles; the noise is in Ioffe and Szegedy 2015, arXiv:1502.03167, section 3.4",
    scope=SCOPE.but(
        data="MNIST-1D",
        model="ReLU 3×128",
        values="64 and 512 × 1",
        optimiser="SGD with momentum 0.9, batches of 64 and 512",
        horizon="30 epochs; 240",
        test=1000,
    ),
    method="He initialisation, cosine schedule; each arm at the best of 0.1, 0.3, 0.9 and 2 on validation data; test accuracy. As many steps: 240 epochs with batches of 512, best of 0.3, 0.9 and 2. Ghost batches change the statistics and leave the optimiser's batch; layer norm has no statistics of the batch.",
    measure=measure,
    holds=NOISE & MOST & NOT_STEPS,
    finding="From batches of 512 to 64, at equal epochs, batch norm goes from {batch_512:.1f} to {batch_64:.1f} %. The noise "
    "alone (ghost batches of 64 in 512) gives {ghost_64_of_512:.1f}. With as many steps as with 64, batches of 512 give "
    "{batch_512_long:.1f}, and {ghost_64_of_512_long:.1f} with ghost batches of 64. Layer norm, without that noise, goes from {layer_512:.1f} to "
    "{layer_64:.1f}",
)
