"""Strangers' answers to lesson 04, second half."""

from corpus import right, wrong

ANSWERS = [
    wrong(
        "BatchNorm",
        """
class BatchNorm:
    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        self.gamma, self.beta = np.ones(num_features), np.zeros(num_features)
        self.running_mean, self.running_var = np.zeros(num_features), np.ones(num_features)
        self.eps, self.momentum = eps, momentum
        self.training = self._train = True
    def forward(self, x):
        if self._train:
            mu, var = x.mean(0), x.var(0)
            self.running_mean = (1 - self.momentum) * self.running_mean + self.momentum * mu
            self.running_var = (1 - self.momentum) * self.running_var + self.momentum * x.var(0, ddof=1)
        else:
            mu, var = self.running_mean, self.running_var
        self.inv = 1 / np.sqrt(var + self.eps)
        self.xh = (x - mu) * self.inv
        self.mode = self._train
        return self.gamma * self.xh + self.beta
    def backward(self, dy):
        self.dgamma, self.dbeta = (dy * self.xh).sum(0), dy.sum(0)
        g = dy * self.gamma
        if self.mode:
            g = g - g.mean(0) - self.xh * (g * self.xh).mean(0)
        return g * self.inv
""",
        "The mode is kept in a private flag that nobody sets: `.training` is never looked at, so "
        "evaluation uses the batch.",
        "if self._train:",
        keys="batch-stats-in-eval updates-in-eval",
    ),
    wrong(
        "BatchNorm",
        """
class BatchNorm:
    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        self.eps, self.momentum, self.training = eps, momentum, True
        self.gamma = np.ones(num_features)
        self.beta = np.zeros(num_features)
        self.running_mean = np.zeros(num_features)
        self.running_var = np.ones(num_features)
    def forward(self, x):
        if self.training:
            mean = np.mean(x, axis=0)
            var = np.var(x, axis=0)
            self.running_mean = (1 - self.momentum) * self.running_mean + self.momentum * mean
            self.running_var = (1 - self.momentum) * self.running_var + self.momentum * var
        else:
            mean, var = self.running_mean, self.running_var
        std = np.sqrt(var + self.eps)
        xhat = (x - mean) / std
        self.cache = (xhat, std, self.training)
        return self.gamma * xhat + self.beta
    def backward(self, dy):
        xhat, std, trained = self.cache
        self.dbeta = np.sum(dy, axis=0)
        self.dgamma = np.sum(dy * xhat, axis=0)
        if not trained:
            return dy * self.gamma / std
        N = len(dy)
        return self.gamma / (N * std) * (N * dy - self.dbeta - xhat * self.dgamma)
""",
        "The running variance is fed with the variance ÷ N.",
        "* var",
        keys="population-running-var",
    ),
    wrong(
        "BatchNorm",
        """
class BatchNorm:
    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        self.gamma, self.beta = np.ones(num_features), np.zeros(num_features)
        self.running_mean, self.running_var = np.zeros(num_features), np.ones(num_features)
        self.eps, self.momentum, self.training = eps, momentum, True
    def forward(self, x):
        mean, var = self.running_mean, self.running_var
        if self.training:
            mean, var = x.mean(0), x.var(0)
            lerp = lambda a, b: a + self.momentum * (b - a)
            self.running_mean = lerp(self.running_mean, mean)
            self.running_var = lerp(self.running_var, x.var(0, ddof=1))
        self.s = (var + self.eps) ** -0.5
        self.z = (x - mean) * self.s
        return self.z * self.gamma + self.beta
    def backward(self, dy):
        self.dbeta, self.dgamma = dy.sum(0), (self.z * dy).sum(0)
        dz = dy * self.gamma
        whole = dz - dz.mean(0) - self.z * (dz * self.z).mean(0)
        return self.s * (dz if not self.training else whole)
""",
        "The backward pass asks for the mode of now, not that of the last forward pass.",
        "if not self.training else",
        keys="mode-at-backward",
    ),
    wrong(
        "BatchNorm",
        """
class BatchNorm:
    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        d = num_features
        self.gamma, self.beta = np.ones(d), np.zeros(d)
        self.running_mean, self.running_var = np.zeros(d), np.ones(d)
        self.dgamma, self.dbeta = np.zeros(d), np.zeros(d)
        self.eps, self.momentum, self.training = eps, momentum, True
    def forward(self, x):
        self.own = bool(self.training)
        if self.own:
            m, v = x.mean(axis=0), x.var(axis=0)
            n = len(x)
            self.running_mean = self.running_mean * (1 - self.momentum) + self.momentum * m
            self.running_var = self.running_var * (1 - self.momentum) + self.momentum * v * n / (n - 1)
        else:
            m, v = self.running_mean, self.running_var
        self.istd = 1 / np.sqrt(v + self.eps)
        self.norm = (x - m) * self.istd
        return self.gamma * self.norm + self.beta
    def backward(self, dy):
        self.dgamma += np.sum(dy * self.norm, axis=0)
        self.dbeta += np.sum(dy, axis=0)
        if self.own:
            dy = dy - dy.mean(axis=0) - self.norm * (dy * self.norm).mean(axis=0)
        return self.gamma * self.istd * dy
""",
        "dγ and dβ are added to what was there; they are to be set anew.",
        "self.dgamma +=",
        keys="gradients-accumulate",
    ),
    wrong(
        "BatchNorm",
        """
class BatchNorm:
    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        state = np.zeros((4, num_features))
        self.gamma, self.beta, self.running_mean, self.running_var = state
        self.gamma = self.gamma + 1
        self.eps, self.momentum, self.training = eps, momentum, True
    def forward(self, x):
        self.batch = self.training
        if self.batch:
            mu, var = x.mean(0), x.var(0)
            a = self.momentum
            self.running_mean = (1 - a) * self.running_mean + a * mu
            self.running_var = (1 - a) * self.running_var + a * x.var(0, ddof=1)
        else:
            mu, var = self.running_mean, self.running_var
        self.root = np.sqrt(var + self.eps)
        self.x_hat = (x - mu) / self.root
        return self.gamma * self.x_hat + self.beta
    def backward(self, dy):
        self.dgamma = np.einsum("nd,nd->d", dy, self.x_hat)
        self.dbeta = np.einsum("nd->d", dy)
        g = self.gamma * dy / self.root
        if self.batch:
            g = g - g.mean(0) - self.x_hat * (g * self.x_hat).mean(0)
        return g
""",
        "The running variance starts at zero; it starts at one.",
        "np.zeros((4, num_features))",
        keys="variance-starts-at-zero",
    ),
    wrong(
        "BatchNorm",
        """
class BatchNorm:
    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        self.eps, self.momentum, self.training = eps, momentum, True
        self.gamma, self.beta = np.ones(num_features), np.zeros(num_features)
        self.running_mean, self.running_var = np.zeros(num_features), np.ones(num_features)
    def forward(self, x):
        self.was_training = self.training
        mean = x.mean(axis=0) if self.training else self.running_mean
        var = x.var(axis=0) if self.training else self.running_var
        if self.training:
            self.running_mean = self.running_mean + self.momentum * (mean - self.running_mean)
            self.running_var = self.running_var + self.momentum * (x.var(axis=0, ddof=1) - self.running_var)
        self.inv = 1 / np.sqrt(var + self.eps)
        self.xh = (x - mean) * self.inv
        return self.xh * self.gamma + self.beta
    def backward(self, dy):
        self.dgamma, self.dbeta = (dy * self.xh).sum(axis=0), dy.sum(axis=0)
        dx = dy * self.gamma * self.inv
        if self.was_training:
            dx = dx - dx.mean(axis=0) - self.xh * (dx * self.xh).mean(axis=0)
        self.gamma = self.gamma - 0.01 * self.dgamma
        self.beta = self.beta - 0.01 * self.dbeta
        return dx
""",
        "γ and β are stepped inside backward, so the layer trains itself.",
        "self.gamma = self.gamma - 0.01 * self.dgamma",
    ),
    wrong(
        "BatchNorm",
        """
class BatchNorm:
    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        self.eps, self.momentum, self.training, self.steps = eps, momentum, True, 0
        self.gamma, self.beta = np.ones(num_features), np.zeros(num_features)
        self.running_mean, self.running_var = np.zeros(num_features), np.ones(num_features)
    def forward(self, x):
        self.mode = self.training
        if self.training:
            mean, var = x.mean(0), x.var(0)
            unbiased = x.var(0, ddof=1)
            if self.steps == 0:
                self.running_mean, self.running_var = mean, unbiased
            else:
                self.running_mean = (1 - self.momentum) * self.running_mean + self.momentum * mean
                self.running_var = (1 - self.momentum) * self.running_var + self.momentum * unbiased
            self.steps += 1
        else:
            mean, var = self.running_mean, self.running_var
        self.std = np.sqrt(var + self.eps)
        self.xh = (x - mean) / self.std
        return self.gamma * self.xh + self.beta
    def backward(self, dy):
        self.dgamma, self.dbeta = (dy * self.xh).sum(0), dy.sum(0)
        if not self.mode:
            return self.gamma * dy / self.std
        return self.gamma / self.std * (dy - self.dbeta / len(dy) - self.xh * self.dgamma / len(dy))
""",
        "The first batch replaces the running statistics altogether instead of being averaged in.",
        "if self.steps == 0:",
    ),
    wrong(
        "BatchNorm",
        """
class BatchNorm:
    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        self.gamma, self.beta = np.ones(num_features), np.zeros(num_features)
        self.running_mean, self.running_var = np.zeros(num_features), np.ones(num_features)
        self.eps, self.momentum, self.training = eps, momentum, True
    def forward(self, x):
        if self.training:
            mu, var = x.mean(axis=0), x.var(axis=0)
            self.running_mean = self.momentum * self.running_mean + (1 - self.momentum) * mu
            self.running_var = self.momentum * self.running_var + (1 - self.momentum) * x.var(axis=0, ddof=1)
        else:
            mu, var = self.running_mean, self.running_var
        self.ivar = 1 / np.sqrt(var + self.eps)
        self.xh = (x - mu) * self.ivar
        return self.gamma * self.xh + self.beta
    def backward(self, dy):
        n = dy.shape[0]
        self.dbeta = dy.sum(axis=0)
        self.dgamma = (dy * self.xh).sum(axis=0)
        return self.gamma * self.ivar / n * (n * dy - self.dbeta - self.xh * self.dgamma)
""",
        "Momentum weighs the old value, and the backward pass is always that of training.",
        ["self.momentum * self.running_mean", "(n * dy - self.dbeta - self.xh * self.dgamma)"],
        keys="train-backward-in-eval momentum-flipped",
        kind="pair",
    ),
    right(
        "BatchNorm",
        """
class BatchNorm:
    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        vars(self).update(eps=eps, momentum=momentum, training=True, gamma=np.ones(num_features),
                          beta=np.zeros(num_features), running_mean=np.zeros(num_features),
                          running_var=np.ones(num_features))
    def forward(self, x):
        n, own = len(x), self.training
        mu, var = (x.mean(0), x.var(0)) if own else (self.running_mean, self.running_var)
        rho = 1 / np.sqrt(var + self.eps)
        z, gamma = (x - mu) * rho, self.gamma.copy()
        if own:
            self.running_mean = self.running_mean + self.momentum * (mu - self.running_mean)
            self.running_var = self.running_var + self.momentum * (var * n / (n - 1) - self.running_var)
        def pull(dy):
            self.dgamma, self.dbeta = (dy * z).sum(0), dy.sum(0)
            return gamma * rho * (dy - own * (self.dbeta / n + z * self.dgamma / n))
        self.pull = pull
        return gamma * z + self.beta
    def backward(self, dy):
        return self.pull(dy)
""",
    ),
]
