"""Running statistics averaged along with the weights: do they fit the average?"""

import numpy as np
import torch
from torch.nn import functional
from torch.optim.swa_utils import AveragedModel

from bn_course.experiments import Effect, Experiment, Scope
from bn_course.nets import batches, digits, initialise, mlp, seeded
from bn_course.nets.recalibrate import recalibrate

from ._shared import HIDDEN, percent

SPANS = "long", "recent"


def measure(seed, scale):
    """Per cent right on test data of the average over the whole run, or over its last 50 steps."""
    steps, data = 600 if scale == "full" else 300, digits()
    with seeded(seed):
        model = initialise(mlp([64, *HIDDEN, 64, 10]), "he")
    averages = {
        (span, buffers): AveragedModel(model, use_buffers=buffers)
        for span in SPANS
        for buffers in (True, False)
    }
    optimiser, drawn = torch.optim.Adam(model.parameters(), lr=0.01), batches(data.train, 32, seed)
    for step in range(steps):
        batch = next(drawn)
        loss = functional.cross_entropy(model.train()(batch.x), batch.y)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        for (span, _), average in averages.items():
            if step % 10 == 0 and step >= (20 if span == "long" else steps - 50):
                average.update_parameters(model)
    numbers = {}
    for (span, buffers), average in averages.items():
        numbers[f"{span}_{'averaged' if buffers else 'last'}"] = percent(average.module, data.test)
        recalibrate(average.module, [data.train.x])
        numbers[f"{span}_again"] = percent(average.module, data.test)
    return numbers


LOST = Effect(
    "points that averaged statistics lose against those measured anew",
    lambda n: np.stack([n[f"{span}_again"] - n[f"{span}_averaged"] for span in SPANS], axis=1),
    below=1.5,
    why="less is a tie with 500 test images",
    each=SPANS,
)

EXPERIMENT = Experiment(
    claim="Averaging the running statistics together with the weights (use_buffers=True) spares the pass that measures them anew.",
    source="the argument's purpose in PyTorch's torch.optim.swa_utils.AveragedModel, documentation",
    scope=Scope(
        "digits",
        model="ReLU MLP 5×64",
        values="32 × 1",
        optimiser="Adam at 0.01, batches of 32",
        horizon="600 steps",
        test=500,
    ),
    method="As averaged_weights, by AveragedModel: digits, ReLU MLP 5×64, He initialisation, Adam at rate 0.01, batches of 32, 600 steps; the mean at every tenth step, from step 20 on or over the last 50; running statistics averaged too, the last model's, or measured anew on the training data.",
    measure=measure,
    holds=LOST,
    when={"the weights lie close together": LOST.at(1)},
    finding="Over the whole run: {long_averaged:.0f} % with averaged statistics, {long_last:.0f} with the last model's, {long_again:.0f} measured anew; over the last 50 steps: {recent_averaged:.0f}, {recent_last:.0f} and {recent_again:.0f} %",
)
