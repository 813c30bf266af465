"""Lesson 09: ghost batches, the noise of a batch's statistics, Monte-Carlo batch norm."""

import numpy as np

from bn_course import norms
from bn_course.checks._shared import known, own
from bn_course.grading.question import Prediction, Probe, Property, Question

# --- ghost_batch_norm -------------------------------------------------------------------------


def ghost_batch_norm(x, gamma, beta, ghost_size, eps=1e-5):
    """Batch norm of each ghost batch of `ghost_size` consecutive examples by itself; the last may be smaller."""
    if ghost_size < 2 or len(x) % ghost_size == 1:
        raise ValueError("a ghost batch needs two examples")
    ghosts = (x[i : i + ghost_size] for i in range(0, len(x), ghost_size))
    return np.concatenate([norms.batch_norm(ghost, gamma, beta, eps) for ghost in ghosts])


def _ghost_variant(
    x,
    gamma,
    beta,
    ghost_size,
    eps=None,
    *,
    split="consecutive",
    last="alone",
    size_one="raises",
    last_of_one="raises",
    ddof=0,
    axis=0,
    method="two-pass",
    eps_place="inside",
    eps_default=1e-5,
    eps_fixed=None,
    root=True,
    centre=True,
    scale=True,
    affine="after",
    gamma_is="vector",
    beta_is="vector",
    swapped=False,
):
    eps = eps_default if eps is None else eps
    eps = eps if eps_fixed is None else eps_fixed
    n = len(x)
    if size_one == "raises" and ghost_size < 2:
        raise ValueError("ghost_size")
    if last_of_one == "raises" and ghost_size > 1 and n % ghost_size == 1:
        raise ValueError("last ghost batch")
    gamma, beta = (beta, gamma) if swapped else (gamma, beta)
    gamma = {"vector": gamma, "first": gamma[0], "mean": gamma.mean(), "ignored": 1.0}[gamma_is]
    beta = {"vector": beta, "ignored": 0.0}[beta_is]
    x = gamma * x + beta if affine == "before" else x
    x_hat = np.empty(x.shape)
    dropped = np.zeros(n, dtype=bool)
    for rows, taken in _ghosts(n, ghost_size, split, last):
        dropped[rows] = taken is None
        if taken is None:
            continue
        part = x[taken]
        mean = part.mean(axis=axis, keepdims=True) if len(taken) else 0.0
        if method == "one-pass":
            var = (part * part).mean(axis=axis, keepdims=True) - mean * mean
        else:
            var = ((part - mean) ** 2).sum(axis=axis, keepdims=True) / (part.size // mean.size - ddof)
        inside = {"inside": eps, "outside": 0.0, "none": 0.0}[eps_place]
        divisor = np.sqrt(var + inside) if root else var + inside
        divisor = divisor + eps if eps_place == "outside" else divisor
        x_hat[rows] = (x[rows] - mean if centre else x[rows]) / (divisor if scale else 1.0)
    y = (
        x_hat
        if affine == "before"
        else gamma * (x_hat + beta)
        if affine == "shift-first"
        else gamma * x_hat + beta
    )
    if last == "untouched":
        y[dropped] = x[dropped]
    return y[~dropped] if last == "left-out" else y


def _ghosts(n, size, split, last):
    """Pairs (rows to normalise, rows that give the statistics, or None where the rows are left out)."""
    every = np.arange(n)
    if split == "whole":
        return [(every, every)]
    if split == "count":
        groups = np.array_split(every, size)
        return [(rows, rows) for rows in groups if len(rows)]
    if split == "even":
        return [(rows, rows) for rows in np.array_split(every, -(-n // size))]
    if split == "interleaved":
        step = -(-n // size)
        return [(every[i::step], every[i::step]) for i in range(step)]
    groups = [every[i : i + size] for i in range(0, n, size)]
    if split == "first":
        return [(rows, groups[0]) for rows in groups]
    if n % size and len(groups) > 1:
        short = groups[-1]
        if last == "joined":
            groups[-2:] = [np.concatenate(groups[-2:])]
        elif last == "borrows":
            return [*((rows, rows) for rows in groups[:-1]), (short, groups[-2])]
        elif last == "from-the-end":
            return [*((rows, rows) for rows in groups[:-1]), (short, every[-size:])]
        elif last in ("left-out", "untouched"):
            return [*((rows, rows) for rows in groups[:-1]), (short, None)]
    return [(rows, rows) for rows in groups]


def _ghost_probes(rng):
    def batch(n, d, spread=1.0):
        x = spread * rng.normal(rng.normal(size=d), rng.uniform(0.7, 2, d), (n, d))
        gamma = rng.uniform(1.3, 2.5, d) * np.where(np.arange(d) % 2, -1, 1)
        return x, gamma, rng.uniform(0.3, 1.5, d) * np.where(np.arange(d) % 3, 1, -1)

    offset = tuple(a.astype(np.float32) for a in batch(9, 5))
    return [
        Probe("eleven examples in ghost batches of four, ε = 0.1", (*batch(11, 3), 4, 0.1)),
        Probe("twelve examples in ghost batches of four", (*batch(12, 5), 4, 0.3)),
        Probe("small variances, ε left at its default", (*batch(8, 3, 5e-3), 3)),
        Probe("a ghost batch larger than the batch", (*batch(5, 5), 8, 0.1)),
        Probe("fourteen examples in ghost batches of six, ε = 2", (*batch(14, 4), 6, 2.0)),
        Probe("a last ghost batch of one", (*batch(9, 3), 4, 0.1)),
        Probe("ghost_size 1", (*batch(6, 3), 1, 0.1)),
        Probe("float32 at mean 1000", (offset[0] + np.float32(1e3), *offset[1:], 5, 1e-5), rounding=True),
    ]


def _ghost_example(label, x, ghost_size, gamma=(1,), beta=(0,), eps=0.0):
    x, gamma, beta = (np.array(a, dtype=float) for a in (x, gamma, beta))
    return Probe(label, (x if x.ndim == 2 else x[:, None], gamma, beta, ghost_size, eps))


_GHOST_EXAMPLES = (
    _ghost_example("two ghost batches of two", [0, 2, 4, 10], 2),
    _ghost_example("the last one smaller", [0, 2, 4, 1, 5], 3),
    _ghost_example("three of two and a ghost size of three", [0, 2, 4, 1, 5, 3], 3),
    _ghost_example("seven examples, five in a ghost batch", [0, 3, 3, 1, 5, 3, 6], 5),
    _ghost_example("ε = 3", [0, 2, 4, 10], 2, eps=3.0),
    _ghost_example("γ and β", [0, 2, 4, 10], 2, (2,), (5,)),
    _ghost_example("two features", [[0, 1], [2, 5], [4, 0], [10, 2]], 2, (1, 3), (0, 10)),
    Probe("the default ε", (np.array([[0.0], [0.02], [0.01], [0.05]]), np.ones(1), np.zeros(1), 2)),
    _ghost_example("a last ghost batch of one", [0, 2, 7], 2),
    _ghost_example("a ghost size of one", [0, 2], 1, eps=1.0),
    Probe(
        "float32 far from zero",
        (np.float32([[4096], [4097], [4098.5]]), np.ones(1, np.float32), np.zeros(1, np.float32), 3, 0.0),
        rounding=True,
    ),
)


def _ghost_means_are_beta(args, y):
    x, _, beta, size, *_ = args
    means = [np.asarray(y)[i : i + size].mean(axis=0) for i in range(0, len(x), size)]
    worst = np.abs(np.array(means) - beta).max()
    return f"the mean of y over a ghost batch should be β; it is off by {worst:.2g}" if worst > 1e-5 else None


_GHOST = Question(
    name="ghost_batch_norm",
    points=3,
    level=2,
    task="Batch norm in ghost batches: consecutive parts of the batch, each normalised by itself.",
    ask=(
        "Ten examples with ghost_size 4: which sizes do your ghost batches have? And nine?",
        "4, 4, 2. Nine leave one example over, and one value has no deviation: raise.",
    ),
    reference=ghost_batch_norm,
    variant=_ghost_variant,
    returns=("y",),
    probes=_ghost_probes,
    examples=_GHOST_EXAMPLES,
    properties=(Property("the mean of each ghost batch is β", _ghost_means_are_beta),),
    misconceptions=(
        own(
            "ghosts-ignored",
            "You take one mean and one variance of the whole batch.",
            "That is batch norm. Each ghost batch has its own mean and variance, of its own examples alone.",
            split="whole",
        ),
        own(
            "ghost-count",
            "You make `ghost_size` ghost batches.",
            "`ghost_size` is how many examples a ghost batch has, not how many ghost batches there are.",
            split="count",
        ),
        own(
            "even-split",
            "You split the batch into parts that are as even as possible.",
            "`np.array_split` does that. All ghost batches have `ghost_size` examples, and the last one what is left.",
            split="even",
        ),
        own(
            "interleaved",
            "You deal the examples out, every so many to the same ghost batch.",
            "A ghost batch is a run of consecutive examples: the first `ghost_size`, then the next.",
            split="interleaved",
        ),
        own(
            "first-ghost-for-all",
            "You normalise every ghost batch by the statistics of the first.",
            "Each takes its mean and variance from its own examples.",
            split="first",
        ),
        own(
            "last-joined",
            "You add the last, smaller ghost batch to the one before it.",
            "It is normalised by itself, by the statistics of the few examples it has.",
            last="joined",
        ),
        own(
            "last-borrows",
            "You normalise the last, smaller ghost batch by statistics of examples that are not in it.",
            "It is normalised by itself, by the statistics of the few examples it has.",
            {"last": "borrows"},
            {"last": "from-the-end"},
        ),
        own(
            "last-left-out",
            "You leave the last, smaller ghost batch out, or as it was.",
            "Every example has an output: the last few are normalised by their own statistics.",
            {"last": "left-out"},
            {"last": "untouched"},
        ),
        own(
            "accepts-last-of-one",
            "You accept a last ghost batch of one example.",
            "One example is its own mean, so its output would be β whatever it was. Raise ValueError.",
            last_of_one="accepted",
        ),
        own(
            "accepts-size-one",
            "You accept a `ghost_size` of 1.",
            "Every example would be its own mean, and all outputs β. Raise ValueError.",
            size_one="accepted",
        ),
        known("sample-variance", ddof=1),
        known("wrong-axis", axis=1),
        known("global-statistics", axis=None),
        known("one-pass-variance", rounding=True, method="one-pass"),
        known("eps-outside-sqrt", eps_place="outside"),
        known("no-eps", eps_place="none"),
        known("eps-default", {"eps_default": 1e-3}, {"eps_default": 1e-8}),
        known("eps-hard-coded", {"eps_fixed": 1e-5}, {"eps_fixed": 1e-3}),
        known("divides-by-variance", root=False),
        known("mean-not-subtracted", centre=False),
        known("only-centred", scale=False),
        known("gamma-ignored", gamma_is="ignored"),
        known("beta-ignored", beta_is="ignored"),
        known("affine-ignored", gamma_is="ignored", beta_is="ignored"),
        known("gamma-after-shift", affine="shift-first"),
        known("affine-before", affine="before"),
        known("scalar-gamma", {"gamma_is": "first"}, {"gamma_is": "mean"}),
        known("gamma-beta-swapped", swapped=True),
        known("mutates-input"),
    ),
    hints=(
        "Cut the batch into runs of `ghost_size` examples. What would lesson 02's batch norm do with each?",
        "`x[i : i + ghost_size]` for i = 0, ghost_size, 2·ghost_size … also gives the last, smaller run.",
        "Two cases have no answer: `ghost_size < 2`, and `len(x) % ghost_size == 1`. Raise ValueError first.",
        "In a loop over i: `(ghost - ghost.mean(axis=0)) / np.sqrt(ghost.var(axis=0) + eps)`; join them with "
        "`np.concatenate`, then γ and β.",
    ),
)


# --- statistics_noise -------------------------------------------------------------------------


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
):
    if generator != "given":
        rng = np.random.default_rng(0 if generator == "fixed" else None)
    n = len(x)
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
        shown="x = [[0], [2], [7], [30]], batch_size = 2, draws = 5, three generators of seeds 7, 7 and 8",
    ),
)


_NOISE = Question(
    name="statistics_noise",
    points=3,
    level=2,
    task="Draw many batches and say how much their means and their variances scatter.",
    ask=(
        "Draw batches as large as the whole data set, without replacement. How much must their means scatter?",
        "Not at all: each draw is the same set. Any scatter beyond rounding comes from drawing with replacement.",
    ),
    reference=statistics_noise,
    variant=_noise_variant,
    returns=_NOISE_RETURNS,
    probes=_noise_probes,
    examples=_NOISE_EXAMPLES,
    call="statistics_noise(x, batch_size, draws, rng)",
    misconceptions=(
        own(
            "with-replacement",
            "You draw the examples of a batch with replacement.",
            "A training batch holds no example twice. When a batch is a good part of the data it matters: the "
            "whole data set as one batch has no noise at all.",
            drawn="with",
        ),
        own(
            "not-random",
            "You cut the data into consecutive batches, in the order in which they are.",
            "Where the data are sorted, such batches are not like random ones. Draw each at random.",
            drawn="in-order",
        ),
        own(
            "same-batch",
            "You draw one batch and use it every time.",
            "All draws then agree, and the scatter is 0. Draw inside the loop.",
            drawn="once",
        ),
        own(
            "rng-ignored",
            "You do not draw with the generator `rng` that you were given.",
            "Then nobody can repeat the result, or vary it. Use `rng.permutation`, `rng.choice` or `rng.random`, and "
            "no generator of your own.",
            {"generator": "own"},
            {"generator": "fixed"},
        ),
        own(
            "shuffles-the-data",
            "You shuffle x in place.",
            "`rng.shuffle(x)` changes the caller's array. `rng.permutation(len(x))` gives row numbers instead.",
            shuffles=True,
        ),
        known("sample-variance", ddof=1),
        own(
            "noise-of-the-deviation",
            "Your second number is the scatter of σ, not of σ².",
            "The variance is asked for: no root before the scatter is taken.",
            second="deviation",
        ),
        own(
            "no-sqrt",
            "You return the variance over the draws.",
            "Its square root is the deviation, which has the units of what was drawn.",
            spread="var",
        ),
        own(
            "standard-error",
            "You divide the deviation by √draws.",
            "That is the error of the *average* over all draws. A network meets one batch at a time, and its "
            "noise is the scatter of single draws.",
            spread="error",
        ),
        own(
            "average-not-scatter",
            "You return the average of the batches' statistics.",
            "The question is how far single batches scatter around it: `std` over the draws.",
            spread="average",
        ),
        known("wrong-axis", axis=2),
        known("global-statistics", features="together"),
        own(
            "swapped-outputs",
            "You return the noise of σ² first.",
            "The order is μ, then σ².",
            order="var-mean",
        ),
    ),
    hints=(
        "One draw: choose `batch_size` different rows at random, and take the mean and the variance of each feature.",
        "`rng.permutation(len(x))[:batch_size]` or `rng.choice(len(x), batch_size, replace=False)` are such rows. Keep "
        "the mean and the variance (÷N) of each draw in a list.",
        "At the end, `np.std(means, axis=0)` and `np.std(variances, axis=0)`: a number for each feature.",
    ),
)


# --- mc_batch_norm_predict --------------------------------------------------------------------


def mc_batch_norm_predict(model, x, training_batches):
    """Mean and deviation ÷K of the predictions with the statistics of each of the training batches."""
    from bn_course.nets.mc import mc_batch_norm_predict

    return mc_batch_norm_predict(model, x, training_batches)


def _mc_variant(
    model,
    x,
    training_batches,
    *,
    collect="batch",
    correction=0,
    spread="population",
    order="mean-std",
    dropout=False,
    modes="kept",
    statistics="kept",
    counter="kept",
    momentum="kept",
):
    import torch

    layers = [m for m in model.modules() if isinstance(m, torch.nn.modules.batchnorm._BatchNorm)]
    before = {module: module.training for module in model.modules()}
    kept = [(layer.running_mean.clone(), layer.running_var.clone()) for layer in layers]
    model.train(dropout)
    for layer in layers:
        layer.eval()
    with torch.no_grad():
        if collect in ("own", "joint"):
            predictions = [_in_training_mode(model, layers, x, b, collect) for b in training_batches]
        else:
            predictions = _each_batch(model, layers, x, training_batches, kept, collect, correction)
        last = [(layer.running_mean.clone(), layer.running_var.clone()) for layer in layers]
        for layer, own_statistics in zip(layers, kept if statistics == "kept" else last, strict=True):
            layer.running_mean.copy_(own_statistics[0])
            layer.running_var.copy_(own_statistics[1])
            layer.num_batches_tracked += len(training_batches) * (counter == "counts")
            layer.momentum = {"kept": layer.momentum, "one": 1.0, "none": None}[momentum]
    for module, mode in before.items():
        module.training = {"kept": mode, "train": True, "eval": False, "root": before[model]}[modes]
    stacked = torch.stack(predictions)
    std = stacked.std(0, correction=int(spread == "sample"))
    found = stacked.mean(0), std**2 if spread == "variance" else std
    return found if order == "mean-std" else found[::-1]


def _in_training_mode(model, layers, x, batch, collect):
    """x normalised by its own statistics, or by those of the batch and x together."""
    import torch

    for layer in layers:
        layer.train()
    if collect == "own":
        return model(x)
    return model(torch.cat([batch, x]))[len(batch) :]


def _each_batch(model, layers, x, batches, kept, collect, correction):
    """Predictions in evaluation mode, the running statistics set from each batch in turn."""
    import torch

    predictions, sets = [], []
    old = kept
    for batch in batches:
        inputs = _inputs(model, layers, batch, kept, below=collect != "running-below")
        new = [(v.mean(1), v.var(1, correction=correction)) for v in inputs]
        if collect in ("moving", "moving-on"):
            sample = [(v.mean(1), v.var(1)) for v in inputs]
            shares = [layer.momentum for layer in layers]
            new = [
                tuple((1 - m) * was + m * now for was, now in zip(one, other, strict=True))
                for m, one, other in zip(shares, old, sample, strict=True)
            ]
            old = new if collect == "moving-on" else kept
        if collect == "first":
            new = [new[0], *kept[1:]]
        sets.append(new)
    if collect == "average":
        mean_of = [
            tuple(torch.stack(part).mean(0) for part in zip(*s, strict=True)) for s in zip(*sets, strict=True)
        ]
        sets = [mean_of] * len(batches)
    for new in sets:
        for layer, (mean, var) in zip(layers, new, strict=True):
            layer.running_mean.copy_(mean)
            layer.running_var.copy_(var)
        predictions.append(model(x))
    return predictions


def _inputs(model, layers, batch, kept, below):
    """Each layer's input for `batch`, (channels, values); those below use its statistics, or the old ones."""
    found = []

    def look(layer, inputs):
        values = inputs[0].transpose(0, 1).flatten(1)
        found.append(values)
        if below:
            layer.running_mean.copy_(values.mean(1))
            layer.running_var.copy_(values.var(1, correction=0))

    for layer, (mean, var) in zip(layers, kept, strict=True):
        layer.running_mean.copy_(mean)
        layer.running_var.copy_(var)
    hooks = [layer.register_forward_pre_hook(look) for layer in layers]
    model(batch)
    for hook in hooks:
        hook.remove()
    return found


_MC_RETURNS = (
    "the mean",
    "the deviation",
    "the running statistics afterwards",
    "num_batches_tracked afterwards",
    "the momenta afterwards (−1 for None)",
    "the modes afterwards (1 is training)",
)


def _mc_probe(label, layers, training, x, batches, shown=None):
    return Probe(
        label,
        (layers, training, x, batches),
        driver="09_regularisation:monte_carlo",
        returns=_MC_RETURNS,
        shown=shown,
    )


def _mc_probes(rng):
    def batch_norm(training, dims, channels, momentum):
        gamma = rng.uniform(0.7, 2, channels) * np.where(np.arange(channels) % 2, -1, 1)
        vectors = (gamma, rng.normal(size=channels), rng.normal(size=channels))
        return ("batch norm", training, dims, *vectors, rng.uniform(0.5, 3, channels), momentum)

    def linear(training, inputs, outputs):
        return ("linear", training, rng.normal(size=(outputs, inputs)), rng.normal(size=outputs))

    def batches(*sizes, shape=(4,)):
        return [rng.normal(0, 2, shape) + rng.uniform(0.5, 3) * rng.normal(size=(n, *shape)) for n in sizes]

    features = [
        linear(True, 4, 5),
        batch_norm(True, 1, 5, 0.3),
        ("dropout", True, 0.0),
        batch_norm(False, 1, 5, 0.1),
        linear(False, 5, 3),
    ]
    images = [
        batch_norm(True, 2, 3, 0.2),
        ("flatten", False),
        linear(False, 12, 4),
        ("dropout", True, 1.0),
        batch_norm(False, 1, 4, 0.1),
        linear(True, 4, 2),
    ]
    plain = [
        linear(False, 4, 3),
        batch_norm(False, 1, 3, 0.1),
        linear(False, 3, 4),
        batch_norm(False, 1, 4, 0.1),
    ]
    return [
        _mc_probe("three batches", features, True, rng.normal(size=(3, 4)), batches(5, 7, 4)),
        _mc_probe(
            "images, dropout", images, True, rng.normal(size=(4, 3, 2, 2)), batches(3, 5, shape=(3, 2, 2))
        ),
        _mc_probe("a model in evaluation mode", plain, False, rng.normal(size=(2, 4)), batches(3, 6, 2, 4)),
    ]


def _mc_example(label, layers, training, x, batches, shown):
    arrays = [np.array(batch, float)[:, None] for batch in (x, *batches)]
    return _mc_probe(label, layers, training, arrays[0], arrays[1:], shown)


def _norm_of_one(training, gamma=1.0, beta=0.0):
    return ("batch norm", training, 1, *(np.array([v]) for v in (gamma, beta, 0.0, 1.0)), 0.1)


_MC_BATCHES = [[2, 6], [1, 3, 8]]

_MC_EXAMPLES = (
    _mc_example(
        "one layer, two batches",
        [_norm_of_one(True)],
        True,
        [4, 7],
        _MC_BATCHES,
        "model = BatchNorm1d(1) in training mode, x = [[4], [7]], batches [[2], [6]] and [[1], [3], [8]]",
    ),
    _mc_example(
        "two layers, in evaluation mode",
        [_norm_of_one(False, 2.0, 1.0), _norm_of_one(False)],
        False,
        [4, 7],
        _MC_BATCHES,
        "model = BatchNorm1d(1) with γ = 2 and β = 1, BatchNorm1d(1), in evaluation mode, x = [[4], [7]], "
        "batches [[2], [6]] and [[1], [3], [8]]",
    ),
    _mc_example(
        "dropout, and a part in evaluation mode",
        [_norm_of_one(False), ("dropout", True, 1.0)],
        True,
        [4, 7],
        _MC_BATCHES,
        "model = BatchNorm1d(1) in evaluation mode, Dropout(1) in training mode, x = [[4], [7]], batches "
        "[[2], [6]] and [[1], [3], [8]]",
    ),
)

_MC = Question(
    name="mc_batch_norm_predict",
    points=4,
    level=3,
    task="The mean and the deviation of a network's predictions over the statistics of many training batches.",
    ask=(
        "When a training batch sets the statistics of the second norm, which statistics did the first one use for that batch?",
        "Those of the same batch, all the way up; x has no part in them. Then compare `state_dict()` and modes before and after: nothing moved.",
    ),
    reference=mc_batch_norm_predict,
    variant=_mc_variant,
    returns=_MC_RETURNS,
    probes=_mc_probes,
    examples=_MC_EXAMPLES,
    call="mc_batch_norm_predict(model, x, training_batches)",
    misconceptions=(
        own(
            "own-batch",
            "You normalise x by its own statistics.",
            "That is the model in training mode on x: the same each time, and x must then be a batch. Take the "
            "statistics from the training batch and keep them for x.",
            {"collect": "own"},
            {"collect": "own", "dropout": True},
        ),
        own(
            "x-in-the-batch",
            "You put x into the training batch, so that it takes part in the statistics.",
            "The prediction for one example then depends on the others in x. The statistics are those of the training "
            "batch alone.",
            {"collect": "joint"},
            {"collect": "joint", "dropout": True},
        ),
        own(
            "moving-average",
            "You let the running statistics move a step towards the batch, and predict with those.",
            "With momentum 0.1 nine tenths of them are still the old ones. The batch's own mean and variance are wanted.",
            {"collect": "moving"},
            {"collect": "moving-on"},
        ),
        own(
            "sample-variance",
            "Your variance of the batch is ÷(n − 1).",
            "That is what `running_var` holds after a training pass with momentum 1. The network was trained with ÷n: "
            "multiply by (n − 1)/n, or take the variance of the layer's input yourself.",
            correction=1,
        ),
        own(
            "running-stats-below",
            "You take a layer's statistics while the layers below it use their old running ones.",
            "The batch must be normalised by its own statistics all the way up, as it was in training.",
            collect="running-below",
        ),
        own(
            "first-layer-only",
            "You use the batch's statistics in the first batch-norm layer alone.",
            "Every batch-norm layer takes its statistics from the same batch.",
            collect="first",
        ),
        own(
            "averages-statistics",
            "You average the statistics of the batches, and predict once.",
            "That is evaluation mode with good running statistics. Here each batch gives a prediction, and the "
            "predictions are averaged; their scatter is the point.",
            collect="average",
        ),
        own(
            "deviation-over-k-minus-one",
            "You divide the squared deviations by K − 1.",
            "The question asks for ÷K. In torch: `std(0, correction=0)`.",
            spread="sample",
        ),
        known("no-sqrt", spread="variance"),
        own(
            "swapped-outputs",
            "You return the deviation first.",
            "The order is (mean, std).",
            order="std-mean",
        ),
        own(
            "dropout-on",
            "Dropout is on while you predict.",
            "`model.train()` switches it on as well. Put the model in evaluation mode, and at most the batch-norm "
            "layers in training mode.",
            dropout=True,
        ),
        own(
            "modes-not-restored",
            "You leave modules in another mode than they were in.",
            "Note every module's mode, and put each back: a part of the model may be frozen in evaluation mode.",
            {"modes": "train"},
            {"modes": "eval"},
            {"modes": "root"},
        ),
        own(
            "statistics-not-restored",
            "You leave the statistics of the last batch in the model.",
            "Every later evaluation would use them. Keep copies (`clone()`) of the running statistics, and copy them back.",
            {"statistics": "last"},
            {"statistics": "last", "counter": "counts"},
        ),
        own(
            "counter-not-restored",
            "You leave `num_batches_tracked` changed.",
            "It is a buffer too: with `momentum=None` it sets the weight of the next batch. `state_dict()` holds it with "
            "the others.",
            counter="counts",
        ),
        own(
            "momentum-not-restored",
            "You leave the layers' momentum changed.",
            "If training goes on, the running statistics will be those of the last batch.",
            {"momentum": "one"},
            {"momentum": "none"},
        ),
    ),
    hints=(
        "Two passes for each training batch: one of the batch, which leaves its statistics in the layers, and one of x in "
        "evaluation mode, which uses them.",
        "With `layer.momentum = 1.0` and the layer in training mode, a pass leaves the batch's mean and variance in the "
        "running statistics; that variance is ÷(n − 1). A forward pre-hook on each layer lets you compute your own.",
        "Note first what must be put back: `{m: m.training for m in model.modules()}`, each momentum, and a copy of "
        "`model.state_dict()` (clone the tensors).",
        "In a hook `f(layer, inputs)`, in evaluation mode: `layer.running_mean.copy_(…)` and "
        "`layer.running_var.copy_(…)` from `inputs[0]`, over all axes but 1 and with `correction=0`; the layer then uses "
        "them at once. Remove the hooks before `model(x)`, and work under `torch.no_grad()`.",
    ),
)


QUESTIONS = (_GHOST, _NOISE, _MC)

PREDICTIONS = {
    "09-quarter-noise": Prediction("b"),
    "09-half-the-data": Prediction("b"),
    "09-ghost-size": Prediction("c"),
    "09-small-batch": Prediction("c"),
    "09-memorised": Prediction("c"),
    "09-variance-shift": Prediction(0.41, factor=1.25),
    "09-decay": Prediction("c"),
    "09-monte-carlo": Prediction("c"),
}
