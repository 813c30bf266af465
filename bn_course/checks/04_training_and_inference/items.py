"""Lesson 04: items that come back in review."""

import numpy as np

from bn_course import norms
from bn_course.grading.catalogue import find_question
from bn_course.review.computing import bn, measured
from bn_course.review.item import RIGHT, ask, item, whole
from bn_course.review.lines import lines


@item("04-neighbours", idea="modes")
def neighbours(draw):
    one, *others = whole(draw, 4)
    more = whole(draw, 3, 20, 40)
    change = abs(bn([one, *others])[0] - bn([one, *more])[0])
    return ask(
        "In training mode an example goes through batch norm with three neighbours, and then with three others. Its own numbers are the same. Its output is",
        "other" if change > 1e-3 else "same",
        {
            RIGHT: ("another one", "other"),
            "rows-do-not-mix": ("the same: rows do not mix", "same"),
            "only-rounding": ("the same but for rounding", "rounding"),
        },
        why="μ and σ are made of the whole batch.",
    )


@item("04-batch-of-one", idea="counts")
def batch_of_one(draw):
    value, gamma, beta = whole(draw, 3, 2, 15)
    x_hat = (value - np.mean([value])) / np.sqrt(np.var([value]) + 1e-5)
    return ask(
        f"A batch of one, with the number {value}, is normalised with its own statistics; γ = {gamma}, β = {beta}, ε = 0.00001. What comes out?",
        gamma * x_hat + beta,
        {
            RIGHT: (f"{beta}, that is β", float(beta)),
            "nothing-to-compare": (f"{value}, as it was", float(value)),
            "no-eps": ("NaN", np.nan),
            "gamma-after-shift": (f"{gamma * beta}, that is γβ", float(gamma * beta)),
        },
        why="The mean is the number itself. PyTorch refuses such a batch in training.",
    )


@item("04-start", idea="modes")
def start(draw):
    m, steps = float(draw.choice([0.1, 0.2, 0.05])), int(draw.choice([5, 10, 20]))
    share = 1.0
    for _ in range(steps):
        share = (1 - m) * share
    return ask(
        f"Momentum {m:g}, as PyTorch means it. After {steps} steps, which share of the running mean is still the start, that nobody measured?",
        share,
        {RIGHT: (1 - m) ** steps, "momentum-flipped": m**steps, "running-replaced": 0.0, "running-is-a-sum": 1 / (steps + 1)},
        why=f"Each step keeps 1 − {m:g} of what was there.",
    )


@item("04-bessel", idea="modes")
def bessel(draw):
    n = int(draw.choice([2, 4, 5, 8]))
    corners = np.array(np.meshgrid(*[[-1.0, 1.0]] * n)).reshape(n, -1)  # all batches of fair coins ±1: variance 1
    return ask(
        f"A feature has variance 1. The variance of each batch of {n}, ÷ N, averaged over very many batches, is",
        corners.var(axis=0).mean(),
        {RIGHT: (n - 1) / n, "unbiased-anyway": 1.0, "correction-upside-down": n / (n - 1), "divides-by-batch": 1 / n},
        why="A batch's mean lies nearer to its own numbers than the true mean does: (N − 1)/N.",
    )


@item("04-forgot-eval", idea="modes")
def forgot_eval(draw):
    import torch

    layer = torch.nn.BatchNorm1d(2)
    x = torch.from_numpy(draw.normal(3, 2, size=(6, 2))).float()
    before = layer.running_mean.clone()
    with torch.no_grad():
        differs = not torch.allclose(layer(x), (x - 0) / (1 + 1e-5) ** 0.5)
    return ask(
        "A trained network is tested under `torch.no_grad()`, and `model.eval()` is forgotten. Compared with a proper evaluation",
        (differs, not torch.equal(before, layer.running_mean)) == (True, True) and "both",
        {
            RIGHT: ("the predictions change, and so does the model", "both"),
            "no-grad-is-eval": ("nothing changes: without gradients nothing can be learned", "nothing"),
            "updates-in-eval": ("the predictions change; the model stays as it was", "predictions"),
        },
        why="In training mode the layer uses the batch and moves its running statistics, gradients or not.",
    )


