"""RMS norm in place of layer norm: the loss of a transformer."""

import numpy as np

from bn_course.experiments import Effect, Experiment
from bn_course.nets.text import names_text
from bn_course.nets.transformer import text_loss

from ._shared import TEXT, letter_frequencies_loss, trained_transformer

RATES = (1e-3, 3e-3, 1e-2)


def measure(seed, scale):
    rates, steps = (RATES, 200) if scale == "full" else ((3e-3,), 20)
    given = {"rates": list(rates), "letters": letter_frequencies_loss()}
    for norm in ("layer", "rms", "none"):
        models = [trained_transformer(norm, "pre", 2, rate, steps, seed) for rate in rates]
        losses = [text_loss(model, names_text().validation) for model in models]
        given[f"{norm}_by_rate"] = losses
        given[norm] = text_loss(models[int(np.argmin(losses))], names_text().test)
    return given


WORSE = Effect(
    "nats a character more than with layer norm",
    lambda n: n["rms"] - n["layer"],
    below=0.05,
    why="a twentieth of what is learnt in all",
)

EXPERIMENT = Experiment(
    claim="RMS norm does as well as layer norm: taking the mean away can be spared.",
    source="Zhang and Sennrich 2019, Root Mean Square Layer Normalization, arXiv:1910.07467, abstract",
    scope=TEXT.but(values="48 features"),
    method="As batch_norm_fails_in_transformers, with RMS norm (ε 10⁻⁶, no shift) in place of layer norm.",
    measure=measure,
    holds=WORSE,
    finding="{layer:.2f} nats a character with layer norm, {rms:.2f} with RMS norm, {none:.2f} without a norm; letter frequencies alone "
    "give {letters:.2f}",
)
