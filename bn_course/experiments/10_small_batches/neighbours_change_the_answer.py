"""In training mode another example in the batch changes an example's logits, and often its class."""

import torch

from bn_course.experiments import Effect, Experiment
from bn_course.nets import digits, evaluate

from ._shared import SCOPE, trained

SIZE = 8


def measure(seed, scale):
    rounds = 100 if scale == "full" else 30
    numbers = {}
    for norm in ("batch", "layer"):
        model = trained(norm, 32, seed)
        numbers[f"{norm}_moved"], numbers[f"{norm}_changed"] = exchange_one(model, rounds, seed)
    return numbers


def exchange_one(model, rounds, seed):
    """The last of eight is exchanged: how far the other seven's logits move (median), per cent of classes that change."""
    test, generator = digits().test, torch.Generator().manual_seed(seed)
    moved, changed = [], []
    for _ in range(rounds):
        rows = torch.randperm(len(test), generator=generator)[: SIZE + 1]
        one, other = test[rows[:-1]], test[torch.cat([rows[: SIZE - 1], rows[-1:]])]
        before, after = (evaluate(model, batch, training=True)[:-1] for batch in (one, other))
        moved.append((after - before).abs().max(1).values)
        changed.append(after.argmax(1) != before.argmax(1))
    return torch.cat(moved).median().item(), 100 * torch.cat(changed).float().mean().item()


MOVED = Effect(
    "how far a class score of the others moves (median), batch norm",
    lambda n: n["batch_moved"],
    above=0.1,
    why="a tenth of what one logit must gain for a factor e in probability",
)
CHANGED = Effect(
    "per cent of the others' answers that change, batch norm",
    lambda n: n["batch_changed"],
    above=2,
    why="one answer in fifty",
)
SEALED = Effect(
    "how far a class score of the others moves, layer norm",
    lambda n: n["layer_moved"],
    below=1e-4,
    why="rounding in float32",
)

EXPERIMENT = Experiment(
    claim="In training mode an example's prediction depends on who else is in its batch.",
    source="Ioffe and Szegedy 2015, arXiv:1502.03167, section 3.4: 'a training example is seen in conjunction with other examples in the mini-batch'",
    scope=SCOPE.but(values="8"),
    method="He initialisation, trained in batches of 32. Test batches of eight in training mode; the last example is exchanged for another, and the other seven are looked at.",
    measure=measure,
    holds=MOVED & CHANGED & SEALED,
    finding="With batch norm, exchanging one of eight moves a class score of each of the seven others by up to {batch_moved:.1f} (median), and {batch_changed:.0f} % of their predictions change; with layer norm {layer_moved:.1f} and {layer_changed:.0f} %",
)
