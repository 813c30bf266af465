"""Lesson 04: running statistics, the two modes, other frameworks' conventions, folding."""

import numpy as np

from bn_course import norms
from bn_course.checks._shared import known, own
from bn_course.grading.question import Prediction, Probe, Property, Question

# --- update_running_stats ---------------------------------------------------------------------


def update_running_stats(running_mean, running_var, x, momentum=0.1):
    """new = (1 − momentum) · old + momentum · batch; the variance of the batch is ÷(N − 1)."""
    return norms.update_running_stats(running_mean, running_var, x, momentum)


def _moved(old, batch, momentum, weight):
    """The new running value; `weight` says how momentum is understood."""
    old_share, batch_share = {
        "batch": (1 - momentum, momentum),
        "old": (momentum, 1 - momentum),
        "replaced": (0.0, 1.0),
        "added": (1.0, momentum),
        "always-0.1": (0.9, 0.1),
    }[weight]
    return old_share * old + batch_share * batch


def _update_variant(
    running_mean,
    running_var,
    x,
    momentum=0.1,
    *,
    correction="sample",
    weight="batch",
    spread="variance",
    update="both",
    axis=0,
    keepdims=False,
    centre="batch",
    eps=0.0,
    one_pass=False,
    order="mean-var",
):
    mean = x.mean(axis=axis, keepdims=keepdims)
    new_mean = _moved(running_mean, mean, momentum, weight)
    around = {"batch": x.mean(axis=axis, keepdims=True), "old": running_mean, "new": new_mean}[centre]
    var = ((x - around) ** 2).mean(axis=axis, keepdims=keepdims)
    if one_pass:
        var = (x * x).mean(axis=axis, keepdims=keepdims) - mean * mean
    n = x.size if axis is None else x.shape[axis]
    var = var * {"sample": n / (n - 1), "inverse": (n - 1) / n}.get(correction, 1.0) + eps
    if spread == "std":
        new_var = _moved(running_var, np.sqrt(var), momentum, weight)
    elif spread == "roots":
        new_var = _moved(np.sqrt(running_var), np.sqrt(var), momentum, weight) ** 2
    else:
        new_var = _moved(running_var, var, momentum, weight)
    if correction == "everything":
        new_var = new_var * n / (n - 1)
    new_mean = new_mean if update in ("both", "mean") else running_mean.copy()
    new_var = new_var if update in ("both", "var") else running_var.copy()
    return (new_mean, new_var) if order == "mean-var" else (new_var, new_mean)


def _update_probes(rng):
    def batch(n, d, scale=1.0):
        return rng.normal(rng.normal(size=d), rng.uniform(0.5, 2.0, d), (n, d)) * scale

    def old(d, scale=1.0):
        return rng.normal(size=d) * scale, rng.uniform(0.5, 3.0, d) * scale**2

    offset = (rng.normal(1e3, 1.0, (40, 24))).astype(np.float32)
    at_offset = (rng.normal(1e3, 1.0, 24).astype(np.float32), np.ones(24, np.float32))
    return [
        Probe("6 examples of 4 features", (*old(4), batch(6, 4), 0.3)),
        Probe("momentum left at its default", (*old(3), batch(7, 3))),
        Probe("as many examples as features", (*old(5), batch(5, 5), 0.2)),
        Probe("a batch of two, momentum 0.9", (*old(3), batch(2, 3), 0.9)),
        Probe("small numbers", (*old(4, 1e-3), batch(6, 4, 1e-3), 0.6), atol=1e-10),
        Probe("float32 at a mean of 1000", (*at_offset, offset, 0.9), rounding=True),
    ]


