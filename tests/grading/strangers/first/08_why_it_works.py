from corpus import right, wrong

ANSWERS = [
    right(
        "effective_learning_rate",
        """
def effective_learning_rate(lr, weight):
    w = np.ravel(weight).astype(float)
    return float(lr / (w @ w))
""",
    ),
    wrong(
        "effective_learning_rate",
        """
def effective_learning_rate(lr, weight):
    return lr / np.linalg.norm(weight.reshape(len(weight), -1), ord=2) ** 2
""",
        "For a matrix ord=2 is the largest singular value, not the length of all weights.",
        "ord=2",
        keys="spectral-norm",
    ),
    wrong(
        "effective_learning_rate",
        """
def effective_learning_rate(lr, weight):
    return lr / np.sqrt(np.sum(weight ** 2))
""",
        "The length is not squared.",
        "np.sqrt(np.sum(weight ** 2))",
        keys="not-squared",
    ),
    wrong(
        "effective_learning_rate",
        """
def effective_learning_rate(lr, weight):
    return float(lr / np.sum(weight) ** 2)
""",
        "The sum is squared, not the entries.",
        "np.sum(weight) ** 2",
    ),
    wrong(
        "effective_learning_rate",
        """
def effective_learning_rate(lr, weight):
    return lr / np.var(weight) / weight.size
""",
        "The variance subtracts the mean of the weights.",
        "np.var(weight)",
    ),
    right(
        "loss_range_along_gradient",
        """
def loss_range_along_gradient(loss, w, grad, step_sizes):
    lo, hi = math.inf, -math.inf
    for eta in step_sizes:
        v = float(loss(np.subtract(w, np.multiply(eta, grad))))
        lo, hi = min(lo, v), max(hi, v)
    return lo, hi
""",
    ),
    wrong(
        "loss_range_along_gradient",
        """
def loss_range_along_gradient(loss, w, grad, step_sizes):
    vals = []
    w = w.copy()
    for s in step_sizes:
        w -= s * grad
        vals.append(loss(w))
    return min(vals), max(vals)
""",
        "The steps are added up, since w is not put back between them.",
        "w -= s * grad",
    ),
    wrong(
        "loss_range_along_gradient",
        """
def loss_range_along_gradient(loss, w, grad, step_sizes):
    g = grad / np.linalg.norm(grad)
    L = [loss(w - s * g) for s in step_sizes]
    return min(L), max(L)
""",
        "The gradient is normalised to length 1.",
        "grad / np.linalg.norm(grad)",
    ),
    wrong(
        "loss_range_along_gradient",
        """
def loss_range_along_gradient(loss, w, grad, step_sizes):
    L = np.array([loss(w - s * grad) for s in np.linspace(min(step_sizes), max(step_sizes))])
    return L.min(), L.max()
""",
        "The losses are taken on a grid of 50 steps of its own, not at the steps given.",
        "np.linspace(min(step_sizes), max(step_sizes))",
    ),
    wrong(
        "loss_range_along_gradient",
        """
def loss_range_along_gradient(loss, w, grad, step_sizes):
    best, worst = loss(w), 0.0
    for s in step_sizes:
        l = loss(w - s * grad)
        if l < best: best = l
        if l > worst: worst = l
    return best, worst
""",
        "The smallest begins with the loss at w itself and the largest with 0, which need not be among the values.",
        ["loss(w)", "0.0"],
        kind="pair",
    ),
    right(
        "gradient_growth_per_layer",
        """
def gradient_growth_per_layer(norms):
    y = [math.log(v) for v in norms]
    L = len(y)
    t = [i - (L - 1) / 2 for i in range(L)]
    return math.exp(sum(a * b for a, b in zip(t, y)) / sum(a * a for a in t))
""",
    ),
    wrong(
        "gradient_growth_per_layer",
        """
def gradient_growth_per_layer(norms):
    norms = np.asarray(norms, dtype=float)
    return float((norms[-1] / norms[0]) ** (1 / len(norms)))
""",
        "The ends alone are compared instead of fitting a line, and by n layers where there are n − 1 steps.",
        ["norms[-1] / norms[0]", "1 / len(norms)"],
        kind="pair",
    ),
    wrong(
        "gradient_growth_per_layer",
        """
def gradient_growth_per_layer(norms):
    r = np.array(norms[1:]) / np.array(norms[:-1])
    return float(np.exp(np.mean(np.log(r))))
""",
        "The mean of the log ratios depends on the two ends alone; it is not the slope of the fitted line.",
        "np.mean(np.log(r))",
    ),
    wrong(
        "gradient_growth_per_layer",
        """
def gradient_growth_per_layer(norms):
    k = np.arange(len(norms))
    slope = np.polyfit(k, np.log10(norms), 1)[0]
    return float(np.exp(slope))
""",
        "The logarithm to base 10 is undone by e to the power.",
        "np.log10(norms)",
    ),
    wrong(
        "gradient_growth_per_layer",
        """
def gradient_growth_per_layer(norms):
    k = np.arange(len(norms))
    y = np.log(norms)
    return np.exp((k * y).sum() / (k * k).sum())
""",
        "The line is forced through 0: there is no intercept.",
        "(k * y).sum() / (k * k).sum()",
    ),
]
