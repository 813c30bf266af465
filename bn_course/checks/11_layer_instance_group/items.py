"""Lesson 11: items that come back in review."""

import numpy as np

from bn_course import norms
from bn_course.review.computing import compared, measured
from bn_course.review.item import RIGHT, ask, item
from bn_course.review.lines import lines

_AXES = {"batch": (0, 2, 3), "layer": (1, 2, 3), "instance": (2, 3)}


def _normalised(x, kind):
    return norms.standardize(x, _AXES[kind])


@item("11-neighbours", idea="shares")
def neighbours(draw):
    x = draw.normal(size=(3, 4, 2, 2))
    other = x.copy()
    other[1:] = draw.normal(2, 3, size=(2, 4, 2, 2))
    changed = [kind for kind in _AXES if not np.allclose(_normalised(x, kind)[0], _normalised(other, kind)[0])]
    return ask(
        "The other images of the batch are exchanged. The output for the first image changes under",
        "+".join(changed),
        {
            RIGHT: ("batch norm alone", "batch"),
            "all-see-the-batch": ("batch, layer and instance norm: they are all given the batch", "batch+layer+instance"),
            "instance-is-over-the-batch": ("batch norm and instance norm", "batch+instance"),
        },
        why="The others take their statistics inside one image.",
    )


@item("11-parameters", idea="shares")
def parameters(draw):
    x = draw.normal(size=(2, 5))
    divisors = []
    for gamma, beta in draw.normal(size=(2, 2, 5)):
        y = norms.layer_norm(x, gamma, beta)
        divisors.append(((x - x.mean(1, keepdims=True)) * gamma / (y - beta))[:, 0])
    return ask(
        "A layer norm's γ and β are drawn anew. The deviation that it divides by",
        "stays" if np.allclose(*divisors) else "changes",
        {
            RIGHT: ("does not change: it is made of the example's features", "stays"),
            "statistics-of-parameters": ("changes: it is made of the layer's parameters", "changes"),
            "parameters-in-training": ("changes in training, and not at inference", "training"),
        },
        why="γ and β come after the division.",
    )


