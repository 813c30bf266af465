"""Strangers' answers to lesson 06, second half."""

from corpus import wrong

ANSWERS = [
    wrong(
        "BatchNorm2d",
        """
class BatchNorm2d(nn.Module):
    def __init__(self, num_features, eps=1e-5, momentum=0.01, affine=True, track_running_stats=True):
        super().__init__()
        self.num_features, self.eps, self.momentum = num_features, eps, momentum
        self.affine, self.track_running_stats = affine, track_running_stats
        self.weight = nn.Parameter(torch.ones(num_features)) if affine else None
        self.bias = nn.Parameter(torch.zeros(num_features)) if affine else None
        self.register_buffer("running_mean", torch.zeros(num_features) if track_running_stats else None)
        self.register_buffer("running_var", torch.ones(num_features) if track_running_stats else None)
        self.register_buffer("num_batches_tracked", torch.tensor(0) if track_running_stats else None)
    def forward(self, x):
        if x.dim() != 4:
            raise ValueError("expected a 4D input")
        if x.shape[1] != self.num_features:
            raise RuntimeError("wrong number of channels")
        if self.training and x.numel() == x.shape[1]:
            raise ValueError("more than one value per channel, please")
        use_batch = self.training or self.running_mean is None
        factor = 0.0
        if self.training and self.running_mean is not None:
            self.num_batches_tracked.add_(1)
            factor = 1 / float(self.num_batches_tracked) if self.momentum is None else self.momentum
        stats = self.running_mean, self.running_var
        return F.batch_norm(x, *stats, self.weight, self.bias, use_batch, factor, self.eps)
""",
        "Momentum's default is 0.01, Keras' 0.99 the other way round; PyTorch's is 0.1.",
        "momentum=0.01",
        keys="other-default-momentum",
    ),
    wrong(
        "BatchNorm2d",
        """
class BatchNorm2d(nn.Module):
    def __init__(self, num_features, eps=1e-5, momentum=0.1, affine=True, track_running_stats=True):
        super().__init__()
        self.n, self.eps, self.momentum = num_features, eps, momentum
        self.weight = self.bias = self.running_mean = self.running_var = self.num_batches_tracked = None
        if affine:
            self.weight = nn.Parameter(torch.ones(num_features))
            self.bias = nn.Parameter(torch.zeros(num_features))
        if track_running_stats:
            self.running_mean = torch.zeros(num_features)
            self.running_var = torch.ones(num_features)
            self.num_batches_tracked = torch.tensor(0)
    def forward(self, x):
        if x.dim() != 4:
            raise ValueError("4D")
        if x.size(1) != self.n:
            raise RuntimeError("channels")
        track = self.running_mean is not None
        if self.training and x.numel() // x.size(1) < 2:
            raise ValueError("one value per channel")
        m = 0.0
        if self.training and track:
            self.num_batches_tracked += 1
            m = self.momentum if self.momentum is not None else 1.0 / self.num_batches_tracked.item()
        return nn.functional.batch_norm(x, self.running_mean, self.running_var, self.weight, self.bias,
                                        training=self.training or not track, momentum=m, eps=self.eps)
""",
        "The running statistics are plain tensors, so that they are in no state dict.",
        "self.running_mean = torch.zeros(num_features)",
        keys="buffers-not-in-state",
    ),
    wrong(
        "BatchNorm2d",
        """
class BatchNorm2d(nn.Module):
    def __init__(self, num_features, eps=1e-5, momentum=0.1, affine=True, track_running_stats=True):
        super().__init__()
        self.num_features, self.eps, self.momentum = num_features, eps, momentum
        for name, start in (("weight", 1.0), ("bias", 0.0)):
            values = torch.full((num_features,), start)
            self.register_parameter(name, nn.Parameter(values) if affine else None)
        t = track_running_stats
        self.register_buffer("running_mean", torch.zeros(num_features) if t else None)
        self.register_buffer("running_var", torch.ones(num_features) if t else None)
        self.register_buffer("num_batches_tracked", torch.zeros((), dtype=torch.long) if t else None)
    def forward(self, x):
        if x.ndim != 4:
            raise ValueError(f"expected 4D input (got {x.ndim}D input)")
        if x.shape[1] != self.num_features:
            raise RuntimeError("running_mean should contain other elements")
        z = x if x.dtype == torch.float64 else x.float()
        mean, var = self.running_mean, self.running_var
        if self.training or mean is None:
            if x.numel() == x.shape[1] :
                raise ValueError("Expected more than 1 value per channel when training")
            var, mean = torch.var_mean(z, (0, 2, 3), correction=0)
            if self.training and self.running_mean is not None:
                self.num_batches_tracked += 1
                f = self.momentum if self.momentum is not None else 1 / self.num_batches_tracked.item()
                self.running_mean.lerp_(mean.detach(), f)
                self.running_var.lerp_(var.detach(), f)
        y = (z - mean[:, None, None]) * (var[:, None, None] + self.eps).rsqrt()
        if self.weight is not None:
            y = y * self.weight[:, None, None] + self.bias[:, None, None]
        return y.to(x.dtype)
""",
        "The running variance is fed with the variance ÷ M.",
        "self.running_var.lerp_(var.detach()",
        keys="population-running-var",
    ),
    wrong(
        "BatchNorm2d",
        """
class BatchNorm2d(nn.Module):
    def __init__(self, num_features, eps=1e-5, momentum=0.1, affine=True, track_running_stats=True):
        super().__init__()
        if num_features < 1:
            raise ValueError("num_features must be positive")
        self.num_features, self.eps = num_features, eps
        self.momentum = 0.1 if momentum is None else momentum
        self.weight = nn.Parameter(torch.ones(num_features)) if affine else None
        self.bias = nn.Parameter(torch.zeros(num_features)) if affine else None
        self.register_buffer("running_mean", torch.zeros(num_features) if track_running_stats else None)
        self.register_buffer("running_var", torch.ones(num_features) if track_running_stats else None)
        self.register_buffer("num_batches_tracked", torch.tensor(0) if track_running_stats else None)
    def forward(self, x):
        if x.dim() != 4:
            raise ValueError("need (N, C, H, W)")
        if x.shape[1] != self.num_features:
            raise RuntimeError("need num_features channels")
        batch = self.training or self.running_mean is None
        if batch and x[:, 0].numel() == 1:
            raise ValueError("need two values a channel")
        if self.training and self.num_batches_tracked is not None:
            self.num_batches_tracked += 1
        return torch.nn.functional.batch_norm(
            x, self.running_mean, self.running_var, self.weight, self.bias, batch, self.momentum, self.eps)
""",
        "momentum=None is replaced by 0.1, and no plain average is kept.",
        "0.1 if momentum is None",
        keys="cumulative-ignored",
    ),
    wrong(
        "BatchNorm2d",
        """
class BatchNorm2d(nn.Module):
    def __init__(self, num_features, eps=1e-5, momentum=0.1, affine=True, track_running_stats=True):
        super().__init__()
        self.num_features, self.eps, self.momentum, self.seen = num_features, eps, momentum, 0
        self.weight = nn.Parameter(torch.ones(num_features)) if affine else None
        self.bias = nn.Parameter(torch.zeros(num_features)) if affine else None
        keep = track_running_stats
        self.register_buffer("running_mean", torch.zeros(num_features) if keep else None)
        self.register_buffer("running_var", torch.ones(num_features) if keep else None)
        self.register_buffer("num_batches_tracked", torch.tensor(0) if keep else None)
    def forward(self, x):
        if x.dim() != 4:
            raise ValueError("4 axes")
        if x.shape[1] != self.num_features:
            raise RuntimeError("channels")
        z = x.double() if x.dtype == torch.float64 else x.float()
        M = z.numel() // z.shape[1]
        c = (1, -1, 1, 1)
        mean, var = self.running_mean, self.running_var
        if self.training or mean is None:
            if M < 2:
                raise ValueError("values")
            mean, var = z.mean((0, 2, 3)), z.var((0, 2, 3), correction=0)
            if self.training and self.running_mean is not None:
                self.seen += 1
                a = 1 / self.seen if self.momentum is None else self.momentum
                with torch.no_grad():
                    self.running_mean.mul_(1 - a).add_(mean, alpha=a)
                    self.running_var.mul_(1 - a).add_(var, alpha=a * M / (M - 1))
        y = (z - mean.view(c)) / (var.view(c) + self.eps).sqrt()
        if self.weight is not None:
            y = self.weight.view(c) * y + self.bias.view(c)
        return y.to(x.dtype)
""",
        "num_batches_tracked is never counted up.",
        "return y.to(x.dtype)",
        keys="batches-not-counted",
    ),
    wrong(
        "BatchNorm2d",
        """
class BatchNorm2d(nn.Module):
    def __init__(self, num_features, eps=1e-5, momentum=0.1, affine=True, track_running_stats=True):
        super().__init__()
        self.num_features, self.eps, self.momentum = num_features, eps, momentum
        self.weight = nn.Parameter(torch.ones(num_features)) if affine else None
        self.bias = nn.Parameter(torch.zeros(num_features)) if affine else None
        self.register_buffer("running_mean", torch.zeros(num_features) if track_running_stats else None)
        self.register_buffer("running_var", torch.ones(num_features) if track_running_stats else None)
        self.register_buffer("num_batches_tracked", torch.tensor(0) if track_running_stats else None)
    def forward(self, x):
        if x.dim() != 4:
            raise ValueError("expected 4D input")
        if x.shape[1] != self.num_features:
            raise RuntimeError("channel mismatch")
        dtype = x.dtype
        x = x.float() if dtype in (torch.float16, torch.bfloat16) else x
        if self.training or self.running_mean is None:
            n = x.numel() / x.shape[1]
            if n == 1:
                raise ValueError("Expected more than 1 value per channel")
            mean, var = x.mean(dim=(0, 2, 3)), x.var(dim=(0, 2, 3), unbiased=False)
            if self.training and self.running_mean is not None:
                self.num_batches_tracked += 1
                m = self.momentum
                with torch.no_grad():
                    if m is None:
                        k = 1.0 / float(self.num_batches_tracked)
                        self.running_mean.copy_((1 - k) * self.running_mean + k * mean)
                        self.running_var.copy_((1 - k) * self.running_var + k * var * n / (n - 1))
                    else:
                        self.running_mean.copy_(self.momentum * self.running_mean + (1 - m) * mean)
                        self.running_var.copy_(self.momentum * self.running_var + (1 - m) * var * n / (n - 1))
        else:
            mean, var = self.running_mean, self.running_var
        out = (x - mean[None, :, None, None]) / (torch.sqrt(var) + self.eps)[None, :, None, None]
        if self.weight is not None:
            out = out * self.weight[None, :, None, None] + self.bias[None, :, None, None]
        return out.to(dtype)
""",
        "ε is added to the deviation, and momentum weighs the old value.",
        ["torch.sqrt(var) + self.eps", "self.momentum * self.running_mean"],
        keys="eps-outside-sqrt momentum-flipped",
        kind="pair",
    ),
    wrong(
        "BatchNorm2d",
        """
class BatchNorm2d(nn.Module):
    def __init__(self, num_features, eps=1e-5, momentum=0.1, affine=True, track_running_stats=True):
        super().__init__()
        self.num_features, self.eps, self.momentum = num_features, eps, momentum
        self.weight = nn.Parameter(torch.ones(num_features)) if affine else None
        self.bias = nn.Parameter(torch.zeros(num_features)) if affine else None
        on = track_running_stats
        self.register_buffer("running_mean", torch.zeros(num_features) if on else None)
        self.register_buffer("running_var", torch.ones(num_features) if on else None)
        self.register_buffer("num_batches_tracked", torch.tensor(0) if on else None)
    def forward(self, x):
        if x.dim() != 4:
            raise ValueError("rank")
        if x.shape[1] != self.num_features:
            raise RuntimeError("channels")
        z = x if x.dtype == torch.float64 else x.float()
        mean, var = self.running_mean, self.running_var
        if self.training or mean is None:
            if z[:, 0].numel() == 1:
                raise ValueError("one value")
            mean, var = z.mean((0, 2, 3)), z.var((0, 2, 3))
            if self.training and self.running_mean is not None:
                self.num_batches_tracked.add_(1)
                w = self.momentum if self.momentum is not None else 1 / self.num_batches_tracked.item()
                self.running_mean.lerp_(mean.detach(), w)
                self.running_var.lerp_(var.detach(), w)
        y = (z - mean.view(1, -1, 1, 1)) / torch.sqrt(var.view(1, -1, 1, 1) + self.eps)
        if self.weight is not None:
            y = y * self.weight.view(1, -1, 1, 1) + self.bias.view(1, -1, 1, 1)
        return y
""",
        "Half precision comes out as float32, and the batch's variance is ÷ (M − 1).",
        ["z.var((0, 2, 3))", "return y"],
        keys="output-stays-wide sample-variance",
        kind="promise",
    ),
]
