"""'What people get wrong', row by row: whoever makes the mistake that a lesson describes is told its name."""

import numpy as np
import pytest
import stored

from bn_course.grading.catalogue import catalogue
from bn_course.grading.judge import judge_here

LESSONS = ("02", "03", "04", "05", "08", "11", "12")


def table(lesson):
    """The first cells of the rows of a lesson's table of mistakes."""
    (path,) = (path for path in stored.LESSONS if path.stem.startswith(lesson))
    cells = [cell.source for cell in stored.read(path).cells if cell.id in ("wrong", "wrong-table")]
    rows = [line for source in cells for line in source.splitlines() if line.startswith("|")]
    return [row.split("|")[1].strip() for row in rows[2:]]


def forward(axis=0, ddof=0, divisor=lambda var, eps: np.sqrt(var + eps), shift_first=False):
    def answer(x, gamma, beta, eps=1e-5):
        var = x.var(axis=axis, ddof=ddof, keepdims=True)
        x_hat = (x - x.mean(axis=axis, keepdims=True)) / divisor(var, eps)
        return gamma * (x_hat + beta) if shift_first else gamma * x_hat + beta

    return answer


def one_pass(x, gamma, beta, eps=1e-5):
    mean = x.mean(axis=0)
    return gamma * (x - mean) / np.sqrt((x**2).mean(axis=0) - mean**2 + eps) + beta


def backward(mean=1.0, spread=1.0, gamma_in=True, of_x=False, summed=True, ddof=0):
    """`batch_norm_backward` with shares of the two terms, and the other rows of lesson 03's table."""

    def answer(dy, x, gamma, eps=1e-5):
        std = np.sqrt(x.var(axis=0, ddof=ddof) + eps)
        x_hat = (x - x.mean(axis=0)) / std
        dx_hat = dy * gamma if gamma_in else dy
        means = dx_hat.mean(axis=0), (dx_hat * x_hat).mean(axis=0)
        shares = (len(x) if share == "N" else share for share in (mean, spread))
        terms = [share * term for share, term in zip(shares, means, strict=True)]
        each = dy * (x if of_x else x_hat), dy
        gradients = (g.sum(axis=0) for g in each) if summed else each
        return (dx_hat - terms[0] - x_hat * terms[1]) / std, *gradients

    return answer


def to_the_half(dx_hat, x, eps=1e-5):
    c = x - x.mean(axis=0)
    s = 1 / np.sqrt(x.var(axis=0) + eps)
    dvar = -0.5 * s * (dx_hat * c).sum(axis=0)
    dmean = -s * dx_hat.sum(axis=0)
    return dvar, dmean, dx_hat * s + dvar * 2 * c / len(x) + dmean / len(x)


def running(batch_var, average=lambda old, new, m: (1 - m) * old + m * new):
    def answer(running_mean, running_var, x, momentum=0.1):
        new = (1 - momentum) * running_mean + momentum * x.mean(axis=0)
        return new, average(running_var, batch_var(x), momentum)

    return answer


def inference(mean=None, var=lambda var, x: var):
    def answer(x, gamma, beta, running_mean, running_var, eps=1e-5):
        centre = running_mean if mean is None else mean(x)
        return gamma * (x - centre) / np.sqrt(var(running_var, x) + eps) + beta

    return answer


class EvaluatesLikeTraining(catalogue()["BatchNorm"].reference):
    def backward(self, dy):
        self._trained = True
        return super().backward(dy)


class SharedMemory(catalogue()["BatchNorm"].reference):
    shared = {}  # noqa: RUF012 - the mistake itself
    running_mean = property(lambda self: self.shared["mean"], lambda self, v: self.shared.update(mean=v))
    running_var = property(lambda self: self.shared["var"], lambda self, v: self.shared.update(var=v))


def without_bias(weight, bias, gamma, beta, running_mean, running_var, eps=1e-5):
    scale = gamma / np.sqrt(running_var + eps)
    return scale[:, None] * weight, beta - scale * running_mean


def images(axes, along=(1, -1, 1, 1)):
    def answer(x, gamma, beta, eps=1e-5):
        x_hat = (x - x.mean(axis=axes, keepdims=True)) / np.sqrt(x.var(axis=axes, keepdims=True) + eps)
        return gamma.reshape(along) * x_hat + beta.reshape(along)

    return answer


def in_columns(x, gamma, beta, eps=1e-5):
    return forward()(x.reshape(-1, x.shape[1]), gamma, beta, eps).reshape(x.shape)


