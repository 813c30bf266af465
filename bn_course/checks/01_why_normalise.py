"""Lesson 01: standardising inputs, the largest stable learning rate, signals through layers."""

from itertools import pairwise

import numpy as np

from bn_course.checks._shared import known, own
from bn_course.grading.question import Prediction, Probe, Property, Question

# standardize ---------------------------------------------------------------------------------------


def standardize(x):
    """x̂ = (x − μ) / σ for each column of x (N, D); a constant column becomes zeros."""
    centred = x - x.mean(axis=0)
    std = x.std(axis=0)
    return centred / np.where(std > 0, std, 1)


def _standardize(
    x, *, axis=0, keepdims=True, ddof=0, centre="mean", spread="std", order="right", guard="one", eps=0.0
):
    mean = x.mean(axis=axis, keepdims=keepdims)
    low = x.min(axis=axis, keepdims=keepdims)
    var = ((x - x.mean(axis=axis, keepdims=True)) ** 2).sum(axis=axis, keepdims=keepdims)
    divisor = (x.size if axis is None else x.shape[axis]) - ddof
    std = {
        "std": lambda: np.sqrt(var / divisor),
        "var": lambda: var / divisor,
        "norm": lambda: np.sqrt(var),
        "absolute": lambda: abs(x - mean).mean(axis=axis, keepdims=keepdims),
        "range": lambda: x.max(axis=axis, keepdims=keepdims) - low,
        "none": lambda: np.ones_like(var),
    }[spread]()
    scale = {
        "one": lambda: np.where(std > 0, std, 1),
        "none": lambda: std,
        "kept": lambda: np.where(std > 0, std, 1),
        "dropped": lambda: np.where(std > 0, std, 1),
        "eps-inside": lambda: np.sqrt(std**2 + eps),
        "eps-outside": lambda: std + eps,
    }[guard]()
    shift = {"mean": mean, "none": np.zeros_like(mean), "min": low}[centre]
    x_hat = {
        "right": lambda: (x - shift) / scale,
        "precedence": lambda: x - shift / scale,
        "scale-first": lambda: x / scale - shift,
    }[order]()
    varies = np.ptp(x, axis=0) > 0
    if guard == "kept":
        return np.where(varies, x_hat, x)
    return x_hat[:, varies] if guard == "dropped" else x_hat


def _standardize_probes(rng):
    def table(n, d):
        return rng.normal(size=(n, d)) * np.geomspace(0.3, 20, d) + rng.normal(size=d) * 5

    constant = table(6, 4)
    constant[:, 2] = 0.75
    small = rng.normal(size=(7, 3)) * 0.05 + 0.2
    # An answer may guard its division by adding 1e-8; rtol leaves room for that, not for 1e-5.
    room = {"rtol": 1e-4}
    return [
        Probe("six examples of four features", (table(6, 4),), **room),
        Probe("features with a deviation of about 0.05", (small,), **room),
        Probe("a constant feature among others", (constant,), **room),
        Probe("as many features as examples", (table(5, 5),), **room),
        Probe("float32, mean 1000", (rng.normal(1000, 1, size=(64, 3)).astype(np.float32),), rounding=True),
    ]


def _column_means(args, value):
    worst = abs(np.mean(value, axis=0, dtype=float)).max()
    return None if worst < 1e-6 else f"a column has the mean {worst:.2g}"


def _column_deviations(args, value):
    varies = np.ptp(args[0], axis=0) > 0
    stds = np.std(np.asarray(value, dtype=float)[:, varies], axis=0)
    worst = stds[np.argmax(abs(stds - 1))]
    return None if abs(worst - 1) < 1e-4 else f"a column that varies has the deviation {worst:.4g}"


def _constant_columns(args, value):
    constant = np.ptp(args[0], axis=0) == 0
    return None if np.all(np.asarray(value)[:, constant] == 0) else "a constant column is not zeros"


