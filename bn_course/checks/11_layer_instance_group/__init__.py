"""Lesson 11: one operation and its choices of axes: layer, instance and group norm, AdaIN, kernels."""

QUESTIONS = (
    "normalize",
    "layer_norm",
    "layer_norm_backward",
    "instance_norm",
    "group_norm",
    "adain",
    "weight_standardize",
)
