"""Wrong answers as people write them: each is refused, and named where its mistake has a name."""

import numpy as np
import pytest

from bn_course.grading.catalogue import catalogue
from bn_course.grading.judge import judge_here


def by_deviation(x):
    std = x.std(axis=0)
    std[std == 0] = 1
    return (x - x.mean(axis=0)) / std


def with_floor(x):
    return (x - x.mean(axis=0)) / np.maximum(x.std(axis=0), 0.01)


def normed(divisor):
    """`batch_norm_forward` that divides by `divisor(var, eps)`."""

    def answer(x, gamma, beta, eps=1e-5):
        return gamma * (x - x.mean(axis=0)) / divisor(x.var(axis=0), eps) + beta

    return answer


def guarded(var, eps):
    std = np.sqrt(var)
    std[std == 0] = 1
    return std


def narrow(x, gamma, beta, eps=1e-5):
    y = np.empty(x.shape, dtype=np.float32)
    y[:] = gamma * (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + eps) + beta
    return y


def moved(running_mean, running_var, x, momentum=0.1):
    momentum = momentum or 0.1
    mean = (1 - momentum) * running_mean + momentum * x.mean(axis=0)
    return mean, (1 - momentum) * running_var + momentum * x.var(axis=0, ddof=1)


def one_pass(x, gamma, beta, eps=1e-5, channel_axis=1):
    last = np.moveaxis(x, channel_axis, -1)
    axes = tuple(range(x.ndim - 1))
    mean = last.mean(axis=axes)
    var = (last**2).mean(axis=axes) - mean**2
    return np.moveaxis(gamma * (last - mean) / np.sqrt(var + eps) + beta, -1, channel_axis)


def emptied(x, weights, activation):
    stds = []
    while weights:
        x = activation(x @ weights.pop(0))
        stds.append(float(x.std()))
    return stds


def rescaled(x, weights, activation):
    stds = []
    for weight in weights:
        x = activation(x @ weight)
        stds.append(float(x.std()))
        weight /= x.std() + 1
    return stds


def walked(loss, w, grad, step_sizes):
    losses = []
    for s in step_sizes:
        w -= s * grad
        losses.append(loss(w))
    return min(losses), max(losses)


def over_the_batch(x, gamma, beta, num_groups, eps=1e-5):
    N, C, H, W = x.shape
    if C % num_groups:
        raise ValueError
    groups = x.reshape(N, num_groups, -1, H, W)
    over = {"axis": (0, 2, 3, 4), "keepdims": True}
    x_hat = ((groups - groups.mean(**over)) / np.sqrt(groups.var(**over) + eps)).reshape(x.shape)
    return gamma[:, None, None] * x_hat + beta[:, None, None]


def left_over(x, gamma, beta, num_groups, eps=1e-5):
    x_hat = np.zeros_like(x)
    size = x.shape[1] // num_groups
    for start in range(0, num_groups * size, size):
        part = x[:, start : start + size]
        mean, var = (f(part, axis=(1, 2, 3), keepdims=True) for f in (np.mean, np.var))
        x_hat[:, start : start + size] = (part - mean) / np.sqrt(var + eps)
    return gamma[:, None, None] * x_hat + beta[:, None, None]


def sum_of_padding(x, lengths, gamma, beta, eps=1e-5):
    count = lengths.sum()
    mean = x.sum(axis=(0, 1)) / count
    var = ((x - mean) ** 2).sum(axis=(0, 1)) / count
    valid = np.arange(x.shape[1]) < lengths[:, None]
    return valid[..., None] * (gamma * (x - mean) / np.sqrt(var + eps) + beta)


def differences(quotient):
    """`numerical_gradient` that makes of f above, f below and h what `quotient` says."""

    def answer(f, x, h=1e-5):
        gradient = np.zeros(x.shape)
        for index in np.ndindex(x.shape):
            above, below = np.array(x, float), np.array(x, float)
            above[index] += h
            below[index] -= h
            gradient[index] = quotient(f(above), f(below), h)
        return gradient

    return answer


def root_mean_square(x, gamma, eps=1e-6):
    return gamma * x / np.sqrt((x**2).mean(axis=1, keepdims=True) + eps)


def layer_norm_constants(dy, x, gamma, eps=1e-5):
    std = np.sqrt(x.var(axis=-1, keepdims=True) + eps)
    x_hat = (x - x.mean(axis=-1, keepdims=True)) / std
    others = tuple(range(x.ndim - 1))
    return dy * gamma / std, (dy * x_hat).sum(axis=others), dy.sum(axis=others)


