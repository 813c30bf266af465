"""AdaIN hands the style's channel statistics over exactly, and nothing else of the style."""

import numpy as np

from bn_course.experiments import Effect, Experiment, Scope
from bn_course.norms import adain, statistics

EPS = 1e-5


def measure(seed, scale):
    rng = np.random.default_rng(seed)
    content, style = features(rng, 20), features(rng, 30)
    flat = content.copy()
    flat[:, 0] = 0.5 + np.sqrt(EPS) * content[:, 0] / content[:, 0].std()
    return {
        "mean": worst(content, style, 0),
        "deviation": worst(content, style, 1),
        "flat_deviation": worst(flat, style, 1),
        "correlations_moved": largest(correlations(adain(content, style, EPS)) - correlations(content)),
        "correlations_apart": largest(correlations(style) - correlations(content)),
    }


def features(rng, size):
    """(1, 6, size, size): channels that are correlated, with means and deviations of their own."""
    maps = np.einsum("dc,chw->dhw", rng.normal(size=(6, 6)), rng.normal(size=(6, size, size)))
    return (rng.uniform(0.5, 2, (6, 1, 1)) * maps + rng.normal(size=(6, 1, 1)))[None]


def worst(content, style, which):
    """The largest relative difference between the statistic (0 the mean, 1 the deviation) and the style's."""
    found, wanted = (statistics(x, (2, 3)) for x in (adain(content, style, EPS), style))
    if which == 0:
        return largest(found[0] / wanted[0] - 1)
    return largest(np.sqrt(found[1] / wanted[1]) - 1)


def correlations(x):
    return np.corrcoef(x[0].reshape(6, -1))


def largest(x):
    return float(np.abs(x).max())


EXACT = Effect(
    "largest error of a mean", lambda n: n["mean"], below=1e-9, ratio=True, why="rounding in float64"
) & Effect(
    "largest relative error of a deviation",
    lambda n: n["deviation"],
    below=1e-3,
    why="'exactly': to a thousandth",
)
FLAT = Effect(
    "the same where the content is as flat as √ε",
    lambda n: n["flat_deviation"],
    below=1e-3,
    why="'exactly': to a thousandth",
)

EXPERIMENT = Experiment(
    claim="AdaIN gives the content exactly the style's mean and deviation in each channel.",
    source="Huang & Belongie 2017, arXiv:1703.06868, equation 8",
    scope=Scope("random numbers", model="one layer", values="one image's positions"),
    method="Correlated random feature maps, six channels, ε = 1e-5, float64; then one channel of the content is made as "
    "flat as √ε. Differences are relative and the largest over channels; correlations are those between channels.",
    measure=measure,
    holds=EXACT & FLAT,
    when={"each channel of the content varies by much more than √ε": EXACT},
    finding="The mean is off by {mean:.0e} and the deviation by {deviation:.0e}, but by {flat_deviation:.2f} where the "
    "content's channel is as flat as √ε. The correlations between channels move by {correlations_moved:.0e}: they stay "
    "the content's, {correlations_apart:.1f} from the style's",
)
