"""Lesson 12: items that come back in review."""

import numpy as np

from bn_course import norms
from bn_course.review.computing import compared, measured
from bn_course.review.curves import curve
from bn_course.review.item import RIGHT, ask, item, whole
from bn_course.review.lines import lines


@item("12-padding", idea="shares")
def padding(draw):
    mean = int(draw.choice([2, 3, 4]))
    valid = mean + np.array([-1.0, 1.0] * 8)  # deviation 1
    counted = np.r_[valid, np.zeros(16)].std()
    return ask(
        f"A feature has mean {mean} and deviation 1 at the valid steps. Half of the batch is padding, zeros, and is counted. The deviation comes out as",
        counted,
        {RIGHT: np.sqrt(0.5 + mean**2 / 4), "zeros-do-not-vary": 0.5, "half-the-variance": np.sqrt(0.5), "padding-is-neutral": 1.0},
        why="The zeros lie far from the mean of the others.",
    )


@item("12-cost", idea="modes")
def cost(draw):
    found = measured("padding_costs_accuracy")
    return ask(
        "Two networks, one leaves padding out of its statistics, the other counts it; trained alike, tested in evaluation mode. The one that counts padding is",
        compared(found["padded"], found["masked"], 0.02),
        {
            RIGHT: ("about as good", "alike"),
            "padding-ruins": ("a great deal worse", "less"),
            "padding-regularises": ("clearly better", "more"),
        },
        why="Running statistics met as much padding in training. Another amount does the harm.",
    )


@item("12-shared", idea="modes")
def shared(draw):
    found = measured("one_statistic_for_all_steps")
    return ask(
        "A recurrent net reads images in steps of half a row: left, right, left … Batch statistics at each step give about 95 %. With one running mean and variance for all steps it is right in",
        compared(found["half_shared"], found["half_training_mode"], 0.05),
        {
            RIGHT: ("clearly fewer", "less"),
            "running-stats-in-train": ("about as many", "alike"),
            "running-is-less-noisy": ("more: running statistics are less noisy", "more"),
        },
        why="Left and right halves have different means, and the average belongs to no step.",
    )


@item("12-longer", idea="modes")
def longer(draw):
    found = measured("steps_beyond_training")
    at = int(draw.choice([1, 5]))
    right = found["step"][at]
    return ask(
        f"A recurrent net has statistics for each step, of training on 16 steps, and is right in 95 %. A digit now begins {found['blanks'][at]:.0f} step{'s' * (at > 1)} later. It is right in",
        "half" if right < 0.6 else "some" if right < 0.85 else "most",
        {
            RIGHT: ("about half or less", "half"),
            "steps-do-not-matter": ("about 95 %", "most"),
            "a-step-costs-some": ("about 75 %", "some"),
        },
        why="Every step meets the statistics of another one.",
    )


@item("12-rms", idea="scale")
def rms(draw):
    factor, shift = int(draw.integers(2, 6)), int(draw.integers(5, 20))
    x, one = draw.normal(size=(1, 5)), np.ones(5)
    y = norms.rms_norm(x, one, 1e-12)
    same = [np.allclose(norms.rms_norm(other, one, 1e-12), y) for other in (factor * x, x + shift)]
    return ask(
        f"RMS norm gets x, then {factor}x, then x + {shift}. It gives the same output",
        {(True, False): "scale", (False, True): "shift", (True, True): "all", (False, False): "none"}[tuple(same)],
        {
            RIGHT: (f"for x and {factor}x", "scale"),
            "mean-subtracted": ("for all three", "all"),
            "rms-forgets-shift": (f"for x and x + {shift}", "shift"),
        },
        why="It divides by the root mean square, and subtracts nothing.",
    )


@item("12-leak", idea="shares")
def leak(draw):
    x = draw.normal(size=(4, 8, 1))  # (N, T, D)
    other = x.copy()
    other[0, -1] += 5
    y, moved = (norms.standardize(v, (0, 1)) for v in (x, other))
    return ask(
        "A text goes through masked attention and batch norm in training mode, statistics over all positions. The last character is exchanged. The scores at earlier positions",
        "move" if not np.allclose(y[0, :-1], moved[0, :-1]) else "stay",
        {
            RIGHT: ("move", "move"),
            "mask-forbids": ("stay: the mask forbids it", "stay"),
            "leak-is-near": ("stay, but for those next to the end", "near"),
        },
        why="The last position is in the mean and the variance, and they are everywhere.",
    )


