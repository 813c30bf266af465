"""Lesson 09: items that come back in review."""

from itertools import combinations, product

import numpy as np

from bn_course.grading.catalogue import find_question
from bn_course.review.computing import compared, measured
from bn_course.review.item import RIGHT, ask, item, whole


@item("09-quarter-noise", idea="noise")
def quarter_noise(draw):
    factor = int(draw.choice([4, 9]))
    root = int(np.sqrt(factor))
    noise = [np.std([np.mean(coins) for coins in product([-1, 1], repeat=n)]) for n in (1, factor)]
    return ask(
        f"N grows {factor} times. The noise of the batch's mean μ becomes",
        noise[0] / noise[1],
        {
            RIGHT: (f"{root} times smaller", root),
            "noise-like-one-over-n": (f"{factor} times smaller", factor),
            "noise-is-sigma": ("no smaller: σ is what it is", 1.0),
        },
        why="Its deviation is σ/√N.",
    )


@item("09-half-the-data", idea="noise")
def half_the_data(draw):
    n = int(draw.choice([3, 4]))
    data = np.array(whole(draw, 2 * n), float)
    means = [np.mean(batch) for batch in combinations(data, n)]
    ratio = np.std(means) / (data.std() / np.sqrt(n))
    return ask(
        f"A batch of {n} is drawn, without repetition, from a set of {2 * n} numbers. The noise of its mean, compared with σ/√{n}, is",
        "less" if ratio < 0.99 else "more" if ratio > 1.01 else "the same",
        {
            RIGHT: ("less: two batches share half of their numbers", "less"),
            "law-is-exact": ("the same", "the same"),
            "no-repetition-adds-noise": ("more: no number comes twice", "more"),
        },
        why="Every possible batch was averaged. With all numbers in the batch there is no noise at all.",
    )


@item("09-ghost-size", idea="noise")
def ghost_size(draw):
    found = measured("ghost_inverted_u")
    accuracy = {"512": found["ghost_512"], "64": found["ghost_64"], "4": found["ghost_4"]}
    return ask(
        "Batches of 512 on a small data set, statistics over ghost batches of 512, 64 or 4. The best test accuracy has",
        max(accuracy, key=accuracy.get),
        {RIGHT: ("64", "64"), "best-estimate-is-best": ("512", "512"), "more-noise-is-better": ("4", "4")},
        why=f"Measured: {found['ghost_512']:.1f}, {found['ghost_64']:.1f} and {found['ghost_4']:.1f} %.",
    )


@item("09-small-batch", idea="noise")
def small_batch(draw):
    found = measured("small_batches_noisy_statistics")
    large, gain = found["layer_512"], found["layer_64"] - found["layer_512"]
    return ask(
        f"Layer norm has no statistics of a batch. In batches of 512 it gets {large:.0f} % of the test right. In batches of 64, at equal epochs, each at its best rate, it gets",
        "more" if gain > 3 else "less" if gain < -1 else "as much",
        {
            RIGHT: ("several points more", "more"),
            "noise-is-everything": ("as much: there is no noise of a batch to gain from", "as much"),
            "gradients-get-noisier": ("less: only the gradient has become noisier", "less"),
        },
        why="Small batches make more steps in as many epochs, whatever the norm.",
    )


@item("09-memorised", idea="noise")
def memorised(draw):
    found, size = measured("ghosts_resist_label_noise"), int(draw.choice([128, 32, 16]))
    share = found[f"memorised_{size}"]
    return ask(
        f"A network with batch norm, statistics over {size} examples, is trained to the end on data with wrong labels. Which share of the wrong labels does it learn by heart?",
        "all" if share > 95 else "half" if share > 30 else "few",
        {
            RIGHT: ("practically all", "all"),
            "bn-regularises-enough": ("under a fifth: the noise prevents it", "few"),
            "bn-halves-memory": ("about a half", "half"),
        },
        why=f"Measured: {share:.0f} %. Only with ghost batches of 4 it falls, to {found['memorised_4']:.0f} %.",
    )


@item("09-variance-shift", idea="modes")
def variance_shift(draw):
    p = float(draw.choice([0.2, 0.5]))
    x = np.array(whole(draw, 4, 0, 9), float)
    kept = np.array([x / (1 - p), 0 * x])  # each value with its probability: kept and scaled up, or dropped
    mean = (1 - p) * kept[0].mean()
    trained = (1 - p) * (kept[0] ** 2).mean() - mean**2
    return ask(
        f"Dropout of {p:g} stands before batch norm. In training its output's variance is what is remembered; at test nothing is dropped. The variance at test, compared with the remembered one, is",
        compared(x.var(), trained, 1e-9),
        {
            RIGHT: ("smaller", "less"),
            "dropout-keeps-variance": ("the same: dropout scales up what it keeps", "alike"),
            "dropout-shrinks-variance": ("larger", "more"),
        },
        why="Scaling keeps the mean. Zeros among scaled-up numbers add variance.",
    )


