"""Norms for sequences (N, T, D), and a small recurrent network that takes any of them. (lesson 12)"""

import torch
from torch import Tensor, nn
from torch.nn import functional

from bn_course.nets.models import Norm, norm_layer


class SequenceBatchNorm(nn.BatchNorm1d):
    """Batch norm of (N, T, D): a feature shares its statistics over the valid steps of all sequences.

    With `lengths` (N,), padding is left out of the statistics and comes out as 0; without, every step
    counts. In evaluation the running statistics are used, as in `nn.BatchNorm1d`.
    """

    def forward(self, x: Tensor, lengths: Tensor | None = None) -> Tensor:
        if x.ndim != 3:
            raise ValueError(f"x has shape {tuple(x.shape)}; it must be (N, T, {self.num_features})")
        if lengths is None:
            return super().forward(x.flatten(0, 1)).view_as(x)
        if lengths.shape != x.shape[:1]:
            raise ValueError(f"lengths has shape {tuple(lengths.shape)}; it must be ({len(x)},), as x has")
        valid = valid_steps(lengths, x.shape[1])
        y = torch.zeros_like(x)
        y[valid] = super().forward(x[valid])
        return y


def valid_steps(lengths: Tensor, steps: int) -> Tensor:
    """(N, T), true where a step belongs to its sequence. Raises ValueError for a length not in 1 … T."""
    if lengths.min() < 1 or lengths.max() > steps:
        raise ValueError(
            f"lengths run from {lengths.min()} to {lengths.max()}; they must be from 1 to {steps}, the steps"
        )
    return torch.arange(steps, device=lengths.device) < lengths[:, None]


def sequence_norm(kind: Norm, features: int) -> nn.Module:
    """The norm called `kind` for (N, T, D): none, layer, rms, or batch over N and T; or a function of D."""
    if kind == "batch":
        return SequenceBatchNorm(features)
    if kind == "rms":
        return nn.RMSNorm(features, eps=1e-6)
    return norm_layer(kind, features)


class StepBatchNorm(nn.Module):
    """Batch norm in a recurrent network: each time step t has running statistics of its own.

    x̂ = (x_t − μ_t) / √(σ_t² + ε). γ and β serve all steps. Steps beyond the last that was trained are
    evaluated with the statistics of the last.

    Source: Cooijmans et al., Recurrent Batch Normalization (2016), arXiv:1603.09025, section 3.
    """

    def __init__(self, features: int, steps: int, eps: float = 1e-5, momentum: float = 0.1):
        super().__init__()
        self.eps, self.momentum = eps, momentum
        self.weight = nn.Parameter(torch.ones(features))
        self.bias = nn.Parameter(torch.zeros(features))
        self.register_buffer("running_mean", torch.zeros(steps, features))
        self.register_buffer("running_var", torch.ones(steps, features))

    def forward(self, x: Tensor, step: int) -> Tensor:
        step = min(step, len(self.running_mean) - 1)
        running = self.running_mean[step], self.running_var[step]
        return functional.batch_norm(
            x, *running, self.weight, self.bias, self.training, self.momentum, self.eps
        )


class RNN(nn.Module):
    """h_t = tanh(norm(W x_t + U h_{t−1})), from h = 0; the last h decides: (N, T, inputs) → (N, classes).

    Args:
        norm: "none", "layer", "rms", "batch" (one set of statistics for all steps), or "step" (batch norm
            with statistics of their own for each of `steps` steps).
        steps: how long the training sequences are; "step" alone uses it.
        gamma: where γ begins; Cooijmans et al. (2016) advise 0.1 for batch norm before tanh.
    """

    def __init__(
        self, inputs: int, hidden: int, classes: int, norm: Norm = "none", steps: int = 0, gamma: float = 1.0
    ):
        super().__init__()
        self.from_input = nn.Linear(inputs, hidden)
        self.from_state = nn.Linear(hidden, hidden, bias=False)
        self.stepwise = norm == "step"
        if self.stepwise:
            self.norm = StepBatchNorm(hidden, steps)
        elif norm == "rms":
            self.norm = nn.RMSNorm(hidden, eps=1e-6)
        else:
            self.norm = norm_layer(norm, hidden)
        if hasattr(self.norm, "weight"):
            nn.init.constant_(self.norm.weight, gamma)
        self.head = nn.Linear(hidden, classes)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.states(x)[-1])

    def states(self, x: Tensor) -> list[Tensor]:
        """h after each step, T tensors (N, hidden)."""
        h = x.new_zeros(len(x), self.from_state.in_features)
        states = []
        for step, read in enumerate(self.from_input(x).unbind(1)):
            summed = read + self.from_state(h)
            h = torch.tanh(self.norm(summed, step) if self.stepwise else self.norm(summed))
            states.append(h)
        return states
