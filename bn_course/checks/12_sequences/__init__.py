"""Lesson 12: sequences of different lengths, the root mean square, and weights as direction and length."""

QUESTIONS = ("masked_batch_norm", "rms_norm", "weight_norm")
