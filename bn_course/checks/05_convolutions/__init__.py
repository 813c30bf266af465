"""Lesson 05: batch normalisation of images, and of anything else with a channel axis."""

QUESTIONS = ("batch_norm_2d", "batch_norm_2d_backward", "batch_norm_nd", "fold_into_conv")
