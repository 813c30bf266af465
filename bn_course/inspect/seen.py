"""All that is known of one layer when the findings are made."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.nn.modules.instancenorm import _InstanceNorm

from bn_course.inspect.kinds import eps_of, opaque, parameters, running
from bn_course.inspect.record import Record
from bn_course.inspect.recording import Recording, shares_now


@dataclass
class Seen:
    """One layer, what was recorded of it, and the model around it."""

    name: str
    layer: nn.Module
    record: Record
    whole: Recording

    @property
    def watched(self) -> bool:
        return self.whole.watched

    @property
    def eps(self) -> float:
        return eps_of(self.layer)

    @cached_property
    def running(self) -> tuple[np.ndarray, np.ndarray] | None:
        """The running mean and variance; None where it keeps none, or they are on the meta device."""
        pair = running(self.layer)
        return None if pair is None or pair[0].is_meta else tuple(_numbers(t) for t in pair)

    @cached_property
    def gamma(self) -> np.ndarray | None:
        weight = parameters(self.layer)[0]
        return None if weight is None else _numbers(weight.abs())

    @cached_property
    def beta(self) -> np.ndarray | None:
        bias = parameters(self.layer)[1]
        return None if bias is None else _numbers(bias)

    @property
    def training(self) -> bool:
        """Its mode when it was called; of a layer of one's own, whether it used the batch."""
        if self.record.shares is not None:
            return self.record.shares
        return self.record.training_calls > 0 if self.record.calls else self.layer.training

    @property
    def shares(self) -> bool:
        """Do the examples of its batches share a statistic?"""
        return shares_now(self.layer, self.record)

    @property
    def is_batch_norm(self) -> bool:
        return isinstance(self.layer, _BatchNorm)

    @property
    def learns(self) -> str:
        """Whether gradients reach its parameters: "learn", "frozen" or "none"."""
        own = list(self.layer.parameters(recurse=False))
        frozen = bool(own) and not any(p.requires_grad for p in own)
        return "frozen" if frozen else "learn" if own else "none"

    @property
    def opaque(self) -> str:
        return opaque(self.layer)

    @property
    def values(self) -> int | None:
        return min(self.record.values, default=None)

    @property
    def measured(self) -> bool:
        """Is there a sample to compare its running statistics with?"""
        sample = self.record.sample
        fits = sample.values > 1 and self.running is not None
        return bool(fits and np.shape(sample.mean) == self.running[0].shape)

    @cached_property
    def var(self) -> np.ndarray:
        """The variance of what it is fed, as its running variance should be."""
        if isinstance(self.layer, _InstanceNorm) and self.record.instances.count:
            return np.asarray(self.record.instances.mean)  # of each example by itself
        return self.record.sample.var

    @cached_property
    def mean_distance(self) -> np.ndarray | None:
        """|running mean − mean| / √(σ² + ε)."""
        if not self.measured:
            return None
        return abs(self.running[0] - self.record.sample.mean) / np.sqrt(self.var + self.eps)

    @cached_property
    def var_ratio(self) -> np.ndarray | None:
        """(running variance + ε) / (σ² + ε)."""
        return (self.running[1] + self.eps) / (self.var + self.eps) if self.measured else None

    @cached_property
    def moved(self) -> float | None:
        """How far the running mean moved while it was watched, in σ, in the median channel."""
        before = self.whole.before[self.layer]
        if not self.watched or before is None or not self.measured:
            return None
        step = abs(self.running[0] - _numbers(before[0]))
        return float(np.median(step / np.sqrt(self.var + self.eps)))

    @cached_property
    def weight(self) -> float | None:
        """The weight of a batch in the running mean: what torch's own layers say, else what was seen."""
        momentum = getattr(self.layer, "momentum", None)
        if self.is_batch_norm:
            return momentum
        return self.record.weight

    @property
    def trained(self) -> bool:
        """Has it seen a batch in training mode before?"""
        tracked = getattr(self.layer, "num_batches_tracked", None)
        if isinstance(tracked, Tensor) and not tracked.is_meta:
            return bool(tracked > 0)
        return self.running is not None and not self.untouched

    @property
    def untouched(self) -> bool:
        return bool((self.running[0] == 0).all() and (self.running[1] == 1).all())


def _numbers(t: Tensor) -> np.ndarray:
    return (
        t.detach().dequantize().cpu().to(torch.float64).numpy()
        if t.is_quantized
        else t.detach().cpu().double().numpy()
    )
