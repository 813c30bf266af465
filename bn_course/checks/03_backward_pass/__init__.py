"""Lesson 03: the backward pass of batch normalisation."""

QUESTIONS = ("affine_backward", "standardize_backward", "batch_norm_backward", "numerical_gradient")
