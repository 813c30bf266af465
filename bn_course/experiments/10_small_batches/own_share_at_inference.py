"""In training an example is 1/N of its own statistics; doing the same at inference does not mend the network."""

import torch
from torch import nn

from bn_course.experiments import DOES_NOT_HOLD, HOLDS, Experiment
from bn_course.nets import digits

from ._shared import error, recalibrated, trained


class WithOwnShare(nn.Module):
    """Statistics of a mixture: the population with weight 1 − share, the example itself with `share`.

    Its mean is (1 − share) m + share x, its variance (1 − share) v + share (1 − share) (x − m)². With
    share = 1/N no output exceeds √(N − 1) deviations, as in training.
    """

    def __init__(self, norm, share):
        super().__init__()
        self.norm, self.share = norm, share

    def forward(self, x):
        norm, rest = self.norm, 1 - self.share
        centred = x - norm.running_mean
        var = rest * norm.running_var + self.share * rest * centred.square()
        return norm.weight * rest * centred / torch.sqrt(var + norm.eps) + norm.bias


def measure(seed, scale):
    sizes, epochs = ([16, 8, 4, 2], 5) if scale == "full" else ([4, 2], 2)
    numbers = {"sizes": sizes, "plain": [], "full_share": [], "chosen": []}
    for size in sizes:
        model = recalibrated(trained("batch", size, seed, epochs=epochs), size)
        arms = [with_own_share(model, part / size) for part in (0, 0.25, 0.5, 1)]
        chosen = min(arms, key=lambda arm: error(arm, digits().validation))
        numbers["plain"].append(error(arms[0]))
        numbers["full_share"].append(error(arms[-1]))
        numbers["chosen"].append(error(chosen))
    return numbers


def with_own_share(model, share):
    layers = [WithOwnShare(x, share) if isinstance(x, nn.BatchNorm1d) else x for x in model]
    return nn.Sequential(*layers)


def verdict(numbers):
    plain, corrected = numbers["plain"].mean(0), numbers["full_share"].mean(0)
    gain = plain - corrected
    return HOLDS if gain[-1] > 1.5 and gain.min() > -1.5 else DOES_NOT_HOLD


EXPERIMENT = Experiment(
    claim="Letting an example count 1/N in its own statistics at inference, as it did in training, mends small batches.",
    source="the idea of Singh and Shrivastava 2019 (arXiv:1904.06031) and Summers and Dinneen 2020 (arXiv:1906.03548)",
    method="As error_against_batch_size, rate 0.05·b/32, recalibrated; shares 0, 1/(4N), 1/(2N), 1/N in every layer, the share 1/N and the best of them on validation data.",
    measure=measure,
    verdict=verdict,
    finding="Batches of 16, 8, 4, 2: without {plain[0]:.1f}, {plain[1]:.1f}, {plain[2]:.1f}, {plain[3]:.1f} % wrong; with 1/N {full_share[0]:.1f}, {full_share[1]:.1f}, {full_share[2]:.1f}, {full_share[3]:.1f}; with the share chosen on validation data {chosen[0]:.1f}, {chosen[1]:.1f}, {chosen[2]:.1f}, {chosen[3]:.1f}",
)
