"""Lesson 13: batch norm that is frozen, batch norm that is adapted, and a layer that replaces it."""

QUESTIONS = ("freeze_batch_norm", "adapt_batch_norm", "dynamic_tanh")
