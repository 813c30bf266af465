"""Lesson 04: running statistics, the two modes, other frameworks' conventions, folding."""

QUESTIONS = (
    "update_running_stats",
    "batch_norm_inference",
    "BatchNorm",
    "keras_to_torch",
    "fold_into_linear",
)