_UPDATE_EXAMPLES = (
    Probe(
        "two numbers of one feature",
        (np.array([0.0]), np.array([1.0]), np.array([[2.0], [6.0]]), 0.25),
    ),
    Probe(
        "three examples of two features",
        (np.array([4.0, -2.0]), np.array([4.0, 9.0]), np.array([[0.0, 1], [2, 5], [4, 3]]), 0.1),
    ),
    Probe(
        "as many examples as features",
        (np.array([1.0, 2.0]), np.array([1.0, 4.0]), np.array([[0.0, 3], [4, 1]]), 0.5),
    ),
    Probe(
        "small numbers, momentum 1",
        (np.array([0.0]), np.array([1e-6]), np.array([[0.001], [0.003]]), 1.0),
        atol=1e-10,
        shown="running mean 0, running variance 1e-6, x = [[0.001], [0.003]], momentum 1 (in millionths)",
    ),
)


def _between_old_and_batch(args, value):
    old, x = np.asarray(args[0], float), np.asarray(args[2], float)
    new, mean = np.asarray(value[0], float).reshape(-1), x.mean(axis=0)
    low, high = np.minimum(old, mean), np.maximum(old, mean)
    outside = (new < low - 1e-6) | (new > high + 1e-6)
    if not outside.any():
        return None
    return "a running mean does not lie between its old value and the mean of the batch"


_UPDATE = Question(
    name="update_running_stats",
    points=2,
    level=1,
    task="Move the running mean and the running variance a step towards those of a training batch.",
    reference=update_running_stats,
    variant=_update_variant,
    returns=("the running mean", "the running variance"),
    probes=_update_probes,
    examples=_UPDATE_EXAMPLES,
    properties=(Property("between old and new", _between_old_and_batch),),
    misconceptions=(
        known("population-running-var", correction="population"),
        own(
            "correction-upside-down",
            "You multiply the batch's variance by (N − 1)/N.",
            "A batch's variance ÷N is too small on average, because it is taken around the batch's own mean. "
            "The correction makes it larger: N/(N − 1).",
            correction="inverse",
        ),
        own(
            "corrects-old-value-too",
            "You apply N/(N − 1) to the old running variance as well.",
            "The old value has had its correction. Corrected again at every step, it grows without end. "
            "Correct the batch's variance, then average.",
            correction="everything",
        ),
        known("momentum-flipped", weight="old"),
        known("running-replaced", weight="replaced"),
        own(
            "old-not-shrunk",
            "You add momentum · batch to the old value without shrinking it.",
            "The two weights must sum to 1, or the estimate grows at every step: "
            "new = (1 − momentum)·old + momentum·batch.",
            weight="added",
        ),
        own(
            "momentum-hard-coded",
            "You use 0.1 whatever momentum is.",
            "0.1 is the default of the argument; the caller may give another value.",
            weight="always-0.1",
        ),
        known("running-std", {"spread": "std"}, {"spread": "roots"}),
        known("mean-only", update="mean"),
        known("var-only", update="var"),
        own(
            "wrong-axis",
            "You take the statistics of each example, over its features.",
            "A running statistic belongs to a feature: it is taken over the examples, axis 0 of (N, D).",
            {"axis": 1},
            {"axis": 1, "keepdims": True},
        ),
        known("global-statistics", axis=None),
        own(
            "variance-about-running-mean",
            "You measure the batch's variance around the running mean.",
            "The spread of a batch is taken around its own mean. Around another centre it also counts the "
            "distance between the two, squared.",
            {"centre": "old"},
            {"centre": "new"},
        ),
        known("eps-in-running-var", eps=1e-5),
        own(
            "swapped-outputs",
            "You return the variance first.",
            "The order is (running_mean, running_var).",
            order="var-mean",
        ),
        known("one-pass-variance", one_pass=True, rounding=True),
        known("mutates-input"),
    ),
    hints=(
        "Two averages, each of an old value and a new one. What do the two weights sum to, and which of "
        "them is called momentum here?",
        "new = (1 − momentum)·old + momentum·batch, once for the mean and once for the variance. The "
        "statistics are taken over the examples, axis 0.",
        "The running variance estimates that of the population: ÷(N − 1), which is `x.var(axis=0, ddof=1)`.",
        "`(1 - momentum) * running_mean + momentum * x.mean(axis=0)`, and the same with `running_var` and "
        "`x.var(axis=0, ddof=1)`. Return both, the mean first.",
    ),
)