@item("12-fails", idea="choice")
def fails(draw):
    found = measured("batch_norm_fails_in_transformers")
    learnt = found["letters"] - found["layer"]
    share = (found["letters"] - found["batch"]) / learnt
    return ask(
        f"A small character transformer with layer norm learns {learnt:.1f} nats a character more than how frequent each letter is. With batch norm, in evaluation mode on new text, each at its best rate, it learns",
        "most" if share > 0.9 else "half" if share > 0.3 else "nothing",
        {
            RIGHT: ("at least nine tenths of that", "most"),
            "bn-fails-in-transformers": ("next to nothing", "nothing"),
            "bn-learns-half": ("about half of that", "half"),
        },
        why=f"Measured: {found['batch']:.2f} and {found['layer']:.2f} nats a character. That is about this size, not about large ones.",
    )


@item("12-time", idea="rounding")
def time(draw):
    found = measured("rms_norm_saves_time")
    return ask(
        "A CPU, PyTorch's own layers, a whole training step of a small transformer. With RMS norm in place of layer norm it takes",
        compared(found["training_step"], 1.0, 0.02),
        {
            RIGHT: ("more time", "more"),
            "fewer-operations-less-time": ("7 % to 64 % less time", "less"),
            "norms-are-free": ("as long", "alike"),
        },
        why=f"{found['training_step']:.2f} times as long. Fewer operations in more calls.",
    )


@item("12-order", idea="training")
def order(draw):
    found = measured("pre_norm_needs_no_warm_up")
    cold, letters = found["post_cold_largest"], found["letters"]
    return ask(
        "Four blocks, a rate of 0.01, no warm-up. The post-norm transformer",
        "letters" if abs(cold - letters) < 0.1 else "learns",
        {
            RIGHT: ("learns how frequent each character is, and no more", "letters"),
            "post-norm-diverges": ("diverges: its loss is infinite", "diverges"),
            "post-norm-is-slower": ("learns, more slowly than pre-norm", "learns"),
        },
        why=f"It ends at {cold:.2f} nats, and letter frequencies alone give {letters:.2f}.",
    )


@item("12-weights", idea="training")
def weights(draw):
    found = measured("weight_norm_speed_up")
    none, weight, alone = (quickest(found, arm) for arm in ("none", "weight", "start_alone"))
    share = (none - alone) / (none - weight)
    return ask(
        "Weight normalisation with its initialisation from data needs fewer steps than no norm. How much of that remains with the initialisation alone?",
        "all" if share > 0.85 else "half" if share > 0.3 else "none",
        {
            RIGHT: ("about all", "all"),
            "start-is-forgotten": ("none: the start is soon forgotten", "none"),
            "half-is-the-start": ("about half", "half"),
        },
        why=f"Steps: {none:.0f} without, {weight:.0f} with, {alone:.0f} with its start alone.",
    )


@item("12-bln", idea="choice")
def bln(draw):
    found = measured("batch_layer_norm_converges_faster")
    mixed, *others = (quickest(found, norm) for norm in ("bln", "batch", "layer"))
    return ask(
        "Digits, each norm at its best rate. Batch layer norm needs, compared with batch norm and layer norm,",
        "more" if mixed > max(others) else "less" if mixed < min(others) else "alike",
        {
            RIGHT: ("more steps than both", "more"),
            "bln-converges-faster": ("fewer than both", "less"),
            "bln-as-the-better": ("as many as the better of the two", "alike"),
        },
        why=f"{mixed:.0f} against {others[0]:.0f} and {others[1]:.0f}.",
    )


def quickest(found, arm):
    """Steps at the one rate that is quickest over all seeds."""
    return found[f"{arm}_by_rate"].min()


@item("12-row", idea="scale")
def row(draw):
    a, b = whole(draw, 2, 3, 9)
    x = np.array([[float(a), -float(a)]])
    y = norms.rms_norm(x, np.array([float(b), float(b)]), 0.0)[0, 0]
    return ask(
        f"A row is {a}, −{a}; γ = {b}, {b}; ε = 0. The first number that RMS norm returns is",
        y,
        {RIGHT: float(b), "norm-not-rms": b / np.sqrt(2), "no-sqrt": b / a, "not-divided": float(a * b)},
        why=f"The root mean square of the row is {a}.",
    )


blank_curve = curve(
    "steps_beyond_training",
    idea="modes",
    over=("blanks", "blanks"),
    arms={"step": "statistics for each step", "layer": "layer norm", "batch": "one statistic for all steps"},
    percent=100,
)

rms_lines = lines(
    "rms_norm",
    "choice",
    """
    squares = x * x
    mean_square = squares.mean(axis=-1, keepdims=True)
    x_hat = x / np.sqrt(mean_square + eps)
    return gamma * x_hat
    """,
    {
        "mean-absolute": "squares = abs(x)",
        "sum-not-mean": "mean_square = squares.sum(axis=-1, keepdims=True)",
        "no-sqrt": "x_hat = x / (mean_square + eps)",
        "one-plus-gamma": "return (1 + gamma) * x_hat",
    },
)
