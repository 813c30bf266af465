"""How much the loss varies along its gradient, with and without batch norm."""

import numpy as np
from torch.nn.functional import cross_entropy

from bn_course.experiments import Effect, Experiment
from bn_course.nets import batches, digits

from ._landscape import along_gradient
from ._shared import NETS, SCOPE, build, plain_sgd

RATES = (0.1, 0.3)


def measure(seed, scale):
    steps = 120  # at either scale: it takes two seconds
    numbers = {"looks": list(range(0, steps, 10))}
    for norm in ("none", "batch"):
        paths = {net: [walk(net, norm, rate, steps, seed) for rate in RATES] for net in NETS}
        for kind, name in enumerate(("loss", "range", "turn")):
            numbers[f"{norm}_{name}_path"] = [
                [[look[kind] for look in path] for path in p] for p in paths.values()
            ]
            numbers[f"{norm}_{name}"] = [typical(p, kind) for p in paths.values()]
    return numbers


def walk(net, norm, rate, steps, seed):
    """(loss, loss range along the gradient, change of the gradient) at every tenth step."""
    model = build(net, norm, seed)
    optimiser, drawn, looks = plain_sgd(model, rate), batches(digits().train, 128, seed), []
    for step in range(steps):
        batch = next(drawn)
        around = along_gradient(model, batch) if step % 10 == 0 else None
        optimiser.zero_grad()
        loss = cross_entropy(model(batch.x), batch.y)
        loss.backward()
        optimiser.step()
        if around:
            looks.append((loss.item(), *around))
    return looks


def typical(paths, kind):
    """The median over a path, the geometric mean over rates."""
    return float(np.exp(np.mean([np.log(np.median([look[kind] for look in path])) for path in paths])))


SMOOTHER = Effect(
    "range of the loss along its gradient, without over with",
    lambda n: n["none_range"] / n["batch_range"],
    above=1.5,
    ratio=True,
    why="half as much again can be seen",
    each=tuple(NETS),
)

EXPERIMENT = Experiment(
    claim="Batch norm makes the loss smoother: it varies less along its gradient.",
    source="Santurkar et al. 2018, arXiv:1805.11604, section 3.1 and figure 4(a)",
    scope=SCOPE.but(model="ReLU and tanh 4×64, sigmoid 3×100", horizon="120 steps"),
    method="He (ReLU) or Xavier initialisation, rates 0.1 and 0.3; largest minus smallest loss of the batch at w − s·gradient for s from 0.05 to 0.8; median over looks, geometric mean over rates.",
    measure=measure,
    holds=SMOOTHER,
    when={"the net learns without batch norm, too": SMOOTHER.at(0, 1)},
    finding="The loss varies by {none_range[0]:.2f} without and {batch_range[0]:.2f} with batch norm (ReLU), {none_range[1]:.3f} and {batch_range[1]:.3f} (tanh), {none_range[2]:.3f} and {batch_range[2]:.3f} (sigmoid, where the plain net sits on a plateau)",
)
