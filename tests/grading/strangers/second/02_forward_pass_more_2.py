"""Strangers' answers to lesson 02, second half."""

from corpus import right, wrong

ANSWERS = [
    wrong(
        "stable_variance",
        """
def stable_variance(x):
    n = x.shape[0]
    s = np.zeros(x.shape[1], dtype=x.dtype)
    sq = np.zeros(x.shape[1], dtype=x.dtype)
    for row in x:
        s += row
        sq += row * row
    return sq / n - (s / n) ** 2
""",
        "E[x²] − E[x]² in float32 loses every digit far from zero.",
        "sq / n - (s / n) ** 2",
        keys="one-pass-variance",
    ),
    wrong(
        "stable_variance",
        """
def stable_variance(x):
    n, mean, M2 = 0, np.zeros(x.shape[1], x.dtype), np.zeros(x.shape[1], x.dtype)
    for row in x:
        n += 1
        d = row - mean
        mean = mean + d / n
        M2 = M2 + d * (row - mean)
    return M2 / (n - 1)
""",
        "Welford's sum is divided by N − 1.",
        "M2 / (n - 1)",
        keys="sample-variance",
    ),
    wrong(
        "stable_variance",
        """
def stable_variance(x):
    mean, M2 = np.zeros(x.shape[1], x.dtype), np.zeros(x.shape[1], x.dtype)
    for n, row in enumerate(x, 1):
        d = row - mean
        mean = mean + d / n
        M2 = M2 + d * d
    return M2 / len(x)
""",
        "Both factors are distances from the old mean, so the sum is too large: Welford takes one from "
        "the new.",
        "d * d",
    ),
    wrong(
        "stable_variance",
        """
def stable_variance(x):
    s = x - x[0]  # shift so that the numbers are small
    return (s ** 2).mean(axis=0)
""",
        "The shift by the first row is right, but the square of the shifted mean is not subtracted.",
        "(s ** 2).mean(axis=0)",
    ),
    wrong(
        "stable_variance",
        """
def stable_variance(x):
    centred = x - x.mean(axis=0, keepdims=True)
    return np.sqrt(np.mean(centred * centred, axis=0))
""",
        "It returns the root of the mean square distance, the deviation.",
        "np.sqrt(",
        keys="std-not-variance",
    ),
    right(
        "stable_variance",
        """
def stable_variance(x):
    s = x - x[0]
    return np.mean(s * s, axis=0) - np.mean(s, axis=0) ** 2
""",
    ),
    right(
        "stable_variance",
        """
def stable_variance(x):
    n = len(x)
    mean, M2 = np.zeros(x.shape[1], x.dtype), np.zeros(x.shape[1], x.dtype)
    for k in range(n):
        d = x[k] - mean
        mean = mean + d / (k + 1)
        M2 = M2 + d * (x[k] - mean)
    return M2 / n
""",
    ),
    wrong(
        "stable_variance",
        """
def stable_variance(x):
    d = x - x.mean(axis=1, keepdims=True)
    return (d * d).sum(axis=1) / (x.shape[1] - 1)
""",
        "The variance runs over the features of an example, and is ÷ (D − 1).",
        ["axis=1", "x.shape[1] - 1"],
        keys="sample-variance wrong-axis",
        kind="pair",
    ),
]
