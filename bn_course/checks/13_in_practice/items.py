"""Lesson 13: items that come back in review."""

import numpy as np

from bn_course.grading.catalogue import find_question
from bn_course.review.computing import measured
from bn_course.review.item import RIGHT, ask, item


@item("13-int8", idea="rounding")
def int8(draw):
    weight, factor = draw.normal(size=(4, 6)), draw.uniform(0.2, 5, size=(4, 1))

    def rounded(w):
        scale = np.abs(w).max(axis=1, keepdims=True) / 127
        return np.round(w / scale) * scale

    same = np.allclose(rounded(weight * factor), rounded(weight) * factor)
    return ask(
        "Weights are rounded to 8 bits with a scale for each output channel. Fold batch norm first and round then, or round first and fold then:",
        "same" if same else "differ",
        {
            RIGHT: ("both give the same weights", "same"),
            "folding-spreads-channels": ("folding first is worse", "first-worse"),
            "fewer-layers-to-round": ("folding first is better", "first-better"),
        },
        why="Folding multiplies a channel by one number, and its scale takes that up.",
    )


@item("13-freeze", idea="modes")
def freeze(draw):
    import torch

    layer = torch.nn.BatchNorm1d(2)
    layer.requires_grad_(False)
    before = layer.running_mean.clone()
    x = torch.from_numpy(draw.normal(3, 2, size=(6, 2))).float()
    y = layer.train()(x)
    batch, moved = torch.allclose(y.mean(0), torch.zeros(2), atol=1e-5), not torch.equal(before, layer.running_mean)
    return ask(
        "`layer.requires_grad_(False)` for a batch norm, then training goes on with `model.train()`. What stands still?",
        "affine" if batch and moved else "all",
        {
            RIGHT: ("γ and β, and nothing else", "affine"),
            "requires-grad-only": ("γ, β and the running statistics; it normalises with these", "all"),
            "buffers-kept-batch-used": ("γ, β and the running statistics; it normalises with the batch's", "buffers"),
        },
        why="Running statistics are buffers. They want evaluation mode, and that has to last.",
    )


@item("13-which-shift", idea="modes")
def which_shift(draw):
    found = measured("adapted_statistics")
    names = ["contrast", "brightness", "shade", "noise", "turned", "inverted"]
    at = int(draw.choice([0, 1]))
    others = [3, 5]
    mended = [names[n] for n in (at, *others) if found["adapted"][n] > found["clean"] - 3]
    said = {"contrast": "with a part of the contrast", "brightness": "brighter", "noise": "with noise of deviation 1", "inverted": "inverted: dark on light"}
    return ask(
        "A trained network is tested on changed digits. After its statistics were adapted to them, accuracy is back where it was for digits",
        "+".join(mended),
        {RIGHT: (said[names[at]], names[at]), "noise-is-a-shift": (said["noise"], "noise"), "any-shift-is-undone": (said["inverted"], "inverted")},
        why="Statistics undo what moves and scales the inputs, and nothing else.",
    )


@item("13-discriminator", idea="shares")
def discriminator(draw):
    together, alone = measured("discriminator_batches")["mixed_fakes"]
    return ask(
        f"A discriminator was trained on batches half real, half generated, and finds {together:.0f} % of the generated images. In training mode, without the real ones in the batch, it finds",
        "half" if 35 < alone < 70 else "as many" if alone > 85 else "few",
        {
            RIGHT: ("about half of them", "half"),
            "rows-do-not-mix": ("as many: the weights are the same", "as many"),
            "nothing-to-hide-behind": ("all of them", "all"),
        },
        why="It told them apart by the company in the batch.",
    )


@item("13-bfloat16", idea="rounding")
def bfloat16(draw):
    import torch

    target = float(draw.choice([5.0, 6.0]))
    value = torch.zeros((), dtype=torch.bfloat16)
    for _ in range(3000):
        value = (value + 0.01 * (target - value)).to(torch.bfloat16)
    stuck = float(value)
    return ask(
        f"Momentum 0.01, a feature whose mean is exactly {target:g}, a running mean in bfloat16 that starts at 0. After 3000 steps it",
        "stuck" if stuck < 0.8 * target else "there",
        {
            RIGHT: (f"stands far below {target:g}", "stuck"),
            "bfloat16-is-enough": (f"stands at {target:g}, to three digits", "there"),
            "rounding-averages-out": (f"wanders about {target:g}", "wanders"),
        },
        why=f"Its steps became smaller than half the distance to the next bfloat16: {stuck:.2f}.",
    )


