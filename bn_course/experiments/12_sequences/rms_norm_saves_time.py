"""RMS norm in place of layer norm: processor time, of one layer and of a training step."""

import time

import numpy as np
import torch
from torch import nn

from bn_course.experiments import Effect, Experiment
from bn_course.nets import seeded
from bn_course.nets.text import names_text, windows
from bn_course.nets.transformer import Transformer, next_character_loss

from ._shared import TEXT

SHAPE = (64, 128, 256)  # (N, T, D)


class ComposedLayerNorm(nn.LayerNorm):
    """Layer norm from elementary operations, as one writes it oneself."""

    def forward(self, x):
        centred = x - x.mean(-1, keepdim=True)
        return (
            centred * torch.rsqrt(centred.square().mean(-1, keepdim=True) + self.eps) * self.weight
            + self.bias
        )


class ComposedRMSNorm(nn.RMSNorm):
    """RMS norm likewise."""

    def forward(self, x):
        return x * torch.rsqrt(x.square().mean(-1, keepdim=True) + self.eps) * self.weight


def measure(seed, scale):
    repeats = 7 if scale == "full" else 3
    features = SHAPE[-1]
    with seeded(seed):
        x = torch.randn(SHAPE)
        models = [Transformer(norm=norm) for norm in ("rms", "layer")]
    pieces = windows(names_text().train, 16, 32, seed)
    return {
        "composed": ratio(ComposedRMSNorm(features, eps=1e-6), ComposedLayerNorm(features), x, repeats),
        "built_in": ratio(nn.RMSNorm(features, eps=1e-6), nn.LayerNorm(features), x, repeats),
        "training_step": step_ratio(*models, pieces, repeats),
    }


def ratio(one, other, x, repeats):
    """Processor time of `one`, forwards and backwards, in units of that of `other`."""

    def run(layer):
        inputs = x.clone().requires_grad_()
        return lambda: layer(inputs).backward(x)

    return alternately(run(one), run(other), repeats)


def step_ratio(one, other, pieces, repeats):
    def run(model):
        return lambda: [next_character_loss(model, pieces).backward() for _ in range(10)]

    return alternately(run(one), run(other), repeats)


def alternately(one, other, repeats):
    """The ratio of the least times, each taken in turn, after one round that does not count."""
    times = []
    for _ in range(repeats + 1):
        row = []
        for task in (one, other):
            begin = time.process_time()
            task()
            row.append(time.process_time() - begin)
        times.append(row)
    least = np.min(times[1:], axis=0)
    return float(least[0] / least[1])


FASTER = Effect(
    "time of a training step with RMS norm over that with layer norm",
    lambda n: n["training_step"],
    below=0.93,
    ratio=True,
    why="the claim begins at 7 %",
)

EXPERIMENT = Experiment(
    claim="RMS norm saves 7 % to 64 % of the running time of a model with layer norm.",
    source="Zhang and Sennrich 2019, Root Mean Square Layer Normalization, arXiv:1910.07467, abstract",
    scope=TEXT.but(values="48 features", horizon="one build of PyTorch for the CPU, one thread"),
    method="Processor time on one thread, the least of seven: one layer forwards and backwards on (64, 128, 256) in "
    "float32, composed of elementary operations and PyTorch's built-in one; ten training steps, without the "
    "update, of the transformer of batch_norm_fails_in_transformers.",
    measure=measure,
    holds=FASTER,
    beyond="whole models, mostly on GPUs, in the frameworks of 2019. What was timed here is one build of PyTorch on one kind of processor",
    finding="RMS norm takes {composed:.2f} times as long as layer norm where both are composed of elementary "
    "operations, {built_in:.2f} times as PyTorch's built-in layers, and a training step {training_step:.2f} times "
    "as long",
)