STANDARDIZE = Question(
    name="standardize",
    points=2,
    level=1,
    task="Give every column of x mean 0 and deviation 1; a constant column becomes zeros.",
    ask=(
        "A column is 5, 5, 5. What does your code divide by there, and what is it that is divided?",
        "By σ = 0, and the centred column is 0, 0, 0: NaN. Any divisor that is not 0 leaves the zeros that are asked for.",
    ),
    reference=standardize,
    variant=_standardize,
    returns=("the standardised x",),
    probes=_standardize_probes,
    examples=(
        Probe("two examples", (np.array([[0.0], [4.0]]),)),
        Probe("two examples, one feature constant", (np.array([[0.0, 8.0], [4.0, 8.0]]),)),
        Probe("two examples, two features", (np.array([[0.0, 1.0], [8.0, 3.0]]),)),
        Probe("three examples", (np.array([[0.0], [0.0], [3.0]]),)),
        Probe("a small deviation", (np.array([[0.0], [0.002]]),), rtol=1e-4),
        Probe(
            "float32, a large mean",
            (np.array([[10001], [10003], [10006]], dtype=np.float32),),
            rounding=True,
        ),
    ),
    misconceptions=(
        own(
            "sample-variance",
            "You divide the sum of squares by N − 1.",
            "The columns then have the deviation √((N − 1)/N), not 1. N − 1 is for estimating a variance "
            "that you cannot see from a sample of it; here the deviation of these very numbers is to be 1. "
            "NumPy's `std` divides by N unless `ddof=1` says otherwise; torch's and pandas' divide by N − 1.",
            ddof=1,
        ),
        own(
            "wrong-axis",
            "You take the mean and the deviation of each row.",
            "A row is one example: its numbers are in different units, metres beside years, and their mean "
            "means nothing. Each feature is a column, so the statistics run over the examples: axis 0.",
            {"axis": 1},
            {"axis": 1, "keepdims": False},
        ),
        known("global-statistics", axis=None),
        known("mean-not-subtracted", centre="none"),
        known("only-centred", spread="none"),
        known("divides-by-variance", spread="var"),
        own(
            "divides-by-norm",
            "You divide by the length of the centred column.",
            "Its length is √(Σ(x − μ)²), which grows with N. The deviation is √(Σ(x − μ)²/N).",
            spread="norm",
        ),
        own(
            "mean-absolute-deviation",
            "You divide by the mean of |x − μ|.",
            "That is a measure of spread too, and a smaller one. The standard deviation is the root of the "
            "mean square.",
            spread="absolute",
        ),
        own(
            "min-max",
            "You scale each column to the interval from 0 to 1.",
            "That is min-max scaling. It leaves a mean that is not zero, and its scale hangs on the two most "
            "extreme examples. Here each column gets mean 0 and deviation 1.",
            centre="min",
            spread="range",
        ),
        own(
            "division-before-subtraction",
            "You compute x − (μ/σ): the division comes before the subtraction.",
            "In Python, as on paper, `x - mean / std` is x − (mean/std). Put x − mean in brackets.",
            order="precedence",
        ),
        own(
            "mean-not-scaled",
            "You compute x/σ − μ.",
            "After the division the column's mean is μ/σ, so μ is no longer what has to be subtracted. "
            "Subtract first.",
            order="scale-first",
        ),
        own(
            "constant-column-nan",
            "A constant column becomes NaN.",
            "Its deviation is 0, and 0/0 is not a number. One NaN in the data makes every gradient NaN. "
            "Divide by something else where σ is 0.",
            guard="none",
        ),
        own(
            "constant-column-kept",
            "You leave a constant column as it is.",
            "It should be centred all the same, and then it is zeros: a column without information, and "
            "without influence.",
            guard="kept",
        ),
        own(
            "constant-column-dropped",
            "You leave constant columns out of the result.",
            "The result should have the shape of x, so that the weights still fit.",
            guard="dropped",
        ),
        own(
            "eps-too-large",
            "You add an ε to the variance or to the deviation that is large enough to show.",
            "It avoids 0/0, and it also shrinks every column whose deviation is small: in other units the "
            "same data come out differently. An ε here must vanish beside any real deviation (1e-8 is small "
            "enough), or σ = 0 is treated by itself. In batch norm ε is part of the definition: lesson 02.",
            *(
                {"guard": guard, "eps": eps}
                for guard, eps in (
                    ("eps-inside", 1e-5),
                    ("eps-inside", 1e-3),
                    ("eps-inside", 1e-6),
                    ("eps-outside", 1e-5),
                    ("eps-outside", 1e-3),
                )
            ),
        ),
        known("one-pass-variance", rounding=True),
        known("mutates-input"),
    ),
    properties=(
        Property("every column has mean 0", _column_means),
        Property("every column that varies has deviation 1", _column_deviations),
        Property("a constant column becomes zeros", _constant_columns),
    ),
    hints=(
        "Two statistics for each column, so two arrays of D numbers. Over which axis does NumPy have to go?",
        "`x.mean(axis=0)` and `x.std(axis=0)` have shape (D,), and NumPy lines them up with the columns of x.",
        "What is the deviation of a constant column, and what happens when you divide by it? Its centred "
        "values are zeros already, so any other divisor will do.",
        "`std = x.std(axis=0)`, then `(x - x.mean(axis=0)) / np.where(std > 0, std, 1)`.",
    ),
)

