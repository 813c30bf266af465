"""Lesson 10: statistics of a union, split batches, batch renormalisation, recalibration."""

QUESTIONS = ("merge_stats", "sync_batch_norm", "batch_renorm_forward", "recalibrate")