# --- batch_norm_inference ---------------------------------------------------------------------


def batch_norm_inference(x, gamma, beta, running_mean, running_var, eps=1e-5):
    """y = γ (x − running_mean) / √(running_var + ε) + β."""
    return norms.batch_norm_inference(x, gamma, beta, running_mean, running_var, eps)


_NOT_GIVEN = None


def _eps_used(eps, eps_from):
    """`eps` as the answer takes it; _NOT_GIVEN where the caller leaves it at its default."""
    default = {"keras": 1e-3, "tiny": 1e-8}.get(eps_from, 1e-5)
    return default if eps is _NOT_GIVEN or eps_from == "hard-coded" else eps


def _deviation(var, eps, eps_place, divide_by="deviation"):
    if divide_by == "nothing":
        return np.ones_like(var)
    if divide_by == "variance":
        return var + (0.0 if eps_place == "none" else eps)
    if eps_place == "outside":
        return np.sqrt(var) + eps
    return np.sqrt(var + (0.0 if eps_place == "none" else eps))


def _affine(x_hat, gamma, beta, gamma_use, beta_use, affine):
    gamma = {"all": gamma, "none": np.ones_like(gamma), "first": gamma[0]}[gamma_use]
    beta = beta if beta_use else np.zeros_like(beta)
    return gamma * (x_hat + beta) if affine == "shift-first" else gamma * x_hat + beta


def _inference_variant(
    x,
    gamma,
    beta,
    running_mean,
    running_var,
    eps=_NOT_GIVEN,
    *,
    stats="running",
    swap=False,
    correction="none",
    eps_place="inside",
    eps_from="argument",
    divide_by="deviation",
    centre=True,
    gamma_use="all",
    beta_use=True,
    affine="after",
):
    eps = _eps_used(eps, eps_from)
    n = len(x)
    mean, var = (running_var, running_mean) if swap else (running_mean, running_var)
    if stats == "updated":
        mean = 0.9 * mean + 0.1 * x.mean(axis=0)
        var = 0.9 * var + 0.1 * x.var(axis=0) * n / (n - 1)
    mean = x.mean(axis=0) if stats in ("batch", "batch-mean") else mean
    var = x.var(axis=0) if stats in ("batch", "batch-var") else var
    var = var * {"none": 1.0, "again": n / (n - 1) if n > 1 else np.inf, "undone": (n - 1) / n}[correction]
    inv_std = 1 / _deviation(var, eps, eps_place, divide_by)
    if affine == "before":
        scaled = _affine(x, gamma, beta, gamma_use, beta_use, "after")
        return (scaled - mean * centre) * inv_std
    return _affine((x - mean * centre) * inv_std, gamma, beta, gamma_use, beta_use, affine)


def _signs(rng, d):
    """Numbers of both signs, none near 0 or 1, as γ."""
    return rng.uniform(1.3, 2.5, d) * np.where(np.arange(d) % 2, -1.0, 1.0)


def _inference_probes(rng):
    def args(n, d, eps, var=1.0):
        running_mean = rng.uniform(0.5, 2.0, d)
        x = rng.normal(size=(n, d)) * np.sqrt(var) + running_mean
        x[-1] = running_mean
        head = (x, _signs(rng, d), rng.normal(size=d), running_mean, rng.uniform(0.5, 3.0, d) * var)
        return head if eps is None else (*head, eps)

    offset = rng.normal(1e3, 1.0, (6, 4)).astype(np.float32)
    at_offset = [a.astype(np.float32) for a in (_signs(rng, 4), rng.normal(size=4))]
    running = (np.full(4, 1000.5, np.float32), rng.uniform(0.5, 2.0, 4).astype(np.float32))
    return [
        Probe("6 examples of 4 features, ε = 0.1", args(6, 4, 0.1)),
        Probe("one example", args(1, 3, 0.1)),
        Probe("small variances, ε left at its default", args(6, 3, None, var=1e-5)),
        Probe("as many examples as features", args(4, 4, 0.01)),
        Probe("float32 at a mean of 1000", (offset, *at_offset, *running), rounding=True),
    ]


