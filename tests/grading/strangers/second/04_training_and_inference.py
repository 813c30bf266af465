"""Strangers' answers to lesson 04, second half."""

from corpus import right, wrong

ANSWERS = [
    wrong(
        "update_running_stats",
        """
def update_running_stats(running_mean, running_var, x, momentum=0.1):
    mean = np.mean(x, axis=0)
    var = np.var(x, axis=0) * len(x) / (len(x) - 1)
    return (running_mean * momentum + mean * (1 - momentum),
            running_var * momentum + var * (1 - momentum))
""",
        "Momentum weighs the old value, Keras' way; here it is the weight of the new batch.",
        "running_mean * momentum",
        keys="momentum-flipped",
    ),
    wrong(
        "update_running_stats",
        """
def update_running_stats(running_mean, running_var, x, momentum=0.1):
    decay = 1.0 - momentum
    sample_mean, sample_var = x.mean(axis=0), x.var(axis=0)
    return decay * running_mean + momentum * sample_mean, decay * running_var + momentum * sample_var
""",
        "The batch's variance goes in ÷ N; the convention is ÷ (N − 1).",
        "x.var(axis=0)",
        keys="population-running-var",
    ),
    wrong(
        "update_running_stats",
        """
def update_running_stats(running_mean, running_var, x, momentum=0.1):
    n, d = x.shape
    for j in range(d):
        m = sum(x[i, j] for i in range(n)) / n
        v = sum((x[i, j] - m) ** 2 for i in range(n)) / (n - 1)
        running_mean[j] += momentum * (m - running_mean[j])
        running_var[j] += momentum * (v - running_var[j])
    return running_mean, running_var
""",
        "The caller's running arrays are changed, and returned.",
        "running_mean[j] +=",
        keys="mutates-input",
    ),
    wrong(
        "update_running_stats",
        """
def update_running_stats(running_mean, running_var, x, momentum=0.1):
    new_mean = (1 - momentum) * running_mean + momentum * x.mean(axis=0)
    second = np.sum((x - new_mean) ** 2, axis=0) / (len(x) - 1)
    return new_mean, (1 - momentum) * running_var + momentum * second
""",
        "The batch's variance is taken about the new running mean, not about the batch's own.",
        "(x - new_mean) ** 2",
        keys="variance-about-running-mean",
    ),
    wrong(
        "update_running_stats",
        """
def update_running_stats(running_mean, running_var, x, momentum=0.1):
    momentum = momentum or 0.1
    if len(x) < 2:
        raise ValueError("need two examples")
    mean, var = x.mean(0), x.var(0, ddof=1)
    return running_mean + momentum * (mean - running_mean), running_var + momentum * (var - running_var)
""",
        "A momentum of 0 is falsy and is replaced by 0.1.",
        "momentum or 0.1",
        keys="momentum-hard-coded",
    ),
    wrong(
        "update_running_stats",
        """
def update_running_stats(running_mean, running_var, x, momentum=0.1):
    running_mean = momentum * running_mean + (1 - momentum) * x.mean(0)
    running_var = momentum * running_var + (1 - momentum) * x.var(0)
    return running_mean, running_var
""",
        "Momentum weighs the old value, and the variance is ÷ N.",
        ["momentum * running_mean", "x.var(0)"],
        keys="momentum-flipped population-running-var",
        kind="pair",
    ),
    right(
        "update_running_stats",
        """
import torch
def update_running_stats(running_mean, running_var, x, momentum=0.1):
    m, v = (torch.tensor(np.array(a, dtype=float)) for a in (running_mean, running_var))
    batch = torch.tensor(np.array(x, dtype=float))
    m = torch.lerp(m, batch.mean(0), float(momentum))
    v = torch.lerp(v, batch.var(0), float(momentum))
    return m.numpy(), v.numpy()
""",
    ),
    wrong(
        "update_running_stats",
        """
def update_running_stats(running_mean, running_var, x, momentum=0.1):
    running_mean *= 1 - momentum
    running_mean += momentum * x.mean(axis=0)
    running_var *= 1 - momentum
    running_var += momentum * x.std(axis=0, ddof=1)
    return running_mean, running_var
""",
        "The caller's arrays are changed, and the deviation is averaged in place of the variance.",
        ["running_mean *= 1 - momentum", "x.std(axis=0, ddof=1)"],
        keys="mutates-input running-std",
        kind="promise",
    ),
    wrong(
        "batch_norm_inference",
        """
def batch_norm_inference(x, gamma, beta, running_mean, running_var, eps=1e-5):
    moving_mean, moving_variance = np.mean(x, axis=0), np.var(x, axis=0)
    return gamma * (x - moving_mean) / np.sqrt(moving_variance + eps) + beta
""",
        "The batch's own mean and variance are used; the running ones are ignored.",
        "np.mean(x, axis=0)",
        keys="batch-stats-in-eval",
    ),
    wrong(
        "batch_norm_inference",
        """
def batch_norm_inference(x, gamma, beta, running_mean, running_var, eps=1e-5):
    k = gamma / (running_var + eps)
    return x * k + (beta - running_mean * k)
""",
        "The root is missing: it divides by the variance.",
        "gamma / (running_var + eps)",
        keys="divides-by-variance",
    ),
    wrong(
        "batch_norm_inference",
        """
def batch_norm_inference(x, gamma, beta, running_mean, running_var, eps=1e-5):
    scale = gamma / np.sqrt(running_var + eps)
    shift = beta - running_mean
    return scale * x + shift
""",
        "In the folded shift the running mean is not multiplied by the scale.",
        "beta - running_mean",
    ),
    wrong(
        "batch_norm_inference",
        """
def batch_norm_inference(x, gamma, beta, running_mean, running_var, eps=1e-5):
    var = np.mean((x - running_mean) ** 2, axis=0)
    return gamma * ((x - running_mean) / np.sqrt(var + eps)) + beta
""",
        "Running mean and batch variance are mixed: the variance is the batch's, about the running mean.",
        "np.mean((x - running_mean) ** 2, axis=0)",
        keys="batch-stats-in-eval",
    ),
    wrong(
        "batch_norm_inference",
        """
def batch_norm_inference(x, gamma, beta, running_mean, running_var, eps=1e-3):
    out = np.zeros(x.shape)
    for i in range(x.shape[0]):
        for j in range(x.shape[1]):
            out[i][j] = gamma[j] * (x[i][j] - running_mean[j]) * (running_var[j] + eps) ** -0.5 + beta[j]
    return out
""",
        "The default of ε is 1e-3; asked for is 1e-5.",
        "eps=1e-3",
        keys="other-default-eps",
    ),
    wrong(
        "batch_norm_inference",
        """
def batch_norm_inference(x, gamma, beta, running_mean, running_var, eps=1e-5):
    y = gamma * (x - running_mean) / (np.sqrt(running_var) + eps) + beta
    running_mean += 0.1 * (x.mean(axis=0) - running_mean)
    return y
""",
        "The running mean is moved in place, and ε stands outside the root.",
        ["running_mean += 0.1", "np.sqrt(running_var) + eps"],
        keys="updates-in-eval mutates-input eps-outside-sqrt",
        kind="promise",
    ),
    right(
        "batch_norm_inference",
        """
from functools import reduce
def batch_norm_inference(x, gamma, beta, running_mean, running_var, eps=1e-5):
    steps = (lambda a: a - running_mean, lambda a: a / np.sqrt(running_var + eps),
             lambda a: a * gamma, lambda a: a + beta)
    return reduce(lambda a, step: step(a), steps, x)
""",
    ),
    wrong(
        "batch_norm_inference",
        """
def batch_norm_inference(x, gamma, beta, running_mean, running_var, eps=1e-5):
    var = running_var * len(x) / max(len(x) - 1, 1)
    return gamma * (x - running_mean) / np.sqrt(var + eps)
""",
        "Bessel's correction is made once more, and β is missing.",
        ["len(x) / max(len(x) - 1, 1)", "return gamma *"],
        keys="corrects-again beta-ignored",
        kind="pair",
    ),
]
