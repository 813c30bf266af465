"""Lesson 13, adapt_batch_norm."""

from dataclasses import replace
from importlib import import_module


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
    reference=adapt_batch_norm,
    call="adapt_batch_norm(model, target_batches)",
)
