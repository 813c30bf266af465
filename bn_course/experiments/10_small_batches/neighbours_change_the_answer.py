"""In training mode another example in the batch changes an example's logits, and often its class."""

import torch

from bn_course.experiments import DOES_NOT_HOLD, HOLDS, Experiment
from bn_course.nets import digits, evaluate

from ._shared import trained

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


def verdict(numbers):
    leaks = numbers["batch_moved"].mean() > 0.1 and numbers["batch_changed"].mean() > 2
    return HOLDS if leaks and numbers["layer_moved"].max() < 1e-4 else DOES_NOT_HOLD


EXPERIMENT = Experiment(
    claim="In training mode an example's prediction depends on who else is in its batch.",
    source="Ioffe and Szegedy 2015, arXiv:1502.03167, section 3.4: 'a training example is seen in conjunction with other examples in the mini-batch'",
    method="Digits, ReLU 4×64, He, batches of 32, 5 epochs. Test batches of eight in training mode; the last example is exchanged for another, and the other seven are looked at.",
    measure=measure,
    verdict=verdict,
    finding="With batch norm, exchanging one of eight moves a class score of each of the seven others by up to {batch_moved:.1f} (median), and {batch_changed:.0f} % of their predictions change; with layer norm {layer_moved:.1f} and {layer_changed:.0f} %",
)
