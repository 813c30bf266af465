"""Few-shot learning: statistics of training, or of the test batch itself?"""

import copy

import torch
from torch.nn import functional

from bn_course.experiments import Effect, Experiment
from bn_course.nets import digits, initialise, mlp, seeded

from ._shared import SCOPE

SHOTS, QUERIES, WAYS = 5, 10, 5


def measure(seed, scale):
    steps, episodes = (300, 100) if scale == "full" else (150, 30)
    generator = torch.Generator().manual_seed(seed)
    net = learner("batch", steps, seed, generator)
    other = learner("layer", steps, seed, generator)
    ways = {"running": running, "test_batch": together, "class_by_class": by_class}
    totals = dict.fromkeys([*ways, "layer"], 0.0)
    for _ in range(episodes):
        support, queries = episode(range(5, 10), generator)
        for name, embed in ways.items():
            totals[name] += right(*embed(copy.deepcopy(net), support, queries)) / episodes
        totals["layer"] += right(*running(other, support, queries)) / episodes
    return totals


def episode(classes, generator):
    """Five examples and ten questions of each class; classes 0–4 from the training part, 5–9 from the test part."""
    support, queries = [], []
    for name in classes:
        part = digits().train if name < 5 else digits().test
        x = part.x[part.y == name]
        x = x[torch.randperm(len(x), generator=generator)]
        support.append(x[:SHOTS])
        queries.append(x[SHOTS : SHOTS + QUERIES])
    return torch.cat(support), torch.cat(queries)


def learner(norm, steps, seed, generator):
    """A prototypical network (Snell et al. 2017): a query belongs to the class whose mean is nearest."""
    with seeded(seed):
        net = initialise(mlp([64, 64, 64, 32], norm), "he")
    optimiser = torch.optim.Adam(net.parameters(), lr=0.003)
    for _ in range(steps):
        loss = functional.cross_entropy(closeness(*together(net, *episode(range(5), generator))), labels())
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    return net


def labels():
    return torch.arange(WAYS).repeat_interleave(QUERIES)


def closeness(support, queries):
    return -torch.cdist(queries, support.unflatten(0, (WAYS, SHOTS)).mean(1)).square()


@torch.no_grad()
def right(support, queries):
    return 100 * (closeness(support, queries).argmax(1) == labels()).float().mean().item()


def running(net, support, queries):
    return net.eval()(support), net(queries)


def together(net, support, queries):
    """All of the episode in one batch, in training mode."""
    return net.train()(torch.cat([support, queries])).split([len(support), len(queries)])


def by_class(net, support, queries):
    """The same, with the questions arriving a class at a time."""
    net.train()
    return net(support), torch.cat([net(part) for part in queries.split(QUERIES)])


BETTER = Effect(
    "points above running statistics",
    lambda n: n["test_batch"] - n["running"],
    above=1.5,
    why="as much as a few hundred of the 5000 questions tell apart",
)

EXPERIMENT = Experiment(
    claim="In few-shot learning, use the statistics of the test batch.",
    source="the practice that Bronskill et al. 2020, TaskNorm, arXiv:2003.03284, describe and examine",
    scope=SCOPE.but(
        data="digits, five classes to train and five to ask",
        model="ReLU MLP 2×64 → 32",
        values="75",
        optimiser="Adam",
        horizon="300 episodes",
        test=5000,
    ),
    method="Prototypical networks on digits: an MLP 2×64 → 32, He initialisation, Adam at 0.003, 300 episodes of the classes 0–4 with five examples and ten questions each; then 100 episodes of 5–9. Running statistics, those of support and questions together, or of the questions one class at a time.",
    measure=measure,
    holds=BETTER,
    finding="Running statistics {running:.0f} %, those of the test batch {test_batch:.0f} %, and {class_by_class:.0f} % when the questions arrive a class at a time (chance is 20); layer norm {layer:.0f} %",
)
