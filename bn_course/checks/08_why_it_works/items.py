"""Lesson 08: items that come back in review."""

import numpy as np

from bn_course.grading.catalogue import find_question
from bn_course.review.computing import bn_gradient, measured
from bn_course.review.item import RIGHT, ask, item


@item("08-noise", idea="training")
def noise(draw):
    found, net = measured("less_shift_is_why_it_works"), str(draw.choice(["relu", "tanh"]))
    none, batch, noisy = (found[f"{net}_{arm}_loss"] for arm in ("none", "batch", "noisy"))
    share = (none - noisy) / (none - batch)
    return ask(
        f"A {'ReLU' if net == 'relu' else 'tanh'} net with batch norm gets noise that moves its layers' inputs more than they move without batch norm. It trains",
        "fast" if share > 0.7 else "slow" if share < 0.3 else "between",
        {
            RIGHT: ("nearly as fast as with batch norm", "fast"),
            "less-shift-is-why": ("as slowly as without batch norm", "slow"),
            "half-of-it-is-shift": ("half-way between the two", "between"),
        },
        why=f"Loss without, with, and with noise: {none:.2f}, {batch:.2f}, {noisy:.2f}.",
    )


@item("08-plateau", idea="training")
def plateau(draw):
    x = draw.normal(size=(64, 10))

    def output(x, normalised):
        rng = np.random.default_rng(1)
        for _ in range(6):
            x = x @ rng.normal(0, np.sqrt(1 / x.shape[1]), size=(x.shape[1], 10))
            x = (x - x.mean(0)) / x.std(0) if normalised else x
            x = 1 / (1 + np.exp(-x))
        return x.std(0).mean()

    plain, batch = output(x, False), output(x, True)
    return ask(
        "At initialisation the loss of a plain sigmoid net varies less along its gradient than that of the same net with batch norm. That is because the plain net",
        "plateau" if plain < 0.05 * batch else "smooth",
        {
            RIGHT: ("sits on a plateau: its outputs hardly depend on its inputs", "plateau"),
            "smooth-is-good": ("is smoother, and will train faster", "smooth"),
            "step-too-small": ("was given too small a step", "step"),
        },
        why="Flat is not the same as well shaped: nothing is learned on a plateau.",
    )


@item("08-longer-weights", idea="scale")
def longer_weights(draw):
    factor = int(draw.choice([3, 10, 100]))
    x, w, dy = draw.normal(size=(8, 3)), draw.normal(size=3), draw.normal(size=8)

    def gradient(w):
        return x.T @ bn_gradient(dy, x @ w)

    ratio = np.linalg.norm(gradient(factor * w)) / np.linalg.norm(gradient(w))
    return ask(
        f"Batch norm follows a layer, ε is tiny. Its weights become {factor} times as long. The loss is the same, and the gradient of these weights is",
        ratio,
        {
            RIGHT: (f"{factor} times shorter", 1 / factor),
            "gradient-grows-with-weights": (f"{factor} times longer", float(factor)),
            "scale-has-no-effect": ("the same", 1.0),
            "two-factors": (f"{factor**2} times shorter", 1 / factor**2),
        },
        why="f(aw) = f(w) for every a; differentiate both sides.",
    )


@item("08-every-step", idea="scale")
def every_step(draw):
    x, w, dy = draw.normal(size=(8, 3)), draw.normal(size=3), draw.normal(size=8)
    lengths = [np.linalg.norm(w)]
    for _ in range(6):
        w = w - 0.1 * x.T @ bn_gradient(dy, x @ w)
        lengths.append(np.linalg.norm(w))
    return ask(
        "Batch norm follows a layer. Plain gradient descent, no weight decay. The length ‖w‖ of its weights",
        "grows" if (np.diff(lengths) > 0).all() else "varies",
        {
            RIGHT: ("grows at every step", "grows"),
            "length-like-anything": ("grows and shrinks, as the data will have it", "varies"),
            "length-settles": ("settles after a while", "settles"),
        },
        why="The gradient is at a right angle to w, so every step is the hypotenuse.",
    )


@item("08-huge-rate", idea="scale")
def huge_rate(draw):
    found = measured("any_rate_will_do")
    at = int(draw.choice([4, 5, 6]))
    accuracy, frozen = found["batch_test"][at], found["batch_frozen"]
    return ask(
        f"The hidden weights of a net with batch norm get the rate {found['rates'][at]:g}; γ, β and the last layer keep 0.1. After 300 steps its accuracy is",
        "high" if accuracy > 0.94 else "frozen" if accuracy > frozen - 0.05 else "lost",
        {
            RIGHT: ("above 94 %", "high"),
            "huge-rate-diverges": ("lost: the loss is NaN", "lost"),
            "huge-rate-freezes": ("that of a net whose hidden layers were never trained", "frozen"),
        },
        why="The first steps make the weights so long that the rate fits.",
    )


@item("08-decay", idea="scale")
def decay(draw):
    rate, shorter = 0.1, int(draw.choice([2, 3]))
    w = draw.normal(size=4)
    effective = [rate / (w @ w), rate / ((w / shorter) @ (w / shorter))]
    return ask(
        f"Weight decay has made the weights of a layer before batch norm {shorter} times shorter. The function is the same, and the effective learning rate is",
        effective[1] / effective[0],
        {
            RIGHT: (f"{shorter**2} times larger", float(shorter**2)),
            "decay-simplifies": ("the same: decay makes the function simpler", 1.0),
            "rate-follows-length": (f"{shorter} times smaller", 1 / shorter),
            "one-factor": (f"{shorter} times larger", float(shorter)),
        },
        why="η/‖w‖²: decay does what a growing learning rate does.",
    )


