"""Lesson 10: items that come back in review."""

import copy

import numpy as np

from bn_course.grading.catalogue import find_question
from bn_course.review.computing import bn, bn_gradient, measured
from bn_course.review.curves import curve
from bn_course.review.item import RIGHT, ask, item, whole
from bn_course.review.lines import lines


@item("10-batch-of-two", idea="counts")
def batch_of_two(draw):
    found = measured("error_against_batch_size")
    large, small = (found["batch"][list(found["sizes"]).index(n)] for n in (32, 2))
    return ask(
        f"With batches of 32, batch norm gets {large:.0f} % of the test digits wrong. With batches of two it gets wrong",
        "most" if small > 50 else "some" if small > 10 else "few",
        {
            RIGHT: ("more than half", "most"),
            "noise-costs-little": ("about 5 %", "few"),
            "noise-costs-some": ("about 15 %", "some"),
        },
        why="Two numbers become −1 and 1: what the network sees has lost its size.",
    )


@item("10-two-numbers", idea="counts")
def two_numbers(draw):
    pairs = [sorted(whole(draw, 2)), sorted(whole(draw, 2, -90, 90))]
    said = [f"{a} and {b}".replace("-", "−") for a, b in pairs]
    return ask(
        f"A feature is {said[0]} in a batch of two, {said[1]} in another. Batch norm (γ = 1, β = 0) makes of the pairs",
        [bn(pair) for pair in pairs],
        {
            RIGHT: ("−1 and 1, both times", [[-1, 1]] * 2),
            "sample-variance": ("−0.7 and 0.7, both times", [[-np.sqrt(0.5), np.sqrt(0.5)]] * 2),
            "distance-remembered": ("numbers further apart the second time", None),
        },
        why="Of two numbers only their order is left.",
    )


@item("10-gradient-of-two", idea="counts")
def gradient_of_two(draw):
    n = int(draw.choice([2, 3, 4]))
    x = draw.normal(0, 5, size=n)
    left = np.linalg.matrix_rank(np.array([bn_gradient(row, x) for row in np.eye(n)]), tol=1e-9)
    return ask(
        f"A batch of {n} examples, ε tiny. Of the {n} directions in which a gradient can arrive, batch norm lets through",
        int(left),
        {
            RIGHT: (f"{n - 2}", n - 2),
            "shift-alone-is-lost": (f"{n - 1}", n - 1),
            "straight-through": (f"{n}", n),
        },
        why="Two are taken away: shift and spread.",
    )


@item("10-recalibrate", idea="modes")
def recalibrate(draw):
    lagging, small = measured("recalibration_mends_a_bad_estimate"), measured("recalibration_mends_small_batches")
    mends = [lagging["lagging"] - lagging["lagging_recalibrated"] > 15, small["before"][3] - small["after"][3] > 30]
    return ask(
        "Network A was trained with momentum 0.001, so its running statistics lag. Network B was trained with batches of two. Recalibration mends",
        {(True, False): "A", (True, True): "both", (False, True): "B", (False, False): "neither"}[tuple(mends)],
        {
            RIGHT: ("A alone", "A"),
            "recalibration-mends-all": ("both", "both"),
            "small-batches-only-estimate-badly": ("B alone", "B"),
        },
        why="A has good weights and bad statistics. B's weights were trained on something else.",
    )


@item("10-sorted", idea="modes")
def sorted_batches(draw):
    found = measured("training_mode_on_sorted_batches")
    at = int(draw.choice([2, 3]))
    right = 100 - found["sorted"][at]
    return ask(
        f"A network that is right in 97 % is evaluated in training mode, in batches of {found['sizes'][at]:.0f} that are sorted by class. It is right in about",
        "few" if right < 25 else "some" if right < 90 else "most",
        {
            RIGHT: ("15 %", "few"),
            "batch-stats-in-eval": ("97 %: that many examples are plenty", "most"),
            "noise-costs-some": ("85 %", "some"),
        },
        why="The batch's statistics are those of one class, and what told it from the others is subtracted.",
    )


@item("10-one-class", idea="counts")
def one_class(draw):
    found = measured("one_class_batches")
    learned = {name for name in ("batch", "layer") if found[f"{name}_apart"] < 20}
    return ask(
        "Every batch holds one class, and the gradients of ten are added before an update. The digits are learned by",
        "".join(sorted(learned)) or "neither",
        {
            RIGHT: ("layer norm alone", "layer"),
            "one-class-is-harmless": ("both layer norm and batch norm", "batchlayer"),
            "one-class-never-works": ("neither", "neither"),
        },
        why=f"Wrong: {found['layer_apart']:.0f} and {found['batch_apart']:.0f} %.",
    )


@item("10-messages", idea="counts")
def messages(draw):
    d, n = int(draw.choice([16, 64])), int(draw.choice([32, 128]))
    shards = draw.normal(size=(3, n, d))
    sent = [(len(s), s.mean(0), s.var(0)) for s in shards]
    counts = np.array([c for c, _, _ in sent])[:, None]
    mean = sum(c * m for c, m, _ in sent) / counts.sum()
    var = sum(c * (v + (m - mean) ** 2) for c, m, v in sent) / counts.sum()
    enough = np.allclose(var, shards.reshape(-1, d).var(0))
    return ask(
        f"A layer has {d} features, each worker {n} examples. For the exact mean and variance of the whole batch, each must send",
        1 + 2 * d if enough else n * d,
        {
            RIGHT: (f"{2 * d + 1} numbers", 2 * d + 1),
            "whole-shard": (f"{n * d} numbers: its shard", n * d),
            "spread-of-means-forgotten": (f"{d} numbers: its mean", d),
        },
        why="Count, means and variances: how far the means lie apart follows from them.",
    )


