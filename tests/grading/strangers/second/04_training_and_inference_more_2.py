"""Strangers' answers to lesson 04, second half."""

from corpus import right, wrong

ANSWERS = [
    wrong(
        "BatchNorm",
        """
class BatchNorm:
    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        self.eps, self.momentum, self.training = eps, momentum, True
        self.gamma, self.beta = np.ones(num_features), np.zeros(num_features)
        self.running_mean, self.running_var = np.zeros(num_features), np.ones(num_features)
        self.dgamma = self.dbeta = 0
    def forward(self, x):
        self.x, self.live = x, self.training
        if self.live:
            mu, var = x.mean(0), x.var(0)
            self.running_mean = self.running_mean + self.momentum * (mu - self.running_mean)
            self.running_var = self.running_var + self.momentum * (x.var(0, ddof=1) - self.running_var)
        else:
            mu, var = self.running_mean, self.running_var
        self.r = (var + self.eps) ** -0.5
        self.z = (x - mu) * self.r
        return self.z * self.gamma + self.beta
    def backward(self, dy):
        self.dgamma = self.dgamma + np.sum(dy * self.x, axis=0)
        self.dbeta = self.dbeta + np.sum(dy, axis=0)
        d = dy * self.gamma
        if self.live:
            d = d - d.mean(0) - self.z * (d * self.z).mean(0)
        return d * self.r
""",
        "The gradients add up over calls, and dγ is summed with x.",
        ["self.dgamma = self.dgamma +", "dy * self.x,"],
        keys="gradients-accumulate dgamma-uses-x",
        kind="promise",
    ),
    wrong(
        "keras_to_torch",
        """
def keras_to_torch(keras_momentum, moving_variance, batch_size):
    return 1.0 - keras_momentum, np.copy(moving_variance)
""",
        "The variance is handed on as it is, ÷ N.",
        "np.copy(moving_variance)",
        keys="population-running-var",
    ),
    wrong(
        "keras_to_torch",
        """
def keras_to_torch(keras_momentum, moving_variance, batch_size):
    bessel = batch_size / (batch_size + 1)
    return 1 - keras_momentum, bessel * moving_variance
""",
        "Bessel's factor is N/(N + 1) here in place of N/(N − 1).",
        "(batch_size + 1)",
    ),
    wrong(
        "keras_to_torch",
        """
def keras_to_torch(keras_momentum, moving_variance, batch_size):
    factor = batch_size // (batch_size - 1)
    return 1 - keras_momentum, moving_variance * factor
""",
        "The correction is a whole-number division, so it is 1 for every batch above 2.",
        "batch_size // (batch_size - 1)",
        keys="integer-division",
    ),
    wrong(
        "keras_to_torch",
        """
def keras_to_torch(keras_momentum, moving_variance, batch_size):
    if not 0 <= keras_momentum <= 1:
        raise ValueError("momentum out of range")
    momentum = round(1 - keras_momentum, 2)
    return momentum, np.asarray(moving_variance) * (batch_size / (batch_size - 1))
""",
        "1 − momentum is rounded to two decimals, which loses momenta like 0.999.",
        "round(1 - keras_momentum, 2)",
    ),
    right(
        "keras_to_torch",
        """
def keras_to_torch(keras_momentum, moving_variance, batch_size):
    sums = np.multiply(moving_variance, batch_size)
    return np.subtract(1, keras_momentum), sums / (batch_size - 1)
""",
    ),
    wrong(
        "keras_to_torch",
        """
def keras_to_torch(keras_momentum, moving_variance, batch_size):
    return keras_momentum, moving_variance * (batch_size - 1) / batch_size
""",
        "The momentum is kept as it is, and the correction is upside down.",
        ["return keras_momentum", "(batch_size - 1) / batch_size"],
        keys="correction-upside-down momentum-flipped",
        kind="pair",
    ),
    wrong(
        "keras_to_torch",
        """
def keras_to_torch(keras_momentum, moving_variance, batch_size):
    moving_variance *= (batch_size / (batch_size - 1)) ** 0.5
    return 1 - keras_momentum, moving_variance
""",
        "The caller's variance is scaled in place, and by the root of the correction.",
        ["moving_variance *=", "** 0.5"],
        keys="mutates-input root-of-correction",
        kind="promise",
    ),
    wrong(
        "fold_into_linear",
        """
def fold_into_linear(weight, bias, gamma, beta, running_mean, running_var, eps=1e-5):
    s = gamma / np.sqrt(running_var + eps)
    b = np.zeros(len(gamma)) if bias is None else bias
    return np.diag(s) @ weight, beta - running_mean * s + b
""",
        "The old bias is added as it is; it passes through the scale as well.",
        "beta - running_mean * s + b",
        keys="bias-not-scaled",
    ),
    wrong(
        "fold_into_linear",
        """
def fold_into_linear(weight, bias, gamma, beta, running_mean, running_var, eps=1e-5):
    out, inp = weight.shape
    w = np.zeros((out, inp))
    b = np.zeros(out) if bias is None else np.array(bias)
    for o in range(out):
        s = gamma[o] / (running_var[o] + eps) ** 0.5
        for i in range(inp):
            w[o, i] = weight[o, i] * s
    return w, b
""",
        "Only the weight is folded; the bias comes back as it was.",
        "return w, b",
        keys="only-the-weight",
    ),
    wrong(
        "fold_into_linear",
        """
def fold_into_linear(weight, bias, gamma, beta, running_mean, running_var, eps=1e-5):
    scale = gamma / np.sqrt(running_var + eps)
    kernel = weight.T * scale
    bias = 0.0 if bias is None else bias
    return kernel, beta + (bias - running_mean) * scale
""",
        "The weight is taken as (in, out) and comes back transposed.",
        "weight.T * scale",
        keys="weight-transposed",
    ),
    wrong(
        "fold_into_linear",
        """
def fold_into_linear(weight, bias, gamma, beta, running_mean, running_var, eps=1e-5):
    b = bias if bias is not None else np.zeros_like(running_mean)
    k = gamma * (running_var + eps) ** -0.5
    return np.einsum("o,oi->oi", k, weight), np.add(k * (b + running_mean), beta)
""",
        "The running mean is added in place of being subtracted.",
        "(b + running_mean)",
        keys="running-mean-added",
    ),
    wrong(
        "fold_into_linear",
        """
def fold_into_linear(weight, bias, gamma, beta, running_mean, running_var, eps=1e-5):
    std = np.sqrt(running_var + eps)
    w = weight * (gamma / std).reshape(-1, 1)
    if bias is None:
        return w, np.zeros(len(w))
    return w, gamma * (bias - running_mean) / std + beta
""",
        "A bias of None makes the layer without batch norm's shift: zeros come back.",
        "return w, np.zeros(len(w))",
    ),
    wrong(
        "fold_into_linear",
        """
def fold_into_linear(weight, bias, gamma, beta, running_mean, running_var, eps=1e-5):
    s = gamma / np.sqrt(running_var)
    weight *= s[:, None]
    old = 0 if bias is None else bias
    return weight, beta + s * (old - running_mean)
""",
        "weight is scaled in the caller's array, and ε is left out.",
        ["weight *= s[:, None]", "np.sqrt(running_var)"],
        keys="mutates-input no-eps",
        kind="promise",
    ),
    right(
        "fold_into_linear",
        """
def fold_into_linear(weight, bias, gamma, beta, running_mean, running_var, eps=1e-5):
    def layer(x):
        z = x @ weight.T + (0 if bias is None else bias)
        return gamma * (z - running_mean) / np.sqrt(running_var + eps) + beta
    inputs = weight.shape[1]
    shift = layer(np.zeros((1, inputs)))[0]
    return (layer(np.eye(inputs)) - shift).T, shift
""",
    ),
]
