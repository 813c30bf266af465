"""What shares a batch, and how much of it."""

import numpy as np
from scipy.stats import chi2
from scipy.stats import t as student

from bn_course.inspect.finding import Finding, notes, warns
from bn_course.inspect.record import FEW
from bn_course.inspect.seen import Seen

HALVES = 0.5  # between the two halves of a batch, in the median channel: so many deviations, ...
SCALES = 1.5  # ... or deviations with this ratio, ...
RARE = 1e-5  # ... which chance gives so rarely
FAR_CALLS = 0.5  # deviations between the means of the calls of one pass
SPREAD = 2.0  # the batches' means vary by so much more than chance explains


@warns
def single_value(seen: Seen) -> Finding | None:
    if seen.values != 1 or (seen.running is not None and not seen.training):
        return None
    do = "Join a last batch of one to the batch before it, or leave it out; choose fewer groups."
    return Finding("a statistic of a single value: it is its own mean, and β comes out", "04", do, 1.0)


def _few(seen: Seen) -> Finding | None:
    if seen.values is None or not 1 < seen.values < FEW or not seen.shares:
        return None
    do = "Train with larger batches, or choose a norm whose examples share nothing."
    return Finding(
        f"only {seen.values} values share a statistic, which is then mostly noise",
        "10",
        do,
        float(seen.values),
    )


@warns
def few_values(seen: Seen) -> Finding | None:
    """In a training run, or in one batch among larger ones."""
    several = len(seen.record.values) > 1 and np.median(list(seen.record.values.elements())) >= FEW
    return _few(seen) if seen.watched or several else None


@notes
def few_values_given(seen: Seen) -> Finding | None:
    """In batches that were chosen for the inspection, which need not be those of the training."""
    return None if few_values(seen) else _few(seen)


@warns
def two_kinds(seen: Seen) -> Finding | None:
    found = between_halves(seen)
    if not seen.training or found is None or not found[1]:
        return None
    text = f"the first and the second half of its batches {found[1]}: two kinds of data share statistics"
    do = "Send the two kinds through the layer in two calls, or give each a norm of its own."
    return Finding(text, "14", do, found[0])


def between_halves(seen: Seen) -> tuple[float, str] | None:
    """The distance of the halves' means in σ, in the median channel, and what is to be said of it, or ""."""
    halves = seen.record.halves
    if not halves.calls or not seen.shares or seen.record.sample.examples < 2 * FEW:
        return None
    sure = float(student.ppf(1 - RARE / 2, halves.freedom))
    gap, error = abs(halves.gap) / halves.calls, np.sqrt(halves.error) / halves.calls
    distance = float(np.median(gap / np.sqrt(seen.record.sample.var + seen.eps)))
    if distance > HALVES and np.median(gap / error) > sure:
        return distance, f"lie {distance:.1f} σ apart"
    log = float(np.median(abs(halves.scale))) / halves.calls
    if log > np.log(SCALES) and log * np.sqrt(halves.freedom / 2) > sure:
        return distance, f"have deviations in a ratio of {np.exp(log):.1f}"
    return distance, ""


@warns
def batches_differ(seen: Seen) -> Finding | None:
    """Batches that are not drawn at random: sorted by class, or by source."""
    between = seen.record.between
    if not seen.training or not seen.shares or between.pairs < 3 or seen.record.sample.examples < 2 * FEW:
        return None
    ratio, chance = between.ratio(), float(chi2.ppf(1 - RARE, between.pairs) / between.pairs)
    if ratio < SPREAD * chance:
        return None
    text = (
        f"the means of its batches differ {np.sqrt(ratio):.1f} times as much as in a random order: a batch "
        "of one class, or of one source, has statistics of its own"
    )
    return Finding(text, "10", "Shuffle the training data.", float(np.sqrt(ratio)))


@warns
def several_places(seen: Seen) -> Finding | None:
    if seen.running is None or not seen.record.apart.places:
        return None
    spread = np.sqrt(seen.record.sample.var + seen.eps)
    apart = [
        float(np.median(gap / spread))
        for gap, error in seen.record.apart.gaps()
        if np.median(gap / error) > 6
    ]
    if max(apart, default=0.0) <= FAR_CALLS:
        return None
    text = (
        f"it is called several times a pass, on inputs whose means lie {max(apart):.1f} σ apart: its running "
        "statistics are a mixture"
    )
    return Finding(text, "12", "Give each place a norm of its own.", max(apart))