def _inference_example(label, x, gamma, beta, mean, var, *eps, **options):
    arrays = (np.array(a, float) for a in (x, gamma, beta, mean, var))
    return Probe(label, (*arrays, *eps), **options)


_INFERENCE_EXAMPLES = (
    _inference_example("two numbers", [[2.0], [6.0]], [1], [0], [2], [4], 0.0),
    _inference_example("with γ and β", [[2.0], [6.0]], [3], [1], [2], [4], 0.0),
    _inference_example("with ε", [[2.0], [5.0]], [2], [1], [2], [9], 7.0),
    _inference_example("two features", [[4.0, 2], [0, 6]], [2, -3], [1, 5], [2, 1], [1, 4], 0.0),
    _inference_example("ε left at its default", [[0.0], [0.01]], [1], [0], [0], [1e-6]),
)


def _mean_gives_beta(args, value):
    x, _, beta, running_mean = (np.asarray(a, float) for a in args[:4])
    at_mean = (x == running_mean).all(axis=1)
    if at_mean.any() and not np.allclose(np.asarray(value)[at_mean], beta, atol=1e-6):
        return "an example equal to the running mean does not come out as β"
    return None


_INFERENCE = Question(
    name="batch_norm_inference",
    points=2,
    level=1,
    task="Normalise with the running statistics, so that an example's output depends on it alone.",
    reference=batch_norm_inference,
    variant=_inference_variant,
    returns=("y",),
    probes=_inference_probes,
    examples=_INFERENCE_EXAMPLES,
    properties=(Property("the running mean becomes β", _mean_gives_beta),),
    misconceptions=(
        known("batch-stats-in-eval", {"stats": "batch"}, {"stats": "batch-mean"}, {"stats": "batch-var"}),
        known("updates-in-eval", stats="updated"),
        own(
            "swapped-statistics",
            "You take the running variance for the mean, and the running mean for the variance.",
            "The arguments come in the order running_mean, running_var.",
            swap=True,
        ),
        own(
            "corrects-again",
            "You apply N/(N − 1), or its inverse, to the running variance.",
            "The running variance had its correction when it was recorded. The size of the batch in front of "
            "you now says nothing about it.",
            {"correction": "again"},
            {"correction": "undone"},
        ),
        known("eps-outside-sqrt", eps_place="outside"),
        known("no-eps", eps_place="none"),
        own(
            "eps-hard-coded",
            "You use ε = 1e-5 whatever eps is.",
            "1e-5 is the default of the argument; a model trained with another ε must be run with that one.",
            eps_from="hard-coded",
        ),
        own(
            "other-default-eps",
            "Your default of ε is not 1e-5.",
            "Here ε is 1e-5 unless the caller says otherwise, as in PyTorch. Keras' default is 1e-3. Where the "
            "variance is small, that is another function.",
            {"eps_from": "keras"},
            {"eps_from": "tiny"},
        ),
        known("divides-by-variance", divide_by="variance"),
        known("only-centred", divide_by="nothing"),
        own(
            "mean-not-subtracted",
            "You divide by the deviation without subtracting the running mean.",
            "The output then keeps the input's mean, in units of its deviation.",
            centre=False,
        ),
        known("gamma-ignored", gamma_use="none"),
        known("scalar-gamma", gamma_use="first"),
        known("beta-ignored", beta_use=False),
        known("gamma-after-shift", affine="shift-first"),
        own(
            "affine-before",
            "You apply γ and β to x, before the running statistics.",
            "The running statistics describe x, not γx + β. Standardise first, then scale and shift.",
            affine="before",
        ),
        known("mutates-input"),
    ),
    hints=(
        "It is the formula of the forward pass. Which two symbols in it no longer come from x?",
        "γ·(x − running_mean)/√(running_var + ε) + β. Nothing is averaged, and nothing is updated.",
        "The four vectors are (D,) and x is (N, D): NumPy lines them up with the features by itself.",
        "`gamma * (x - running_mean) / np.sqrt(running_var + eps) + beta`",
    ),
)


