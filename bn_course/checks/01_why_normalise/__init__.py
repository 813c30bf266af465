"""Lesson 01: standardising inputs, the largest stable learning rate, signals through layers."""

QUESTIONS = ("standardize", "max_stable_learning_rate", "layer_stds")
