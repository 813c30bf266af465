from corpus import right, wrong

BODY = """
class BatchNorm:
    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        self.eps, self.momentum, self.training = eps, momentum, True
        self.gamma = np.ones(num_features)
        self.beta = np.zeros(num_features)
        self.running_mean = np.zeros(num_features)
        self.running_var = np.ones(num_features)
"""

ANSWERS = [
    right(
        "BatchNorm",
        BODY
        + """
    def forward(self, x):
        if not self.training:
            mu, var = self.running_mean, self.running_var
            self._bwd = lambda d, xh, iv: d * iv
        else:
            mu, var = x.mean(0), x.var(0)
            n = len(x)
            self.running_mean = self.running_mean + self.momentum * (mu - self.running_mean)
            self.running_var = self.running_var + self.momentum * (var * n / (n - 1) - self.running_var)
            self._bwd = lambda d, xh, iv: iv / len(d) * (len(d) * d - d.sum(0) - xh * (d * xh).sum(0))
        iv = (var + self.eps) ** -0.5
        self.cache = ((x - mu) * iv, iv)
        return self.gamma * self.cache[0] + self.beta

    def backward(self, dout):
        xh, iv = self.cache
        self.dbeta = dout.sum(axis=0)
        self.dgamma = np.einsum("ij,ij->j", dout, xh)
        return self._bwd(dout * self.gamma, xh, iv)
""",
    ),
    wrong(
        "BatchNorm",
        BODY
        + """
    def forward(self, x):
        if self.training:
            mu, var = x.mean(0), x.var(0)
            self.running_mean = (1 - self.momentum) * mu
            self.running_var = (1 - self.momentum) * self.running_var + self.momentum * x.var(0, ddof=1)
        else:
            mu, var = self.running_mean, self.running_var
        self.istrain = self.training
        self.iv = 1 / np.sqrt(var + self.eps)
        self.xh = (x - mu) * self.iv
        return self.gamma * self.xh + self.beta

    def backward(self, dy):
        self.dgamma = (dy * self.xh).sum(0)
        self.dbeta = dy.sum(0)
        d = dy * self.gamma
        if not self.istrain:
            return d * self.iv
        return self.iv * (d - d.mean(0) - self.xh * (d * self.xh).mean(0))
""",
        "The new running mean forgets the old one.",
        "self.running_mean = (1 - self.momentum) * mu",
    ),
    wrong(
        "BatchNorm",
        BODY
        + """
        self.first = True

    def forward(self, x):
        if self.training:
            mu, var = x.mean(0), x.var(0)
            unbiased = x.var(0, ddof=1)
            if self.first:
                self.running_mean, self.running_var = mu, unbiased
                self.first = False
            else:
                m = self.momentum
                self.running_mean = (1 - m) * self.running_mean + m * mu
                self.running_var = (1 - m) * self.running_var + m * unbiased
        else:
            mu, var = self.running_mean, self.running_var
        self.mode = self.training
        self.iv = 1 / np.sqrt(var + self.eps)
        self.xh = (x - mu) * self.iv
        return self.gamma * self.xh + self.beta

    def backward(self, dy):
        self.dgamma = (dy * self.xh).sum(0)
        self.dbeta = dy.sum(0)
        d = dy * self.gamma
        if self.mode:
            d = d - d.mean(0) - self.xh * (d * self.xh).mean(0)
        return d * self.iv
""",
        "The first batch becomes the running statistics, instead of moving them by the momentum.",
        "self.running_mean, self.running_var = mu, unbiased",
    ),
    wrong(
        "BatchNorm",
        BODY
        + """
    def forward(self, x):
        self.x = x
        if self.training:
            self.mu, self.var = x.mean(0), x.var(0)
            self.running_mean = (1 - self.momentum) * self.running_mean + self.momentum * self.mu
            self.running_var = (1 - self.momentum) * self.running_var + self.momentum * x.var(0, ddof=1)
            self.xhat = (x - self.mu) / np.sqrt(self.var + self.eps)
            return self.gamma * self.xhat + self.beta
        return self.gamma * (x - self.running_mean) / np.sqrt(self.running_var + self.eps) + self.beta

    def backward(self, dy):
        N = dy.shape[0]
        self.dbeta = dy.sum(0)
        self.dgamma = (dy * self.xhat).sum(0)
        if not self.training:
            return dy * self.gamma / np.sqrt(self.running_var + self.eps)
        return self.gamma / np.sqrt(self.var + self.eps) / N * (N * dy - self.dbeta - self.xhat * self.dgamma)
""",
        "In evaluation x̂ is not stored, so the backward pass uses the x̂ of the last training batch.",
        "return self.gamma * (x - self.running_mean) / np.sqrt(self.running_var + self.eps) + self.beta",
    ),
    wrong(
        "BatchNorm",
        BODY
        + """
    def forward(self, x):
        if self.training:
            mu, var = x.mean(0), x.var(0)
            self.running_mean = .9 * self.running_mean + .1 * mu
            self.running_var = .9 * self.running_var + .1 * x.var(0, ddof=1)
        else:
            mu, var = self.running_mean, self.running_var
        self.std = np.sqrt(var + self.eps)
        self.xh = (x - mu) / self.std
        self.was_training = self.training
        return self.gamma * self.xh + self.beta

    def backward(self, dy):
        self.dgamma, self.dbeta = np.sum(dy * self.xh, 0), np.sum(dy, 0)
        g = dy * self.gamma / self.std
        if self.was_training:
            g = g - g.mean(0) - self.xh * np.mean(g * self.xh, 0)
        return g
""",
        "The weight of a new batch is always 0.1, whatever the momentum.",
        [".9 * self.running_mean + .1 * mu", ".9 * self.running_var + .1 * x.var(0, ddof=1)"],
        keys="momentum-hard-coded",
    ),
    wrong(
        "BatchNorm",
        BODY
        + """
        self.lr = 0.01

    def forward(self, x):
        if self.training:
            mu, var = x.mean(0), x.var(0)
            m = self.momentum
            self.running_mean = (1 - m) * self.running_mean + m * mu
            self.running_var = (1 - m) * self.running_var + m * x.var(0, ddof=1)
        else:
            mu, var = self.running_mean, self.running_var
        self.train_fwd = self.training
        self.iv = 1 / np.sqrt(var + self.eps)
        self.xh = (x - mu) * self.iv
        return self.gamma * self.xh + self.beta

    def backward(self, dy):
        self.dgamma = (dy * self.xh).sum(0)
        self.dbeta = dy.sum(0)
        self.gamma = self.gamma - self.lr * self.dgamma
        self.beta = self.beta - self.lr * self.dbeta
        d = dy * self.gamma
        if self.train_fwd:
            d = d - d.mean(0) - self.xh * (d * self.xh).mean(0)
        return d * self.iv
""",
        "γ and β take a step of descent inside backward, and dx uses the new γ.",
        ["self.gamma = self.gamma - self.lr * self.dgamma", "self.beta = self.beta - self.lr * self.dbeta"],
    ),
    wrong(
        "BatchNorm",
        BODY
        + """
    def forward(self, x):
        if self.training:
            mu, var = x.mean(0), x.var(0, ddof=1)
            self.running_mean = (1 - self.momentum) * self.running_mean + self.momentum * mu
            self.running_var = (1 - self.momentum) * self.running_var + self.momentum * var
        else:
            mu, var = self.running_mean, self.running_var
        self.c = (self.training, (x - mu) / np.sqrt(var + self.eps), np.sqrt(var + self.eps))
        return self.gamma * self.c[1] + self.beta

    def backward(self, dy):
        tr, xh, sd = self.c
        self.dgamma = (dy * xh).sum(0)
        self.dbeta = dy.sum(0)
        d = dy * self.gamma
        if tr:
            d = d - d.mean(0) - xh * (d * xh).mean(0)
        return d / sd
""",
        "The sample's variance is used for the normalisation as well as for the running variance.",
        "x.var(0, ddof=1)",
        keys="sample-variance",
    ),
    wrong(
        "BatchNorm",
        BODY
        + """
    def forward(self, x):
        if self.training:
            mu, var = x.mean(0), x.var(0)
            self.running_mean = self.running_mean * (1 - self.momentum) + self.momentum * mu
            self.running_var = self.running_var * (1 - self.momentum) + self.momentum * var
        else:
            mu, var = self.running_mean, self.running_var
        self.iv = 1 / np.sqrt(var + self.eps)
        self.xh = (x - mu) * self.iv
        return self.gamma * self.xh + self.beta

    def backward(self, dy):
        self.dgamma = (dy * self.xh).sum(0)
        self.dbeta = dy.sum(0)
        d = dy * self.gamma
        return self.iv * (d - d.mean(0) - self.xh * (d * self.xh).mean(0))
""",
        "The running variance gets the population's variance, and the backward pass is that of training in evaluation too.",
        ["self.momentum * var", "return self.iv * (d - d.mean(0) - self.xh * (d * self.xh).mean(0))"],
        keys="population-running-var train-backward-in-eval",
        kind="pair",
    ),
]
