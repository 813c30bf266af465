"""Lesson 02: the forward pass of batch normalisation."""

QUESTIONS = ("batch_stats", "batch_norm_forward", "identity_affine", "stable_variance")