@item("09-decay", idea="scale")
def decay(draw):
    found = measured("weight_decay_before_bn")
    without, with_bn = found["none_decay_memorised"], found["batch_decay_memorised"]
    return ask(
        f"Weight decay that brings the wrong labels learned by heart down to {without:.0f} % without batch norm is used with batch norm. The weights become as short. The wrong labels learned are",
        "most" if with_bn > 75 else "half" if with_bn > 30 else "few",
        {
            RIGHT: ("most of them, still", "most"),
            "decay-simplifies": ("as few as without batch norm", "few"),
            "decay-works-half": ("about a half", "half"),
        },
        why=f"Measured: {with_bn:.0f} %. Short weights before batch norm make the same function as long ones.",
    )


@item("09-monte-carlo", idea="noise")
def monte_carlo(draw):
    found = measured("monte_carlo_bn")
    gains = {s: found[f"{s}_evaluated_nll"] - found[f"{s}_monte_carlo_nll"] for s in ("digits", "mnist_1d")}
    temperature = found["mnist_1d_evaluated_nll"] - found["mnist_1d_temperature_nll"]
    less = gains["digits"] < 0.01 < gains["mnist_1d"] < temperature
    return ask(
        "Monte-Carlo batch norm against ordinary evaluation, on a well calibrated network and on an overconfident one. It improves the likelihood",
        "one" if less else "both" if min(gains.values()) > 0.01 else "none",
        {
            RIGHT: ("on the overconfident one, and less than one temperature does", "one"),
            "mc-always-helps": ("clearly, on both", "both"),
            "mc-never-helps": ("on neither", "none"),
        },
        why="The noise softens what was too sure; a temperature does that with one number.",
    )


@item("09-dropout", idea="noise")
def dropout(draw):
    found = measured("bn_replaces_dropout")
    return ask(
        "A tenth of the labels and more are wrong. Which of the two keeps a network from learning them by heart?",
        "dropout" if found["dropout_memorised"] < 30 < found["batch_memorised"] else "both",
        {
            RIGHT: ("dropout", "dropout"),
            "bn-replaces-dropout": ("batch norm: its noise replaces dropout", "batch"),
            "either-will-do": ("either", "both"),
        },
        why=f"Learned by heart: {found['dropout_memorised']:.0f} % with dropout, {found['batch_memorised']:.0f} % with batch norm.",
    )


@item("ask-statistics-noise", idea="noise")
def whole_set(draw):
    n = int(draw.choice([6, 10, 20]))
    mean, _ = find_question("statistics_noise").reference(draw.normal(size=(n, 1)), n, 20, draw)
    return ask(
        f"From a set of {n} examples batches of {n} are drawn, without replacement. Their means scatter by",
        round(float(mean[0]), 9),
        {RIGHT: ("nothing at all", 0.0), "law-is-exact": (f"σ/√{n}", 1 / np.sqrt(n)), "noise-is-sigma": ("σ", 1.0)},
        why="Each draw is the same set. Any scatter comes from drawing with replacement.",
    )


@item("ask-mc-batch-norm", idea="modes")
def monte_carlo_layers(draw):
    import torch
    from torch import nn

    model = nn.Sequential(nn.BatchNorm1d(2), nn.Linear(2, 2), nn.BatchNorm1d(2))
    before = {name: value.clone() for name, value in model.state_dict().items()}
    batches = [torch.from_numpy(draw.normal(size=(8, 2))).float() for _ in range(3)]
    find_question("mc_batch_norm_predict").reference(model, batches[0][:2], batches)
    moved = any(not torch.equal(value, before[name]) for name, value in model.state_dict().items())
    return ask(
        "After `mc_batch_norm_predict(model, x, batches)`, what of the model's `state_dict()` has changed?",
        "some" if moved else "nothing",
        {
            RIGHT: ("nothing", "nothing"),
            "statistics-not-restored": ("the running statistics: they are those of the last batch", "some"),
            "counter-not-restored": ("how many batches it has seen", "counter"),
        },
        why="Asking a model for predictions may not change it.",
    )
