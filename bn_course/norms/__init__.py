"""The normalisation layers in NumPy, a concept a file: forward, backward and inference."""

from bn_course.norms.adain import adain
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
from bn_course.norms.masked import masked_batch_norm, masked_batch_norm_backward
from bn_course.norms.rms import rms_norm, rms_norm_backward
from bn_course.norms.standardize import standardize, standardize_backward, statistics
from bn_course.norms.weight_norm import weight_norm, weight_norm_backward
from bn_course.norms.weight_standardize import weight_standardize

__all__ = [
    "adain",
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
    "masked_batch_norm",
    "masked_batch_norm_backward",
    "rms_norm",
    "rms_norm_backward",
    "standardize",
    "standardize_backward",
    "statistics",
    "update_running_stats",
    "weight_norm",
    "weight_norm_backward",
    "weight_standardize",
]