# max_stable_learning_rate --------------------------------------------------------------------------


def max_stable_learning_rate(x):
    """2/λmax(xᵀx/N): below it gradient descent on f(w) = ‖xw − t‖²/(2N) converges."""
    return 2 / np.linalg.eigvalsh(x.T @ x / len(x))[-1]


def _max_stable_learning_rate(x, *, numerator=2, per="n", spectrum="largest", centred=False, inverse=False):
    n, d = x.shape
    x = x - x.mean(axis=0) if centred else x
    divisor = {"n": n, "nothing": 1, "n-1": n - 1, "d": d, "entries": n * d, "sqrt": np.sqrt(n)}[per]
    hessian = x.T @ x / divisor
    values = np.linalg.eigvalsh(hessian)
    curvature = {
        "largest": lambda: values[-1],
        "smallest": lambda: values[0],
        "trace": lambda: values.sum(),
        "mean": lambda: values.mean(),
        "diagonal": lambda: np.diag(hessian).max(),
        "frobenius": lambda: np.linalg.norm(hessian),
        "singular": lambda: np.linalg.svd(x, compute_uv=False)[0] / divisor,
        "condition": lambda: values[-1] / values[0],
        "sum-of-ends": lambda: values[0] + values[-1],
        "example": lambda: (x**2).sum(axis=1).max(),
        "largest-entry": lambda: abs(hessian).max(),
    }[spectrum]()
    return curvature if inverse else numerator / curvature


def _rate_probes(rng):
    def table(n, d):
        return rng.normal(size=(n, d)) * np.geomspace(0.5, 3, d) + rng.normal(size=d)

    with_ones = np.column_stack([np.ones(8), table(8, 3)])
    return [
        Probe("seven examples of three features", (table(7, 3),)),
        Probe("a column of ones among the features", (with_ones,)),
        Probe("two features", (table(5, 2),)),
        Probe("a single feature", (table(6, 1),)),
    ]


def _is_the_limit(args, value):
    hessian = args[0].T @ args[0] / len(args[0])
    error = np.ones(len(hessian))

    def left(share):
        step = np.eye(len(hessian)) - share * float(value) * hessian
        with np.errstate(all="ignore"):
            return np.linalg.norm(np.linalg.matrix_power(step, 4096) @ error)

    if not left(0.99) < np.linalg.norm(error):
        return "with 0.99 times your rate, gradient descent diverges"
    if left(1.01) < np.linalg.norm(error):
        return "with 1.01 times your rate, gradient descent still converges"
    return None


