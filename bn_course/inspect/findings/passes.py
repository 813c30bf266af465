"""In which mode it is called, by whom, and what its gradient leaves out."""

import numpy as np

from bn_course.inspect.finding import Finding, warns
from bn_course.inspect.seen import Seen

LOST = 0.1  # share of the gradient that asks for a shift, or a stretch, to which the output is blind
EVALUATION = 3  # passes one after the other that no backward pass follows
SHORT = 1.2  # the variance of all values together over the mean of the batches'
STEPS = 3  # training steps, to each run of such passes


@warns
def frozen_by_gradients(seen: Seen) -> Finding | None:
    """γ and β are frozen and the statistics move. Where nothing at all learns it may be an average."""
    alone = not any(p.requires_grad for p in seen.whole.model.parameters())
    if not seen.training or seen.running is None or seen.learns != "frozen" or alone:
        return None
    if seen.record.measured_anew:
        return None  # told by `frozen_and_woken`
    by = f", by {seen.moved:.2f} σ so far" if seen.moved is not None else ""
    do = "Put it into evaluation mode after every `model.train()`, as `freeze_batch_norm` does."
    return Finding(
        f"γ and β are frozen, and its running statistics still move{by}: training mode", "13", do, seen.moved
    )


@warns
def in_the_backward_pass(seen: Seen) -> Finding | None:
    count = seen.record.in_backward
    if not seen.watched or not count:
        return None
    text = (
        f"{count} of {seen.record.calls} passes were made during the backward pass and counted "
        "again: gradient checkpointing"
    )
    do = "Let the second pass work on copies of the buffers: `checkpoint` has `context_fn` for it."
    return Finding(text, "14", do, float(count))


@warns
def gradients_off(seen: Seen) -> Finding | None:
    count = seen.record.without_gradients
    if not seen.watched or seen.running is None or count <= seen.record.in_backward:
        return None  # a checkpoint's own first pass is one, too
    moved = "" if seen.moved is None else f", and the running mean moved by {seen.moved:.2f} σ"
    text = (
        f"{count} of {seen.record.calls} passes were in training mode with gradients off: "
        f"predictions depend on the batch{moved}"
    )
    return Finding(
        text, "04", "Call `model.eval()` before them, and put every mode back after.", float(count)
    )


@warns
def no_backward_pass(seen: Seen) -> Finding | None:
    """An evaluation in training mode, gradients on: a run of passes that no backward pass follows."""
    returns = seen.record.returns
    rare = 0 < STEPS * returns.runs <= returns.back
    if not seen.watched or seen.running is None or returns.longest < EVALUATION or not rare:
        return None
    text = (
        f"{returns.never} of {seen.record.calls} passes were in training mode and no backward pass followed: "
        "an evaluation without `eval()` depends on the batch, and moves the running statistics"
    )
    return Finding(
        text, "04", "Call `model.eval()` before an evaluation, and turn gradients off.", float(returns.never)
    )


@warns
def detached(seen: Seen) -> Finding | None:
    shift, stretch = seen.record.lost
    share, what = (shift, "shift") if shift > LOST else (stretch, "stretch")
    if share <= LOST:
        return None
    which = "statistics are" if shift > LOST else "variance is"
    text = (
        f"its output ignores a {what} of its input, and {100 * share:.0f} % of its gradient "
        f"asks for one: the {which} detached from the graph"
    )
    return Finding(text, "03", "Compute mean and variance where gradients are on.", share)


@warns
def measured_with_dropout(seen: Seen) -> Finding | None:
    count = seen.record.shown_dropout
    if not seen.watched or not count:
        return None
    text = (
        f"its statistics were measured anew with dropout on before it, in {count} passes: evaluation has none"
    )
    do = "Measure them with `recalibrate`, which leaves dropout off; `update_bn` switches it on."
    return Finding(text, "09", do, float(count))


@warns
def variance_between_left_out(seen: Seen) -> Finding | None:
    """The mean of the batches' variances leaves out how far the batches' means lie apart."""
    record = seen.record
    if not seen.watched or not seen.measured or not 0 < record.measured_anew == record.calls:
        return None
    short = 1 / float(np.median(seen.var_ratio))
    if short < SHORT or record.between.ratio() < 2:
        return None
    text = (
        "its variance was measured anew as a mean of its batches' variances, and the spread between them is "
        f"left out: it should be {short:.2f} times as large"
    )
    return Finding(text, "10", "Shuffle the batches, or merge variances as `recalibrate` does.", short)


@warns
def frozen_and_woken(seen: Seen) -> Finding | None:
    if not seen.watched or not seen.record.measured_anew or seen.learns != "frozen":
        return None
    by = "" if seen.moved is None else f" by {seen.moved:.2f} σ"
    text = f"it was frozen, and measuring anew moved its running statistics{by}"
    return Finding(text, "13", "Measure the other layers alone; `update_bn` takes every one.", seen.moved)
