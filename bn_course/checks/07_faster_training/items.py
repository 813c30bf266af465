"""Lesson 07: items that come back in review."""

import numpy as np

from bn_course.grading.catalogue import find_question
from bn_course.review.computing import compared, measured
from bn_course.review.curves import curve
from bn_course.review.item import RIGHT, ask, item


@item("07-articles", idea="training")
def articles(draw):
    losses = measured("articles_experiment")["none"]
    slow, fast = losses[0][5], losses[1][5]
    return ask(
        "Digits, Adam, no batch norm. At rate 0.001 the validation loss after 5 epochs is about 1.1. The rate goes up to 0.01. The loss after 5 epochs is",
        compared(fast, slow, 0.3),
        {
            RIGHT: ("far lower", "less"),
            "large-rates-need-bn": ("higher: large rates need batch norm", "more"),
            "rate-makes-no-difference": ("about the same", "alike"),
        },
        why=f"Measured: {slow:.2f} and {fast:.2f}. At equal small rates batch norm is given credit that belongs to the rate.",
    )


@item("07-widest", idea="training")
def widest(draw):
    found = measured("steps_at_best_rate")
    good, badly = np.split(found["none"] / found["batch"], 2)  # two begin with He's initialisation
    first = "badly" if badly.min() > good.max() else "deep" if good[1] > badly.max() else "alike"
    return ask(
        "Each network at its best rate, with and without batch norm. Where does batch norm save the largest factor of steps?",
        first,
        {
            RIGHT: ("where the start is badly scaled: sigmoids, or PyTorch's default initialisation", "badly"),
            "depth-is-what-bn-is-for": ("in the ten-layer ReLU network with He's initialisation", "deep"),
            "always-the-same-gain": ("by about the same factor everywhere", "alike"),
        },
        why="It mends a bad scale. Where the start was good there is less to mend.",
    )


@item("07-equal-rate", idea="training")
def equal_rate(draw):
    found = measured("steps_at_equal_rate")
    return ask(
        "Two ReLU networks with batch norm get the same small rate, 0.01: four layers with PyTorch's default initialisation, and ten with He's. To 95 % the ten take",
        compared(found["batch"][1][0], found["batch"][2][0], 20),
        {
            RIGHT: ("far more steps", "more"),
            "bn-makes-nets-alike": ("as many: with batch norm the start does not matter", "alike"),
            "he-is-the-better-start": ("fewer: He's initialisation is the better one", "less"),
        },
        why="Which rate is too small hangs on the network, with batch norm as without.",
    )


@item("07-step-cost", idea="rounding")
def step_cost(draw):
    found = measured("seconds_to_target")
    at = int(draw.integers(3))
    dearer, fewer = found["dearer_step"][at], found["none"][at] / found["batch"][at]
    return ask(
        f"Batch norm needs {fewer:.1f} times fewer steps, and each takes {dearer:.2f} times as long. By which factor do the seconds fall?",
        fewer / dearer,
        {RIGHT: fewer / dearer, "step-costs-nothing": fewer, "costs-multiply": fewer * dearer, "cost-eats-gain": 1.0},
        why="Steps are not seconds: divide by what a step costs.",
    )


@item("07-scale", idea="scale")
def scale(draw):
    found = measured("scale_irrelevant")
    tiny, usual = found["batch"][0], found["batch"][2]
    return ask(
        "All weights start with deviation 0.001 in place of He's 0.14, and batch norm follows each layer. At rate 0.1 it ends",
        "as well" if usual - tiny < 0.03 else "worse",
        {
            RIGHT: ("as well as with He's", "as well"),
            "signal-is-lost": ("at chance: the signal is gone", "chance"),
            "scale-remembered": ("clearly worse", "worse"),
        },
        why="Batch norm forgets the scale of what comes in, and with it that of the weights.",
    )


@item("07-depth", idea="training")
def depth(draw):
    found = measured("depth_plain")
    plain, residual = found["plain"][3], found["residual"][3]
    return ask(
        "100 ReLU layers with batch norm, 100 steps, with and without residual connections.",
        f"{'trains' if plain > 0.8 else 'fails'}, {'trains' if residual > 0.8 else 'fails'}",
        {
            RIGHT: ("It stays at chance; with residual connections it trains.", "fails, trains"),
            "bn-makes-any-depth-train": ("It trains both ways.", "trains, trains"),
            "too-few-steps": ("It stays at chance both ways.", "fails, fails"),
        },
        why="In a plain net batch norm makes gradients explode with depth.",
    )


@item("07-zero-gamma", idea="training")
def zero_gamma(draw):
    found = measured("zero_gamma")
    at = int(draw.choice([3, 4]))
    return ask(
        f"24 residual blocks, a high rate of {found['rates'][at]:g}. γ of each block's last norm starts at 0 in place of 1. The network",
        compared(found["zeros"][at], found["ones"][at], 0.03),
        {
            RIGHT: ("trains where the ordinary start fails", "more"),
            "dead-branch": ("is worse: a dead branch learns late", "less"),
            "one-step-forgets": ("is no different: after a step they are alike", "alike"),
        },
        why="Every block starts as the identity, so that depth grows while training does.",
    )