MAX_STABLE_LEARNING_RATE = Question(
    name="max_stable_learning_rate",
    points=2,
    level=2,
    task="Return the learning rate below which gradient descent on f(w) = ‖xw − t‖²/(2N) converges.",
    ask=(
        "One feature, two examples: 1 and 3. What is the curvature of f, and where does one step with η = 0.2 end? With 0.4?",
        "The curvature is (1 + 9)/2 = 5. With 1/5 the step ends on the minimum, with 2/5 as far beyond it as it began: 2/λmax, λ of xᵀx/N.",
    ),
    reference=max_stable_learning_rate,
    variant=_max_stable_learning_rate,
    returns=("the learning rate",),
    probes=_rate_probes,
    examples=(
        Probe("two examples of one feature", (np.array([[1.0], [3.0]]),)),
        Probe("two examples of two features", (np.array([[1.0, 0.0], [0.0, 2.0]]),)),
        Probe("three examples of two features", (np.array([[1.0, 1.0], [1.0, 2.0], [1.0, 6.0]]),)),
    ),
    misconceptions=(
        own(
            "half-the-limit",
            "Your rate is half the limit: 1/λmax.",
            "With 1/λmax the steepest direction arrives in one step, so it is a good rate and not the "
            "largest: up to 2/λmax a step overshoots and still ends nearer. (A loss without the factor ½ has "
            "twice the curvature, and this value as its limit. Here f has the ½.)",
            numerator=1,
        ),
        own(
            "twice-the-limit",
            "Your rate is twice the limit.",
            "The ½ in f cancels against the 2 from the square, so the second derivative is xᵀx/N, not "
            "xᵀx/(2N).",
            numerator=4,
        ),
        own(
            "not-averaged",
            "You take the eigenvalue of xᵀx, not of xᵀx/N.",
            "f is a mean over N examples, so its curvature is too: your limit would shrink as N grows.",
            per="nothing",
        ),
        own(
            "divides-by-n-minus-one",
            "You divide xᵀx by N − 1.",
            "That is for estimating a covariance. The second derivative of f carries the 1/N of f.",
            per="n-1",
        ),
        own(
            "divides-by-features",
            "You divide by the number of features, or of entries.",
            "The mean in f runs over the N examples, which are the rows of x: `len(x)`.",
            {"per": "d"},
            {"per": "entries"},
        ),
        own(
            "smallest-eigenvalue",
            "You use the smallest eigenvalue.",
            "It sets how long the slowest direction takes. What diverges first is the steepest direction, "
            "the one with the largest. (`eigvalsh` sorts from small to large.)",
            spectrum="smallest",
        ),
        own(
            "singular-value",
            "You use the largest singular value of x as it is.",
            "The eigenvalues of xᵀx are the squares of the singular values of x.",
            {"spectrum": "singular"},
            {"spectrum": "singular", "per": "nothing"},
            {"spectrum": "singular", "per": "sqrt"},
        ),
        own(
            "trace",
            "You use the sum of the eigenvalues, the trace.",
            "The directions do not add up: each converges or diverges by itself, and the steepest decides. "
            "Your rate is safe, and too small by as much as the number of features.",
            spectrum="trace",
        ),
        own(
            "mean-eigenvalue",
            "You use the mean of the eigenvalues.",
            "One direction is steeper than the mean, and there your rate diverges.",
            spectrum="mean",
        ),
        own(
            "features-one-by-one",
            "You use the largest entry of xᵀx/N, which is the curvature along one weight's axis.",
            "The steepest direction need not lie along an axis: where features go together it lies between "
            "them and is steeper than either. The eigenvalue finds it.",
            {"spectrum": "diagonal"},
            {"spectrum": "largest-entry"},
        ),
        own(
            "frobenius",
            "You use the Frobenius norm of xᵀx/N.",
            "`np.linalg.norm` of a matrix is the root of the sum of its squared entries unless told "
            "otherwise. The largest eigenvalue is smaller (`np.linalg.norm(a, 2)` gives it for a symmetric a).",
            spectrum="frobenius",
        ),
        own(
            "condition-number",
            "You use the condition number λmax/λmin.",
            "It tells how many steps convergence takes, not how large a step may be; it has no units, and a "
            "learning rate has.",
            {"spectrum": "condition"},
            {"spectrum": "condition", "inverse": True},
        ),
        own(
            "best-rate",
            "You return 2/(λmin + λmax).",
            "That is the rate that converges fastest. The limit of stability is a little higher, 2/λmax.",
            spectrum="sum-of-ends",
        ),
        own(
            "curvature-returned",
            "You return the largest eigenvalue itself.",
            "It is the curvature. The steeper f is, the smaller the step has to be: the limit is 2 divided "
            "by it.",
            inverse=True,
        ),
        own(
            "covariance",
            "You subtract the mean of each feature first, as a covariance does.",
            "f uses x as it is, mean included. The mean makes f steeper, which is one reason to subtract it "
            "from the data; here you are told about data that still have it.",
            {"centred": True},
            {"centred": True, "per": "n-1"},
        ),
        own(
            "largest-example",
            "You use the example with the largest ‖x‖².",
            "That is the limit for steps on one example at a time. f is the mean over all of them.",
            spectrum="example",
        ),
        known("mutates-input"),
    ),
    properties=(Property("descent converges just below it and diverges just above", _is_the_limit),),
    hints=(
        "The gradient of f is xᵀ(xw − t)/N. Differentiate once more: which matrix is the curvature of f?",
        "Along an eigenvector of that matrix, with eigenvalue λ, a step multiplies the error by 1 − ηλ. "
        "For which η is that between −1 and 1? Which λ is the strictest?",
        "The matrix is xᵀx/N: `hessian = x.T @ x / len(x)`. It is symmetric, so `np.linalg.eigvalsh` gives its "
        "eigenvalues, from small to large.",
        "`2 / np.linalg.eigvalsh(x.T @ x / len(x))[-1]`.",
    ),
)