@item("11-groups", idea="choice")
def groups(draw):
    c = int(draw.choice([4, 6, 8]))
    x, one, zero = draw.normal(size=(2, c, 3, 3)), np.ones(c), np.zeros(c)
    same = [g for g in range(1, c + 1) if c % g == 0 and np.allclose(norms.group_norm(x, one, zero, g), norms.instance_norm(x, one, zero))]
    return ask(
        f"{c} channels. Group norm is instance norm when the number of groups is",
        same[0] if len(same) == 1 else 0,
        {RIGHT: (f"{c}", c), "groups-turned-round": ("1", 1), "half-the-channels": (f"{c // 2}", c // 2)},
        why="A group for each channel is a statistic for each channel of each image. One group is layer norm.",
    )


@item("11-light", idea="choice")
def light(draw):
    scene = draw.uniform(0, 1, size=(3, 4, 4))
    lights = draw.uniform(0.2, 1, size=(3, 3, 1, 1))
    pictures = scene * lights
    alike = [kind for kind in _AXES if np.ptp(_normalised(pictures, kind).mean(axis=(2, 3)), axis=0).max() < 0.02]
    return ask(
        "The same scene in three lights, which scale each colour. Under which norm do the three have the same mean in each colour?",
        "+".join(alike),
        {
            RIGHT: ("instance norm", "instance"),
            "batch-removes-light": ("batch norm", "batch"),
            "layer-removes-colour": ("layer norm over C, H and W", "layer"),
        },
        why="Only it takes a statistic for each colour of each picture.",
    )


@item("11-energy", idea="choice")
def energy(draw):
    found = measured("filter_energies_are_forgotten")["one_layer"]
    names = ["none", "batch", "layer", "group", "instance"]
    guessing = [name for name, right in zip(names, found, strict=True) if right < 50]
    return ask(
        "The class is how strong each of a convolution's filters answers, on average over the image. One convolution, a norm, a mean over positions. Which norm makes the network guess?",
        "+".join(guessing),
        {
            RIGHT: ("instance norm", "instance"),
            "layer-removes-energies": ("layer norm", "layer"),
            "batch-removes-energies": ("batch norm", "batch"),
        },
        why="It gives every channel of every image the same energy.",
    )


@item("11-digits", idea="choice")
def digits(draw):
    found = measured("instance_norm_is_not_for_classifiers")
    return ask(
        "Digits, two convolutions, each norm at its best rate. Compared with batch norm's accuracy, instance norm's is",
        compared(found["instance"], found["batch"], 3),
        {
            RIGHT: ("within 3 points", "alike"),
            "instance-cannot-classify": ("worse by more than 3 points", "less"),
            "instance-is-better": ("better by more than 3 points", "more"),
        },
        why=f"Measured: {found['instance']:.1f} and {found['batch']:.1f} %. Where the class is a shape little is lost.",
    )


@item("11-adain", idea="choice")
def adain(draw):
    content, style = draw.normal(size=(2, 1, 2, 40))
    style[0, 1] = style[0, 0] + 0.1 * style[0, 1]
    content, style = content[:, :, None], style[:, :, None]
    y = norms.adain(content, style, 1e-12)[0, :, 0]
    kept = {
        "mean": np.allclose(y.mean(1), style[0, :, 0].mean(1)),
        "deviation": np.allclose(y.std(1), style[0, :, 0].std(1)),
        "correlation": abs(np.corrcoef(y)[0, 1] - np.corrcoef(style[0, :, 0])[0, 1]) < 0.05,
    }
    return ask(
        "AdaIN gives the content something of the style. Which of these is not taken over?",
        "+".join(name for name, yes in kept.items() if not yes),
        {
            RIGHT: ("the correlations between channels", "correlation"),
            "mean-not-taken": ("the mean of each channel", "mean"),
            "deviation-not-taken": ("the deviation of each channel", "deviation"),
        },
        why="Each channel is moved and stretched by itself.",
    )


@item("11-layer-norm", idea="choice")
def layer_norm(draw):
    factor = int(draw.integers(2, 6))
    x = draw.normal(0, 3, size=(1, 4, 2, 2))
    half = x.copy()
    half[..., 1] *= factor
    stays = {
        "whole": np.allclose(_normalised(x, "layer"), _normalised(half, "layer"), atol=1e-3),
        "position": np.allclose(norms.standardize(x, (1,)), norms.standardize(half, (1,)), atol=1e-2),
    }
    return ask(
        f"In the right half of an image all channels are multiplied by {factor}. Which layer norm's output stays?",
        "+".join(name for name, yes in stays.items() if yes) or "neither",
        {
            RIGHT: ("the one at each position, over C", "position"),
            "layer-norm-is-one": ("the one over C, H and W", "whole"),
            "neither-stays": ("neither", "neither"),
        },
        why="At a position all channels grew alike. Over the whole image half of the numbers grew.",
    )


@item("11-weights", idea="training")
def weights(draw):
    found = measured("weight_standardisation_helps")
    gains = [found[f"standardised_{n}"] - found[f"plain_{n}"] for n in ("short", "long")]
    return ask(
        "Digits, group norm with and without weight standardisation, each at its best rate. It raises the accuracy",
        "short" if gains[0] > 5 and gains[1] < 1 else "both" if min(gains) > 1 else "never",
        {
            RIGHT: ("after a short training, and hardly after a long one", "short"),
            "gain-stays": ("after short and long training", "both"),
            "no-gain": ("never", "never"),
        },
        why=f"By {gains[0]:.0f} points, and by {gains[1]:.1f}.",
    )


layer_lines = lines(
    "layer_norm",
    "choice",
    """
    mean = x.mean(axis=-1, keepdims=True)
    var = x.var(axis=-1, keepdims=True)
    x_hat = (x - mean) / np.sqrt(var + eps)
    return gamma * x_hat + beta
    """,
    {
        "sample-variance": "var = x.var(axis=-1, keepdims=True, ddof=1)",
        "eps-outside-sqrt": "x_hat = (x - mean) / (np.sqrt(var) + eps)",
        "only-centred": "x_hat = x - mean",
        "gamma-after-shift": "return gamma * (x_hat + beta)",
    },
)


@item("ask-normalize", idea="shares")
def axes_of(draw):
    n, c, h = int(draw.integers(2, 5)), int(draw.choice([6, 8])), 5
    axes, size, name = [
        ((0, 2, 3), c, "batch norm"),
        ((2, 3), n * c, "instance norm"),
        ((1, 2, 3), n, "layer norm over C, H and W"),
    ][int(draw.integers(3))]
    sizes = {"per channel": c, "per channel of an image": n * c, "per image": n}
    wrong = {f"statistics-{key.replace(' ', '-')}": value for key, value in sizes.items() if value != size}
    return ask(
        f"Images (N, C, H, W) = ({n}, {c}, {h}, {h}), normalised over the axes {axes}, which is {name}. How many means is that?",
        norms.statistics(draw.normal(size=(n, c, h, h)), axes)[0].size,
        {RIGHT: size, **wrong, "global-statistics": 1},
        why="The axes that are named are averaged away; the others keep a statistic each.",
    )
