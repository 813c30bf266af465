"""Strangers' answers to lesson 11, second half."""

from corpus import right, wrong

ANSWERS = [
    wrong(
        "weight_standardize",
        """
def weight_standardize(weight, eps=1e-5):
    flat = weight.reshape(weight.shape[0], -1)
    w = weight - flat.mean(axis=1).reshape(-1, 1, 1, 1)
    std = w.reshape(w.shape[0], -1).std(axis=1, ddof=1) + eps
    return w / std.reshape(-1, 1, 1, 1)
""",
        "The deviation is ÷ (n − 1), and 1e-5 is added to it outside the root.",
        ["ddof=1", "+ eps"],
        keys="sample-variance eps-outside-sqrt",
        kind="pair",
    ),
    wrong(
        "weight_standardize",
        """
def weight_standardize(weight, eps=1e-5):
    m = np.mean(weight, axis=(0, 1, 2), keepdims=True)
    v = np.var(weight, axis=(0, 1, 2), keepdims=True)
    return (weight - m) / np.sqrt(v + eps)
""",
        "The last axis is held for the outputs, as in Keras' layout.",
        "axis=(0, 1, 2)",
        keys="wrong-axis over-inputs",
    ),
    wrong(
        "weight_standardize",
        """
def weight_standardize(weight, eps=1e-5):
    over = {"axis": (2, 3), "keepdims": True}
    return (weight - weight.mean(**over)) / np.sqrt(weight.var(**over) + eps)
""",
        "Every kernel is standardised by itself; the inputs of an output belong together.",
        "(2, 3)",
        keys="per-kernel",
    ),
    wrong(
        "weight_standardize",
        """
def weight_standardize(weight, eps=1e-5):
    fan_in = np.prod(weight.shape[1:])
    rows = weight.reshape(len(weight), fan_in)
    rows = (rows - rows.mean(1, keepdims=True)) / np.sqrt(rows.var(1, keepdims=True) + eps)
    return rows.reshape(weight.shape) / np.sqrt(fan_in)
""",
        "The result is divided by the root of the fan-in as well.",
        "np.sqrt(fan_in)",
        keys="fan-in-scaled",
    ),
    right(
        "weight_standardize",
        """
standard = lambda w, eps: (w - w.mean()) / np.sqrt(w.var() + eps)
weight_standardize = lambda weight, eps=1e-5: np.stack([standard(w, eps) for w in weight])
""",
    ),
    wrong(
        "weight_standardize",
        """
def weight_standardize(weight, eps=1e-5):
    weight -= weight.mean(axis=(1, 2, 3), keepdims=True)
    return weight
""",
        "The caller's weights are centred in place, and never divided by their deviation.",
        ["weight -=", "return weight"],
        keys="mutates-input only-centred",
        kind="promise",
    ),
]
