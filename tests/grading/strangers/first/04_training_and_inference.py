from corpus import right, wrong

ANSWERS = [
    right(
        "update_running_stats",
        """
def update_running_stats(running_mean, running_var, x, momentum=0.1):
    n = x.shape[0]
    ema = lambda old, new: old + momentum * (new - old)
    mu = x.sum(0) / n
    return ema(running_mean, mu), ema(running_var, np.square(x - mu).sum(0) / (n - 1))
""",
    ),
    wrong(
        "update_running_stats",
        """
def update_running_stats(running_mean, running_var, x, momentum=0.1):
    running_mean = momentum * running_mean + (1 - momentum) * x.mean(0)
    running_var = momentum * running_var + (1 - momentum) * x.var(0, ddof=1)
    return running_mean, running_var
""",
        "The momentum weighs the old value, as in Keras.",
        [
            "momentum * running_mean + (1 - momentum) * x.mean(0)",
            "momentum * running_var + (1 - momentum) * x.var(0, ddof=1)",
        ],
        keys="momentum-flipped",
    ),
    wrong(
        "update_running_stats",
        """
def update_running_stats(running_mean, running_var, x, momentum=0.1):
    momentum = momentum or 0.1
    m = x.mean(0)
    v = x.var(0, ddof=1)
    return running_mean * (1 - momentum) + m * momentum, running_var * (1 - momentum) + v * momentum
""",
        "A momentum of 0 is replaced by 0.1, because 0 is false.",
        "momentum or 0.1",
    ),
    wrong(
        "update_running_stats",
        """
def update_running_stats(rm, rv, x, momentum=0.1):
    mu, var = np.mean(x, axis=0), np.var(x, axis=0)
    return (1 - momentum) * rm + momentum * mu, (1 - momentum) * rv + momentum * var
""",
        "The batch's variance goes in as the population's, not the sample's.",
        "np.var(x, axis=0)",
        keys="population-running-var",
    ),
    wrong(
        "update_running_stats",
        """
def update_running_stats(running_mean, running_var, x, momentum=0.1):
    bn = nn.BatchNorm1d(x.shape[1], momentum=momentum).double()
    bn(torch.from_numpy(x))
    return bn.running_mean.numpy(), bn.running_var.numpy()
""",
        "The layer starts from 0 and 1; the running statistics that are given are forgotten.",
        "nn.BatchNorm1d(x.shape[1], momentum=momentum).double()",
    ),
    wrong(
        "update_running_stats",
        """
def update_running_stats(running_mean, running_var, x, momentum=0.1):
    n = len(x)
    running_mean = (1 - momentum) * running_mean + momentum * x.mean(0)
    running_var = (1 - momentum) * running_var + momentum * ((x - running_mean) ** 2).sum(0) / (n - 1)
    return running_mean, running_var
""",
        "The variance is taken about the new running mean, not about the batch's mean.",
        "(x - running_mean) ** 2",
        keys="variance-about-running-mean",
    ),
    wrong(
        "update_running_stats",
        """
def update_running_stats(running_mean, running_var, x, momentum=0.1):
    running_mean *= 1 - momentum
    running_mean += momentum * x.mean(0)
    running_var *= 1 - momentum
    running_var += momentum * x.var(0)
    return running_mean, running_var
""",
        "The arguments are changed in place, and the variance is the population's.",
        ["running_mean *= 1 - momentum", "x.var(0)"],
        keys="mutates-input population-running-var",
        kind="promise",
    ),
    right(
        "batch_norm_inference",
        """
def batch_norm_inference(x, gamma, beta, running_mean, running_var, eps=1e-5):
    a = gamma * np.reciprocal(np.sqrt(running_var + eps))
    return np.einsum("nd,d->nd", x - running_mean, a) + beta[None]
""",
    ),
    wrong(
        "batch_norm_inference",
        """
def batch_norm_inference(x, gamma, beta, running_mean, running_var, eps=1e-5):
    # tf: batch_normalization(x, mean, variance, offset, scale)
    inv = gamma / np.sqrt(running_var + eps)
    return x * inv + (beta - running_mean)
""",
        "The running mean is not scaled with x.",
        "(beta - running_mean)",
    ),
    wrong(
        "batch_norm_inference",
        """
def batch_norm_inference(x, gamma, beta, running_mean, running_var, eps=1e-5):
    std = np.sqrt(running_var + eps)
    return gamma * x - running_mean / std + beta
""",
        "For want of parentheses only the mean is divided by the deviation.",
        "gamma * x - running_mean / std",
    ),
    wrong(
        "batch_norm_inference",
        """
def batch_norm_inference(x, gamma, beta, running_mean, running_var, eps=1e-5):
    return gamma * (x - running_mean) / np.sqrt(np.clip(running_var, eps, None)) + beta
""",
        "ε is a floor under the variance instead of being added to it.",
        "np.clip(running_var, eps, None)",
    ),
    wrong(
        "batch_norm_inference",
        """
def batch_norm_inference(x, gamma, beta, running_mean, running_var, eps=1e-5):
    if len(x) > 1:
        mean, var = x.mean(0), x.var(0)
    else:
        mean, var = running_mean, running_var
    return gamma * (x - mean) / np.sqrt(var + eps) + beta
""",
        "The batch's own statistics are used where there is more than one example.",
        "mean, var = x.mean(0), x.var(0)",
        keys="batch-stats-in-eval",
    ),
    wrong(
        "batch_norm_inference",
        """
def batch_norm_inference(x, gamma, beta, running_mean, running_var, eps=1e-5):
    N = x.shape[0]
    v = running_var * N / (N - 1) if N > 1 else running_var
    return gamma * (x - running_mean) / np.sqrt(v + eps) + beta
""",
        "Bessel's correction is applied to the running variance, with the size of the batch that is to be predicted.",
        "running_var * N / (N - 1)",
        keys="corrects-again",
    ),
    right(
        "keras_to_torch",
        """
def keras_to_torch(keras_momentum, moving_variance, batch_size):
    bessel = batch_size / float(batch_size - 1)
    return 1.0 - keras_momentum, np.multiply(bessel, moving_variance)
""",
    ),
    wrong(
        "keras_to_torch",
        """
def keras_to_torch(keras_momentum, moving_variance, batch_size):
    return 1 - keras_momentum, moving_variance * (batch_size - 1) / batch_size
""",
        "The correction is upside down.",
        "(batch_size - 1) / batch_size",
        keys="correction-upside-down",
    ),
    wrong(
        "keras_to_torch",
        """
def keras_to_torch(keras_momentum, moving_variance, batch_size):
    return 1 - keras_momentum, moving_variance * batch_size / batch_size - 1
""",
        "For want of parentheses 1 is subtracted from the variance.",
        "batch_size / batch_size - 1",
    ),
    wrong(
        "keras_to_torch",
        """
def keras_to_torch(keras_momentum, moving_variance, batch_size):
    momentum = 1 - keras_momentum
    return momentum, moving_variance + 1e-3 - 1e-5   # eps differs as well
""",
        "Bessel's correction is missing, and the difference of two ε is added to the variance.",
        ["moving_variance + 1e-3 - 1e-5", "return momentum"],
        keys="population-running-var",
        kind="pair",
    ),
    wrong(
        "keras_to_torch",
        """
def keras_to_torch(keras_momentum, moving_variance, batch_size):
    n = batch_size
    return 1 / keras_momentum - 1, moving_variance * (n / (n - 1))
""",
        "The momentum is 1 − m, not 1/m − 1.",
        "1 / keras_momentum - 1",
    ),
    right(
        "fold_into_linear",
        """
def fold_into_linear(weight, bias, gamma, beta, running_mean, running_var, eps=1e-5):
    D = np.diag(gamma / np.sqrt(running_var + eps))
    b = beta - D @ running_mean
    if bias is not None:
        b = b + D @ bias
    return D @ weight, b
""",
    ),
    wrong(
        "fold_into_linear",
        """
def fold_into_linear(weight, bias, gamma, beta, running_mean, running_var, eps=1e-5):
    scale = gamma / np.sqrt(running_var + eps)
    W = weight * scale[:, np.newaxis]
    return W, beta - running_mean * scale if bias is None else bias
""",
        "Where there is a bias, it comes back as it was: the condition covers the whole sum.",
        "beta - running_mean * scale if bias is None else bias",
    ),
    wrong(
        "fold_into_linear",
        """
def fold_into_linear(weight, bias, gamma, beta, running_mean, running_var, eps=1e-5):
    std = np.sqrt(running_var + eps)
    W = (weight.T * (gamma / std)).T
    b = 0 if bias is None else bias
    return W, gamma * (b - running_mean / std) + beta
""",
        "The old bias is not divided by the deviation.",
        "b - running_mean / std",
        keys="bias-not-scaled",
    ),
    wrong(
        "fold_into_linear",
        """
def fold_into_linear(weight, bias, gamma, beta, running_mean, running_var, eps=1e-5):
    s = gamma / np.sqrt(running_var + eps)
    b = (bias if bias is not None else np.zeros(len(s)))
    return weight.copy(), (b - running_mean) * s + beta
""",
        "The weight is not scaled.",
        "weight.copy()",
        keys="only-the-bias",
    ),
    wrong(
        "fold_into_linear",
        """
def fold_into_linear(weight, bias, gamma, beta, running_mean, running_var, eps=1e-5):
    s = gamma / np.sqrt(running_var + eps)
    weight *= s[:, None]
    if bias is None:
        bias = np.zeros_like(beta)
    return weight, s * (bias + running_mean) + beta
""",
        "The running mean is added instead of subtracted, and the caller's weight is scaled in place.",
        ["bias + running_mean", "weight *= s[:, None]"],
        keys="running-mean-added mutates-input",
        kind="promise",
    ),
    wrong(
        "fold_into_linear",
        """
def fold_into_linear(weight, bias, gamma, beta, running_mean, running_var, eps=1e-5):
    s = gamma / np.sqrt(running_var + eps)
    if not np.any(bias):
        bias = np.zeros(weight.shape[0])
    return np.einsum("o,oi->oi", s, weight), beta + s * bias - s.mean() * running_mean
""",
        "The running mean is scaled by the average scale, not by each output's.",
        "s.mean()",
    ),
]
