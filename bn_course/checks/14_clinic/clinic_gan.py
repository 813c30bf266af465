"""Lesson 14, clinic_gan."""

import numpy as np

from bn_course.checks._mistake import mistake
from bn_course.grading.question import Probe, Question

from ._shared import _batch, _norms, linear, put_back


def clinic_gan(discriminator, real, fake):
    """A pass for each kind: a generated image is scored as in the generator's own step."""
    return discriminator(real), discriminator(fake)


def _gan_variant(
    discriminator, real, fake, *, company="alike", mode="as found", after="as before", graph="kept"
):
    import torch

    modes = [(module, module.training) for module in discriminator.modules()]
    if mode == "evaluation":
        discriminator.eval()
    if company == "alike":
        scores = discriminator(real), discriminator(fake)
    elif company == "together":
        scores = discriminator(torch.cat([real, fake])).split([len(real), len(fake)])
    elif company == "halves":
        scores = _in_two_mixed_batches(discriminator, real, fake)
    elif company == "all real":  # the generated ones are scored with the statistics of the real ones
        scores = _with_statistics_of(discriminator, real, real, fake)
    if graph == "detached":
        scores = [score.detach() + 0 * discriminator[0].weight.sum() for score in scores]
    if mode == "evaluation" and after == "as before":
        for module, on in modes:
            module.training = on
    return tuple(scores)


def _in_two_mixed_batches(discriminator, real, fake):
    import torch

    pairs = zip(real.chunk(2), fake.chunk(2), strict=True)
    scores = [discriminator(torch.cat(pair)).split([len(part) for part in pair]) for pair in pairs]
    return tuple(torch.cat(parts) for parts in zip(*scores, strict=True))


def _with_statistics_of(discriminator, witnesses, *inputs):
    """Scores of each input with the statistics that the witnesses leave behind."""
    with put_back(discriminator):
        for norm in _norms(discriminator):
            norm.momentum = 1.0
        discriminator(witnesses)
        discriminator.eval()
        return tuple(discriminator(x) for x in inputs)


def _gan_args(rng, n, m, d=3, width=4):
    layers = (
        linear(rng, d, width),
        _batch(rng, width),
        ("relu",),
        ("nested", (linear(rng, width, width), _batch(rng, width), ("relu",))),
        linear(rng, width, 1),
    )
    real, fake = rng.normal(1.5, 1.0, (n, d)), rng.normal(-1.5, 2.0, (m, d))
    return layers, real, fake, rng.normal(size=(n, 1)), rng.normal(size=(m, 1))


def _gan_probe(rng, label, n, m):
    return Probe(
        label,
        _gan_args(rng, n, m),
        driver="14_clinic:gan",
        shown=f"{n} real and {m} generated examples, a discriminator with two batch norms in training mode",
    )


def _gan_probes(rng):
    return [
        _gan_probe(rng, "8 real, 8 generated", 8, 8),
        _gan_probe(rng, "6 real, 10 generated", 6, 10),
        _gan_probe(rng, "12 real, 5 generated", 12, 5),
    ]


def _gan_examples():
    rng = np.random.default_rng(20)
    return (_gan_probe(rng, "4 and 4", 4, 4), _gan_probe(rng, "4 and 6", 4, 6))


QUESTION = Question(
    name="clinic_gan",
    points=1,
    level=2,
    reference=clinic_gan,
    variant=_gan_variant,
    returns=(
        "the scores of the real ones",
        "the scores of the generated ones",
        "the first gradient",
        "the modes",
    ),
    probes=_gan_probes,
    examples=_gan_examples(),
    call="clinic_gan(discriminator, real, fake)",
    misconceptions=(
        mistake("real-and-generated-together", company="together"),
        mistake("two-mixed-batches", company="halves"),
        mistake("statistics-of-the-real-ones", company="all real"),
        mistake("evaluation-mode", mode="evaluation"),
        mistake("no-gradient", graph="detached"),
    ),
)
