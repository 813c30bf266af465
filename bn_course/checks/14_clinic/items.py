"""Lesson 14: items that come back in review."""

import numpy as np

from bn_course.review.computing import bn, bn_gradient, measured
from bn_course.review.item import RIGHT, ask, item


@item("14-evaluate", idea="modes")
def evaluate(draw):
    found = measured("evaluation_in_training_mode")
    at = int(draw.choice([1, 2]))
    size, right = (50, 10)[at - 1], found["by_class"][at]
    return ask(
        f"A model that is right in 98 % is tested in batches of {size}, sorted by class, and `model.eval()` was forgotten. Reported is",
        "few" if right < 20 else "some" if right < 95 else "most",
        {
            RIGHT: ("below 20 %", "few"),
            "batch-stats-in-eval": ("about 98 %: the model has not changed", "most"),
            "noise-costs-some": ("about 90 %: the statistics are noisy", "some"),
        },
        why="A batch of one class has that class subtracted.",
    )


@item("14-checkpoint", idea="modes")
def checkpoint(draw):
    m = float(draw.choice([0.1, 0.2, 0.3]))
    running = 0.0
    for _ in range(2):  # the forward pass runs twice
        running = (1 - m) * running + m * 1.0
    return ask(
        f"Momentum {m:g}. Activation checkpointing runs a layer's forward pass twice in a step. The last batch's weight in the running mean is",
        running,
        {RIGHT: 1 - (1 - m) ** 2, "counted-once": m, "counts-add": 2 * m, "root-of-momentum": 1 - np.sqrt(1 - m)},
        why="m, and m of what the first pass left: 1 − (1 − m)².",
    )


@item("14-freeze", idea="modes")
def freeze(draw):
    import torch

    layer = torch.nn.BatchNorm1d(2).requires_grad_(False)
    state = {name: value.clone() for name, value in layer.state_dict().items()}
    layer.train()(torch.from_numpy(draw.normal(4, 2, size=(6, 2))).float())
    changed = {name for name, value in layer.state_dict().items() if not torch.equal(value, state[name])}
    parameters = {name for name, _ in layer.named_parameters()}
    return ask(
        "A backbone has `requires_grad=False` everywhere, and its head is trained with `model.train()`. In evaluation the backbone gives other features than before. What of it has changed?",
        "buffers" if changed and not changed & parameters else "parameters",
        {
            RIGHT: ("no parameter: the running statistics", "buffers"),
            "optimiser-had-seen-them": ("its weights: the optimiser had seen them", "parameters"),
            "affine-still-learns": ("γ and β of its norms", "affine"),
        },
        why="Buffers are moved by the forward pass, whatever gradients may do.",
    )


@item("14-average", idea="modes")
def average(draw):
    found = measured("averaged_weights")
    kept, again, last = found["long_kept"], found["long_again"], found["last"]
    return ask(
        f"Weights were averaged over a training run, and the average is {last - kept:.0f} points worse than the last model. To mend it takes",
        "statistics" if again >= last - 0.5 else "training",
        {
            RIGHT: ("one pass over training data, without changing any weight", "statistics"),
            "averages-need-training": ("some epochs of training from there", "training"),
            "averages-are-bad": ("what cannot be had: between good networks lie bad ones", "nothing"),
        },
        why="The statistics are another model's. Measured anew, it is as good as the last model or better.",
    )


@item("14-fold", idea="modes")
def fold(draw):
    bias = float(draw.integers(2, 9))
    gamma, sigma = 2.0, float(draw.choice([2.0, 4.0]))
    x = 0.0
    right = gamma * (x + bias - 1.0) / sigma  # running mean 1, β = 0
    return ask(
        f"A linear layer has bias {bias:g}; batch norm follows: γ = 2, β = 0, running mean 1, running deviation {sigma:g}. Folded into one layer, its bias is",
        right,
        {
            RIGHT: gamma * (bias - 1) / sigma,
            "bias-not-folded": -gamma / sigma,
            "bias-not-scaled": bias - gamma / sigma,
            "mean-added": gamma * (bias + 1) / sigma,
        },
        why="What comes out for the input 0: γ(b − μ)/σ + β.",
    )


@item("14-gan", idea="shares")
def gan(draw):
    own, generator = (measured("gan_mixed_batches")[key][0] for key in ("in_own_step", "in_generators_step"))
    return ask(
        f"In its own step, real and generated points in one batch, a discriminator scores the generated ones {own:.0f}. With the same weights, in the generator's step, where they come alone, it scores them about",
        "zero" if abs(generator) < 2 else "same",
        {
            RIGHT: ("0: could be either", "zero"),
            "rows-do-not-mix": (f"{own:.0f} again", "same"),
            "scores-turn-round": (f"+{-own:.0f}", "opposite"),
        },
        why="It had learned to tell apart the two halves of a batch.",
    )


@item("14-last-batch", idea="counts")
def last_batch(draw):
    import torch

    side = int(draw.choice([4, 8]))
    x = torch.from_numpy(draw.normal(size=(1, 3, side, side))).float()
    try:
        y = torch.nn.BatchNorm2d(3).train()(x)
        outcome = "instance" if torch.allclose(y, torch.nn.InstanceNorm2d(3)(x), atol=1e-5) else "batch"
    except ValueError:
        outcome = "refuses"
    return ask(
        f"The last batch of an epoch is one image, {side}×{side} pixels. `BatchNorm2d` in training",
        outcome,
        {
            RIGHT: ("takes it, and for this step is another kind of norm", "instance"),
            "one-is-refused": ("refuses: one example is one example", "refuses"),
            "pixels-are-examples": ("takes it, and is as good as with any batch", "batch"),
        },
        why="Statistics over H and W of one image: instance norm.",
    )