@item("04-keras", idea="modes")
def keras(draw):
    m = float(draw.choice([0.9, 0.99]))
    x = draw.normal(2, 3, size=(8, 1))
    start = np.zeros(1), np.ones(1)
    mean, var = norms.update_running_stats(*start, x, momentum=1 - m)
    keras_mean, keras_var = m * 0 + (1 - m) * x.mean(0), m * 1 + (1 - m) * x.var(0)
    agree = np.allclose(mean, keras_mean), np.allclose(var, keras_var, rtol=1e-6)
    return ask(
        f"A Keras layer with momentum {m:g} and a PyTorch layer with momentum {1 - m:.2g} see the same batches of 8. Afterwards",
        {(True, False): "means", (True, True): "all", (False, False): "none"}[agree],
        {
            RIGHT: ("the running means agree, and the variances do not", "means"),
            "population-running-var": ("all running statistics agree", "all"),
            "momentum-flipped": ("nothing agrees", "none"),
        },
        why="The momenta are each other's rest; Keras remembers the variance ÷ N, PyTorch ÷ (N − 1).",
    )


@item("04-momentum", idea="modes")
def momentum(draw):
    found = measured("small_momentum_spoils_evaluation")
    accuracy = {"0.001": found["slow_eval"], "0.1": found["usual_eval"], "0.99": found["last_batch_eval"]}
    return ask(
        "The same short training with momentum 0.001, 0.1 and 0.99. Which one evaluates worst?",
        min(accuracy, key=accuracy.get),
        {RIGHT: "0.001", "running-replaced": "0.99", "usual-is-worst": "0.1"},
        why=f"Measured: {found['slow_eval']:.0f}, {found['usual_eval']:.0f} and {found['last_batch_eval']:.0f} %. The slow average is still mostly its start.",
    )


@item("04-fold", idea="modes")
def fold(draw):
    w, b, x = draw.normal(size=(3, 4)), draw.normal(size=3), draw.normal(size=(5, 4))
    gamma, beta, mean, var = *draw.normal(size=(3, 3)), draw.uniform(1, 2, size=3)
    before = norms.batch_norm_inference(x @ w.T + b, gamma, beta, mean, var)
    weight, bias = norms.fold_into_linear(w, b, gamma, beta, mean, var)
    apart = np.abs(x @ weight.T + bias - before).max()
    return ask(
        "Batch norm at inference is folded into the linear layer before it. The outputs",
        "rounding" if 0 < apart < 1e-12 else "same" if apart == 0 else "differ",
        {
            RIGHT: ("differ by rounding", "rounding"),
            "fold-is-bitwise": ("are the same in every bit", "same"),
            "fold-is-an-estimate": ("differ by about 10⁻³: running statistics are estimates", "differ"),
        },
        why="Two affine maps are one, exactly; in floating point they round in another order.",
    )


@item("04-one-step", idea="modes")
def one_step(draw):
    old, low = whole(draw, 2, 0, 10)
    x = np.array([low, low + 4.0])
    var = float(draw.integers(1, 5))
    new = norms.update_running_stats(np.array([float(old)]), np.array([var]), x[:, None], momentum=0.25)[1][0]
    return ask(
        f"The running variance is {var:g}. A training batch is {x[0]:g}, {x[1]:g}; momentum 0.25. The new running variance is",
        new,
        {
            RIGHT: 0.75 * var + 0.25 * x.var(ddof=1),
            "population-running-var": 0.75 * var + 0.25 * x.var(),
            "momentum-flipped": 0.25 * var + 0.75 * x.var(ddof=1),
            "running-std": 0.75 * var + 0.25 * x.std(ddof=1),
        },
        why="¾ of the old and ¼ of this batch's, ÷ (N − 1).",
    )


running_lines = lines(
    "update_running_stats",
    "modes",
    """
    mean, var = x.mean(axis=0), x.var(axis=0, ddof=1)
    new_mean = (1 - momentum) * running_mean + momentum * mean
    new_var = (1 - momentum) * running_var + momentum * var
    return new_mean, new_var
    """,
    {
        "population-running-var": "mean, var = x.mean(axis=0), x.var(axis=0)",
        "running-std": "mean, var = x.mean(axis=0), x.std(axis=0, ddof=1)",
        "momentum-flipped": "new_mean = momentum * running_mean + (1 - momentum) * mean",
        "old-forgotten": "new_var = momentum * var",
        "swapped-outputs": "return new_var, new_mean",
    },
)


@item("ask-batch-norm", idea="modes")
def batch_norm_layer(draw):
    layer = find_question("BatchNorm").reference(1)
    x, dy = draw.normal(size=(2, 5, 1))
    layer.forward(x)
    layer.training = False
    dx = layer.backward(dy)
    return ask(
        "A layer runs forward in training. Then `training = False` is set, and backward is called. The sum of dx is 0, to rounding:",
        bool(abs(dx.sum()) < 1e-9),
        {
            RIGHT: ("yes: the gradient is that of the forward pass that was made", True),
            "mode-at-backward": ("no: it is now in evaluation, where statistics are constants", False),
        },
        why="Forward has to note its mode; by then `training` is about the next one.",
    )
