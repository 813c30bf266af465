"""Lesson 06: the layer in PyTorch, its autograd function, and the bytes it moves."""

QUESTIONS = ("bytes_moved", "BatchNormFunction", "BatchNorm2d")
