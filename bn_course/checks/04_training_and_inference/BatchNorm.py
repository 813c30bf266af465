"""Lesson 04, BatchNorm."""

import numpy as np

from bn_course import norms
from bn_course.checks._draw import signs
from bn_course.checks._knobs import scaled_and_shifted
from bn_course.checks._mistake import mistake
from bn_course.grading.question import Probe, Property, Question

from ._shared import NOT_GIVEN, _deviation, eps_used, update_variant


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
        def __init__(self, num_features, eps=NOT_GIVEN, momentum=NOT_GIVEN):
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
        self.eps = eps_used(eps, eps_from)
        self.momentum = 0.1 if momentum is NOT_GIVEN else momentum
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
        self.running["mean"], self.running["var"] = update_variant(
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
        _used("float32 at a mean of 1000", (24, 1e-5, 0.9), _forward(offset), *_RUNNING, rounding=True),
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
        "float32 far from zero", (1, 0.0, 0.5), _forward(np.float32([[8192], [8193], [8194]])), rounding=True
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


QUESTION = Question(
    name="BatchNorm",
    points=5,
    level=3,
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
        mistake("batch-stats-in-eval", eval_stats="batch"),
        mistake("running-stats-in-train", train_stats="running"),
        mistake(
            "updates-in-eval",
            {"updates": "always-first"},
            {"updates": "factor-first"},
            {"updates": "always-after"},
        ),
        mistake("never-updates", updates="never"),
        mistake("sample-variance", norm_ddof=1),
        mistake("population-running-var", correction="population"),
        mistake("corrects-old-value-too", correction="everything"),
        mistake("momentum-flipped", weight="old"),
        mistake("running-replaced", weight="replaced"),
        mistake("old-not-shrunk", weight="added"),
        mistake("momentum-hard-coded", weight="always-0.1"),
        mistake("running-std", {"spread": "std"}, {"spread": "roots"}),
        mistake("mean-only", update="mean"),
        mistake("var-only", update="var"),
        mistake("eps-in-running-var", eps_in_var=True),
        mistake("variance-starts-at-zero", start_var=0.0),
        mistake("eps-outside-sqrt", eps_place="outside"),
        mistake("no-eps", eps_place="none"),
        mistake("eps-hard-coded", eps_from="hard-coded"),
        mistake("other-default-eps", {"eps_from": "keras"}, {"eps_from": "tiny"}),
        mistake("gamma-ignored", gamma_use="none"),
        mistake("scalar-gamma", gamma_use="first"),
        mistake("beta-ignored", beta_use=False),
        mistake("gamma-after-shift", affine="shift-first"),
        mistake("eval-backward-in-train", {"train_backward": "running"}, {"train_backward": "running-dx"}),
        mistake("train-backward-in-eval", {"eval_backward": "batch"}, {"eval_backward": "projected"}),
        mistake("mode-at-backward", mode="at-backward"),
        mistake("detached", train_backward="detached"),
        mistake("mean-detached", train_backward="mean-detached"),
        mistake("var-detached", train_backward="var-detached"),
        mistake("sum-not-mean", means="sum"),
        mistake("gamma-missing-in-dx", dx_gamma=False),
        mistake("dgamma-uses-x", dgamma="x"),
        mistake("per-example-dgamma", dgamma="per-example"),
        mistake("gradients-accumulate", gradients="accumulate"),
        mistake("shared-state", shared="running"),
        mistake("one-pass-variance", one_pass=True, rounding=True),
    ),
)
