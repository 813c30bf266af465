"""Under gradient checkpointing batch norm forgets nearly twice as fast."""

import numpy as np
import torch
from torch.nn.functional import cross_entropy

from bn_course.experiments import Effect, Experiment
from bn_course.nets import accuracy, batches, digits, mlp, seeded
from bn_course.nets.patients import clinic_checkpoint

from ._shared import SCOPE

MOMENTUM = 0.1
TWICE = 1 - (1 - MOMENTUM) ** 2  # 0.19


def measure(seed, scale):
    plain, twice = (run(seed, checkpointed) for checkpointed in (False, True))
    return {name: [one, other] for (name, one), other in zip(plain.items(), twice.values(), strict=True)}


def run(seed, checkpointed):
    """The weight of the last batch in the running mean, the loss and the accuracy after 30 steps."""
    with seeded(seed):
        model = mlp([64, 64, 64, 10])
    body, head, first = model[:-1], model[-1], model[1]
    optimiser = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    drawn = batches(digits().train, 128, seed)
    inputs = []
    hook = first.register_forward_pre_hook(lambda layer, args: inputs.append(args[0].detach()))
    for _ in range(30):
        batch = next(drawn)
        before = first.running_mean.clone()
        features = clinic_checkpoint(body, batch.x) if checkpointed else body(batch.x)
        loss = cross_entropy(head(features), batch.y)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    hook.remove()
    step, way = first.running_mean - before, inputs[-1].mean(0) - before
    return {
        "weight": (step @ way / (way @ way)).item(),
        "passes": len(inputs) / 30,
        "counted": first.num_batches_tracked.item() / 30,
        "loss": loss.item(),
        "accuracy": 100 * accuracy(model, digits().test),
    }


TWO = Effect(
    "weight of the last batch, off its formula",
    lambda n: np.abs(n["weight"] - np.array([MOMENTUM, TWICE])),
    below=0.005,
    why="a twentieth of the momentum",
    each=("without", "with checkpointing"),
)
SAME = Effect(
    "difference of the training losses",
    lambda n: np.abs(n["loss"][:, 0] - n["loss"][:, 1]),
    below=1e-4,
    why="what rounding makes of it",
)

EXPERIMENT = Experiment(
    claim="torch.utils.checkpoint updates batch norm's statistics twice: the momentum is in effect 1 − (1 − m)², and the training itself does not change.",
    source="issue 96136 of pytorch/pytorch, 2023, open",
    scope=SCOPE.but(horizon="30 steps"),
    method="Digits, ReLU MLP 2×64, all hidden layers in one checkpoint (use_reentrant=False), SGD with momentum 0.9, rate 0.1, batch 128, 30 steps. The last step of the first layer's running mean, as a share of the way to the batch's mean; m = 0.1.",
    measure=measure,
    holds=TWO & SAME,
    finding="The last batch has a weight of {weight[0]:.3f} without and {weight[1]:.3f} with checkpointing, the loss is {loss[0]:.3f} and {loss[1]:.3f}, the test accuracy {accuracy[0]:.1f} and {accuracy[1]:.1f} %",
)
