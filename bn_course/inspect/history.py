"""The layers over training steps: so many moments are kept, however long the run."""

from dataclasses import dataclass

import numpy as np

from bn_course.inspect.kinds import parameters, running

MOST = 32  # moments kept; when they are too many, every second one goes


@dataclass(frozen=True)
class Moment:
    """All layers with running statistics after one pass, in the order in which they were called."""

    step: int
    layers: dict[str, "Channels"]


@dataclass(frozen=True)
class Channels:
    """Of one layer: the running statistics against those of its last batch, and |γ|.

    mean_off is (running − batch) / σ of the batch, var_ratio running / batch.
    """

    mean_off: np.ndarray
    var_ratio: np.ndarray
    gamma: np.ndarray


class History:
    """Moments at steps that are evenly apart."""

    def __init__(self, recording):
        self.recording, self.every, self.steps = recording, 1, 0
        self.moments: list[Moment] = []

    def step(self) -> None:
        """A pass is over."""
        self.steps += 1
        if self.steps % self.every:
            return
        self.moments.append(Moment(self.steps, self._look()))
        if len(self.moments) > MOST:
            self.every *= 2
            self.moments = [moment for moment in self.moments if moment.step % self.every == 0]

    def _look(self) -> dict[str, Channels]:
        names = {layer: name for name, layer in self.recording.layers}
        found = {}
        for layer in self.recording.order:
            pair, record = running(layer), self.recording.records[layer]
            if pair is None or record.latest is None or record.latest[0].shape != pair[0].shape:
                continue
            mean, var = (t.detach().cpu().double().numpy() for t in pair)
            spread = record.latest[1] + 1e-12
            gamma = parameters(layer)[0]
            found[names[layer]] = Channels(
                (mean - record.latest[0]) / np.sqrt(spread),
                var / spread,
                np.ones_like(mean) if gamma is None else gamma.abs().cpu().double().numpy(),
            )
        return found
