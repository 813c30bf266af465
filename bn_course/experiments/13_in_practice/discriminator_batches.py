"""Real and generated images: in one batch, or in two?"""

import copy

import torch
from torch.nn import functional

from bn_course.experiments import Effect, Experiment
from bn_course.nets import batches, digits, initialise, mlp, seeded

from ._shared import POINT, SCOPE, sgd

HALF = 64


def measure(seed, scale):
    steps = 300 if scale == "full" else 150
    numbers = {}
    for name, norm, mixed in (("none", "none", True), ("mixed", "batch", True), ("separate", "batch", False)):
        net = discriminator(norm, mixed, steps, seed)
        numbers[name] = judged(net, mixed, seed)[0]
        together, alone = judged(net, True, seed)[1], judged(net, False, seed)[1]
        numbers[f"{name}_fakes"] = [together, alone]
    return numbers


def generated(x, generator):
    """A generator's images, nearly right: a fifth too little contrast, and some noise."""
    dark = x.min()
    return dark + 0.8 * (x - dark) + 0.3 * torch.randn(x.shape, generator=generator)


def discriminator(norm, mixed, steps, seed):
    with seeded(seed):
        net = initialise(mlp([64, 64, 64, 1], norm), "he")
    optimiser, noise = sgd(net, 0.1), torch.Generator().manual_seed(seed)
    real, other = (batches(digits().train, HALF, seed + shift) for shift in (0, 100))
    for _ in range(steps):
        on_real, on_fake = scores(net, next(real).x, generated(next(other).x, noise), mixed)
        loss = functional.softplus(-on_real).mean() + functional.softplus(on_fake).mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    return net


def scores(net, real, fake, mixed):
    return net(torch.cat([real, fake])).split(len(real)) if mixed else (net(real), net(fake))


@torch.no_grad()
def judged(net, mixed, seed):
    """Per cent of all that it has right, and of the generated ones, in training mode."""
    net, x = copy.deepcopy(net), digits().test.x
    fake = generated(x[250:], torch.Generator().manual_seed(seed + 7))
    on_real, on_fake = scores(net.train(), x[:250], fake, mixed)
    real_right, fake_right = (100 * right.float().mean().item() for right in (on_real > 0, on_fake < 0))
    return (real_right + fake_right) / 2, fake_right


COSTS = Effect(
    "points that batches of their own cost", lambda n: n["mixed"] - n["separate"], below=1.5, why=POINT
)

EXPERIMENT = Experiment(
    claim="Real and generated images in mini-batches of their own: that costs the discriminator nothing.",
    source="how tip 4 of Chintala et al. 2016, How to Train a GAN, is passed on; lesson 14 measures what the tip is good for",
    scope=SCOPE.but(
        data="digits, and digits made worse as a stand-in for generated ones",
        model="ReLU MLP 2×64",
        values="128 or 64",
    ),
    method="Real: digits. Generated: other digits at 0.8 of the contrast with noise of 0.3. A ReLU MLP 2×64 discriminator, He initialisation, SGD with momentum 0.9 at rate 0.1, 300 steps of 64 + 64; judged in training mode on 250 + 250 test images.",
    measure=measure,
    holds=COSTS,
    finding="Told apart: {none:.0f} % without norm, {mixed:.0f} % with batch norm in mixed batches, {separate:.0f} % in separate ones. The discriminator of the mixed batches finds {mixed_fakes[0]:.0f} % of the generated images among real ones, and {mixed_fakes[1]:.0f} % when they come alone, as in the generator's own step ({none_fakes[1]:.0f} % without norm)",
)
