"""The findings, a function each, in the order in which they are told.

A function takes a `Seen` and returns a `Finding` or None, and is entered by `@warns` or `@notes`. To add one,
write it, and plant its fault in `bn_course.inspect.ward.faults`.
"""

from bn_course.inspect.findings import numbers, running, batches, passes, worth_knowing  # noqa: F401, I001 - in order
