"""Dynamic tanh in place of layer norm: as good, and without tuning?"""

import numpy as np

from bn_course.experiments import DOES_NOT_HOLD, HOLDS, Experiment, holds_when

from ._shared import LOST, over_rates


def measure(seed, scale):
    rates = [0.03, 0.1, 0.5] if scale == "small" else np.round(10 ** np.arange(-3, 0.1, 1 / 3), 5).tolist()
    layer, layer_test, best_layer = over_rates("layer", rates, seed, "full")
    _, dyt_test, best_dyt = over_rates("dyt", rates, seed, "full")
    usable = np.array(layer) >= max(layer) - LOST
    kept = np.array(dyt_test) >= np.array(layer_test) - LOST
    return {
        "rates": rates,
        "layer": best_layer,
        "dyt": best_dyt,
        "share": float((usable & kept).sum() / usable.sum()),
        "layer_curve": layer_test,
        "dyt_curve": dyt_test,
    }


def verdict(numbers):
    """As good within 2 points, tuned; without tuning, at nine tenths of the rates that suit layer norm."""
    tuned = numbers["dyt"].mean() > numbers["layer"].mean() - 2
    if tuned and numbers["share"].mean() >= 0.9:
        return HOLDS
    return holds_when("its learning rate is tuned") if tuned else DOES_NOT_HOLD


EXPERIMENT = Experiment(
    claim="A network with dynamic tanh matches or exceeds its normalised counterpart, mostly without tuning.",
    source="Zhu et al. 2025, Transformers without Normalization, abstract, arXiv:2503.10622 (of transformers)",
    method="Digits, a residual MLP of ten blocks of 64, He initialisation, SGD with momentum 0.9, 200 steps of 128, rates 0.001 to 1; dynamic tanh (α from 0.5) in place of each layer norm. A rate suits layer norm within 5 points of its best on validation data, and dynamic tanh keeps up within 5 points of layer norm at that rate. Not a transformer.",
    measure=measure,
    verdict=verdict,
    finding="Each at its best rate: layer norm {layer:.0f} %, dynamic tanh {dyt:.0f} %; it keeps up at a share of {share:.2f} of the rates that suit layer norm, and fails at the largest of them",
)