def averaged(x, gamma, beta, eps=1e-5):
    var = x.var(axis=(2, 3)).mean(axis=0)[:, None, None]
    mean = x.mean(axis=(0, 2, 3))[:, None, None]
    return gamma[:, None, None] * (x - mean) / np.sqrt(var + eps) + beta[:, None, None]


def images_backward(count=None, params=(0, 2, 3)):
    def answer(dy, x, gamma, eps=1e-5):
        over = {"axis": (0, 2, 3), "keepdims": True}
        std = np.sqrt(x.var(**over) + eps)
        x_hat = (x - x.mean(**over)) / std
        m = len(x) if count == "N" else x.size / x.shape[1]
        sums = dy.sum(**over), (dy * x_hat).sum(**over)
        dx = gamma[:, None, None] / std * (dy - sums[0] / m - x_hat * sums[1] / m)
        return dx, (dy * x_hat).sum(axis=params), dy.sum(axis=params)

    return answer


def compared(x, gamma, beta, eps=1e-5, channel_axis=1):
    axes = tuple(i for i in range(x.ndim) if i != channel_axis)
    along = [1] * x.ndim
    along[channel_axis] = -1
    return images(axes, along)(x, gamma, beta, eps)


def grouped(split, axes, checked=True, together=lambda x: x, per_group=False):
    """`group_norm` over `axes` of `split(x, groups)`; `together` undoes the split before the reshape."""

    def answer(x, gamma, beta, num_groups, eps=1e-5):
        if x.shape[1] % num_groups and checked:
            raise ValueError
        parts = split(x, num_groups)
        std = np.sqrt(parts.var(axis=axes, keepdims=True) + eps)
        x_hat = together((parts - parts.mean(axis=axes, keepdims=True)) / std).reshape(x.shape)
        if per_group:
            gamma, beta = (np.repeat(v[:num_groups], x.shape[1] // num_groups) for v in (gamma, beta))
        return gamma[:, None, None] * x_hat + beta[:, None, None]

    return answer


def consecutive(x, groups):
    return x.reshape(len(x), groups, -1, *x.shape[2:])


def gamma_before_the_bracket(dy, x, gamma, eps=1e-5):
    std = np.sqrt(x.var(axis=-1, keepdims=True) + eps)
    x_hat = (x - x.mean(axis=-1, keepdims=True)) / std
    along = (dy * x_hat).mean(axis=-1, keepdims=True)
    others = tuple(range(x.ndim - 1))
    dx = gamma / std * (dy - dy.mean(axis=-1, keepdims=True) - x_hat * along)
    return dx, (dy * x_hat).sum(axis=others), dy.sum(axis=others)


def one_root(content, style, eps=1e-5):
    over = {"axis": (2, 3), "keepdims": True}
    x_hat = (content - content.mean(**over)) / np.sqrt(content.var(**over) + eps)
    return style.std(**over) * x_hat + style.mean(**over)


def masked(mean_of, var_of, padding=lambda beta: 0.0):
    """`masked_batch_norm`, with the mean and the variance made by hand of x and of what is valid."""

    def answer(x, lengths, gamma, beta, eps=1e-5):
        valid = (np.arange(x.shape[1]) < lengths[:, None])[..., None]
        mean = mean_of(x, valid)
        y = gamma * (x - mean) / np.sqrt(var_of(x, valid, mean) + eps) + beta
        return np.where(valid, y, padding(beta))

    return answer


def mean_valid(x, valid):
    return (x * valid).sum(axis=(0, 1)) / valid.sum()


def var_valid(x, valid, mean):
    return ((x - mean) ** 2 * valid).sum(axis=(0, 1)) / valid.sum()


def var_of_zeros(x, valid, mean):
    return ((x * valid - mean) ** 2).mean(axis=(0, 1))


def by_all(x, valid):
    return (x * valid).sum(axis=(0, 1)) / valid[..., 0].size


def squares_by_all(x, valid, mean):
    return ((x - mean) ** 2 * valid).sum(axis=(0, 1)) / valid[..., 0].size


def each_step(x, lengths, gamma, beta, eps=1e-5):
    valid = (np.arange(x.shape[1]) < lengths[:, None])[..., None]
    count = np.maximum(valid.sum(axis=0), 1)
    mean = (x * valid).sum(axis=0) / count
    var = ((x - mean) ** 2 * valid).sum(axis=0) / count
    return np.where(valid, gamma * (x - mean) / np.sqrt(var + eps) + beta, 0.0)


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
