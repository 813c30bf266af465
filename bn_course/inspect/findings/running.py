"""Do the running statistics move, and are they those of the input?"""

import numpy as np

from bn_course.inspect.finding import Finding, notes, warns
from bn_course.inspect.kinds import running
from bn_course.inspect.record import FEW
from bn_course.inspect.seen import Seen

FAR_MEAN = 0.4  # σ by which the mean is off, beyond what chance explains, in a quarter of the channels
FAR_VAR = 1.6  # times that the running variance is too large or too small beyond it, likewise
ALIKE = 0.75  # share of the examples in one class, from which a batch is no picture of the data
SUBSET = 0.05, 10.0  # the mean square of (x − running mean)/running σ over a tenth of the data is at most 10
OF_CLASS = 1.5  # and seldom above this over one class: its mean over all classes is 1
MANY = 100  # examples in which a channel that is of use is not silent throughout
SLOW, FAST = 0.0099, 0.9  # the weight of a batch in the running mean


@warns
def no_statistics(seen: Seen) -> Finding | None:
    if seen.running is not None or not seen.is_batch_norm or seen.training or not seen.record.calls:
        return None
    do = "Build it with track_running_stats=True, or a norm whose examples share nothing."
    return Finding("it has no running statistics: predictions depend on the batch", "04", do)


@warns
def never_recorded(seen: Seen) -> Finding | None:
    if seen.training or seen.running is None or not seen.untouched or not seen.record.calls:
        return None
    do = "Load the buffers with the weights, or measure them: `recalibrate(model, batches)`."
    return Finding("it normalises with mean 0 and variance 1: statistics that were never recorded", "04", do)


@warns
def misfit(seen: Seen) -> Finding | None:
    """In evaluation mode: far off in a quarter of the channels, whatever chance has done."""
    if seen.training or not seen.measured or seen.untouched or not np.isfinite(seen.running).all():
        return None
    low = _least(seen)
    off, times = (float(np.quantile(values, 0.75)) for values in low)
    if not (off > FAR_MEAN or np.exp(times) > FAR_VAR) or _may_be_one_class(seen):
        return None
    at = [float(np.quantile(values, 0.75)) for values in (seen.mean_distance, _factor(seen))]
    text = (
        "its running statistics are not those of its input: in a quarter of the channels the mean is "
        f"{at[0]:.1f} σ off or more, or the variance by a factor of {at[1]:.1f} or more"
    )
    do = "Compare the preprocessing with that in training, or measure the statistics anew on this data."
    if off > FAR_MEAN:
        return Finding(text, "13", do, at[0], (off, 2 * at[0] - off))
    return Finding(text, "13", do, at[1], (float(np.exp(times)), float(at[1] ** 2 / np.exp(times))))


@notes
def too_few(seen: Seen) -> Finding | None:
    """Chance alone may move the mean by a deviation: nothing can be said of the running statistics."""
    if seen.training or seen.running is None or seen.untouched or not seen.record.sample.examples:
        return None
    if seen.measured and _may_be_one_class(seen):
        do = "Give it batches of several classes."
        return Finding(
            "all its examples are of one class: too little to say whether its statistics fit", "13", do
        )
    sample = seen.record.sample
    if sample.examples > 1:
        error = float(np.quantile(sample.mean_error() / np.sqrt(seen.var + seen.eps), 0.75))
        if error <= 1:
            return None
    text = f"too few examples to say whether its running statistics fit: give it {_enough(seen)} or so"
    return Finding(text, "10", "Give it more batches.", float(sample.examples), examples=_enough(seen))


@warns
def never_moves(seen: Seen) -> Finding | None:
    if not seen.training or seen.running is None:
        return None
    if getattr(seen.layer, "track_running_stats", True) is False:
        do = "Set track_running_stats back to True, and measure the statistics anew."
        return Finding("track_running_stats is False: its running statistics never move", "04", do)
    if getattr(seen.layer, "momentum", None) == 0:
        return Finding("momentum is 0: the running statistics never move", "04", "Set momentum to 0.1.", 0.0)
    return None


