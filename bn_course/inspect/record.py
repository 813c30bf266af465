"""What one layer was seen to do: counts and moments, none of which grow with the number of calls."""

from collections import Counter, deque

import numpy as np
import torch
from torch import Tensor, nn

from bn_course.inspect.kinds import eps_of, examples_share, own_spread, running, values_that_share
from bn_course.inspect.sample import Mean, Sample

FEW = 8  # values that share a statistic: fewer make it very noisy (lesson 10)
IN_FULL = 16  # calls that are measured, each; then one in EVERY
EVERY = 16
SIZES = 256  # of batches, that are told apart
CALLS = 16  # later ones of a pass that are compared with its first
WAITING = 32  # passes whose gradient may still come


class Record:
    """One layer's."""

    def __init__(self):
        self.calls = self.training_calls = self.without_gradients = self.in_backward = 0
        self.measured_anew = self.shown_dropout = self.not_finite = 0
        self.examples: int | None = None  # the fewest in a call
        self.values: Counter[int] = Counter()  # that share a statistic, and in how many calls
        self.sample = Sample()
        self.instances = Mean()  # of the variances of the examples, ÷ (places − 1)
        self.latest: tuple[np.ndarray, np.ndarray] | None = (
            None  # mean and variance of the last batch measured
        )
        self.halves = Halves()
        self.between = Between()
        self.apart = Apart()
        self.weight: float | None = None  # of a batch in the running mean, as it was seen
        self.lost: tuple[float, float] = 0.0, 0.0  # of the gradient, that a shift and a stretch must not have
        self.shares: bool | None = (
            None  # do examples share a statistic, by what one of one's own was seen to do?
        )
        self.axis: int | None = None  # along which its output has mean square 1
        self.not_norm = False  # a layer with a vector of parameters that normalises nothing
        self.returns = Returns()
        self.bias_before = ""  # the layer with a bias whose output goes straight in
        self.eps_ratio: float | None = (
            None  # ε over the variance, where each example has statistics of its own
        )

    @torch.no_grad()
    def add(self, layer: nn.Module, x: Tensor, place: int, batch: int | None) -> None:
        """Count a call, after `place` others in its pass, and measure what goes in, unless enough was.

        `batch` is how many examples the model was given: a layer may be fed their parts as a longer batch.
        """
        self.calls += 1
        self.examples = min(len(x), len(x) if self.examples is None else self.examples) if x.ndim else None
        values = values_that_share(layer, x)
        if values is not None and (len(self.values) < SIZES or values in self.values):
            self.values[values] += 1
        if x.is_meta or (self.calls > IN_FULL and self.calls % EVERY):
            return
        x = x.dequantize() if x.is_quantized else x
        if not x.numel() or x.ndim < 2:
            return
        if not (examples_share(layer) or running(layer) is not None):
            self.not_finite += not bool(torch.isfinite(x).all())
            spread = own_spread(layer, x, self.axis) if values != 1 else None
            if spread is not None and np.isfinite(spread):
                self.eps_ratio = eps_of(layer) / max(spread, 1e-30)
            return
        means, variances = moments(x)
        if not (np.isfinite(means).all() and np.isfinite(variances).all()):
            self.not_finite += 1
            return
        places = x[0, 0].numel()
        if batch and len(x) > batch and len(x) % batch == 0:
            means, variances, places = together(means, variances, places, len(x) // batch)
        self.sample.add(means, variances, places, again=place > 0)
        if places > 1:
            self.instances.add(variances * places / (places - 1))
        self.latest = means.mean(1), variances.mean(1) + means.var(1)
        self._compare(means, place)

    def _compare(self, means: np.ndarray, place: int) -> None:
        if place == 0:
            self.halves.add(means)
        if means.shape[1] < 2:
            return
        at = means.mean(1), means.var(1, ddof=1) / means.shape[1]
        if place == 0:
            self.between.add(*at)
        self.apart.add(place, *at)


class Halves:
    """Between the first and the second half of the batches: gaps of the means, ratios of the deviations."""

    def __init__(self):
        self.calls, self.freedom = 0, 0
        self.gap = self.error = self.scale = 0.0

    def add(self, means: np.ndarray) -> None:
        n = means.shape[1]
        if n < FEW:
            return
        one, other = means[:, : n // 2], means[:, n // 2 :]
        self.calls, self.freedom = self.calls + 1, self.freedom + n - 2
        variances = [part.var(1, ddof=1) + 1e-12 for part in (one, other)]
        self.gap = self.gap + one.mean(1) - other.mean(1)
        self.error = self.error + variances[0] / one.shape[1] + variances[1] / other.shape[1]
        self.scale = self.scale + np.log(variances[0] / variances[1]) / 2


class Between:
    """Do the means of batches differ more than the examples in them explain? 1 for a random order.

    One batch is compared with those just before it, so that a slow drift of the weights counts for little:
    with the last, and with the one before that, which is like it where two sources take turns, as in a GAN.
    """

    def __init__(self):
        self.last: list[tuple[np.ndarray, np.ndarray]] = []
        self.pairs = 0
        self.seen, self.expected = [0.0, 0.0], [0.0, 0.0]

    def add(self, now: np.ndarray, noise: np.ndarray) -> None:
        """A batch's mean and its squared standard error, a channel."""
        for lag, (before, its_noise) in enumerate(self.last):
            self.seen[lag] = self.seen[lag] + (now - before) ** 2
            self.expected[lag] = self.expected[lag] + noise + its_noise
        self.pairs += len(self.last) == 2
        self.last = [(now, noise), *self.last[:1]]

    def ratio(self) -> float:
        """The median channel's, of the lag at which it is smaller."""
        pairs = zip(self.seen, self.expected, strict=True)
        return min(float(np.median(s / (e + 1e-12))) for s, e in pairs) if self.pairs else 1.0


class Apart:
    """Of a layer that is called in several places in a pass: the later calls' means less the first one's."""

    def __init__(self):
        self.first: tuple[np.ndarray, np.ndarray] | None = None
        self.places: dict[int, tuple] = {}  # by place: passes, gap, squared error of the gap, both summed

    def add(self, place: int, mean: np.ndarray, noise: np.ndarray) -> None:
        if place == 0:
            self.first = mean, noise
        elif self.first is not None and place <= CALLS:
            count, gap, error = self.places.get(place, (0, 0.0, 0.0))
            self.places[place] = count + 1, gap + mean - self.first[0], error + noise + self.first[1]

    def gaps(self) -> list[tuple[np.ndarray, np.ndarray]]:
        """Of each later place (|gap|, its standard error), a channel."""
        return [(abs(gap) / n, np.sqrt(error) / n) for n, gap, error in self.places.values()]


class Returns:
    """Which passes in training mode, with gradients on, were followed by a backward pass: runs of them."""

    def __init__(self):
        self.back = self.never = self.run = self.longest = self.runs = 0
        self.waiting: deque[list[bool]] = deque()

    def forward(self, y: Tensor) -> None:
        """Wait for a gradient of the output y."""
        came = [False]

        def mark(_gradient: Tensor) -> None:
            came[0] = True

        y.register_hook(mark)
        self.waiting.append(came)
        if len(self.waiting) > WAITING:
            self._settle(self.waiting.popleft())

    def settle(self) -> None:
        """What is still waited for will not come any more."""
        while self.waiting:
            self._settle(self.waiting.popleft())

    def _settle(self, came: list[bool]) -> None:
        if came[0]:
            self.back, self.run = self.back + 1, 0
            return
        self.never, self.run = self.never + 1, self.run + 1
        self.runs += self.run == 1
        self.longest = max(self.longest, self.run)


def moments(x: Tensor) -> tuple[np.ndarray, np.ndarray]:
    """Mean and variance of each channel of each example of x (N, C, ...): (C, N) both, float64."""
    x = x.detach().to(torch.promote_types(x.dtype, torch.float32))
    x = x.flatten(2) if x.ndim > 2 else x[:, :, None]  # (N, C, places)
    if x.shape[2] == 1:
        rows = x[:, :, 0].t().double().cpu().numpy()
        return rows, np.zeros_like(rows)
    mean = x.mean(2)
    var = (x - mean[:, :, None]).square_().mean(2)  # several times as fast as torch.var_mean on a CPU
    return mean.t().double().cpu().numpy(), var.t().double().cpu().numpy()


def together(means: np.ndarray, variances: np.ndarray, places: int, parts: int):
    """Of examples that came as so many rows each, one after the other: as if the rows were further places."""
    means, variances = (t.reshape(len(t), -1, parts) for t in (means, variances))
    return means.mean(2), variances.mean(2) + means.var(2), places * parts
