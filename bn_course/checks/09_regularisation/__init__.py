"""Lesson 09: ghost batches, the noise of a batch's statistics, Monte-Carlo batch norm."""

QUESTIONS = ("ghost_batch_norm", "statistics_noise", "mc_batch_norm_predict")
