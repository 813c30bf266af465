"""Lesson 06: the layer in PyTorch, its autograd function, and the bytes it moves; kernels by theirs."""

QUESTIONS = (
    *("bytes_moved", "BatchNormFunction", "BatchNorm2d"),
    *("stats_kernel", "normalize_kernel", "backward_kernel", "fused_relu_kernel", "layer_norm_kernel"),
)
