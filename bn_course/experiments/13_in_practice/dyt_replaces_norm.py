"""Dynamic tanh in place of layer norm: as good, and without tuning?"""

import numpy as np

from bn_course.experiments import Effect, Experiment

from ._shared import LOST, SCOPE, over_rates


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


MATCHES = Effect(
    "points above layer norm, each at its best rate",
    lambda n: n["dyt"] - n["layer"],
    above=-0.5,
    why="it matches what it is at most two or three of the 500 test images behind",
)
UNTUNED = Effect(
    "share of layer norm's rates at which it keeps up",
    lambda n: n["share"],
    above=0.9,
    why="'mostly without tuning': at nine rates of ten",
)

EXPERIMENT = Experiment(
    claim="A network with dynamic tanh matches or exceeds its normalised counterpart, mostly without tuning.",
    source="Zhu et al. 2025, Transformers without Normalization, abstract, arXiv:2503.10622 (of transformers)",
    scope=SCOPE.but(model="residual MLP, ten blocks of 64", values="64 features", horizon="200 steps"),
    method="Digits, a residual MLP of ten blocks of 64, He initialisation, SGD with momentum 0.9, 200 steps of 128, rates 0.001 to 1; dynamic tanh (α from 0.5) in place of each layer norm. A rate suits layer norm within 5 points of its best on validation data, and dynamic tanh keeps up within 5 points of layer norm at that rate. Not a transformer.",
    measure=measure,
    holds=MATCHES & UNTUNED,
    when={"its learning rate is tuned": MATCHES},
    beyond="transformers for images, speech and language, of up to 70 billion parameters",
    finding="Each at its best rate: layer norm {layer:.0f} %, dynamic tanh {dyt:.0f} %; it keeps up at a share of {share:.2f} of the rates that suit layer norm, and fails at the largest of them",
)
