"""The normalisation layers in NumPy, a concept a file: forward, backward and inference."""

from bn_course.norms.batch import (
    batch_norm,
    batch_norm_backward,
    batch_norm_inference,
    batch_norm_inference_backward,
    update_running_stats,
)
from bn_course.norms.folding import fold_into_conv, fold_into_linear
from bn_course.norms.group import group_norm, group_norm_backward
from bn_course.norms.instance import instance_norm, instance_norm_backward
from bn_course.norms.layer import layer_norm, layer_norm_backward
from bn_course.norms.rms import rms_norm, rms_norm_backward
from bn_course.norms.standardize import standardize, standardize_backward, statistics

__all__ = [
    "batch_norm",
    "batch_norm_backward",
    "batch_norm_inference",
    "batch_norm_inference_backward",
    "fold_into_conv",
    "fold_into_linear",
    "group_norm",
    "group_norm_backward",
    "instance_norm",
    "instance_norm_backward",
    "layer_norm",
    "layer_norm_backward",
    "rms_norm",
    "rms_norm_backward",
    "standardize",
    "standardize_backward",
    "statistics",
    "update_running_stats",
]
