"""'What people get wrong', row by row: whoever makes the mistake that a lesson describes is told its name."""

import numpy as np
import pytest
import stored
from warned import (
    EvaluatesLikeTraining,
    SharedMemory,
    averaged,
    backward,
    by_all,
    compared,
    consecutive,
    each_step,
    forward,
    gamma_before_the_bracket,
    grouped,
    images,
    images_backward,
    in_columns,
    inference,
    masked,
    mean_valid,
    one_pass,
    one_root,
    running,
    squares_by_all,
    to_the_half,
    var_valid,
    without_bias,
)

from bn_course.grading.catalogue import catalogue
from bn_course.grading.judge import judge_here

LESSONS = ("02", "03", "04", "05", "08", "11", "12")


def table(lesson):
    """The first cells of the rows of a lesson's table of mistakes."""
    (path,) = (path for path in stored.LESSONS if path.stem.startswith(lesson))
    cells = [cell.source for cell in stored.read(path).cells if cell.id in ("wrong", "wrong-table")]
    rows = [line for source in cells for line in source.splitlines() if line.startswith("|")]
    return [row.split("|")[1].strip() for row in rows[2:]]


# By lesson and row: the question in which it can be made, an answer that makes it, and its name.
MADE = {
    "02": {
        "σ² with ÷ (N − 1)": ("batch_norm_forward", forward(ddof=1), "sample-variance"),
        "statistics along axis 1": ("batch_norm_forward", forward(axis=1), "wrong-axis"),
        "(x − μ) / (σ² + ε), without the root": (
            "batch_norm_forward",
            forward(divisor=lambda var, eps: var + eps),
            "divides-by-variance",
        ),
        "√σ² + ε": (
            "batch_norm_forward",
            forward(divisor=lambda var, eps: np.sqrt(var) + eps),
            "eps-outside-sqrt",
        ),
        "γ (x̂ + β)": ("batch_norm_forward", forward(shift_first=True), "gamma-after-shift"),
        "E[x²] − E[x]²": ("batch_norm_forward", one_pass, "one-pass-variance"),
        "'γ = √σ², β = μ is the identity'": (
            "identity_affine",
            lambda mean, var, eps: (np.sqrt(var), mean.copy()),
            "no-eps",
        ),
    },
    "03": {
        "μ and σ² as constants": ("batch_norm_backward", backward(0, 0), "detached"),
        "only one of the two forgotten": ("batch_norm_backward", backward(1, 0), "var-detached"),
        "sums instead of means": ("batch_norm_backward", backward("N", "N"), "sum-not-mean"),
        "½ or 2 lost": ("batch_norm_backward", backward(1, 2), "half-missing"),
        "$(\\sigma^2+\\epsilon)^{-1/2}$ in dσ²": ("standardize_backward", to_the_half, "wrong-exponent"),
        "γ missing from dx": ("batch_norm_backward", backward(gamma_in=False), "gamma-ignored"),
        "dγ = Σ dy·x": ("batch_norm_backward", backward(of_x=True), "dgamma-uses-x"),
        "dγ, dβ not added up": ("batch_norm_backward", backward(summed=False), "per-example-dgamma"),
        "another ε, or ÷ (N − 1), than in the forward pass": (
            "batch_norm_backward",
            backward(ddof=1),
            "sample-variance",
        ),
    },
    "04": {
        "`model.eval()` forgotten": (
            "batch_norm_inference",
            inference(lambda x: x.mean(axis=0), lambda _, x: x.var(axis=0)),
            "batch-stats-in-eval",
        ),
        "momentum carried over between frameworks": (
            "keras_to_torch",
            lambda momentum, var, n: (momentum, var * n / (n - 1)),
            "momentum-flipped",
        ),
        "÷ N into the running variance": (
            "update_running_stats",
            running(lambda x: x.var(axis=0)),
            "population-running-var",
        ),
        "a running *deviation*": (
            "update_running_stats",
            running(lambda x: x.std(axis=0, ddof=1)),
            "running-std",
        ),
        "Bessel's correction again at inference": (
            "batch_norm_inference",
            inference(var=lambda var, x: var * len(x) / np.float64(len(x) - 1)),
            "corrects-again",
        ),
        "ε added to the recorded variance": (
            "update_running_stats",
            running(lambda x: x.var(axis=0, ddof=1) + 1e-5),
            "eps-in-running-var",
        ),
        "training's backward pass in evaluation, or the reverse": (
            "BatchNorm",
            EvaluatesLikeTraining,
            "train-backward-in-eval",
        ),
        "the linear layer's own bias forgotten in a fold": (
            "fold_into_linear",
            without_bias,
            "bias-not-folded",
        ),
        "`running_mean` as a class attribute": ("BatchNorm", SharedMemory, "shared-state"),
    },
    "05": {
        "`x.mean(axis=0)` on images": ("batch_norm_2d", images((0,)), "per-position"),
        "`x.mean(axis=(2, 3))`": ("batch_norm_2d", images((2, 3)), "per-instance"),
        "`gamma * x_hat` with γ of shape (C,)": (
            "batch_norm_2d",
            images((0, 2, 3), (-1,)),
            "affine-wrong-axis",
        ),
        "`x.reshape(-1, C)`": ("batch_norm_2d", in_columns, "reshaped-without-transpose"),
        "m = N in the backward pass": ("batch_norm_2d_backward", images_backward("N"), "n-instead-of-nhw"),
        "dγ summed over N alone": (
            "batch_norm_2d_backward",
            images_backward(params=0),
            "not-summed-over-space",
        ),
        "averaging the images' variances": ("batch_norm_2d", averaged, "averaged-variances"),
        "`channel_axis=-1` compared with `!=`": ("batch_norm_nd", compared, "negative-axes"),
    },
    "08": {
        "'The effective rate is η/‖w‖'": (
            "effective_learning_rate",
            lambda lr, weight: lr / np.linalg.norm(weight),
            "not-squared",
        ),
    },
    "11": {
        "'instance norm is over the batch'": ("instance_norm", images((0,)), "per-position"),
        "num_groups taken for channels a group": (
            "group_norm",
            grouped(lambda x, size: consecutive(x, max(x.shape[1] // size, 1)), (2, 3, 4)),
            "group-size",
        ),
        "`reshape(N, G, -1)` where G does not divide C": (
            "group_norm",
            grouped(lambda x, groups: x.reshape(len(x), groups, -1), (2,), checked=False),
            "groups-not-checked",
        ),
        "every G-th channel as a group": (
            "group_norm",
            grouped(
                lambda x, groups: x.reshape(len(x), -1, groups, *x.shape[2:]).swapaxes(1, 2),
                (2, 3, 4),
                together=lambda parts: parts.swapaxes(1, 2),
            ),
            "interleaved-groups",
        ),
        "γ and β one for each group": (
            "group_norm",
            grouped(consecutive, (2, 3, 4), per_group=True),
            "gamma-per-group",
        ),
        "`nn.LayerNorm(W)` on (N, C, H, W)": ("instance_norm", images((3,)), "one-spatial-axis"),
        "layer norm's γ taken out of the means": (
            "layer_norm_backward",
            gamma_before_the_bracket,
            "gamma-outside",
        ),
        "ε of AdaIN in one root": ("adain", one_root, "eps-in-one-root"),
    },
    "12": {
        "padding counted in the statistics": (
            "masked_batch_norm",
            masked(lambda x, _: x.mean(axis=(0, 1)), lambda x, *_: x.var(axis=(0, 1))),
            "padding-counted",
        ),
        "'zeros do no harm'": (
            "masked_batch_norm",
            masked(
                lambda x, valid: (x * valid).mean(axis=(0, 1)),
                lambda x, valid, _: (x * valid).var(axis=(0, 1)),
            ),
            "padding-counted",
        ),
        "x·mask first, then (x·mask − μ)²": (
            "masked_batch_norm",
            masked(
                mean_valid,
                lambda x, valid, mean: ((x * valid - mean) ** 2).sum(axis=(0, 1)) / valid.sum(),
            ),
            "variance-counts-padding",
        ),
        "divided by N·T, summed over valid steps": (
            "masked_batch_norm",
            masked(by_all, squares_by_all),
            "divides-by-all-steps",
        ),
        "β at padding": (
            "masked_batch_norm",
            masked(mean_valid, var_valid, padding=lambda beta: beta),
            "padding-becomes-beta",
        ),
        "`nn.BatchNorm1d` in the loop of a recurrent network": (
            "masked_batch_norm",
            each_step,
            "statistics-per-step",
        ),
    },
}

# Rows about what is believed, or about how a model is used: no answer to a question of the lesson makes them.
BELIEVED = {
    "02": ("a bias in front", "'scale and shift add non-linearity'"),
    "03": ("`y.sum()` as the test loss", "h = 10⁻¹⁵ in a gradient check"),
    "04": (
        "`model.train()` forgotten after a validation",
        "buffers left out of a checkpoint or an average of weights",
    ),
    "05": (
        "(N, T, C) into `BatchNorm1d`",
        "'N·H·W is large, so N may be small'",
        "'BatchNorm2d learns a scale for each pixel'",
        "folding into the convolution *after*",
    ),
    "08": (
        "'Batch norm works because it reduces internal covariate shift'",
        "'It makes the landscape smoother'",
        "'Smoother is better'",
        "'Weight decay keeps the function simple by keeping weights small'",
        "'No decay, no harm: batch norm regularises anyway'",
        "'Batch norm prevents exploding gradients'",
        "'Then I choose smaller initial weights'",
        "'γ and β restore what normalising took away, so they are essential'",
        "'Both are true of my Adam run, too'",
        "'Layer norm would do the same'",
    ),
    "11": (
        "'layer norm uses the layer's parameters'",
        "instance norm right before the mean over positions",
        "'GN and LN keep the contrast'",
        "`model.eval()` expected to change them",
    ),
    "12": (
        "batch norm in a causal model, in training mode",
        "`nn.BatchNorm1d` given (N, T, D)",
        "'RMS norm is faster'",
        "a new norm compared at one learning rate",
    ),
}


@pytest.mark.parametrize("lesson", LESSONS)
def test_every_row_is_made_or_is_no_answer(lesson):
    assert sorted(table(lesson)) == sorted((*MADE[lesson], *BELIEVED[lesson]))


@pytest.mark.parametrize(
    ("name", "answer", "key"),
    [
        pytest.param(*made, id=f"{lesson} {row}")
        for lesson, rows in MADE.items()
        for row, made in rows.items()
    ],
)
def test_what_the_lesson_warns_of_is_named(name, answer, key):
    report = judge_here(catalogue()[name], answer)
    assert not report.passed
    assert report.diagnosis == (key,), str(report)