@item("14-detached", idea="paths")
def detached(draw):
    found = measured("detached_statistics")
    shows = {kind: found[f"{kind}_detached_high"] - found[f"{kind}_right_high"] > 1 for kind in ("learned", "fixed")}
    return ask(
        "Statistics are detached in the backward pass. γ and β are learned in one network and fixed in another. At a high rate the mistake shows in the training loss",
        "+".join(kind for kind, yes in shows.items() if yes),
        {
            RIGHT: ("where γ and β are fixed", "fixed"),
            "wrong-gradients-always-show": ("in both", "learned+fixed"),
            "affine-gradients-are-wrong": ("where γ and β are learned", "learned"),
        },
        why="Learned γ and β make good what the wrong gradient spoils. Check gradients, not losses.",
    )


@item("14-alarms", idea="noise")
def alarms(draw):
    found = measured("kit_false_alarms")
    return ask(
        f"Of {found['networks']:.0f} healthy networks, small batches and high rates among them, how many raise an alarm of the kit?",
        float(found["alarms_sum"]),
        {
            RIGHT: ("none", 0.0),
            "noise-raises-alarms": ("one or two", 1.5),
            "statistics-always-lag": ("about half", found["networks"] / 2),
        },
        why="An alarm has to lie beyond where chance could have put it.",
    )


@item("14-capstone", idea="counts")
def capstone(draw):
    found = measured("usual_recipe_at_any_limit")
    limits, usual = found["limits"], found["usual"]
    ends = [usual[0] < 90, usual[len(limits) // 2] < 90, usual[-1] < 90]
    return ask(
        "The usual recipe with batch norm, batches of 2 up to 256, rate in proportion, the same number of epochs. It ends below 90 %",
        {(True, False, True): "ends", (True, False, False): "small", (False, False, True): "large"}[tuple(ends)],
        {
            RIGHT: ("at both ends", "ends"),
            "small-batches-alone-fail": ("with the smallest alone", "small"),
            "large-batches-alone-fail": ("with the largest alone", "large"),
        },
        why="Small batches have no statistics, and large ones few steps.",
    )


@item("14-bias", idea="forgets")
def bias(draw):
    x, b = draw.normal(0, 2, size=6), float(draw.integers(2, 9))
    return ask(
        f"A bias of {b:g} is added before batch norm in training. The output",
        bn(x + b),
        {
            RIGHT: ("is the same", bn(x)),
            "shift-remembered": (f"is larger by {b:g}", bn(x) + b),
            "bias-over-sigma": (f"is larger by {b:g}/σ", bn(x) + b / x.std()),
        },
        why="The mean takes it away. A checkpoint with such biases still has to fold them.",
    )


@item("ask-clinic-last-batch", idea="counts")
def last_one(draw):
    size, more = int(draw.choice([64, 128])), int(draw.integers(5, 9))
    n = more * size + 1
    cuts = np.array_split(np.arange(n), range(size, n, size))
    return ask(
        f"{n} examples in batches of {size}. How large is the last?",
        len(cuts[-1]),
        {RIGHT: ("1: a batch that batch norm cannot use", 1), "division-rounds": (f"{size}", size), "rest-is-shared": (f"{n // (more + 1)}", n // (more + 1))},
        why="It joins the one before: nobody is left out, and nobody comes twice.",
    )


@item("ask-clinic-detached", idea="paths")
def shows(draw):
    x, dy = draw.normal(0, 2, size=6), draw.normal(size=6)
    detached = dy / x.std()
    right = bn_gradient(dy, x)
    return ask(
        "The outputs of two layers agree, and one of them treats statistics as constants in the backward pass. What shows which?",
        "sum" if abs(right.sum()) < 1e-9 < abs(detached.sum()) else "nothing",
        {
            RIGHT: ("the sum of dx over the batch: it must be 0", "sum"),
            "outputs-show-it": ("the outputs on another batch", "outputs"),
            "loss-shows-it": ("the loss after the first step, which must fall", "loss"),
        },
        why="In every feature Σdx = 0, and Σdx·x̂ = 0; or compare with a numerical gradient.",
    )


@item("ask-clinic-fold", idea="modes")
def zeros_first(draw):
    w, b, gamma, sigma = 3.0, float(draw.integers(2, 6)), 2.0, 4.0
    right, wrong = gamma * (w * 0.0 + b) / sigma, w * 0.0 * gamma / sigma + b
    return ask(
        "A folded layer has the right weight, and its bias was not scaled by γ/√(σ² + ε). Which input shows it by itself?",
        "zeros" if right != wrong else "none",
        {
            RIGHT: ("zeros: what comes out is the bias alone", "zeros"),
            "random-inputs-alone": ("random numbers alone: at zeros both give 0", "random"),
            "no-input-shows-it": ("none: the next layer takes it up", "none"),
        },
        why="Compare on zeros for the bias, on random inputs for the weight, with a stride for the options.",
    )
