"""Strangers' answers to lesson 01, second half."""

from corpus import right, wrong

ANSWERS = [
    wrong(
        "layer_stds",
        """
def layer_stds(x, weights, activation):
    out, a = [], x
    for W in weights:
        z = np.dot(a, W)
        out.append(float(np.std(z)))
        a = activation(z)
    return out
""",
        "It measures the signal before the activation.",
        "out.append(float(np.std(z)))",
        keys="before-activation",
    ),
    wrong(
        "layer_stds",
        """
def layer_stds(x, weights, activation):
    return [float(np.std(activation(x @ W))) for W in weights]
""",
        "Every layer is given x again; the signal is not handed on.",
        "activation(x @ W)",
        keys="not-chained",
    ),
    wrong(
        "layer_stds",
        """
def layer_stds(x, weights, activation):
    h, stds = x, []
    for w in weights:
        h = activation(h @ w)
        stds.append(float(h.std(axis=0).mean()))
    return stds
""",
        "It averages the deviations of the features instead of taking that of all entries.",
        "h.std(axis=0).mean()",
        keys="per-feature",
    ),
    wrong(
        "layer_stds",
        """
from itertools import accumulate
def layer_stds(x, weights, activation):
    signals = accumulate([x, *weights], lambda h, W: activation(h @ W))
    return [float(h.std()) for h in signals]
""",
        "The deviation of the input stands in front of the list.",
        "accumulate([x, *weights]",
        keys="input-listed",
    ),
    wrong(
        "layer_stds",
        """
def layer_stds(x, weights, activation):
    stds = []
    h = x
    for i in range(len(weights)):
        h = activation(h @ weights[i])
        stds.append(float(np.std(h)))
        return stds
""",
        "The return stands inside the loop, so that only the first layer is listed.",
        "return stds",
    ),
    wrong(
        "layer_stds",
        """
def layer_stds(x, weights, activation):
    h = x
    result = []
    for W in weights:
        h = activation(np.matmul(h, W))
        result.append(float(np.linalg.norm(h) / np.sqrt(h.size)))
    return result
""",
        "It returns the root of the mean square, which does not subtract the mean.",
        "np.linalg.norm(h) / np.sqrt(h.size)",
        keys="root-mean-square",
    ),
    wrong(
        "layer_stds",
        """
def layer_stds(x, weights, activation):
    current, history = x, []
    for layer in weights:
        z = current @ layer
        history.append(np.var(z).item())
        current = activation(z)
    return history
""",
        "It lists variances, and those of the signal before the activation.",
        ["np.var(", "history.append(np.var(z).item())"],
        keys="no-sqrt before-activation",
        kind="pair",
    ),
    right(
        "layer_stds",
        """
from itertools import accumulate
def layer_stds(x, weights, activation):
    states = accumulate(weights, lambda h, W: activation(h.dot(W)), initial=x)
    next(states)
    return [float(np.sqrt(np.mean(np.square(h - np.mean(h))))) for h in states]
""",
    ),
    right(
        "layer_stds",
        """
def layer_stds(x, weights, activation):
    if not len(weights):
        return []
    first, *rest = weights
    h = activation(np.einsum("ni,io->no", x, first))
    return [np.std(h).item()] + layer_stds(h, rest, activation)
""",
    ),
    wrong(
        "layer_stds",
        """
def layer_stds(x, weights, activation):
    stds, h = [], x
    while weights:
        z = h @ weights.pop(0)
        stds.append(float(z.std()))
        h = activation(z)
    return stds
""",
        "The weights are taken off the caller's list, and the deviation is that before the activation.",
        ["weights.pop(0)", "stds.append(float(z.std()))"],
        kind="promise",
    ),
]
