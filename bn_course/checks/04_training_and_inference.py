"""Lesson 04: running statistics, the two modes, other frameworks' conventions, folding."""

import numpy as np

from bn_course import norms
from bn_course.checks._draw import signs
from bn_course.checks._knobs import scaled_and_shifted
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
    if correction == "sample":
        var = var * n / (n - 1)  # as NumPy divides: NaN for a single example
    elif correction == "inverse":
        var = var * (n - 1) / n
    var = var + eps
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
    ),
    Probe(
        "float32 far from zero",
        (np.float32([8193]), np.float32([1]), np.float32([[8192], [8193], [8194]]), 0.5),
        rounding=True,
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
    ask=(
        "The running mean is 0, momentum 0.1, and a batch of mean 10 comes. Where is it now? After a thousand such batches?",
        "At 1, then at 10. At 9 the two weights are exchanged; beyond 10 the old value is not shrunk.",
    ),
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
    if correction == "factor-first":
        var = var * (n / (n - 1))  # Python's own division by zero raises, NumPy's does not
    elif correction != "none":
        var = var * n / (n - 1) if correction == "again" else var * (n - 1) / n
    inv_std = 1 / _deviation(var, eps, eps_place, divide_by)
    if affine == "before":
        scaled = scaled_and_shifted(x, gamma, beta, gamma_use, beta_use, "after")
        return (scaled - mean * centre) * inv_std
    return scaled_and_shifted((x - mean * centre) * inv_std, gamma, beta, gamma_use, beta_use, affine)


def _inference_probes(rng):
    def args(n, d, eps, var=1.0):
        running_mean = rng.uniform(0.5, 2.0, d)
        x = rng.normal(size=(n, d)) * np.sqrt(var) + running_mean
        x[-1] = running_mean
        head = (x, signs(rng, d), rng.normal(size=d), running_mean, rng.uniform(0.5, 3.0, d) * var)
        return head if eps is None else (*head, eps)

    offset = rng.normal(1e3, 1.0, (6, 4)).astype(np.float32)
    at_offset = [a.astype(np.float32) for a in (signs(rng, 4), rng.normal(size=4))]
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
    ask=(
        "Predict an example by itself, then with 63 others. By how much may its output differ, and what in your code could make it?",
        "Not at all. It differs where a mean or a variance of x has slipped in; by itself it would then come out as β.",
    ),
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
            {"correction": "factor-first"},
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
            gradients = norms.batch_norm_inference_backward(dy, self._x, self.gamma, *self._running, self.eps)
        dx, self.dgamma, self.dbeta = gradients
        return dx


def _variant_class(*, shared="no", **knobs):
    """A BatchNorm that makes the mistakes `knobs`; a new class, for what its objects may share."""
    common = {}

    class Variant(_BatchNormVariant):
        def __init__(self, num_features, eps=_NOT_GIVEN, momentum=_NOT_GIVEN):
            self.running = common if shared == "running" else {}
            super().__init__(num_features, eps, momentum, **knobs)

    return Variant


class _BatchNormVariant:
    def __init__(
        self,
        num_features,
        eps,
        momentum,
        *,
        start_var=1.0,
        eps_place="inside",
        eps_from="argument",
        norm_ddof=0,
        one_pass=False,
        train_stats="batch",
        eval_stats="running",
        gamma_use="all",
        beta_use=True,
        affine="after",
        updates="training",
        train_backward="full",
        eval_backward="constants",
        mode="last-forward",
        means="mean",
        dx_gamma=True,
        dgamma="x_hat",
        gradients="set",
        **running,
    ):
        self.eps = _eps_used(eps, eps_from)
        self.momentum = 0.1 if momentum is _NOT_GIVEN else momentum
        self.training = True
        self.gamma, self.beta = np.ones(num_features), np.zeros(num_features)
        self.running["mean"], self.running["var"] = np.zeros(num_features), np.full(num_features, start_var)
        self._updated_with = {"eps": self.eps} if running.pop("eps_in_var", False) else {}
        self._updated_with |= running
        self._affine = (gamma_use, beta_use, affine)
        self._gradient_sums = np.zeros(num_features), np.zeros(num_features)
        self._knobs = locals()

    running_mean = property(lambda self: self.running["mean"])
    running_var = property(lambda self: self.running["var"])

    def forward(self, x):
        knobs = self._knobs
        updates = knobs["updates"]
        if updates in ("always-first", "factor-first") or (updates == "training" and self.training):
            self._update(x)
        stats = knobs["train_stats"] if self.training else knobs["eval_stats"]
        self._normalise(x, from_batch=stats == "batch")
        if updates == "always-after":
            self._update(x)
        self._last = x, self.training
        return scaled_and_shifted(self._x_hat, self.gamma, self.beta, *self._affine)

    def _update(self, x):
        if self._knobs["updates"] == "factor-first":
            _ = len(x) / (len(x) - 1)  # raises for a single example
        self.running["mean"], self.running["var"] = _update_variant(
            self.running_mean, self.running_var, x, self.momentum, **self._updated_with
        )

    def _normalise(self, x, from_batch):
        knobs = self._knobs
        mean, var = self.running_mean, self.running_var
        if from_batch:
            mean = x.mean(axis=0)
            var = x.var(axis=0, ddof=knobs["norm_ddof"])
            var = (x * x).mean(axis=0) - mean * mean if knobs["one_pass"] else var
        self._std = _deviation(var, self.eps, knobs["eps_place"])
        self._x_hat = (x - mean) / self._std

    def backward(self, dy):
        x, trained = self._last
        trained = self.training if self._knobs["mode"] == "at-backward" else trained
        way = self._knobs["train_backward" if trained else "eval_backward"]
        if way in ("running", "batch"):
            self._normalise(x, from_batch=way == "batch")
        self._keep_gradients(x, dy)
        mean = {"mean": 1 / len(x), "sum": 1.0}[self._knobs["means"]]
        shift = dy.sum(axis=0) * mean
        spread = self._x_hat * (dy * self._x_hat).sum(axis=0) * mean
        dx_hat = dy - {
            "full": shift + spread,
            "batch": shift + spread,
            "projected": shift + spread,
            "mean-detached": spread,
            "var-detached": shift,
        }.get(way, 0.0)
        std = _deviation(self.running_var, self.eps, self._knobs["eps_place"])
        std = std if way == "running-dx" else self._std
        return (self.gamma if self._knobs["dx_gamma"] else 1.0) * dx_hat / std

    def _keep_gradients(self, x, dy):
        gradients = dy * (x if self._knobs["dgamma"] == "x" else self._x_hat), dy
        if self._knobs["dgamma"] != "per-example":
            gradients = tuple(g.sum(axis=0) for g in gradients)
        if self._knobs["gradients"] == "accumulate":
            gradients = tuple(a + b for a, b in zip(self._gradient_sums, gradients, strict=True))
            self._gradient_sums = gradients
        self.dgamma, self.dbeta = gradients


_RUNNING = (("get", "running_mean"), ("get", "running_var"))
_GRADIENTS = (("get", "dgamma"), ("get", "dbeta"))
_EVALUATE, _TRAIN = ("set", "training", False), ("set", "training", True)


def _forward(x):
    return ("call", "forward", np.asarray(x))


def _backward(dy):
    return ("call", "backward", np.asarray(dy))


def _used(label, arguments, *steps, **options):
    """A probe of one layer used step by step."""
    return Probe(
        label,
        (arguments, steps),
        "history",
        returns=tuple(_names(steps)),
        shown=_script("layer", arguments, steps),
        **options,
    )


def _two_layers(label, arguments, *turns):
    """A probe of two layers used in turn."""
    steps = [step for _, steps in turns for step in steps]
    names = ("first", "second")
    first_turns = {which: i for i, (which, _) in reversed(list(enumerate(turns)))}
    text = "; ".join(
        _script(names[which], arguments if first_turns[which] == i else None, steps)
        for i, (which, steps) in enumerate(turns)
    )
    driver = "04_training_and_inference:side_by_side"
    return Probe(label, (arguments, turns), driver, returns=tuple(_names(steps)), shown=text)


def _names(steps):
    given = {"forward": "y", "backward": "dx"}
    return [given.get(name, name) for action, name, *_ in steps if action != "set"]


def _script(layer, arguments, steps):
    """The steps as one would type them."""
    numbers = "" if arguments is None else ", ".join(map(str, arguments))
    lines = [] if arguments is None else [f"{layer} = BatchNorm({numbers})"]
    for action, name, *value in steps:
        value = value[0].tolist() if value and isinstance(value[0], np.ndarray) else (value or [""])[0]
        form = {"call": "{}.{}({})", "get": "{}.{}", "set": "{}.{} = {}"}[action]
        lines.append(form.format(layer, name, value))
    return "; ".join(lines)


def _layer_probes(rng):
    def batch(n, d, scale=1.0):
        return rng.normal(rng.uniform(-2, 2, d), rng.uniform(0.5, 2.0, d), (n, d)) * scale

    def dy(n, d):
        return rng.normal(size=(n, d))

    affine = ("set", "gamma", signs(rng, 4)), ("set", "beta", rng.normal(size=4))
    offset = rng.normal(1e3, 1.0, (40, 24)).astype(np.float32)
    start = ("gamma", "beta", "running_mean", "running_var", "training")
    return [
        _used(
            "switching the mode between forward and backward",
            (4, 0.1, 0.6),
            *affine,
            *(_forward(batch(6, 4)), _EVALUATE, _backward(dy(6, 4)), *_GRADIENTS),
            *(_forward(batch(5, 4)), _TRAIN, _backward(dy(5, 4)), *_GRADIENTS),
            *_RUNNING,
        ),
        _used(
            "two training batches, an evaluation, training again",
            (4, 0.1, 0.3),
            *affine,
            *(_forward(batch(6, 4)), *_RUNNING, _backward(dy(6, 4)), *_GRADIENTS),
            *(_forward(batch(5, 4)), *_RUNNING, _backward(dy(5, 4)), *_GRADIENTS),
            *(_EVALUATE, _forward(batch(3, 4)), *_RUNNING, _backward(dy(3, 4)), *_GRADIENTS),
            *(_forward(batch(1, 4)), *_RUNNING, _TRAIN),
            *(_forward(batch(6, 4)), *_RUNNING, _backward(dy(6, 4)), *_GRADIENTS),
        ),
        _used(
            "a new layer, everything at its default, small numbers",
            (3,),
            *(("get", name) for name in start),
            *(_forward(batch(6, 3, 1e-3)), *_RUNNING, _backward(dy(6, 3))),
        ),
        _two_layers(
            "two layers in turn",
            (3, 0.1, 0.5),
            (0, (_forward(batch(6, 3)), *_RUNNING)),
            (1, (("get", "gamma"), *_RUNNING, _forward(batch(5, 3)), _backward(dy(5, 3)))),
            (0, (*_RUNNING, _backward(dy(6, 3)), *_GRADIENTS)),
            (1, (_EVALUATE, _forward(batch(2, 3)))),
            (0, (("get", "training"), _forward(batch(6, 3)), *_RUNNING)),
            (1, _RUNNING),
        ),
        _used(
            "float32 at a mean of 1000",
            (24, 1e-5, 0.9),
            _forward(offset),
            *_RUNNING,
            rounding=True,
        ),
    ]


_PAIR = np.array([[2.0], [6.0]])
_TRIPLE = np.array([[1.0], [2.0], [6.0]])
_LAYER_EXAMPLES = (
    _used("one training batch", (1, 0.0, 0.5), _forward(_PAIR), *_RUNNING),
    _used("its gradients", (1, 0.0, 0.5), _forward(_TRIPLE), _backward([[1.0], [0], [0]]), *_GRADIENTS),
    _used(
        "γ and β set",
        (1, 0.0, 0.5),
        *(("set", "gamma", np.array([3.0])), ("set", "beta", np.array([1.0]))),
        *(_forward(_TRIPLE), _backward([[1.0], [0.0], [0.0]])),
    ),
    _used(
        "two features",
        (2, 0.0, 0.5),
        ("set", "gamma", np.array([3.0, -2.0])),
        _forward([[2.0, 1.0], [6.0, 3.0]]),
    ),
    _used("with ε", (1, 5.0, 0.25), _forward(_PAIR), *_RUNNING, _backward([[1.0], [0.0]])),
    _used("momentum 1", (1, 0.0, 1.0), _forward(_PAIR), ("get", "running_mean")),
    _used("everything at its default", (1,), ("get", "running_var"), _forward([[0.0], [0.01]])),
    _used(
        "training, then evaluation",
        (1, 0.0, 0.5),
        *(_forward(_PAIR), _EVALUATE, _forward([[2.0], [4.0]]), *_RUNNING),
    ),
    _used(
        "gradients in evaluation",
        (1, 0.0, 0.5),
        *(_EVALUATE, _forward([[1.0], [3.0]]), _backward([[1.0], [0.0]]), *_GRADIENTS),
    ),
    _used(
        "gradients twice",
        (1, 0.0, 0.5),
        *(_forward(_PAIR), _backward([[1.0], [0]]), *_GRADIENTS, _backward([[1.0], [0]]), *_GRADIENTS),
    ),
    _used(
        "the mode switched before backward",
        (1, 0.0, 0.5),
        *(_forward(_TRIPLE), _EVALUATE, _backward([[1.0], [0], [0]])),
    ),
    _two_layers("two layers", (1, 0.0, 0.5), (0, (_forward(_PAIR),)), (1, _RUNNING), (0, _RUNNING)),
    _used(
        "float32 far from zero",
        (1, 0.0, 0.5),
        _forward(np.float32([[8192], [8193], [8194]])),
        rounding=True,
    ),
)


def _replay(args, value):
    """What a history gave, beside the steps that gave it: (training, action, name, given or set)."""
    arguments, steps = args
    if not isinstance(arguments, tuple) or steps[0][0] in (0, 1):  # two layers
        return
    training, given = True, iter(value)
    for action, name, *rest in steps:
        if action == "set":
            training = rest[0] if name == "training" else training
        else:
            yield training, action, name, next(given)


def _evaluation_leaves_no_trace(args, value):
    known_stats = {}
    for training, _, name, given in _replay(args, value):
        if name == "forward" and training:
            known_stats.clear()
        elif name in ("running_mean", "running_var"):
            before = known_stats.setdefault(name, given)
            if not np.allclose(before, given):
                return f"{name} changed although nothing was trained in between"
    return None


def _training_gradient_sums_to_zero(args, value):
    trained = True
    for training, _, name, given in _replay(args, value):
        trained = training if name == "forward" else trained
        if name == "backward" and trained:
            dx = np.asarray(given, float)
            if not np.allclose(dx.sum(axis=0), 0, atol=1e-6 * max(1.0, np.abs(dx).max())):
                return "after a forward pass in training, dx does not sum to zero over the batch"
    return None


_LAYER = Question(
    name="BatchNorm",
    points=5,
    level=3,
    task="Build the layer: parameters, running statistics, two modes, and a backward pass right in both.",
    ask=(
        "Forward in training, then `training = False`, then backward. Whose gradient is asked for, and how can your object know?",
        "That of the forward pass that was made, in training. Forward must note its mode; `self.training` is by then about the next one.",
    ),
    reference=BatchNorm,
    variant=_variant_class,
    variant_factory=True,
    call="BatchNorm(num_features, eps, momentum)",
    returns=("what the steps gave",),
    probes=_layer_probes,
    examples=_LAYER_EXAMPLES,
    properties=(
        Property("evaluation leaves no trace", _evaluation_leaves_no_trace),
        Property("in training Σdx = 0", _training_gradient_sums_to_zero),
    ),
    misconceptions=(
        known("batch-stats-in-eval", eval_stats="batch"),
        known("running-stats-in-train", train_stats="running"),
        known(
            "updates-in-eval",
            {"updates": "always-first"},
            {"updates": "factor-first"},
            {"updates": "always-after"},
        ),
        own(
            "never-updates",
            "Your running statistics never change.",
            "Every forward pass in training moves them towards the batch's. Without that, evaluation "
            "normalises with mean 0 and variance 1: not at all.",
            updates="never",
        ),
        known("sample-variance", norm_ddof=1),
        known("population-running-var", correction="population"),
        own(
            "corrects-old-value-too",
            "You apply N/(N − 1) to the old running variance as well.",
            "The old value has had its correction. Corrected again at every step, it grows without end.",
            correction="everything",
        ),
        known("momentum-flipped", weight="old"),
        known("running-replaced", weight="replaced"),
        own(
            "old-not-shrunk",
            "You add momentum · batch to the old value without shrinking it.",
            "The two weights must sum to 1, or the estimate grows at every step.",
            weight="added",
        ),
        own(
            "momentum-hard-coded",
            "You use 0.1 whatever momentum is.",
            "0.1 is the default of the argument; keep what the constructor was given.",
            weight="always-0.1",
        ),
        known("running-std", {"spread": "std"}, {"spread": "roots"}),
        known("mean-only", update="mean"),
        known("var-only", update="var"),
        known("eps-in-running-var", eps_in_var=True),
        own(
            "variance-starts-at-zero",
            "Your running variance starts at 0.",
            "It starts at 1, so that a layer that has seen nothing yet leaves its input nearly as it is. "
            "From 0, an early evaluation divides by almost nothing.",
            start_var=0.0,
        ),
        known("eps-outside-sqrt", eps_place="outside"),
        known("no-eps", eps_place="none"),
        own(
            "eps-hard-coded",
            "You use ε = 1e-5 whatever eps is.",
            "1e-5 is the default of the argument; keep what the constructor was given.",
            eps_from="hard-coded",
        ),
        known(
            "other-default-eps",
            {"eps_from": "keras"},
            {"eps_from": "tiny"},
        ),
        known("gamma-ignored", gamma_use="none"),
        known("scalar-gamma", gamma_use="first"),
        known("beta-ignored", beta_use=False),
        known("gamma-after-shift", affine="shift-first"),
        own(
            "eval-backward-in-train",
            "You use the backward pass of evaluation for a forward pass in training.",
            "In evaluation the statistics are constants, the running ones. In training they are the batch's, "
            "and they depend on x.",
            {"train_backward": "running"},
            {"train_backward": "running-dx"},
        ),
        own(
            "train-backward-in-eval",
            "You use the backward pass of training for a forward pass in evaluation.",
            "In evaluation the statistics are constants: they do not move with x, so nothing is to be "
            "subtracted, and dx is dy·γ/√(running variance + ε).",
            {"eval_backward": "batch"},
            {"eval_backward": "projected"},
        ),
        own(
            "mode-at-backward",
            "Your backward pass asks `self.training` which mode it is in.",
            "What counts is the mode in which the forward pass ran, and somebody may have switched since. "
            "Remember the mode in `forward`.",
            mode="at-backward",
        ),
        known("detached", train_backward="detached"),
        known("mean-detached", train_backward="mean-detached"),
        known("var-detached", train_backward="var-detached"),
        known("sum-not-mean", means="sum"),
        own(
            "gamma-missing-in-dx",
            "γ is missing from dx.",
            "y = γ·x̂ + β, so what reaches x̂ is γ·dy.",
            dx_gamma=False,
        ),
        known("dgamma-uses-x", dgamma="x"),
        known("per-example-dgamma", dgamma="per-example"),
        own(
            "gradients-accumulate",
            "You add dγ and dβ to those of earlier backward passes.",
            "torch adds gradients up until they are set to zero. This question asks for those of the last "
            "backward pass.",
            gradients="accumulate",
        ),
        own(
            "shared-state",
            "Your objects share their running statistics.",
            "A second layer then overwrites what the first has learnt. Keep them on `self`, not on the class.",
            shared="running",
        ),
        known("one-pass-variance", one_pass=True, rounding=True),
    ),
    hints=(
        "What must an object remember from one call to the next? Make two lists: what training changes "
        "slowly, and what backward needs of the last forward pass.",
        "`forward` has two branches. In training: the batch's statistics, and a step of the running ones. "
        "In evaluation: the running ones, and nothing changes. Remember which branch it was.",
        "`backward` has the same two branches. Training: lesson 03's three terms. Evaluation: the "
        "statistics are constants, so dx = dy·γ/√(running_var + ε).",
        "Cache `x_hat`, `inv_std` and `self.training` in `forward`. In both branches of `backward`, "
        "`self.dgamma = (dy * x_hat).sum(axis=0)` and `self.dbeta = dy.sum(axis=0)`; only dx differs.",
    ),
)


# --- keras_to_torch ---------------------------------------------------------------------------


def keras_to_torch(keras_momentum, moving_variance, batch_size):
    """(1 − momentum, N/(N − 1) · variance)."""
    return 1 - keras_momentum, moving_variance * (batch_size / (batch_size - 1))


def _keras_variant(
    keras_momentum, moving_variance, batch_size, *, momentum="one-minus", correction="sample", order="right"
):
    n = batch_size
    momentum = {
        "one-minus": 1 - keras_momentum,
        "same": keras_momentum,
        "inverse": 1 / keras_momentum,
    }[momentum]
    variance = {
        "sample": moving_variance * n / (n - 1),
        "population": moving_variance.copy(),
        "inverse": moving_variance * (n - 1) / n,
        "integer": moving_variance * (n // (n - 1)),
        "std": np.sqrt(moving_variance * n / (n - 1)),
        "root": moving_variance * np.sqrt(n / (n - 1)),
    }[correction]
    return (momentum, variance) if order == "right" else (variance, momentum)


def _keras_probes(rng):
    def variances(size):
        return rng.uniform(0.2, 4.0, size)

    return [
        Probe("6 values a channel", (float(rng.uniform(0.6, 0.98)), variances(4), 6)),
        Probe("Keras' default momentum, batches of 32", (0.99, variances(3), 32)),
        Probe("2 values a channel", (0.9, variances(5), 2)),
        Probe("momentum 0.75, 12 values a channel", (0.75, variances(1), 12)),
    ]


_KERAS = Question(
    name="keras_to_torch",
    points=1,
    level=1,
    task="Turn Keras' momentum and moving variance into PyTorch's momentum and running variance.",
    ask=(
        "Keras says 0.99. How much of the old value is left after a batch? Which momentum leaves as much in PyTorch?",
        "99 %, so 0.01. And Keras keeps the variance ÷N: with 32 values a channel, PyTorch's is 32/31 of it.",
    ),
    reference=keras_to_torch,
    variant=_keras_variant,
    returns=("momentum", "the running variance"),
    probes=_keras_probes,
    examples=(
        Probe("batches of 2", (0.75, np.array([3.0]), 2)),
        Probe("batches of 5", (0.75, np.array([4.0, 8.0]), 5)),
    ),
    misconceptions=(
        own(
            "momentum-flipped",
            "You hand Keras' momentum on as it is.",
            "Keras' momentum weighs the old value, PyTorch's the new batch; the two weights sum to 1.",
            momentum="same",
        ),
        own(
            "momentum-inverted",
            "You return 1/momentum.",
            "The two momenta are the two weights of one average: they sum to 1.",
            momentum="inverse",
        ),
        own(
            "population-running-var",
            "You hand the moving variance on as it is.",
            "Keras averages variances ÷N, PyTorch variances ÷(N − 1): every term is larger by N/(N − 1).",
            correction="population",
        ),
        own(
            "correction-upside-down",
            "You multiply the variance by (N − 1)/N.",
            "From ÷N to ÷(N − 1) it becomes larger: N/(N − 1). The other way round goes from PyTorch to Keras.",
            correction="inverse",
        ),
        own(
            "integer-division",
            "You divide whole numbers with `//`.",
            "`n // (n - 1)` is 1 for every n above 2, so that nothing is corrected. Use `/`.",
            correction="integer",
        ),
        own(
            "running-std",
            "You return a standard deviation.",
            "Both frameworks keep a variance.",
            {"correction": "std"},
        ),
        own(
            "root-of-correction",
            "You multiply the variance by √(N/(N − 1)).",
            "That is the correction of a deviation. A variance takes N/(N − 1) itself.",
            correction="root",
        ),
        own(
            "swapped-outputs",
            "You return the variance first.",
            "The order is (momentum, running_var).",
            order="swapped",
        ),
        known("mutates-input"),
    ),
    hints=(
        "Write down both update rules with an old value of 1 and a batch value of 0. Which weight is "
        "called momentum in each?",
        "The two momenta sum to 1. For the variance: one divides a sum of squares by N, the other the "
        "same sum by N − 1. What is their ratio?",
        "`1 - keras_momentum`, and `moving_variance * batch_size / (batch_size - 1)`.",
    ),
)


# --- fold_into_linear -------------------------------------------------------------------------


def fold_into_linear(weight, bias, gamma, beta, running_mean, running_var, eps=1e-5):
    """With s = γ/√(running_var + ε): (s · weight, β + s · (bias − running_mean))."""
    return norms.fold_into_linear(weight, bias, gamma, beta, running_mean, running_var, eps)


def _fold_variant(
    weight,
    bias,
    gamma,
    beta,
    running_mean,
    running_var,
    eps=_NOT_GIVEN,
    *,
    own_bias="folded",
    scale_axis=0,
    eps_place="inside",
    eps_from="argument",
    divide_by="deviation",
    gamma_use=True,
    beta_use="added",
    mean_use="subtracted",
    keeps="nothing",
    transposed=False,
):
    deviation = _deviation(running_var, _eps_used(eps, eps_from), eps_place, divide_by)
    scale = (gamma if gamma_use else 1.0) / deviation
    bias = np.zeros_like(beta) if bias is None else bias
    terms = [
        scale * {"subtracted": -running_mean, "added": running_mean}.get(mean_use, 0.0),
        {"folded": scale * bias, "unscaled": bias}.get(own_bias, 0.0),
        {"added": beta, "scaled": scale * beta}.get(beta_use, 0.0),
        -running_mean if mean_use == "unscaled" else 0.0,
    ]
    new_bias = bias.copy() if keeps == "bias" else sum(terms)
    new_weight = weight * (scale[:, None] if scale_axis == 0 else scale)
    new_weight = weight.copy() if keeps == "weight" else new_weight
    return (new_weight.T if transposed else new_weight), new_bias


def _fold_probes(rng):
    def args(out, into, eps=None, bias=True, var=1.0):
        weight, b = rng.normal(size=(out, into)), rng.normal(size=out)
        stats = rng.uniform(0.5, 2.0, out), rng.uniform(0.5, 3.0, out) * var
        head = (weight, b if bias else None, signs(rng, out), rng.normal(size=out), *stats)
        return head if eps is None else (*head, eps)

    return [
        Probe("5 outputs, 3 inputs, ε = 0.1", args(5, 3, 0.1)),
        Probe("as many outputs as inputs", args(4, 4, 0.1)),
        Probe("no bias", args(3, 4, 0.1, bias=False)),
        Probe("small variances, ε left at its default", args(4, 2, var=1e-5)),
    ]


def _fold_example(label, *numbers, eps=0.0):
    arrays = [None if a is None else np.array(a, float) for a in numbers]
    return Probe(label, (*arrays, eps) if eps is not None else tuple(arrays))


_FOLD_EXAMPLES = (
    _fold_example("one weight", [[2.0]], [1], [3], [5], [3], [4]),
    _fold_example("two outputs", [[1.0, 2], [3, 4]], [1, 0], [2, -3], [0, 1], [3, 1], [4, 1]),
    _fold_example("no bias, with ε", [[1.0], [2]], None, [2, 6], [1, 0], [1, 2], [3, 8], eps=1.0),
    _fold_example("ε left at its default", [[1.0]], [0], [1], [0], [0], [1e-6], eps=None),
)


def _same_outputs(args, value):
    weight, bias, gamma, beta, running_mean, running_var, *eps = args
    x = np.random.default_rng(0).normal(size=(3, weight.shape[1]))
    before = x @ weight.T + (0.0 if bias is None else bias)
    wanted = norms.batch_norm_inference(before, gamma, beta, running_mean, running_var, *eps)
    folded = x @ np.asarray(value[0]).T + np.asarray(value[1])
    off = np.abs(folded - wanted).max()
    if off <= 1e-6 * max(1.0, np.abs(wanted).max()):
        return None
    return f"on three inputs the folded layer gives other outputs, by up to {off:.2g}"


_FOLD = Question(
    name="fold_into_linear",
    points=2,
    level=2,
    task="One linear layer that does what a linear layer and batch norm at inference did.",
    ask=(
        "Send zeros through the two layers, and through your one. Which part of your fold does that test, and which not?",
        "The bias alone: γ(b − μ)/√(σ² + ε) + β. Where zeros agree and other inputs do not, it is the weight: a factor for each output.",
    ),
    reference=fold_into_linear,
    variant=_fold_variant,
    returns=("weight", "bias"),
    probes=_fold_probes,
    examples=_FOLD_EXAMPLES,
    properties=(Property("same outputs", _same_outputs),),
    misconceptions=(
        known("bias-not-folded", own_bias="forgotten"),
        known("bias-not-scaled", own_bias="unscaled"),
        known("fold-scales-rows-wrong", scale_axis=1),
        own(
            "weight-transposed",
            "You return the weight transposed.",
            "The weight stays (out, in), as PyTorch keeps it: y = x Wᵀ + b.",
            transposed=True,
        ),
        own(
            "running-mean-not-folded",
            "The running mean is missing from the bias.",
            "Batch norm subtracts it after the layer's bias was added: the folded bias is "
            "β + (bias − running_mean)·γ/√(running_var + ε).",
            mean_use="forgotten",
        ),
        own(
            "running-mean-added",
            "You add the running mean.",
            "Batch norm subtracts it.",
            mean_use="added",
        ),
        own(
            "running-mean-not-scaled",
            "You subtract the running mean unscaled.",
            "It is subtracted before the division, so it passes through it: "
            "running_mean·γ/√(running_var + ε).",
            mean_use="unscaled",
        ),
        own(
            "beta-scaled",
            "You scale β.",
            "β is added last, after the division: it goes into the bias as it is.",
            beta_use="scaled",
        ),
        known("beta-ignored", beta_use="ignored"),
        known("gamma-ignored", gamma_use=False),
        own(
            "only-the-weight",
            "You change the weight and return the bias as it was.",
            "The shift of batch norm has to go somewhere: β + (bias − running_mean)·γ/√(running_var + ε).",
            keeps="bias",
        ),
        own(
            "only-the-bias",
            "You change the bias and return the weight as it was.",
            "Each output is divided by its deviation and multiplied by γ, so its row of the weight is, too.",
            keeps="weight",
        ),
        known("eps-outside-sqrt", eps_place="outside"),
        known("no-eps", eps_place="none"),
        own(
            "eps-hard-coded",
            "You use ε = 1e-5 whatever eps is.",
            "1e-5 is the default of the argument; fold with the ε that the layer was trained with.",
            eps_from="hard-coded",
        ),
        known(
            "other-default-eps",
            {"eps_from": "keras"},
            {"eps_from": "tiny"},
        ),
        known("divides-by-variance", divide_by="variance"),
        known("mutates-input"),
    ),
    hints=(
        "Write y = γ·(W·x + b − running_mean)/√(running_var + ε) + β, and collect what multiplies x.",
        "Call s = γ/√(running_var + ε). What multiplies x is s·W, one s for each output; all the rest "
        "is the new bias.",
        "The outputs are the rows of the weight, (out, in): `s[:, None] * weight`. Without a bias, b is 0.",
        "`s[:, None] * weight` and `beta + s * (bias - running_mean)`.",
    ),
)


QUESTIONS = (_UPDATE, _INFERENCE, _LAYER, _KERAS, _FOLD)

PREDICTIONS = {
    "04-neighbours": Prediction("b"),
    "04-batch-of-one": Prediction("b"),
    "04-start": Prediction(0.9**10, factor=1.15),
    "04-bessel": Prediction(0.75, factor=1.1),
    "04-forgot-eval": Prediction("c"),
    "04-keras": Prediction("c"),
    "04-momentum": Prediction("a"),
    "04-fold": Prediction("b"),
}
