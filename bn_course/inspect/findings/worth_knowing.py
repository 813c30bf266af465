"""What may be on purpose."""

from bn_course.inspect.finding import Finding, notes
from bn_course.inspect.seen import Seen


@notes
def not_understood(seen: Seen) -> Finding | None:
    if not seen.opaque:
        return None
    do = "Inspect the model that it was made from."
    return Finding(f"not understood: {seen.opaque}, and its calls cannot be seen", "06", do)


@notes
def not_run(seen: Seen) -> Finding | None:
    reason = seen.whole.not_run
    if not reason:
        return None
    return Finding(reason, "06", "Run a batch through it first.")


@notes
def never_called(seen: Seen) -> Finding | None:
    if seen.whole.not_run or seen.opaque or seen.record.calls:
        return None
    return Finding("it was never called", "06", "Take it out, or look for the branch that should call it.")


@notes
def zero_gamma(seen: Seen) -> Finding | None:
    if seen.gamma is None or seen.gamma.max() != 0:
        return None
    text = "every γ is 0: β comes out. At the start of a residual branch that is on purpose"
    return Finding(text, "07", "Elsewhere, set γ to 1.", 0.0)


@notes
def left_in_evaluation(seen: Seen) -> Finding | None:
    left = seen.whole.was_training and not seen.training and seen.running is not None and seen.record.calls
    if not left or seen.learns != "learn":
        return None
    do = "Freeze γ and β too, or call `model.train()` after the evaluation."
    return Finding("it is in evaluation mode, the model is not, and its γ and β learn", "13", do)


@notes
def no_backward_pass_at_all(seen: Seen) -> Finding | None:
    """Forward passes alone: the gradients may be asked for outside of what is watched."""
    returns = seen.record.returns
    if not seen.watched or seen.running is None or returns.back or returns.never < 3:
        return None
    text = f"{returns.never} passes were in training mode, and no backward pass followed while it was watched"
    return Finding(
        text, "04", "If it was an evaluation, call `model.eval()` before it.", float(returns.never)
    )


@notes
def bias_before(seen: Seen) -> Finding | None:
    if not seen.record.bias_before or not seen.shares or seen.running is None:
        return None
    text = f"the bias of {seen.record.bias_before} before it is taken away with the mean"
    return Finding(text, "02", "Build that layer with bias=False.")


@notes
def frozen_whole(seen: Seen) -> Finding | None:
    alone = not any(p.requires_grad for p in seen.whole.model.parameters())
    if not seen.training or seen.running is None or seen.learns != "frozen" or not alone:
        return None
    do = "Right for an average of another model's weights; else put the model into evaluation mode."
    return Finding("nothing of the model learns, and its running statistics move: training mode", "13", do)
