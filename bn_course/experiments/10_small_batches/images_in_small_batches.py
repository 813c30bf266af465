"""Two images a batch: what becomes of a CNN depends on how many positions its norms average over."""

from torch import nn

from bn_course.experiments import DOES_NOT_HOLD, HOLDS, Experiment, holds_when
from bn_course.nets import batches, cnn, digits, initialise, seeded

from ._shared import descend, error

CHANNELS = {16: (16, 32), 4: (16, 32, 64), 1: (16, 32, 64, 64)}  # by H·W at the last norm
RATE = 0.2  # for a batch of 32; in proportion for others


def measure(seed, scale):
    full = scale == "full"
    sizes, rates, epochs = ([32, 8, 4, 2], (RATE, 0.5), 5) if full else ([32, 2], (RATE,), 2)
    numbers = {"sizes": sizes}
    for positions in CHANNELS:
        for norm in ("batch", "group"):
            runs = [own_best(norm, positions, size, seed, rates, epochs) for size in sizes]
            numbers[f"{norm}_{positions}"] = runs
    return numbers


def own_best(norm, positions, size, seed, rates, epochs):
    """Test error of the rate with the lowest error on validation data."""
    models = [trained_cnn(norm, positions, size, seed, rate, epochs) for rate in rates]
    return error(min(models, key=lambda model: error(model, digits().validation)))


def trained_cnn(norm, positions, size, seed, rate=RATE, epochs=5, micro=1):
    """The CNN after so many epochs of digits in batches of `size`, `micro` of them an update."""
    updates = epochs * (len(digits().train) // (size * micro))
    drawn = batches(digits().train, size, seed)
    return descend(network(norm, positions, seed), drawn, updates, rate * size * micro / 32, micro)


def network(norm, positions, seed):
    """A CNN on (N, 64) as 8×8 images, whose last norm has so many positions; He initialisation."""
    with seeded(seed):
        return nn.Sequential(nn.Unflatten(1, (1, 8, 8)), *initialise(cnn(CHANNELS[positions], norm), "he"))


def verdict(numbers):
    def lost(positions):
        """By batch norm against group norm, with two images a batch."""
        return (numbers[f"batch_{positions}"] - numbers[f"group_{positions}"]).mean(0)[-1]

    fails = {positions: lost(positions) > 10 for positions in CHANNELS}
    if all(fails.values()):
        return HOLDS
    return holds_when("a norm has one position of each image (H·W = 1)") if fails[1] else DOES_NOT_HOLD


EXPERIMENT = Experiment(
    claim="With two images a batch, a network with batch norm is broken.",
    source="a common reading of Wu and He 2018, arXiv:1803.08494, whose ResNet-50 goes from 23.6 to 34.7 % error",
    method="Digits as 8×8 images; CNNs of 3×3 convolutions, the second and later ones with stride 2, whose last norm has 16, 4 or 1 positions an image; He, SGD with momentum 0.9, cosine, 5 epochs; rate in proportion to the batch size, the better of 0.2 and 0.5 for 32 on validation data; test error.",
    measure=measure,
    verdict=verdict,
    finding="With 32, 8, 4, 2 images, and 16 positions at the last norm: batch norm {batch_16[0]:.1f}, {batch_16[1]:.1f}, {batch_16[2]:.1f}, {batch_16[3]:.1f} %, group norm {group_16[0]:.1f}, {group_16[1]:.1f}, {group_16[2]:.1f}, {group_16[3]:.1f}; 4 positions: {batch_4[0]:.1f}, {batch_4[1]:.1f}, {batch_4[2]:.1f}, {batch_4[3]:.1f} and {group_4[0]:.1f}, {group_4[1]:.1f}, {group_4[2]:.1f}, {group_4[3]:.1f}; one position: {batch_1[0]:.1f}, {batch_1[1]:.1f}, {batch_1[2]:.1f}, {batch_1[3]:.1f} and {group_1[0]:.1f}, {group_1[1]:.1f}, {group_1[2]:.1f}, {group_1[3]:.1f}",
)