@warns
def last_batch_alone(seen: Seen) -> Finding | None:
    weight = seen.weight
    if not seen.training or seen.running is None or weight is None or weight < FAST:
        return None
    do = "PyTorch's momentum is the weight of the new batch: 1 − Keras'."
    text = f"momentum is {weight:g}: it remembers the last batch alone. Is it Keras'?"
    if not seen.is_batch_norm:
        text = f"a batch has a weight of {weight:.2g} in its running mean: it remembers the last batch alone"
    return Finding(text, "04", do, weight)


@warns
def lags(seen: Seen) -> Finding | None:
    weight = seen.weight
    slow = weight is not None and 0 < weight < SLOW
    if not (seen.training and slow and seen.measured and seen.trained):
        return None
    low = _least(seen)
    off, times = float(np.quantile(low[0], 0.75)), float(np.exp(np.quantile(low[1], 0.75)))
    if off <= FAR_MEAN and times <= FAR_VAR:
        return None
    text = (
        f"a batch has a weight of {weight:.1g} in its running statistics, and they lag: a quarter are "
        f"{off:.1f} σ off or more, or by a factor of {times:.1f} or more"
    )
    return Finding(text, "04", "Raise momentum, or measure the statistics anew before evaluating.", weight)


@warns
def low_precision(seen: Seen) -> Finding | None:
    if not seen.training or seen.running is None or running(seen.layer)[0].itemsize >= 4:
        return None
    kind = str(running(seen.layer)[0].dtype).removeprefix("torch.")
    do = "Keep batch norm in float32, as autocast does."
    return Finding(f"its running statistics are kept in {kind}, where small steps are rounded away", "13", do)


@warns
def dropout_before(seen: Seen) -> Finding | None:
    """Dropout before it: the variance in training is not the one in evaluation."""
    log, error = seen.whole.dropped.get(seen.layer, (0.0, 0.0))
    if log - 4 * error <= np.log(1.1):
        return None
    times, low, high = (float(np.exp(log + k * error)) for k in (0, -2, 2))
    text = f"dropout before it multiplies the variance of its input by {times:.2f}: evaluation has none"
    return Finding(text, "09", "Move the dropout behind the last norm.", times, (low, high))


def _factor(seen: Seen) -> np.ndarray:
    ratio = np.maximum(seen.var_ratio, 1e-12)
    return np.maximum(ratio, 1 / ratio)


def _least(seen: Seen) -> tuple[np.ndarray, np.ndarray]:
    """Of each channel, what chance cannot explain: of the distance in σ, and of the factor's logarithm."""
    sample = seen.record.sample
    if sample.examples < 2:
        return np.zeros(1), np.zeros(1)
    spread = seen.var + seen.eps
    distance = seen.mean_distance - sample.mean_error() / np.sqrt(spread)
    factor = np.log(_factor(seen)) - sample.log_var_error(spread)
    silent = (seen.var < 1e-12) & (sample.examples < MANY)  # in so few examples: nothing is known of it
    return tuple(np.where(silent, 0, np.maximum(values, 0)) for values in (distance, factor))


def _may_be_one_class(seen: Seen) -> bool:
    """All examples are of one class, and such statistics could be those of a class.

    A sick model, too, may see one class in all. But a class varies less than all the data, as the law of
    total variance has it of the mean class: what is far off and varies as much, or more, is none.
    """
    counted = seen.whole.labels or seen.whole.predicted
    total = sum(counted.values())
    if total < FEW or max(counted.values()) < ALIKE * total:
        return False
    own = seen.running[1] + seen.eps
    square = float(np.median(((seen.record.sample.mean - seen.running[0]) ** 2 + seen.var) / own))
    varies_less = float(np.median(seen.var / own)) < 1
    return SUBSET[0] < square < (SUBSET[1] if varies_less else OF_CLASS)


def _enough(seen: Seen) -> int:
    """Examples, to the next power of two, with which chance moves the mean by a quarter of σ at most."""
    sample = seen.record.sample
    share = 1.0
    if sample.examples > 3:
        rows = np.sqrt(sample.rows.squares / (sample.rows.count - 1))
        share = float(np.clip(np.median(rows / np.sqrt(seen.var + seen.eps)), 0.1, 1.0))
    return int(2 ** np.ceil(np.log2((2.9 * share / 0.25) ** 2)))