@item("10-accumulate", idea="counts")
def accumulate(draw):
    x, dy = draw.normal(size=8), draw.normal(size=8)
    parts = np.concatenate([bn_gradient(dy[:4], x[:4]), bn_gradient(dy[4:], x[4:])])
    same = np.allclose(parts, bn_gradient(dy, x))
    found = measured("accumulation_is_a_bigger_batch")
    kinds = (found["layer_gradient"] < 1e-9, same)
    return ask(
        "The gradients of small batches are added up before an update. Their sum equals the gradient of the whole batch",
        {(True, False): "layer", (True, True): "both", (False, False): "neither"}[kinds],
        {
            RIGHT: ("for layer norm, and not for batch norm", "layer"),
            "accumulation-is-a-batch": ("for layer norm and for batch norm", "both"),
            "accumulation-is-never-exact": ("for neither", "neither"),
        },
        why="Batch norm saw the small batches, each with statistics of its own.",
    )


@item("10-merge", idea="counts")
def merge(draw):
    a, b = np.array(whole(draw, 2), float), np.array(whole(draw, 4, 5, 20), float)
    union = np.r_[a, b]
    weights = np.array([2, 4]) / 6
    inner = weights @ [a.var(), b.var()]
    return ask(
        f"One worker has {a[0]:g} and {a[1]:g}, the other {', '.join(f'{n:g}' for n in b)}. The variance of all six is",
        union.var(),
        {
            RIGHT: inner + weights @ [(a.mean() - union.mean()) ** 2, (b.mean() - union.mean()) ** 2],
            "spread-of-means-forgotten": inner,
            "counts-ignored": (a.var() + b.var()) / 2 + ((a.mean() - b.mean()) / 2) ** 2,
            "sample-variance": union.var(ddof=1),
        },
        why="The variances, weighted, and how far the means lie apart.",
    )


size_curve = curve(
    "error_against_batch_size",
    idea="counts",
    over=("sizes", "batch"),
    arms={"batch": "batch norm", "layer": "layer norm", "renorm": "batch renormalisation"},
    what="wrong",
)

merge_lines = lines(
    "merge_stats",
    "counts",
    """
    weights = counts[:, None] / counts.sum()
    mean = (weights * means).sum(axis=0)
    apart = (means - mean) ** 2
    return mean, (weights * (variances + apart)).sum(axis=0)
    """,
    {
        "counts-ignored": "weights = np.full((len(counts), 1), 1 / len(counts))",
        "distance-not-squared": "apart = abs(means - mean)",
        "spread-of-means-forgotten": "apart = 0 * means",
    },
)


@item("ask-sync-batch-norm", idea="counts")
def sync(draw):
    x = draw.normal(2, 3, size=(6, 1))
    one, zero = np.ones(1), np.zeros(1)
    reference = find_question("sync_batch_norm").reference
    whole_batch = np.concatenate(reference([x], one, zero))
    cut = int(draw.integers(1, 6))
    parts = np.concatenate(reference([x[:cut], x[cut:]], one, zero))
    return ask(
        f"Six examples on one worker, and the same six cut into {cut} and {6 - cut} on two, with synchronised batch norm. The outputs differ by",
        "rounding" if np.allclose(whole_batch, parts) else "much",
        {
            RIGHT: ("rounding alone", "rounding"),
            "counts-ignored": ("more, unless both have three", "much"),
            "local-statistics": ("much, always: each has its own statistics", "always"),
        },
        why="Counts, means and variances of the parts give those of the whole, exactly.",
    )


@item("ask-recalibrate", idea="modes")
def two_cuts(draw):
    import torch
    from torch import nn

    first = nn.Sequential(nn.BatchNorm1d(3), nn.Linear(3, 3), nn.Tanh(), nn.BatchNorm1d(3))
    x = torch.from_numpy(draw.normal(size=(12, 3))).float()
    stats = []
    for batches in ([x], [x[:9], x[9:]]):
        model = copy.deepcopy(first)
        find_question("recalibrate").reference(model, batches)
        stats.append([model[0].running_mean.clone(), model[3].running_mean.clone()])
    same = [torch.allclose(a, b, atol=1e-5) for a, b in zip(*stats, strict=True)]
    return ask(
        "A model with two batch norms is recalibrated on 12 examples: as one batch, and as 9 and 3. In which norms may the statistics differ?",
        {(True, False): "second", (True, True): "none", (False, False): "both"}[tuple(same)],
        {
            RIGHT: ("in the second", "second"),
            "cuts-do-not-matter": ("in none: they are the same examples", "none"),
            "averages-batches": ("in both", "both"),
        },
        why="The first sees the same numbers. On the way to the second each batch is normalised by its own.",
    )


@item("10-two-images", idea="counts")
def two_images(draw):
    side = int(draw.choice([2, 4, 8]))
    values = 2 * side**2
    x = draw.normal(size=values)
    left = np.linalg.matrix_rank(np.array([bn_gradient(row, x) for row in np.eye(values)]), tol=1e-9)
    return ask(
        f"A batch of two images, {side} × {side} each, one channel, ε tiny. Of a random gradient, batch norm lets through",
        left / values,
        {
            RIGHT: (f"{values - 2} parts of {values}", 1 - 2 / values),
            "examples-alone-count": ("nothing, since there are two examples", 0.0),
            "two-of-each-image": (f"{values - 4} parts of {values}", 1 - 4 / values),
            "straight-through": ("all of it", 1.0),
        },
        why="Shift and spread of the channel are two directions among as many as it has values.",
    )
