"""Lesson 13, adapt_batch_norm."""

from dataclasses import replace
from importlib import import_module


# --- adapt_batch_norm -------------------------------------------------------------------------
def adapt_batch_norm(model, target_batches):
    """Give every batch norm layer the statistics of the target data."""
    from bn_course.nets.recalibrate import recalibrate

    recalibrate(model, target_batches)


# The same task as lesson 10's, on other data: the same mistakes, and the same probes.
_RECALIBRATE = import_module("bn_course.checks.10_small_batches.recalibrate").QUESTION


QUESTION = replace(
    _RECALIBRATE,
    name="adapt_batch_norm",
    points=2,
    level=2,
    task="Give every batch norm layer of a trained model the statistics of unlabelled data from another domain.",
    ask=(
        "Adapt once, then again with the same batches. May the second time change anything?",
        "No: it is the plain average over the target. A moving average still remembers the source, and moves on each time.",
    ),
    reference=adapt_batch_norm,
    call="adapt_batch_norm(model, target_batches)",
    hints=(
        "No label is needed, and no gradient. It is lesson 10's `recalibrate`, with the target's data: if you have solved "
        "that, what is left to write?",
        *_RECALIBRATE.hints,
    ),
)
