"""Change the last character: do the scores of earlier positions move?"""

import numpy as np
import torch

from bn_course.experiments import Effect, Experiment
from bn_course.nets.text import ALPHABET, names_text, windows

from ._shared import TEXT, trained_transformer


def measure(seed, scale):
    steps = 200 if scale == "full" else 100
    batch = trained_transformer("batch", "pre", 2, 3e-3, steps, seed)
    layer = trained_transformer("layer", "pre", 2, 3e-3, steps, seed)
    return {
        "batch_training": movement(batch, seed, training=True),
        "batch_evaluation": movement(batch, seed, training=False),
        "layer": movement(layer, seed, training=True),
        "several": movement(batch, seed, training=True, count=16),
    }


@torch.no_grad()
def movement(model, seed, training, count=1):
    """The largest change of a score at the first 31 positions when the 32nd character of one piece changes."""
    text = windows(names_text().test, count, 31, seed)
    changed = text.clone()
    changed[0, -1] = (changed[0, -1] + 7) % len(ALPHABET)
    model.train(training)
    kept = {name: value.clone() for name, value in model.named_buffers()}
    moved = (model(changed) - model(text))[:, :-1].abs().max().item()
    for name, value in model.named_buffers():
        value.copy_(kept[name])
    return moved


LEAKS = Effect(
    "how far earlier scores move, batch statistics of one piece",
    lambda n: n["batch_training"],
    above=0.01,
    why="a hundredth of a factor e in probability",
)
SEALED = Effect(
    "the same",
    lambda n: np.stack([n["batch_evaluation"], n["layer"]], axis=1),
    below=1e-9,
    why="nothing at all",
    each=("running statistics", "layer norm"),
)

EXPERIMENT = Experiment(
    claim="In a causal transformer, batch statistics leak the future: a later character changes earlier predictions.",
    source="this course; it follows from the definition",
    scope=TEXT.but(values="1 × 32 and 16 × 32"),
    method="The transformers of batch_norm_fails_in_transformers at rate 0.003. The last of 32 characters is "
    "exchanged; the largest change of any score at the 31 positions before it.",
    measure=measure,
    holds=LEAKS & SEALED,
    finding="Earlier scores move by up to {batch_training:.2f} with the statistics of one piece and {several:.2f} "
    "with those of 16 pieces, by {batch_evaluation:.0f} with running statistics and by {layer:.0f} with layer norm",
)
