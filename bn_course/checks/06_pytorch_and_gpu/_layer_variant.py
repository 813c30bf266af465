"""The layer of lesson 06 once more, with a knob for each mistake that is known of it."""

import math

from ._shared import axes_of


def layer_variant(
    *,
    default_eps=1e-5,
    default_momentum=0.1,
    over="batch and space",
    ddof=0,
    eps_place="inside",
    one_pass=False,
    affine_use="right",
    affine_off="respected",
    train_stats="batch",
    eval_stats="running",
    untracked_eval="batch",
    updates="training",
    correction=1,
    weight="new",
    kept="both",
    spread="variance",
    eps_in_var=False,
    cumulative="average",
    momentum_zero="kept",
    counts=True,
    parameters="registered",
    buffers="registered",
    graph="whole",
    width="wide",
    checks="all",
):
    import torch
    from torch import nn

    class Variant(nn.Module):
        def __init__(
            self,
            num_features,
            eps=default_eps,
            momentum=default_momentum,
            affine=True,
            track_running_stats=True,
        ):
            super().__init__()
            self.eps, self.momentum, self.num_features = eps, momentum, num_features
            self.tracked = track_running_stats
            self.affine = affine or affine_off == "ignored"
            ones, zeros = torch.ones(num_features), torch.zeros(num_features)
            wrap = nn.Parameter if parameters == "registered" else (lambda t: t.requires_grad_())
            self.weight = wrap(ones) if self.affine else None
            self.bias = wrap(zeros) if self.affine else None
            for name, start in (
                ("running_mean", torch.zeros(num_features)),
                ("running_var", torch.ones(num_features)),
                ("num_batches_tracked", torch.tensor(0)),
            ):
                value = start if track_running_stats else None
                if buffers == "plain":
                    setattr(self, name, value)
                else:
                    self.register_buffer(name, value, persistent=buffers == "registered")

        def _apply(self, move, *rest):
            super()._apply(move, *rest)
            if parameters != "registered" and self.affine:
                self.weight = move(self.weight.detach()).requires_grad_()
                self.bias = move(self.bias.detach()).requires_grad_()
            return self

        def forward(self, x):
            if x.dim() != 4 and checks in ("all", "no count"):
                raise ValueError
            if checks == "runtime" and x.dim() != 4:
                raise RuntimeError
            if x.shape[1] != self.num_features:
                if checks == "value":
                    raise ValueError
                raise RuntimeError
            axes = axes_of(x, over)
            wide = x.float() if width == "wide" and x.dtype != torch.float64 else x
            mean = wide.mean(axes, keepdim=True)
            var = wide.var(axes, correction=ddof, keepdim=True)
            if one_pass:
                var = (wide * wide).mean(axes, keepdim=True) - mean * mean
            count = math.prod(x.shape[axis] for axis in axes)
            if self.training and count == 1 and checks != "no count":
                raise ValueError
            if self.tracked and (updates == "always" or (updates == "training" and self.training)):
                with torch.set_grad_enabled(graph == "kept"):
                    self._update(wide, count)
            source = train_stats if self.training else eval_stats
            if not self.tracked:
                source = "batch" if self.training or untracked_eval == "batch" else "start"
            if source == "running":
                mean, var = (b.view(1, -1, 1, 1) for b in (self.running_mean, self.running_var))
                mean, var = mean.clone(), var.clone()
            elif source == "start":
                mean, var = torch.zeros(1, x.shape[1], 1, 1), torch.ones(1, x.shape[1], 1, 1)
            if graph == "detached":
                mean, var = mean.detach(), var.detach()
            std = {
                "inside": lambda: torch.sqrt(var + self.eps),
                "outside": lambda: torch.sqrt(var) + self.eps,
                "none": lambda: torch.sqrt(var),
                "fixed": lambda: torch.sqrt(var + 1e-5),
            }[eps_place]()
            y = (wide - mean) / std
            if self.affine:
                g, b = (v.view(1, -1, 1, 1) for v in (self.weight, self.bias))
                y = {
                    "right": lambda: g * y + b,
                    "no gamma": lambda: y + b,
                    "no beta": lambda: g * y,
                    "shifted first": lambda: g * (y + b),
                }[affine_use]()
            return y if width == "stays wide" else y.to(x.dtype)

        def _update(self, x, count):
            if counts:
                self.num_batches_tracked += 1
            mean = x.mean([0, 2, 3])
            var = x.var([0, 2, 3], correction=correction) if count > 1 else x.var([0, 2, 3], correction=0)
            if spread == "deviation":
                var = var.sqrt()
            if eps_in_var:
                var = var + self.eps
            m = self.momentum
            if m == 0 and momentum_zero != "kept":
                m = {"as 0.1": 0.1, "as None": None}[momentum_zero]
            if m is None:
                seen = self.num_batches_tracked.item() if counts else 1
                m = {"average": 1 / seen, "as 0.1": 0.1, "never": 0.0, "replaced": 1.0}[cumulative]
            m = {"new": m, "old": 1 - m, "replaced": 1.0}[weight]
            if kept in ("both", "mean"):
                self.running_mean = (1 - m) * self.running_mean + m * mean
            if kept in ("both", "var"):
                self.running_var = (1 - m) * self.running_var + m * var

    return Variant
