"""Parts of the variants that several lessons share: a formula with the knobs of its known mistakes."""

import numpy as np


def scaled_and_shifted(x_hat, gamma, beta, gamma_use, beta_use, affine):
    """γ·x̂ + β with the knobs of its usual mistakes."""
    gamma = {"all": gamma, "none": np.ones_like(gamma), "first": gamma[0]}[gamma_use]
    beta = beta if beta_use else np.zeros_like(beta)
    return gamma * (x_hat + beta) if affine == "shift-first" else gamma * x_hat + beta


def deviation(var, eps, place="inside", root=True):
    """What a norm divides by: √(var + eps), unless a knob says otherwise."""
    inside = eps if place == "inside" else 0.0
    divisor = np.sqrt(var + inside) if root else var + inside
    return divisor + eps if place == "outside" else divisor


def used_of(values, kind, neutral):
    """γ or β as an answer uses it: whole, its first entry, its mean, or not at all (`neutral`)."""
    return {
        "vector": values,
        "first": np.broadcast_to(values[:1], values.shape),
        "mean": np.broadcast_to(values.mean(), values.shape),
        "ignored": np.full_like(values, neutral),
    }[kind]
