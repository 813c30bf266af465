"""Batch norm in a causal transformer: the loss in evaluation mode, and with batch statistics."""

import numpy as np

from bn_course.experiments import Effect, Experiment
from bn_course.nets.text import names_text
from bn_course.nets.transformer import text_loss

from ._shared import TEXT, letter_frequencies_loss, trained_transformer

RATES = (1e-3, 3e-3, 1e-2)


def measure(seed, scale):
    rates, steps = (RATES, 200) if scale == "full" else ((3e-3,), 20)
    given = {"letters": letter_frequencies_loss()}
    for norm in ("layer", "batch", "none"):
        models = [trained_transformer(norm, "pre", 2, rate, steps, seed) for rate in rates]
        losses = [text_loss(model, names_text().validation) for model in models]
        model = models[int(np.argmin(losses))]
        given[f"{norm}_by_rate"] = losses
        given[norm] = text_loss(model, names_text().test)
        given[f"{norm}_batch_statistics"] = text_loss(model, names_text().test, training=True)
    return given


WORSE = Effect(
    "nats a character more than with layer norm",
    lambda n: n["batch"] - n["layer"],
    above=0.05,
    why="'much worse': over the five or six letters of a word, 1.3 times the perplexity",
    blind=True,
)

EXPERIMENT = Experiment(
    claim="Batch norm performs much worse than layer norm in transformers for language.",
    source="Shen et al. 2020, PowerNorm, arXiv:2003.07845, abstract: 'significant performance degradation'",
    scope=TEXT,
    method="Causal transformer, 2 blocks of width 48, pre-norm, on the names of Unicode's characters; 200 steps of "
    "Adam on 16 pieces of 32 characters, the best of three rates by validation loss; nats a character on test "
    "names. Batch norm takes its statistics over all positions of the batch.",
    measure=measure,
    holds=WORSE,
    beyond="transformers of 12 layers and more, trained for translation and on a hundred million words",
    finding="{layer:.2f} nats a character with layer norm, {batch:.2f} with batch norm in evaluation mode and "
    "{batch_batch_statistics:.2f} with batch statistics, {none:.2f} without a norm; letter frequencies alone "
    "give {letters:.2f}",
)
