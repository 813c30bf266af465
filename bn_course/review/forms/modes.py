"""Training against inference: three items."""

import numpy as np

from bn_course import norms
from bn_course.review.item import RIGHT, Ambiguous, ask, item, whole


@item("modes-alone", idea="modes")
def alone(draw):
    mean, beta = whole(draw, 2, 2, 9)
    x = float(mean + 2 * draw.integers(2, 5))
    gamma, zero = np.array([3.0]), float(beta)
    y = norms.batch_norm_inference(np.array([[x]]), gamma, np.array([zero]), np.array([float(mean)]), np.array([4.0]), 0.0)
    if 3 * (x - mean) / 4 + beta in (x, beta):
        raise Ambiguous("two beliefs lead to one number")
    return ask(
        f"A trained model gets a single example. Before batch norm it is {x:g}; the running mean is {mean}, the running variance 4, γ = 3, β = {beta}. In evaluation mode comes out",
        y[0, 0],
        {
            RIGHT: (f"{3 * (x - mean) / 2 + beta:g}", 3 * (x - mean) / 2 + beta),
            "batch-stats-in-eval": (f"{beta}: a batch of one has only its own mean", float(beta)),
            "off-in-eval": (f"{x:g}: there is no batch, so nothing is normalised", x),
            "variance-not-deviation": (f"{3 * (x - mean) / 4 + beta:g}", 3 * (x - mean) / 4 + beta),
        },
    )


@item("modes-start", idea="modes")
def start(draw):
    m, old, new = float(draw.choice([0.1, 0.2])), *[10 * n for n in whole(draw, 2, 1, 9)]
    batch = np.array([[new - 1.0], [new + 1.0]])
    moved = norms.update_running_stats(np.array([float(old)]), np.ones(1), batch, momentum=m)[0][0]
    return ask(
        f"A PyTorch batch norm has momentum {m:g} and running mean {old}. A training batch of mean {new} comes by. The running mean is then",
        moved,
        {
            RIGHT: (1 - m) * old + m * new,
            "momentum-flipped": m * old + (1 - m) * new,
            "running-replaced": float(new),
            "running-needs-gradients": float(old),
        },
    )


@item("modes-forgot", idea="modes")
def forgot(draw):
    size, one, zero = int(draw.choice([8, 16, 32])), np.ones(1), np.zeros(1)
    x = draw.normal(3, 2, size=(size, 1))
    evaluated = norms.batch_norm_inference(x, one, zero, zero, one)
    forgotten = norms.batch_norm(x, one, zero)
    moved = norms.update_running_stats(zero, one, x)[0]  # as in PyTorch, whether or not gradients are recorded
    outcome = (not np.allclose(evaluated, forgotten), not np.array_equal(zero, moved))
    return ask(
        f"A model is tested in batches of {size}, inside `with torch.no_grad():`, and `model.eval()` was forgotten. Compared with a proper test",
        {(True, True): "both", (True, False): "predictions", (False, False): "nothing"}[outcome],
        {
            RIGHT: ("the predictions are others, and the model is changed by the test", "both"),
            "running-needs-gradients": ("the predictions are others; the model stays as it was", "predictions"),
            "off-in-eval": ("nothing is different: without gradients there is no training", "nothing"),
        },
    )
