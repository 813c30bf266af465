"""Does a contrastive network find the other view by the company it keeps?"""

import torch
from torch.nn import functional

from bn_course.experiments import Effect, Experiment
from bn_course.nets import batches, digits, initialise, mlp, seeded
from bn_course.nets.ghost import GhostBatchNorm1d

from ._shared import POINT, SCOPE

N, GROUP, TEMPERATURE = 128, 4, 0.2
groups = torch.arange(N) // GROUP
CHANCE = 100 * (GROUP - 1) / (N - 1)  # of a wrong answer from one's own group


def measure(seed, scale):
    steps = 400 if scale == "full" else 150
    numbers = {}
    for name, norm, shuffle in (
        ("grouped", ghost, False),
        ("shuffled", ghost, True),
        ("layer", "layer", False),
    ):
        net, generator = encoder(norm, shuffle, steps, seed)
        numbers[f"{name}_found"], numbers[f"{name}_inside"] = pretext(net, generator)
        numbers[f"{name}_features"] = neighbours(net)
    return numbers


def ghost(features):
    """Batch norm over groups of 4, as on devices with four images each."""
    return GhostBatchNorm1d(features, GROUP)


def encoder(norm, shuffle, steps, seed):
    with seeded(seed):
        net = initialise(mlp([64, 128, 128, 32], norm), "he")
    generator = torch.Generator().manual_seed(seed)
    optimiser = torch.optim.Adam(net.parameters(), lr=0.003)
    drawn = batches(digits().train, N, seed)
    mates = groups[:, None] == groups  # wrong answers come from elsewhere, as from MoCo's queue
    mates.fill_diagonal_(False)
    for _ in range(steps):
        scores = likeness(net, next(drawn).x, generator, shuffle).masked_fill(mates, -torch.inf)
        loss = functional.cross_entropy(scores, torch.arange(N))
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    return net, generator


def likeness(net, x, generator, shuffle):
    """(N, N): of the first view of each image with the second view of each, cosines over a temperature.

    Both views pass in groups of four: the same four, or, shuffled, other ones for the second view.
    """
    one, other = (x + torch.randn(x.shape, generator=generator) for _ in range(2))
    order = torch.randperm(len(x), generator=generator) if shuffle else torch.arange(len(x))
    keys = torch.empty(len(x), net[-1].out_features).index_copy(0, order, net(other[order]))
    return functional.normalize(net(one), dim=1) @ functional.normalize(keys, dim=1).T / TEMPERATURE


@torch.no_grad()
def pretext(net, generator):
    """On test images, groups kept, in per cent: second views found; with the right one taken away, answers from one's own group."""
    found = inside = 0.0
    for _ in range(10):
        x = digits().test.x[torch.randperm(500, generator=generator)[:N]]
        scores = likeness(net.train(), x, generator, shuffle=False)
        found += 10 * (scores.argmax(1) == torch.arange(N)).float().mean().item()
        wrong = scores.fill_diagonal_(-torch.inf).argmax(1)
        inside += 10 * (groups[wrong] == groups).float().mean().item()
    return found, inside


@torch.no_grad()
def neighbours(net):
    """How good the features are: digits named by their five nearest training images, per cent right."""
    data = digits()
    train, test = (functional.normalize(net.eval()(part.x), dim=1) for part in (data.train, data.test))
    named = data.train.y[(test @ train.T).topk(5).indices].mode(1).values
    return 100 * (named == data.test.y).float().mean().item()


LEAKS = Effect(
    "per cent of wrong answers from the own group",
    lambda n: n["grouped_inside"],
    above=3 * CHANCE,
    why="three times as often as chance",
)
HARMS = Effect(
    "points that shuffling gains for the features",
    lambda n: n["shuffled_features"] - n["grouped_features"],
    above=1.5,
    why=POINT,
)

EXPERIMENT = Experiment(
    claim="In contrastive learning the network cheats: batch statistics tell which images went through together, and the features suffer.",
    source="He et al. 2020, Momentum Contrast (MoCo), Shuffling BN in section 3.3, arXiv:1911.05722",
    scope=SCOPE.but(
        model="ReLU MLP 2×128 → 32", values="4", optimiser="Adam, batches of 128", horizon="400 steps"
    ),
    method="Digits, two views of each with noise of deviation 1; an MLP 2×128 → 32, He initialisation, Adam at 0.003, 400 steps, 128 images in groups of 4 that share statistics; the second view in the same groups, in shuffled ones, or layer norm. With the right answer taken away, answers from the own group: 2.4 % by chance.",
    measure=measure,
    holds=LEAKS & HARMS,
    when={"one asks about the task itself, not the features": LEAKS},
    beyond="a ResNet-50 with a memory of 65 536 images, trained for days on ImageNet",
    finding="Answers from the own group {grouped_inside:.0f} % (layer norm {layer_inside:.1f}); second views found {grouped_found:.0f} %, with shuffled training {shuffled_found:.0f}, with layer norm {layer_found:.0f}; features, by neighbours: {grouped_features:.0f}, {shuffled_features:.0f} and {layer_features:.0f} %",
)
