"""Small batches of what has positions: is group norm the better one, whatever the data?"""

from torch import nn

from bn_course.experiments import Effect, Experiment
from bn_course.nets import batches, cnn, initialise, mnist_1d, seeded

from ._shared import SCOPE, descend, error
from .images_in_small_batches import CHANNELS


def measure(seed, scale):
    full = scale == "full"
    sizes, rates, epochs = ([32, 2], (0.05, 0.2), 3) if full else ([32, 4], (0.2,), 2)
    arms = {
        norm: [own_best(norm, size, seed, rates, epochs) for size in sizes] for norm in ("batch", "group")
    }
    return {"sizes": sizes, **arms}


def own_best(norm, size, seed, rates, epochs):
    """Test error of the rate with the lowest error on validation data."""
    data = mnist_1d()
    updates = epochs * (len(data.train) // size)
    models = [
        descend(network(norm, seed), batches(data.train, size, seed), updates, rate * size / 32)
        for rate in rates
    ]
    chosen = min(models, key=lambda model: error(model, data.validation))
    return error(chosen, data.test)


def network(norm, seed):
    """The curves (N, 40) as images of 1×40 points; norms over 40, 20 and 10 of them."""
    with seeded(seed):
        return nn.Sequential(nn.Unflatten(1, (1, 1, 40)), *initialise(cnn(CHANNELS[4], norm), "he"))


GAIN = Effect(
    "points gained by group norm with two curves a batch",
    lambda n: (n["batch"] - n["group"])[:, -1],
    above=1,
    why="less is no reason to choose it",
)

EXPERIMENT = Experiment(
    claim="In small batches of images or signals take group norm, not batch norm.",
    source="common advice after Wu and He 2018, arXiv:1803.08494",
    scope=SCOPE.but(
        data="MNIST-1D",
        model="a CNN of 3 convolutions",
        values="32 or 2 curves × 40, 20 and 10 positions",
        horizon="3 epochs, cosine schedule",
        test=1000,
    ),
    method="He initialisation; rate in proportion to the batch size, the better of 0.05 and 0.2 for 32 on validation data; test error.",
    measure=measure,
    holds=GAIN,
    finding="With 32 and 2 curves a batch: batch norm {batch[0]:.1f} and {batch[1]:.1f} % wrong, group norm {group[0]:.1f} and {group[1]:.1f} %",
)