WRONG = {
    "σ tested for 0": ("standardize", by_deviation, "constant-by-deviation"),
    "NaN replaced": (
        "standardize",
        lambda x: np.nan_to_num((x - x.mean(axis=0)) / x.std(axis=0)),
        "constant-by-deviation",
    ),
    "a floor under σ": ("standardize", with_floor, "floor-too-large"),
    "statistics in float32": (
        "batch_stats",
        lambda x: (x.mean(axis=0).astype(np.float32), x.var(axis=0).astype(np.float32)),
        "single-precision",
    ),
    "y in float32": ("batch_norm_forward", narrow, "single-precision"),
    "eps or 1e-5": (
        "batch_norm_forward",
        normed(lambda var, eps: np.sqrt(var + (eps or 1e-5))),
        "zero-eps-replaced",
    ),
    "1e-10": ("batch_norm_forward", normed(lambda var, _: np.sqrt(var + 1e-10)), "eps-hard-coded"),
    "1e-6": ("batch_norm_forward", normed(lambda var, _: np.sqrt(var + 1e-6)), "eps-hard-coded"),
    "std + 1e-8": ("batch_norm_forward", normed(lambda var, _: np.sqrt(var) + 1e-8), "eps-hard-coded"),
    "clamped": ("batch_norm_forward", normed(lambda var, eps: np.sqrt(var.clip(eps))), "eps-as-floor"),
    "1 where σ is 0": ("batch_norm_forward", normed(guarded), "zero-guarded"),
    "1e-6 in γ": (
        "identity_affine",
        lambda mean, var, eps: (np.sqrt(var + 1e-6), mean.copy()),
        "eps-hard-coded",
    ),
    "momentum or 0.1": ("update_running_stats", moved, "zero-momentum-replaced"),
    "one pass over any axes": ("batch_norm_nd", one_pass, "one-pass-variance"),
    "a list emptied": ("layer_stds", emptied, "mutates-input"),
    "weights rescaled": ("layer_stds", rescaled, "mutates-input"),
    "w -= s * grad": ("loss_range_along_gradient", walked, "steps-accumulate", "mutates-input"),
    "groups over the batch": ("group_norm", over_the_batch, "batch-statistics"),
    "channels left over": ("group_norm", left_over, "groups-not-checked"),
    "padding in the sums": ("masked_batch_norm", sum_of_padding, "padding-in-the-sums"),
    "/ 2 * h": ("numerical_gradient", differences(lambda a, b, h: (a - b) / 2 * h), "times-h"),
    "a - b / (2h)": ("numerical_gradient", differences(lambda a, b, h: a - b / (2 * h)), "brackets-missing"),
    "axis 1": ("rms_norm", root_mean_square, "second-axis"),
    "statistics as constants": ("layer_norm_backward", layer_norm_constants, "detached"),
}


@pytest.mark.parametrize("made", WRONG)
def test_a_mistake_is_named(made):
    name, answer, *keys = WRONG[made]
    report = judge_here(catalogue()[name], answer)
    assert not report.passed
    assert report.diagnosis == tuple(keys), str(report)


def test_what_one_call_leaves_for_the_next_is_refused():
    """dγ added up over calls, and statistics kept by shape: right at every first call of a shape."""
    total, known = {}, {}

    def adds_up(dy, x, gamma, eps=1e-5):
        dx, dgamma, dbeta = catalogue()["batch_norm_backward"].reference(dy, x, gamma, eps)
        total[x.shape] = total.get(x.shape, 0) + dgamma
        return dx, total[x.shape], dbeta

    def remembers(x, gamma, beta, eps=1e-5):
        mean, std = known.setdefault(x.shape, (x.mean(axis=0), np.sqrt(x.var(axis=0) + eps)))
        return gamma * (x - mean) / std + beta

    assert not judge_here(catalogue()["batch_norm_backward"], adds_up).passed
    assert not judge_here(catalogue()["batch_norm_forward"], remembers).passed


def test_a_layer_s_momentum_of_zero_counts():
    class Layer(catalogue()["BatchNorm"].reference):
        def __init__(self, num_features, eps=1e-5, momentum=0.1):
            super().__init__(num_features, eps, momentum or 0.1)

    assert judge_here(catalogue()["BatchNorm"], Layer).diagnosis == ("zero-momentum-replaced",)


def test_an_argument_that_was_changed_has_its_name():
    said = str(judge_here(catalogue()["loss_range_along_gradient"], walked))
    assert "w was changed in place" in said


def test_scikit_learn_s_scaler_is_right():
    from sklearn.preprocessing import StandardScaler

    assert judge_here(catalogue()["standardize"], lambda x: StandardScaler().fit_transform(x)).passed


def test_pytorch_s_own_batch_norm_is_right_though_it_refuses_an_epsilon_of_zero():
    import torch

    def answer(x, gamma, beta, eps=1e-5):
        x, gamma, beta = (torch.from_numpy(array) for array in (x, gamma, beta))
        return torch.nn.functional.batch_norm(x, None, None, gamma, beta, training=True, eps=eps)

    assert judge_here(catalogue()["batch_norm_forward"], answer).passed
    assert judge_here(catalogue()["batch_norm_2d"], answer).passed


def test_pytorch_s_own_batch_norm_is_shown_an_example_that_it_can_run():
    import torch

    def without_gamma(x, gamma, beta, eps=1e-5):
        x, beta = torch.from_numpy(x), torch.from_numpy(beta)
        return torch.nn.functional.batch_norm(x, None, None, bias=beta, training=True, eps=eps)

    report = judge_here(catalogue()["batch_norm_forward"], without_gamma)
    assert report.diagnosis == ("gamma-ignored",)
    assert "raises" not in report.example.yours


# What a sentence must not say of an answer to this question.
FALSE = {
    "layer_norm_backward": ("detached", "mean-detached", "var-detached", "sum-not-mean", "mean-not-sum"),
    "group_norm": ("batch-statistics",),
}


@pytest.mark.parametrize("name", FALSE)
def test_no_batch_where_there_is_none(name):
    said = {m.key: f"{m.did} {m.why}" for m in catalogue()[name].misconceptions}
    assert [key for key in FALSE[name] if "the batch," in said[key] or "over the batch." in said[key]] == []
    assert all("batch normalisation" not in said[key].lower() for key in FALSE[name])
