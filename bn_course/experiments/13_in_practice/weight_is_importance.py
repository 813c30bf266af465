"""Is the feature with the largest weight the most important one?"""

import numpy as np

from bn_course.experiments import Effect, Experiment, Scope, Table


def measure(seed, scale):
    names = ("diabetes", "wine", "breast_cancer")
    numbers = {"raw": [], "normalised": [], "other_units": [], "without_it": []}
    for name in names:
        x, y = drawn(name, seed)
        weight = fit(x, y)
        per_deviation = weight * x.std(0)  # what the weight is after x̂ = (x − μ)/σ
        units = 10.0 ** np.random.default_rng(seed).integers(-2, 3, x.shape[1])
        cost = shuffled(x, y, weight, seed)
        numbers["raw"].append(agreement(weight, cost))
        numbers["normalised"].append(agreement(per_deviation, cost))
        numbers["other_units"].append(agreement(weight, fit(x * units, y)))
        numbers["without_it"].append(agreement(per_deviation, left_out(x, y)))
    return numbers


def drawn(name, seed):
    """Four fifths of a small table: features as they were measured, and the target."""
    from sklearn import datasets

    options = {"scaled": False} if name == "diabetes" else {}
    table = getattr(datasets, f"load_{name}")(**options)
    rows = np.random.default_rng(seed).permutation(len(table.data))[: len(table.data) * 4 // 5]
    return table.data[rows], table.target[rows].astype(float)


def fit(x, y):
    """Least squares with an intercept, by way of the standardised features, which is exact and stable."""
    x_hat = (x - x.mean(0)) / x.std(0)
    return np.linalg.lstsq(x_hat, y - y.mean(), rcond=None)[0] / x.std(0)


def loss(x, y, weight):
    return np.mean(((x - x.mean(0)) @ weight - (y - y.mean())) ** 2)


def shuffled(x, y, weight, seed):
    """How much the loss grows when one feature is shuffled over the examples."""
    rng, cost = np.random.default_rng(seed), []
    for feature in range(x.shape[1]):
        total = 0.0
        for _ in range(5):
            other = x.copy()
            other[:, feature] = rng.permutation(other[:, feature])
            total += loss(other, y, weight) - loss(x, y, weight)
        cost.append(total)
    return np.array(cost)


def left_out(x, y):
    """How much the loss grows when one feature is taken away and the others are fitted again."""
    kept = (np.delete(x, feature, axis=1) for feature in range(x.shape[1]))
    return np.array([loss(rest, y, fit(rest, y)) for rest in kept])


def agreement(one, other):
    """Spearman's correlation of the sizes: 1 if both put the features in the same order."""
    from scipy.stats import spearmanr

    return float(spearmanr(abs(one), abs(other)).statistic)


def agrees(weights):
    return Effect(
        f"correlation with what shuffling costs, {weights} weights",
        lambda n: n[weights],
        above=0.9,
        why="the same order, but for neighbours",
        each=("diabetes", "wine", "cancer"),
    )


RAW, NORMALISED = agrees("raw"), agrees("normalised")

EXPERIMENT = Experiment(
    claim="The feature with the largest weight matters most.",
    source="a common reading of linear models and of first layers",
    scope=Scope("three tables of scikit-learn", "least squares", "four fifths of the rows"),
    method="Least squares on the diabetes, wine and breast cancer tables of scikit-learn, four fifths of the rows; what a feature matters is how much the loss grows when it is shuffled, or left out and the rest fitted again; Spearman's correlation with |weight| as measured, after normalising each feature, and with the weights after a change of units.",
    measure=measure,
    holds=RAW,
    when={"each feature is normalised, and the question is what this model uses": NORMALISED},
    finding="Correlation with what shuffling costs, on diabetes, wine and cancer: raw weights {raw[0]:.2f}, {raw[1]:.2f} and {raw[2]:.2f}; weights per deviation {normalised[0]:.2f}, {normalised[1]:.2f} and {normalised[2]:.2f}",
    table=Table(
        {
            "raw weights and shuffling": "raw",
            "weights per deviation and shuffling": "normalised",
            "weights per deviation and leaving out": "without_it",
            "raw weights in other units": "other_units",
        },
        ("diabetes", "wine", "cancer"),
        ".2f",
    ),
)