@item("07-placement", idea="training")
def placement(draw):
    found = measured("norm_placement")
    signs = np.sign(np.round(found["before"] - found["after"], 3))
    return ask(
        "Batch norm before or after the activation, ReLU, tanh and sigmoid, each at its best rate.",
        "before" if (signs > 0).all() else "after" if (signs < 0).all() else "depends",
        {
            RIGHT: ("It depends on the activation.", "depends"),
            "before-is-right": ("Before is better with all three.", "before"),
            "after-is-right": ("After is better with all three.", "after"),
        },
        why="With sigmoids after was better by ten points; with tanh before; with ReLU no difference was seen.",
    )


@item("07-full-batch", idea="noise")
def full_batch(draw):
    found = measured("batch_size_cost")
    steps, examples = (found[key][3] / found[key][2] for key in ("none_steps", "none_examples"))
    return ask(
        "The full batch of 1000 against mini-batches of 100, each at its best rate, to 90 %. The full batch needs",
        "some" if 0.3 < steps < 0.9 and examples > 3 else "tenth" if steps < 0.15 else "as many",
        {
            RIGHT: ("somewhat fewer steps, and several times as many examples", "some"),
            "examples-are-what-count": ("a tenth of the steps", "tenth"),
            "noise-costs-nothing": ("as many steps", "as many"),
        },
        why=f"Measured: {steps:.2f} times the steps, {examples:.1f} times the examples.",
    )


@item("07-decay", idea="scale")
def decay(draw):
    found = measured("decay_gamma")
    apart = np.abs(found["everything"] - found["weights"]).max()
    return ask(
        "Weight decay on everything, γ and β included, and on weights alone, each at its best rate. Test accuracies differ by",
        "little" if apart < 0.02 else "much",
        {
            RIGHT: ("less than two points", "little"),
            "decay-kills-gamma": ("several points: γ is pulled to 0", "much"),
            "more-decay-is-better": ("several points, for decay on everything", "gains"),
        },
        why="Measured on digits and MNIST-1D, over five seeds.",
    )


@item("07-steps-to-target", idea="training")
def steps_to_target(draw):
    target = 0.9
    curve_ = np.round(draw.uniform(0.8, 0.99, size=7), 2)
    curve_[-2:] = [0.91, 0.95]
    above = curve_ >= target
    stays = next(i for i in range(7) if above[i:].all())
    values = {RIGHT: stays, "first-crossing": int(above.argmax()), "counts-from-one": stays + 1, "last-dip": stays - 1}
    return ask(
        f"Accuracies after steps 0, 1, 2 …: {', '.join(f'{a:.2f}' for a in curve_)}. `steps_to_target(accuracies, 0.9)` returns",
        7 - int(np.logical_and.accumulate(above[::-1]).sum()),
        values,
        why="The first step, counted from 0, from which it never falls below the target again.",
    )


depth_curve = curve(
    "depth_plain",
    idea="training",
    over=("depths", "layers"),
    arms={"plain": "plain, batch norm", "residual": "residual, batch norm", "plain_none": "plain, no norm"},
    percent=100,
)


@item("ask-build-mlp", idea="training")
def build_mlp(draw):
    inputs, hidden, out = int(draw.integers(3, 6)), int(draw.choice([8, 10])), int(draw.integers(2, 4))
    model = find_question("build_mlp").reference([inputs, hidden, out])
    own = inputs * hidden + 2 * hidden + hidden * out + out
    return ask(
        f"How many parameters has `build_mlp([{inputs}, {hidden}, {out}])`, with batch norm?",
        sum(p.numel() for p in model.parameters()),
        {RIGHT: own, "bias-kept": own + hidden, "last-bias-missing": own - out, "gamma-alone": own - hidden},
        why="No bias before a batch norm, which has γ and β; a bias in the last layer.",
        digits=4,
    )


@item("ask-weight-decay-groups", idea="scale")
def weight_decay_groups(draw):
    from torch import nn

    shape = int(draw.choice([4, 6]))
    model = nn.Sequential(nn.Linear(shape, 8), nn.LayerNorm([2, 4]), nn.BatchNorm1d(8), nn.Linear(8, 3))
    groups = find_question("weight_decay_groups").reference(model, 0.01)
    decayed = sum(len(list(g["params"])) for g in groups if g["weight_decay"])
    two_axes = sum(p.ndim == 2 for p in model.parameters())
    return ask(
        f"Linear({shape}, 8), LayerNorm([2, 4]), BatchNorm1d(8), Linear(8, 3). How many parameter tensors decay?",
        decayed,
        {RIGHT: ("2: the weights of the linear layers", 2), "by-number-of-axes": (f"{two_axes}: all with two axes", two_axes), "everything-decays": ("8: all of them", 8)},
        why="γ and β of LayerNorm([2, 4]) have two axes too. Ask which kind of layer a parameter belongs to.",
    )


@item("ask-zero-init-residual", idea="paths")
def zero_init(draw):
    import torch
    from torch import nn

    block = nn.Sequential(nn.Linear(4, 4, bias=False), nn.BatchNorm1d(4))
    nn.init.zeros_(block[1].weight)
    x = torch.from_numpy(draw.normal(size=(6, 4))).float()
    ((x + block(x)) ** 3).sum().backward()
    moved = {name for name, p in block.named_parameters() if p.grad.abs().max() > 1e-6}
    return ask(
        "γ of a residual branch's last norm is 0. In the first step, which parameters of the branch have a gradient that is not zero?",
        "norm" if moved == {"1.weight", "1.bias"} else "all",
        {
            RIGHT: ("γ and β of that norm", "norm"),
            "dead-branch": ("none: the branch is dead", "none"),
            "zero-stops-nothing": ("all of them", "all"),
        },
        why="The layers below wait for γ to move, and it does.",
    )