@item("08-fixed-affine", idea="forgets")
def fixed_affine(draw):
    found = measured("gamma_and_beta_are_needed")
    drop = float((found["learned_mean"] - found["fixed_mean"]) * 100)
    return ask(
        "γ = 1 and β = 0 are fixed for ever in all hidden layers. The test accuracy",
        "stays" if abs(drop) < 2 else "falls",
        {
            RIGHT: ("stays within a point or two", "stays"),
            "affine-is-needed": ("collapses: the layers cannot represent what they need", "collapses"),
            "affine-is-worth-ten": ("falls by about ten points", "falls"),
        },
        why=f"Measured: {found['learned_mean'] * 100:.1f} and {found['fixed_mean'] * 100:.1f} %. The next layer's weights can do their work.",
    )


@item("08-explosion", idea="training")
def explosion(draw):
    growth = float(measured("gradients_explode_with_depth")["batch_mean"])
    layers = int(draw.choice([10, 20, 30]))
    factor = growth**layers
    return ask(
        f"{layers} ReLU layers with batch norm at initialisation. A layer multiplies the gradient by about {growth:.2f} on its way down. From the top to the bottom it is multiplied by about",
        factor,
        {
            RIGHT: (f"{factor:.0f}", factor),
            "bn-keeps-gradients": ("1: that is what batch norm is for", 1.0),
            "growth-adds": (f"{growth * layers:.0f}", growth * layers),
        },
        why="Growth multiplies. Residual connections tame it.",
    )


@item("08-smaller-weights", idea="scale")
def smaller_weights(draw):
    found = measured("initial_scale_stops_explosion")
    factor = found["factors"][0]
    return ask(
        f"Gradients explode in a net with batch norm, by {found['batch'][2]:.2f} a layer. All initial weights are made half as large. The growth a layer is then",
        found["batch"][0],
        {
            RIGHT: (f"{found['batch'][0]:.2f}, as before", found["batch"][0]),
            "scale-remembered": (f"{found['batch'][2] * factor:.2f}, half as large", found["batch"][2] * factor),
            "growth-turned-round": (f"{found['batch'][2] / factor:.2f}, twice as large", found["batch"][2] / factor),
        },
        why="Batch norm forgets the scale of the weights below it.",
    )


@item("08-along-w", idea="scale")
def along_w(draw):
    x, w, dy = draw.normal(size=(8, 3)), draw.normal(size=3), draw.normal(size=8)
    gradient = x.T @ bn_gradient(dy, x @ w)
    return ask(
        "Batch norm follows a linear layer, ε = 0. The inner product of its weights w with their gradient is",
        round(float(w @ gradient), 9),
        {
            RIGHT: ("0", 0.0),
            "gradient-along-w": ("‖w‖², as for any quadratic", float(w @ w)),
            "gradient-against-w": ("negative: descent makes w longer", "negative"),
        },
        why="Longer weights give the same output, so the loss has no slope along w.",
    )


@item("ask-loss-range", idea="training")
def loss_range(draw):
    import torch

    w, steps = float(draw.integers(1, 4)), (0.25, 1.0)
    found = find_question("loss_range_along_gradient").reference(
        lambda v: (v**2).sum(), torch.tensor([w]), torch.tensor([2 * w]), steps
    )
    at = [w - s * 2 * w for s in steps]
    walked = [at[0], at[0] - steps[1] * 2 * w]
    return ask(
        f"loss(w) = w², w = {w:g}, gradient {2 * w:g}, steps 0.25 and 1. The smallest and the largest loss along the gradient are",
        [float(v) for v in found],
        {
            RIGHT: [min(v * v for v in at), max(v * v for v in at)],
            "steps-add-up": [min(v * v for v in walked), max(v * v for v in walked)],
            "points-not-losses": sorted(at),
            "start-alone": [w * w, w * w + 1],
        },
        why="Each step begins at w; none begins where another ended.",
    )


@item("ask-gradient-growth", idea="training")
def growth(draw):
    odd = float(draw.choice([50, 100, 200]))
    norms = [1.0, 2.0, 4.0, odd]
    return ask(
        f"Gradient norms from layer to layer: 1, 2, 4, {odd:g}. `gradient_growth_per_layer` fits a line to their logarithms. It returns",
        float(find_question("gradient_growth_per_layer").reference(norms)),
        {
            RIGHT: float(np.exp(np.polyfit(range(4), np.log(norms), 1)[0])),
            "first-and-last-alone": (odd / 1) ** (1 / 3),
            "mean-of-ratios": float(np.mean([2, 2, odd / 4])),
            "slope-of-norms": float(np.polyfit(range(4), norms, 1)[0]),
        },
        why="The line listens to every layer, on the scale on which growth is straight.",
    )


@item("08-plainest", idea="training")
def plainest(draw):
    steps = measured("standard_inputs_are_the_speed")
    relu = {arm: float(steps[arm][0]) for arm in ("layer", "scale", "centre")}
    return ask(
        "In a ReLU net one part of batch norm, or one other norm, is tried by itself. What brings most of batch norm's speed?",
        min(relu, key=relu.get),
        {
            RIGHT: ("subtracting each neuron's mean over the batch", "centre"),
            "scale-is-what-matters": ("dividing by each neuron's deviation over the batch", "scale"),
            "any-norm-will-do": ("layer norm, which standardises each example over its neurons", "layer"),
        },
        why=f"Steps to 90 %: {relu['centre']:.0f} with the first, {relu['scale']:.0f} and {relu['layer']:.0f} with the others.",
    )