# --- BatchNorm --------------------------------------------------------------------------------


class BatchNorm:
    """Batch normalisation of (N, D) with both modes."""

    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        self.eps, self.momentum, self.training = eps, momentum, True
        self.gamma, self.beta = np.ones(num_features), np.zeros(num_features)
        self.running_mean, self.running_var = np.zeros(num_features), np.ones(num_features)

    def forward(self, x):
        self._x, self._trained = x, self.training
        if not self.training:
            self._running = self.running_mean, self.running_var
            return norms.batch_norm_inference(x, self.gamma, self.beta, *self._running, self.eps)
        self.running_mean, self.running_var = norms.update_running_stats(
            self.running_mean, self.running_var, x, self.momentum
        )
        return norms.batch_norm(x, self.gamma, self.beta, self.eps)

    def backward(self, dy):
        if self._trained:
            gradients = norms.batch_norm_backward(dy, self._x, self.gamma, self.eps)
        else:
            gradients = norms.batch_norm_inference_backward(
                dy, self._x, self.gamma, *self._running, self.eps
            )
        dx, self.dgamma, self.dbeta = gradients
        return dx


class _BatchNormVariant:
    _shared: dict[int, tuple] = {}  # noqa: RUF012  state shared by all objects is the mistake

    def __init__(
        self,
        num_features,
        eps=_NOT_GIVEN,
        momentum=_NOT_GIVEN,
        *,
        start_var=1.0,
        eps_place="inside",
        eps_from="argument",
        norm_ddof=0,
        train_stats="batch",
        eval_stats="running",
        gamma_use="all",
        beta_use=True,
        affine="after",
        updates="training",
        running_ddof=1,
        weight="batch",
        spread="variance",
        update="both",
        eps_in_var=False,
        mode="last-forward",
        train_backward="full",
        eval_backward="constants",
        means="mean",
        dx_gamma=True,
        dgamma="x_hat",
        gradients="set",
        shared=False,
    ):
        options = {k: v for k, v in locals().items() if k not in ("self", "eps", "momentum")}
        self.__dict__.update(options)
        self.eps = _eps_used(eps, eps_from)
        self.momentum = 0.1 if momentum is _NOT_GIVEN else momentum
        self.training = True
        self.gamma, self.beta = np.ones(num_features), np.zeros(num_features)
        self.running_mean, self.running_var = np.zeros(num_features), np.full(num_features, start_var)
        self.grads = np.zeros(num_features), np.zeros(num_features)

    def __new__(cls, num_features, *args, shared=False, **knobs):
        # One box for the objects made since a box of this kind was last emptied by the first of them.
        return super().__new__(cls)

    def forward(self, x):
        n = len(x)
        batch = x.mean(axis=0), x.var(axis=0, ddof=self.norm_ddof)
        if self.training:
            stats = batch if self.train_stats == "batch" else (self.running_mean, self.running_var)
        else:
            stats = batch if self.eval_stats == "batch" else (self.running_mean, self.running_var)
        self.mean, self.var = stats
        self.x, self.trained, self.n = x, self.training, n
        self.std = _deviation(self.var, self.eps, self.eps_place)
        self.x_hat = (x - self.mean) / self.std
        self.old_std = _deviation(self.running_var, self.eps, self.eps_place)
        if self.updates == "always" or (self.updates == "training" and self.training):
            self._update(x)
        return _affine(self.x_hat, self.gamma, self.beta, self.gamma_use, self.beta_use, self.affine)
