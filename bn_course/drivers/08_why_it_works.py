"""How the probes of lesson 08 use an answer."""

import numpy as np


def with_loss(answer, parabola, w, grad, step_sizes):
    """Call `answer(loss, w, grad, step_sizes)` with loss(v) = Σ curvature·(v − centre)²/2, a float.

    `parabola` is (curvature, centre).
    """
    curvature, centre = parabola

    def loss(v):
        if np.shape(v) != np.shape(curvature):
            raise ValueError(f"the loss is given weights of shape {np.shape(v)}, not {np.shape(curvature)}")
        return float(np.sum(curvature * (np.asarray(v) - centre) ** 2) / 2)

    return answer(loss, w, grad, step_sizes)
