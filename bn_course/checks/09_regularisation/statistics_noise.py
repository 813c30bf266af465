"""Lesson 09: Draw many batches and say how much their means and their variances scatter."""

import numpy as np

from bn_course.checks._mistake import mistake
from bn_course.grading.question import Probe, Question


def statistics_noise(x, batch_size, draws, rng):
    """The deviations of μ and of σ² over batches drawn without replacement, one number a feature each."""
    batches = x[_rows(rng, len(x), batch_size, draws)]  # (draws, batch_size, D)
    return batches.mean(axis=1).std(axis=0), batches.var(axis=1).std(axis=0)


def _rows(rng, n, batch_size, draws):
    """(draws, batch_size) row numbers, without replacement within a batch."""
    return rng.random((draws, n)).argsort(axis=1)[:, :batch_size]


def _noise_variant(
    x,
    batch_size,
    draws,
    rng,
    *,
    drawn="without",
    generator="given",
    ddof=0,
    axis=1,
    spread="std",
    second="variance",
    order="mean-var",
    features="each",
    shuffles=False,
    number="given",
):
    if generator != "given":
        rng = np.random.default_rng(0 if generator == "fixed" else None)
    n = len(x)
    draws = draws if number == "given" else 1000
    if drawn == "in-order":
        rows = (np.arange(draws * batch_size) % (n // batch_size * batch_size)).reshape(draws, -1)
        rng.random()
    elif drawn == "with":
        rows = rng.integers(n, size=(draws, batch_size))
    elif drawn == "once":
        rows = np.repeat(_rows(rng, n, batch_size, 1), draws, axis=0)
    else:
        rows = _rows(rng, n, batch_size, draws)
    batches = x[rows]
    axis = (1, 2) if features == "together" else axis
    means, variances = batches.mean(axis=axis), batches.var(axis=axis, ddof=ddof)
    if second == "deviation":
        variances = np.sqrt(variances)
    measure = {
        "std": lambda values: values.std(axis=0),
        "var": lambda values: values.var(axis=0),
        "error": lambda values: values.std(axis=0) / np.sqrt(draws),
        "average": lambda values: values.mean(axis=0),
    }[spread]
    if shuffles:
        x[:] = x[::-1].copy()
    found = measure(means), measure(variances)
    return found if order == "mean-var" else found[::-1]


_NOISE_RETURNS = ("the noise of μ", "the noise of σ²", "the number of entries of x that were changed")

_TWICE_RETURNS = (
    "the same generator state, the same result (1: yes)",
    "another state, another result (1: yes)",
    "four times as many draws, another result (1: yes)",
)

_TOLERANCE = 0.2  # a deviation of some thousand draws is right to two or three per cent


def _noise_probe(label, x, batch_size, draws, seed, shown=None):
    return Probe(
        label,
        (x, batch_size, draws, seed),
        driver="09_regularisation:noise",
        rtol=_TOLERANCE,
        atol=1e-9,
        returns=_NOISE_RETURNS,
        shown=shown,
    )


def _noise_probes(rng):
    def data(n, d):
        """Each feature on a scale of its own, evenly spread, in a random order."""
        columns = [rng.permutation(np.linspace(-1, 1, n) + 0.3 * rng.uniform(-1, 1, n)) for _ in range(d)]
        return np.stack(columns, axis=1) * np.geomspace(2, 7, d) + rng.normal(size=d)

    def seed():
        return int(rng.integers(2**31))

    ordered = np.sort(data(12, 3), axis=0)
    return [
        _noise_probe("batches of five from twelve examples", data(12, 4), 5, 2000, seed()),
        _noise_probe("batches of six from eight examples", data(8, 3), 6, 2000, seed()),
        _noise_probe("batches of two from ten examples", data(10, 3), 2, 2000, seed()),
        _noise_probe("all examples in each batch", data(7, 3), 7, 40, seed()),
        _noise_probe("batches of three from twelve sorted examples", ordered, 3, 2000, seed()),
        Probe(
            "two generators in the same state, and one in another",
            (data(9, 3), 4, 10, seed()),
            driver="09_regularisation:twice",
            returns=_TWICE_RETURNS,
        ),
    ]


_NOISE_EXAMPLES = (
    _noise_probe(
        "pairs of three numbers",
        np.array([[0.0], [2.0], [4.0]]),
        2,
        2000,
        5,
        "x = [[0], [2], [4]], batch_size = 2, draws = 2000 (there are three batches, with means 1, 2, 3 "
        "and variances 1, 4, 1)",
    ),
    _noise_probe(
        "pairs of two features",
        np.array([[0.0, 1.0], [2.0, 9.0], [7.0, 3.0], [30.0, 12.0]]),
        2,
        2000,
        6,
        "x = [[0, 1], [2, 9], [7, 3], [30, 12]], batch_size = 2, draws = 2000",
    ),
    Probe(
        "the same generator state twice",
        (np.array([[0.0], [2.0], [7.0], [30.0]]), 2, 5, 7),
        driver="09_regularisation:twice",
        returns=_TWICE_RETURNS,
        shown="x = [[0], [2], [7], [30]], batch_size = 2, draws = 5, generators of seeds 7, 7 and 8; and draws = 20",
    ),
)


QUESTION = Question(
    name="statistics_noise",
    points=3,
    version=2,
    level=2,
    reference=statistics_noise,
    variant=_noise_variant,
    returns=_NOISE_RETURNS,
    probes=_noise_probes,
    examples=_NOISE_EXAMPLES,
    call="statistics_noise(x, batch_size, draws, rng)",
    misconceptions=(
        mistake("with-replacement", drawn="with"),
        mistake("draws-ignored", number="its own"),
        mistake("not-random", drawn="in-order"),
        mistake("same-batch", drawn="once"),
        mistake("rng-ignored", {"generator": "own"}, {"generator": "fixed"}),
        mistake("shuffles-the-data", shuffles=True),
        mistake("sample-variance", ddof=1),
        mistake("noise-of-the-deviation", second="deviation"),
        mistake("no-sqrt", spread="var"),
        mistake("standard-error", spread="error"),
        mistake("average-not-scatter", spread="average"),
        mistake("wrong-axis", axis=2),
        mistake("global-statistics", features="together"),
        mistake("swapped-outputs", order="var-mean"),
    ),
)
