"""The kit has moved to `bn_course.inspect`; its names are still found here."""

from bn_course.inspect import Finding, Inspection, LayerReport, inspect_batch_norm, watch_batch_norm

__all__ = ["Finding", "Inspection", "LayerReport", "inspect_batch_norm", "watch_batch_norm"]
