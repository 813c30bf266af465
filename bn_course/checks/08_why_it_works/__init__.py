"""Lesson 08: the effective learning rate, the loss along the gradient, gradients from layer to layer."""

QUESTIONS = ("effective_learning_rate", "loss_range_along_gradient", "gradient_growth_per_layer")
