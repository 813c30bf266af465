"""Lesson 07: a network with and without batch norm, who decays, when it has arrived, zero γ."""

QUESTIONS = ("build_mlp", "weight_decay_groups", "steps_to_target", "zero_init_residual")