@item("13-largest-weight", idea="scale")
def largest_weight(draw):
    factor = int(draw.choice([100, 1000]))
    x, y = draw.normal(size=(40, 2)), draw.normal(size=40)
    units = x * [1, factor]
    weights = [np.linalg.lstsq(v, y, rcond=None)[0][1] for v in (x, units)]
    return ask(
        f"A feature of a linear model is given in units in which its numbers are {factor} times larger, and the model is fitted again. Its weight",
        weights[0] / weights[1],
        {
            RIGHT: (f"is {factor} times smaller", float(factor)),
            "weight-is-importance": ("stays: the feature is as important as it was", 1.0),
            "weight-like-the-numbers": (f"is {factor} times larger", 1 / factor),
        },
        why="Weight times input is what it was. A weight is an importance only per deviation.",
    )


@item("13-range", idea="training")
def rate_range(draw):
    found = measured("rates_without_norm")
    decades, points = (found[f"batch_{what}"] - found[f"scaled_{what}"] for what in ("decades", "test"))
    return ask(
        "A residual network with scaled branches, and one with batch norm, each tuned. What does the first one lose?",
        "rates" if decades > 1 / 3 and points < 2 else "accuracy",
        {
            RIGHT: ("learning rates: fewer of them work", "rates"),
            "norm-is-accuracy": ("accuracy, several points", "accuracy"),
            "norm-was-never-needed": ("nothing", "nothing"),
        },
        why=f"{decades:.1f} decades of usable rates, and {points:.1f} points.",
    )


@item("13-tanh", idea="choice")
def tanh(draw):
    x = draw.normal(0, 2, size=8)
    alone, company = np.tanh(0.5 * x[0]), np.tanh(0.5 * np.r_[x[0], x[1:] * 3])[0]
    return ask(
        "In place of a norm stands γ·tanh(αx) + β. The other examples of the batch are exchanged. The output of the first",
        "stays" if alone == company else "moves",
        {
            RIGHT: ("stays", "stays"),
            "every-norm-sees-the-batch": ("moves, in training and at inference", "moves"),
            "batch-in-training": ("moves, in training alone", "training"),
        },
        why="It takes no statistic at all.",
    )


@item("ask-freeze-batch-norm", idea="modes")
def frozen(draw):
    import torch

    model = torch.nn.Sequential(torch.nn.Linear(2, 2), torch.nn.BatchNorm1d(2))
    find_question("freeze_batch_norm").reference(model)
    before = {name: value.clone() for name, value in model.state_dict().items() if name.startswith("1.")}
    model.train()
    optimiser = torch.optim.SGD(model.parameters(), lr=0.1)
    model(torch.from_numpy(draw.normal(2, 3, size=(6, 2))).float()).pow(2).sum().backward()
    optimiser.step()
    moved = any(not torch.equal(value, model.state_dict()[name]) for name, value in before.items())
    return ask(
        "`freeze_batch_norm(model)`, then `model.train()`, one batch, one step of the optimiser. What of the norms' state has changed?",
        "some" if moved else "nothing",
        {
            RIGHT: ("nothing", "nothing"),
            "undone-by-train": ("the running statistics: train() undoes evaluation mode", "some"),
            "affine-still-learns": ("γ and β", "affine"),
        },
        why="Evaluation mode that survives train(), and no gradient for γ and β.",
    )


@item("ask-adapt-batch-norm", idea="modes")
def adapted_twice(draw):
    import torch

    model = torch.nn.Sequential(torch.nn.BatchNorm1d(2))
    batches = [torch.from_numpy(draw.normal(2, 3, size=(6, 2))).float() for _ in range(2)]
    seen = []
    for _ in range(2):
        find_question("adapt_batch_norm").reference(model, batches)
        seen.append(model[0].running_mean.clone())
    return ask(
        "A model is adapted to some batches, and once more to the same. The second time its statistics",
        "stay" if torch.allclose(*seen) else "move",
        {
            RIGHT: ("stay", "stay"),
            "moving-average": ("move on towards the batches' own", "move"),
            "count-goes-on": ("move back towards the old ones", "back"),
        },
        why="They are the plain average over the target, and remember nothing of the source.",
    )
