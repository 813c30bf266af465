"""A discriminator that sees real and generated examples in one batch teaches the generator nothing."""

import numpy as np
import torch
from torch import nn
from torch.nn.functional import binary_cross_entropy_with_logits as cross_entropy

from bn_course.experiments import Effect, Experiment
from bn_course.nets import seeded
from bn_course.nets.patients import clinic_gan

from ._shared import SCOPE

BATCH, NOISE, WIDTH = 128, 8, 64
ANGLES = torch.arange(8) * (np.pi / 4)
CENTRES = 2 * torch.stack([ANGLES.cos(), ANGLES.sin()], 1)


def measure(seed, scale):
    steps = 600 if scale == "full" else 500
    mixed, apart = (run(seed, score, steps)[0] for score in (clinic_gan, separately))
    return {name: [one, other] for (name, one), other in zip(mixed.items(), apart.values(), strict=True)}


def separately(discriminator, real, fake):
    return discriminator(real), discriminator(fake)


def run(seed, score, steps):
    """Train a GAN on eight clusters on a ring: its numbers, and a thousand points that it makes in the end."""
    drawn = torch.Generator().manual_seed(seed)
    with seeded(seed):
        generator, discriminator = networks()
    optimisers = [
        torch.optim.Adam(net.parameters(), lr=2e-3, betas=(0.5, 0.999)) for net in (generator, discriminator)
    ]
    scores = []  # of the generated points: in the discriminator's step, and in the generator's
    for _ in range(steps):
        real = ring(BATCH, drawn)
        fake = generator(torch.randn(BATCH, NOISE, generator=drawn))
        of_real, of_fake = score(discriminator, real, fake.detach())
        loss = cross_entropy(of_real, torch.ones_like(of_real)) + cross_entropy(of_fake, 0 * of_fake)
        with torch.no_grad():  # the same points, the same weights, in the company of the generator's step
            scores.append((of_fake.mean().item(), discriminator(fake).mean().item()))
        optimisers[1].zero_grad()
        loss.backward()
        optimisers[1].step()
        of_fake = discriminator(fake)
        optimisers[0].zero_grad()
        cross_entropy(of_fake, torch.ones_like(of_fake)).backward()
        optimisers[0].step()
    with torch.no_grad():
        made = generator(torch.randn(1000, NOISE, generator=drawn))
    distance, nearest = torch.cdist(made, CENTRES).min(1)
    hit = distance < 0.4
    return {
        "good": 100 * hit.float().mean().item(),
        "clusters": float(len(nearest[hit].unique())),
        "loss": loss.item(),
        "in_own_step": float(np.mean([own for own, _ in scores[-50:]])),
        "in_generators_step": float(np.mean([other for _, other in scores[-50:]])),
    }, made


def ring(count, drawn):
    which = torch.randint(8, (count,), generator=drawn)
    return CENTRES[which] + 0.1 * torch.randn(count, 2, generator=drawn)


def networks():
    generator = nn.Sequential(
        nn.Linear(NOISE, WIDTH), nn.ReLU(), nn.Linear(WIDTH, WIDTH), nn.ReLU(), nn.Linear(WIDTH, 2)
    )
    inner = [
        layer
        for _ in range(2)
        for layer in (nn.Linear(WIDTH, WIDTH, bias=False), nn.BatchNorm1d(WIDTH), nn.LeakyReLU(0.2))
    ]
    discriminator = nn.Sequential(nn.Linear(2, WIDTH), nn.LeakyReLU(0.2), *inner, nn.Linear(WIDTH, 1))
    return generator, discriminator


BETTER = Effect(
    "points more of good samples with batches of their own",
    lambda n: n["good"][:, 1] - n["good"][:, 0],
    above=20,
    why="more than one sample in five",
)

EXPERIMENT = Experiment(
    claim="With batch norm in the discriminator, real and generated examples need batches of their own.",
    source="S. Chintala and others, How to train a GAN? (2016), tip 4: different mini-batches for real and fake",
    scope=SCOPE.but(
        data="eight clusters on a ring",
        model="MLPs of width 64",
        values="128, or 256 together",
        optimiser="Adam, batches of 128",
        horizon="600 steps",
        test=0,
    ),
    method="Eight Gaussian clusters on a ring of radius 2; MLPs of width 64, batch norm in two layers of the discriminator; Adam 2e-3, β₁ 0.5, batches of 128, 600 steps of each. A generated point is good within 0.4 of a cluster's centre (their deviation is 0.1).",
    measure=measure,
    holds=BETTER,
    finding="In one batch {good[0]:.0f} % of the generated points are good ({clusters[0]:.1f} of 8 clusters), in batches of their own {good[1]:.0f} % ({clusters[1]:.1f} of 8). The discriminator's loss ends at {loss[0]:.2f} and {loss[1]:.2f}; it scores the same generated points {in_own_step[0]:.1f} in its own step and {in_generators_step[0]:.1f} in the generator's, in batches of their own {in_own_step[1]:.1f} both times",
)
