from corpus import right, wrong

INIT = """
class BatchNorm2d(nn.Module):
    def __init__(self, num_features, eps=1e-5, momentum=0.1, affine=True, track_running_stats=True):
        super().__init__()
        self.num_features, self.eps, self.momentum = num_features, eps, momentum
        self.affine, self.track_running_stats = affine, track_running_stats
        self.weight = nn.Parameter(torch.ones(num_features)) if affine else None
        self.bias = nn.Parameter(torch.zeros(num_features)) if affine else None
        on = track_running_stats
        self.register_buffer("running_mean", torch.zeros(num_features) if on else None)
        self.register_buffer("running_var", torch.ones(num_features) if on else None)
        self.register_buffer("num_batches_tracked", torch.tensor(0, dtype=torch.long) if on else None)

    def _check(self, x):
        if x.dim() != 4:
            raise ValueError("4D please, got %dD" % x.dim())
        if x.size(1) != self.num_features:
            raise RuntimeError("channels")

"""
END = """
        y = (z - mu[None, :, None, None]) / torch.sqrt(var[None, :, None, None] + self.eps)
        if self.affine:
            y = y * self.weight[None, :, None, None] + self.bias[None, :, None, None]
        return y.to(x.dtype)
"""

ANSWERS = [
    right(
        "BatchNorm2d",
        INIT
        + """
    def forward(self, x):
        self._check(x)
        use_batch = self.training or not self.track_running_stats
        if use_batch and x.numel() // x.size(1) == 1:
            raise ValueError("more than 1 value per channel needed")
        f = self.momentum
        if self.training and self.track_running_stats:
            self.num_batches_tracked.add_(1)
            if f is None:
                f = 1.0 / float(self.num_batches_tracked)
        return F.batch_norm(x, self.running_mean, self.running_var, self.weight, self.bias, use_batch, 0.0 if f is None else f, self.eps)
""",
    ),
    wrong(
        "BatchNorm2d",
        INIT
        + """
    def forward(self, x):
        self._check(x)
        z = x if x.dtype == torch.float64 else x.float()
        if self.training or not self.track_running_stats:
            n = x.numel() // x.size(1)
            if n == 1:
                raise ValueError("one value")
            mu, var = z.mean((0, 2, 3)), z.var((0, 2, 3), unbiased=False)
            if self.training and self.track_running_stats:
                self.num_batches_tracked += 1
                m = self.momentum or 1 / self.num_batches_tracked.item()
                with torch.no_grad():
                    self.running_mean.mul_(1 - m).add_(m * mu)
                    self.running_var.mul_(1 - m).add_(m * var * n / (n - 1))
        else:
            mu, var = self.running_mean, self.running_var
"""
        + END,
        "A momentum of 0 is taken for None, because 0 is false, and gives the plain average.",
        "self.momentum or 1 / self.num_batches_tracked.item()",
    ),
    wrong(
        "BatchNorm2d",
        INIT
        + """
    def forward(self, x):
        self._check(x)
        z = x if x.dtype == torch.float64 else x.float()
        if self.training or not self.track_running_stats:
            n = x.numel() // x.size(1)
            if n == 1:
                raise ValueError("one value")
            mu, var = z.mean((0, 2, 3)), z.var((0, 2, 3), unbiased=False)
            if self.training and self.track_running_stats:
                self.num_batches_tracked += 1
                m = 1 / self.num_batches_tracked.item() if self.momentum is None else self.momentum
                self.running_mean = (1 - m) * self.running_mean + m * mu
                self.running_var = (1 - m) * self.running_var + m * var * n / (n - 1)
        else:
            mu, var = self.running_mean, self.running_var
"""
        + END,
        "The running statistics keep the graph of the batches, since they are updated without detaching.",
        ["m * mu", "m * var * n / (n - 1)"],
    ),
    wrong(
        "BatchNorm2d",
        INIT
        + """
    def forward(self, x):
        self._check(x)
        z = x if x.dtype == torch.float64 else x.float()
        if self.training or not self.track_running_stats:
            n = x.numel() // x.size(1)
            if n == 1:
                raise ValueError("one value")
            mu, var = z.mean((0, 2, 3)), z.var((0, 2, 3), unbiased=False)
            if self.training and self.track_running_stats:
                self.num_batches_tracked += 1
                m = 1 / self.num_batches_tracked.item() if self.momentum is None else self.momentum
                with torch.no_grad():
                    self.running_mean += m * (mu - self.running_mean)
                    self.running_var += m * (var - self.running_var)
        else:
            mu, var = self.running_mean, self.running_var
"""
        + END,
        "The running variance gets the variance ÷ M; PyTorch's is ÷ (M − 1).",
        "m * (var - self.running_var)",
        keys="population-running-var",
    ),
    wrong(
        "BatchNorm2d",
        INIT
        + """
    def forward(self, x):
        self._check(x)
        z = x if x.dtype == torch.float64 else x.float()
        if self.training:
            n = x.numel() // x.size(1)
            if n == 1:
                raise ValueError("one value")
            mu, var = z.mean((0, 2, 3)), z.var((0, 2, 3), unbiased=False)
            if self.track_running_stats:
                self.num_batches_tracked += 1
                m = 1 / self.num_batches_tracked.item() if self.momentum is None else self.momentum
                with torch.no_grad():
                    self.running_mean.lerp_(mu, m)
                    self.running_var.lerp_(var * n / (n - 1), m)
        elif self.track_running_stats:
            mu, var = self.running_mean, self.running_var
        else:
            mu, var = torch.zeros_like(z[0, :, 0, 0]), torch.ones_like(z[0, :, 0, 0])
"""
        + END,
        "Without running statistics evaluation does not normalise; it should use the batch's.",
        "mu, var = torch.zeros_like(z[0, :, 0, 0]), torch.ones_like(z[0, :, 0, 0])",
        keys="untracked-not-normalised",
    ),
    wrong(
        "BatchNorm2d",
        INIT
        + """
    def forward(self, x):
        self._check(x)
        z = x if x.dtype == torch.float64 else x.float()
        if self.training or not self.track_running_stats:
            n = x.numel() // x.size(1)
            mu, var = z.mean((0, 2, 3)), z.var((0, 2, 3), unbiased=False)
            if self.training and self.track_running_stats:
                self.num_batches_tracked += 1
                m = 1 / self.num_batches_tracked.item() if self.momentum is None else self.momentum
                with torch.no_grad():
                    self.running_mean.lerp_(mu, 1 - m)
                    self.running_var.lerp_(var * n / max(n - 1, 1), 1 - m)
        else:
            mu, var = self.running_mean, self.running_var
"""
        + END,
        "The momentum weighs the old value, and one value a channel is not refused.",
        ["self.running_mean.lerp_(mu, 1 - m)", "n / max(n - 1, 1)"],
        keys="momentum-flipped accepts-one-value",
        kind="promise",
    ),
    wrong(
        "BatchNorm2d",
        INIT
        + """
    def forward(self, x):
        assert x.dim() == 4 and x.size(1) == self.num_features
        z = x if x.dtype == torch.float64 else x.float()
        if self.training or not self.track_running_stats:
            n = x.numel() // x.size(1)
            assert n > 1
            mu, var = z.mean((0, 2, 3)), z.var((0, 2, 3), unbiased=False)
            if self.training and self.track_running_stats:
                self.num_batches_tracked += 1
                m = 1 / self.num_batches_tracked.item() if self.momentum is None else self.momentum
                with torch.no_grad():
                    self.running_mean.lerp_(mu, m)
                    self.running_var.lerp_(var * n / (n - 1), m)
        else:
            mu, var = self.running_mean, self.running_var
"""
        + END,
        "Bad input raises AssertionError where PyTorch raises ValueError and RuntimeError.",
        ["assert x.dim() == 4 and x.size(1) == self.num_features", "assert n > 1"],
        keys="wrong-error-type",
    ),
]