# layer_stds ----------------------------------------------------------------------------------------


def layer_stds(x, weights, activation):
    """For each layer h ← activation(h @ W): the deviation over all entries of h."""
    stds, h = [], x
    for weight in weights:
        h = activation(h @ weight)
        stds.append(float(h.std()))
    return stds


def _layer_stds(
    x,
    weights,
    activation,
    *,
    activate="after",
    record="after",
    transposed=False,
    chained=True,
    measure="std",
    ddof=0,
    listed="layers",
):
    measures = {
        "std": lambda h: h.std(ddof=ddof),
        "var": lambda h: h.var(ddof=ddof),
        "rms": lambda h: np.sqrt((h**2).mean()),
        "mean": lambda h: h.mean(),
        "features": lambda h: h.std(axis=0, ddof=ddof).mean(),
        "examples": lambda h: h.std(axis=1, ddof=ddof).mean(),
        "each-feature": lambda h: h.std(axis=0, ddof=ddof),
    }[measure]
    stds, h = [measures(x)] if listed == "with-input" else [], x
    last = len(weights) - 1
    for i, weight in enumerate(weights):
        skipped = {"never": True, "not-last": i == last, "only-last": i < last}.get(activate, False)
        act = (lambda a: a) if skipped else activation
        start = h if chained else x
        weight = weight.T if transposed else weight
        a = act(start) @ weight if activate == "before" else start @ weight
        h = a if activate == "before" else act(a)
        stds.append(measures(a if record == "before" else h))
    return {"last": lambda: stds[-1], "backwards": lambda: stds[::-1]}.get(listed, lambda: stds)()


def _net(label, rng, n, sizes, activation):
    x = rng.normal(size=(n, sizes[0])) * 1.5 + 0.3
    weights = [rng.normal(size=(i, o)) * 1.2 for i, o in pairwise(sizes)]
    return _stds_probe(label, x, weights, activation)


def _stds_probe(label, x, weights, activation):
    shown = f"x = {x.tolist()}, weights = {[w.tolist() for w in weights]}, activation = {activation}"
    return Probe(
        label,
        (x, tuple(weights), activation),
        driver="01_why_normalise:with_activation",
        returns=tuple(f"layer {i}" for i in range(1, len(weights) + 1)),
        shown=shown,
    )


def _layer_stds_probes(rng):
    return [
        _net("three layers with ReLU", rng, 6, (4, 5, 3, 7), "relu"),
        _net("three layers with tanh", rng, 6, (3, 5, 4, 2), "tanh"),
        _net("three square layers with ReLU", rng, 5, (4, 4, 4, 4), "relu"),
        _net("two layers with the sigmoid", rng, 7, (2, 4, 3), "sigmoid"),
        _net("one layer without an activation", rng, 6, (3, 2), "identity"),
    ]


def _not_negative(args, value):
    return "a deviation is negative" if min(map(float, value)) < 0 else None


def _first_layer(args, value):
    x, weights, activation = args
    if activation != "identity":
        return None
    # σ² = mean of the features' variances + variance of the features' means
    h = x @ weights[0]
    std = np.sqrt(h.var(axis=0).mean() + h.mean(axis=0).var())
    return None if np.isclose(float(value[0]), std, rtol=1e-4) else "the first is not that of x @ W"


