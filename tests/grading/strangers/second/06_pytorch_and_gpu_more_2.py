"""Strangers' answers to lesson 06, second half."""

from corpus import right

ANSWERS = [
    right(
        "BatchNorm2d",
        """
class BatchNorm2d(nn.Module):
    def __init__(self, num_features, eps=1e-5, momentum=0.1, affine=True, track_running_stats=True):
        super().__init__()
        self.num_features, self.eps, self.momentum = num_features, eps, momentum
        for name, value in {"weight": 1.0, "bias": 0.0}.items():
            full = torch.full((num_features,), value)
            self.register_parameter(name, nn.Parameter(full) if affine else None)
        starts = {"running_mean": torch.zeros(num_features), "running_var": torch.ones(num_features),
                  "num_batches_tracked": torch.tensor(0, dtype=torch.long)}
        for name, start in starts.items():
            self.register_buffer(name, start if track_running_stats else None)
    def forward(self, x):
        if x.dim() != 4:
            raise ValueError(f"expected 4D input (got {x.dim()}D input)")
        tracked = self.running_mean is not None
        factor = 0.0
        if self.training and tracked:
            if x.shape[1] == self.num_features and x.numel() > x.shape[1]:
                self.num_batches_tracked.add_(1)
            factor = self.momentum
            if factor is None:
                factor = 1.0 / max(1, int(self.num_batches_tracked))
        if x.shape[1] != self.num_features:
            raise RuntimeError("running_mean should contain as many elements as x has channels")
        return torch.nn.functional.batch_norm(x, self.running_mean, self.running_var, self.weight, self.bias,
                                              self.training or not tracked, factor, self.eps)
""",
    ),
]