LAYER_STDS = Question(
    name="layer_stds",
    points=2,
    level=2,
    task="Return the deviation of h after each layer h ← activation(h @ W), as a list of floats.",
    ask=(
        "For three weight matrices, how many numbers do you return, and behind which line of your loop is each measured?",
        "Three: the input is not listed. Each is the deviation of all entries of h behind the activation, and that h goes into the next layer.",
    ),
    reference=layer_stds,
    variant=_layer_stds,
    returns=("the deviations",),
    probes=_layer_stds_probes,
    examples=(
        _stds_probe("one layer", np.array([[1.0], [3.0]]), [np.array([[2.0]])], "identity"),
        _stds_probe(
            "two layers with ReLU",
            np.array([[1.0], [-3.0]]),
            [np.array([[2.0]]), np.array([[-3.0]])],
            "relu",
        ),
        _stds_probe(
            "two layers of two with ReLU",
            np.array([[1.0, -2.0], [0.0, 3.0]]),
            [np.array([[1.0, -1.0], [2.0, 0.0]]), np.array([[0.0, 2.0], [-1.0, 1.0]])],
            "relu",
        ),
    ),
    misconceptions=(
        own(
            "before-activation",
            "You measure before the activation.",
            "What the next layer receives is the activation's output, and that is where a signal has "
            "vanished, exploded or saturated. A tanh hides in its output what exploded before it.",
            record="before",
        ),
        own(
            "input-listed",
            "Your list begins with the input.",
            "One number for each layer: the input is not the output of one.",
            listed="with-input",
        ),
        own(
            "last-layer-only",
            "You return the last layer's deviation alone.",
            "One number for each layer, so that the list shows where a signal is lost. Append inside the loop.",
            listed="last",
        ),
        own(
            "backwards",
            "Your list runs from the last layer to the first.",
            "It should follow the signal: the first layer first.",
            listed="backwards",
        ),
        own(
            "activation-ignored",
            "You leave the activation out.",
            "Without it all layers together are one matrix, and the deviations are those of another net.",
            activate="never",
        ),
        own(
            "last-layer-linear",
            "You leave the activation out in the last layer.",
            "Nets for regression often do. Here every layer is h ← activation(h @ W), the last one too.",
            activate="not-last",
        ),
        own(
            "activation-at-the-end-only",
            "You apply the activation in the last layer alone.",
            "Every layer is h ← activation(h @ W).",
            activate="only-last",
        ),
        own(
            "activation-before-weights",
            "You compute activation(h) @ W.",
            "Here the activation comes after the weights: activation(h @ W).",
            activate="before",
        ),
        own(
            "per-feature",
            "You take the deviation of each feature, over the examples.",
            "Asked for is one deviation of all entries of h together, as `h.std()` gives it. It also counts "
            "how much the features differ from each other.",
            {"measure": "features"},
            {"measure": "each-feature"},
        ),
        own(
            "per-example",
            "You take the deviation of each example, over its features, and average.",
            "Asked for is one deviation of all entries of h together, as `h.std()` gives it.",
            measure="examples",
        ),
        known("no-sqrt", measure="var"),
        own(
            "root-mean-square",
            "You take the root of the mean square, without subtracting the mean.",
            "The two agree when the mean is 0. After a ReLU or a sigmoid it is not.",
            measure="rms",
        ),
        own(
            "mean-instead",
            "You return the means.",
            "The deviation is how far the entries lie from their mean: `h.std()`.",
            measure="mean",
        ),
        own(
            "sample-variance",
            "You divide the sum of squares by one less than the number of entries.",
            "The deviation of these very entries is asked for, not an estimate for others: NumPy's `std` as "
            "it is. (torch's `std` divides by one less unless `correction=0`.)",
            ddof=1,
        ),
        own(
            "weights-transposed",
            "You multiply by the transposed weights.",
            "Here W has the shape (in, out), so the layer is h @ W. (torch's `nn.Linear` keeps (out, in) and "
            "multiplies by the transpose.)",
            transposed=True,
        ),
        own(
            "not-chained",
            "You give every layer the input x.",
            "Each layer receives the output of the one before it: carry h from one turn of the loop to the next.",
            chained=False,
        ),
    ),
    properties=(
        Property("no deviation is negative", _not_negative),
        Property("one layer without an activation is x @ W", _first_layer),
    ),
    hints=(
        "A loop over the weights, and an h that starts as x and is replaced in every turn.",
        "In each turn: multiply, apply the activation, and append the deviation of what came out.",
        "`h.std()` without an axis is the deviation over all entries; `float(…)` makes it a plain number.",
        "`stds, h = [], x`, then `for W in weights:` with `h = activation(h @ W)` and "
        "`stds.append(float(h.std()))`, then `return stds`.",
    ),
)

QUESTIONS = (STANDARDIZE, MAX_STABLE_LEARNING_RATE, LAYER_STDS)

PREDICTIONS = {
    "01-unit": Prediction("c"),
    "01-overshoot": Prediction("b"),
    "01-centre-or-scale": Prediction("b"),
    "01-bias": Prediction("b"),
    "01-vanish": Prediction(2.0**-10, factor=3),
    "01-sigmoid": Prediction("c"),
    "01-covariate": Prediction("b"),
}
