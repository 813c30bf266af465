"""Lesson 04, BatchNorm."""

import numpy as np

from bn_course import norms
from bn_course.checks._forward import AFFINE, EPSILON, ONE_PASS, OTHER_DEFAULT_EPS
from bn_course.checks._mistake import but, mistake, only
from bn_course.checks._probes import signs
from bn_course.grading.question import Property, Question

from ._layer_variant import variant_class
from ._running import RUNNING_MISTAKES
from ._steps import EVALUATE, GRADIENTS, RUNNING, TRAIN, backward, forward, two_layers, used


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


def _layer_probes(rng):
    def batch(n, d, scale=1.0):
        return rng.normal(rng.uniform(-2, 2, d), rng.uniform(0.5, 2.0, d), (n, d)) * scale

    def dy(n, d):
        return rng.normal(size=(n, d))

    affine = ("set", "gamma", signs(rng, 4)), ("set", "beta", rng.normal(size=4))
    offset = rng.normal(1e3, 1.0, (40, 24)).astype(np.float32)
    start = ("gamma", "beta", "running_mean", "running_var", "training")
    return [
        used(
            "switching the mode between forward and backward",
            (4, 0.1, 0.6),
            *affine,
            *(forward(batch(6, 4)), EVALUATE, backward(dy(6, 4)), *GRADIENTS),
            *(forward(batch(5, 4)), TRAIN, backward(dy(5, 4)), *GRADIENTS),
            *RUNNING,
        ),
        used(
            "two training batches, an evaluation, training again",
            (4, 0.1, 0.3),
            *affine,
            *(forward(batch(6, 4)), *RUNNING, backward(dy(6, 4)), *GRADIENTS),
            *(forward(batch(5, 4)), *RUNNING, backward(dy(5, 4)), *GRADIENTS),
            *(EVALUATE, forward(batch(3, 4)), *RUNNING, backward(dy(3, 4)), *GRADIENTS),
            *(forward(batch(1, 4)), *RUNNING, TRAIN),
            *(forward(batch(6, 4)), *RUNNING, backward(dy(6, 4)), *GRADIENTS),
        ),
        used(
            "a new layer, everything at its default, small numbers",
            (3,),
            *(("get", name) for name in start),
            *(forward(batch(6, 3, 1e-3)), *RUNNING, backward(dy(6, 3))),
        ),
        used(
            "batches of one size: training, then evaluation",
            (3, 0.1, 0.4),
            *(forward(batch(5, 3)), EVALUATE, forward(batch(5, 3)), backward(dy(5, 3)), *GRADIENTS),
            ("get", "gamma"),
        ),
        two_layers(
            "two layers in turn",
            (3, 0.1, 0.5),
            (0, (forward(batch(6, 3)), *RUNNING)),
            (1, (("get", "gamma"), *RUNNING, forward(batch(5, 3)), backward(dy(5, 3)))),
            (0, (*RUNNING, backward(dy(6, 3)), *GRADIENTS)),
            (1, (EVALUATE, forward(batch(2, 3)))),
            (0, (("get", "training"), forward(batch(6, 3)), *RUNNING)),
            (1, RUNNING),
        ),
        used(
            "a constant feature, ε = 0.001",
            (3, 1e-3, 0.5),
            *(
                forward(batch(5, 3) * [1, 0, 1e-6]),
                *RUNNING,
                backward(dy(5, 3)),
                EVALUATE,
                forward(batch(2, 3)),
            ),
        ),
        used(
            "ε = 0, small numbers, momentum 0",
            (2, 0.0, 0.0),
            *(forward(batch(5, 2, 1e-3)), *RUNNING, backward(dy(5, 2)), EVALUATE, forward(batch(2, 2))),
        ),
        used("float32 at a mean of 1000", (24, 1e-5, 0.9), forward(offset), *RUNNING, rounding=True),
    ]


_PAIR = np.array([[2.0], [6.0]])


_TRIPLE = np.array([[1.0], [2.0], [6.0]])


_LAYER_EXAMPLES = (
    used("one training batch", (1, 0.0, 0.5), forward(_PAIR), *RUNNING),
    used("its gradients", (1, 0.0, 0.5), forward(_TRIPLE), backward([[1.0], [0], [0]]), *GRADIENTS),
    used(
        "γ after its gradients",
        (1, 0.0, 0.5),
        forward(_TRIPLE),
        backward([[1.0], [0], [0]]),
        ("get", "gamma"),
    ),
    used(
        "gradients in evaluation, after training",
        (1, 0.0, 0.5),
        *(forward(_PAIR), EVALUATE, forward([[1.0], [3.0]]), backward([[1.0], [0.0]]), *GRADIENTS),
    ),
    used(
        "γ and β set",
        (1, 0.0, 0.5),
        *(("set", "gamma", np.array([3.0])), ("set", "beta", np.array([1.0]))),
        *(forward(_TRIPLE), backward([[1.0], [0.0], [0.0]])),
    ),
    used(
        "two features",
        (2, 0.0, 0.5),
        ("set", "gamma", np.array([3.0, -2.0])),
        forward([[2.0, 1.0], [6.0, 3.0]]),
    ),
    used("with ε", (1, 5.0, 0.25), forward(_PAIR), *RUNNING, backward([[1.0], [0.0]])),
    used("momentum 1", (1, 0.0, 1.0), forward(_PAIR), ("get", "running_mean")),
    used("momentum 0", (1, 0.5, 0.0), forward(_PAIR), ("get", "running_mean")),
    used("ε = 0", (1, 0.0, 0.5), forward([[0.0], [0.002]])),
    used("everything at its default", (1,), ("get", "running_var"), forward([[0.0], [0.01]])),
    used(
        "training, then evaluation",
        (1, 0.0, 0.5),
        *(forward(_PAIR), EVALUATE, forward([[2.0], [4.0]]), *RUNNING),
    ),
    used(
        "gradients in evaluation",
        (1, 0.0, 0.5),
        *(EVALUATE, forward([[1.0], [3.0]]), backward([[1.0], [0.0]]), *GRADIENTS),
    ),
    used(
        "gradients twice",
        (1, 0.0, 0.5),
        *(forward(_PAIR), backward([[1.0], [0]]), *GRADIENTS, backward([[1.0], [0]]), *GRADIENTS),
    ),
    used(
        "the mode switched before backward",
        (1, 0.0, 0.5),
        *(forward(_TRIPLE), EVALUATE, backward([[1.0], [0], [0]])),
    ),
    two_layers("two layers", (1, 0.0, 0.5), (0, (forward(_PAIR),)), (1, RUNNING), (0, RUNNING)),
    used(
        "float32 far from zero", (1, 0.0, 0.5), forward(np.float32([[8192], [8193], [8194]])), rounding=True
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
    version=2,
    points=5,
    level=3,
    reference=BatchNorm,
    variant=variant_class,
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
            *({"updates": when} for when in ("always-first", "factor-first", "always-after")),
        ),
        mistake("never-updates", updates="never"),
        mistake("mode-kept-elsewhere", mode="private"),
        mistake("sample-variance", ddof=1),
        *RUNNING_MISTAKES,
        mistake("first-batch-as-start", start="first-batch"),
        mistake("eps-in-running-var", eps_in_var=True),
        mistake("variance-starts-at-zero", start_var=0.0),
        OTHER_DEFAULT_EPS,
        *but(EPSILON, "eps-default"),
        *only(AFFINE, "gamma-ignored", "scalar-gamma", "beta-ignored", "affine-ignored", "gamma-after-shift"),
        mistake("eval-backward-in-train", {"train_backward": "running"}, {"train_backward": "running-dx"}),
        mistake("train-backward-in-eval", {"eval_backward": "batch"}, {"eval_backward": "projected"}),
        mistake("mode-at-backward", mode="at-backward"),
        mistake("stale-cache", cache="training"),
        mistake("detached", train_backward="detached"),
        mistake("mean-detached", train_backward="mean-detached"),
        mistake("var-detached", train_backward="var-detached"),
        mistake("sum-not-mean", means="sum"),
        mistake("gamma-missing-in-dx", dx_gamma=False),
        mistake("dgamma-uses-x", dgamma="x"),
        mistake("per-example-dgamma", dgamma="per-example"),
        mistake("gradients-accumulate", gradients="accumulate"),
        mistake("steps-in-backward", gradients="stepped"),
        mistake("shared-state", shared=True),
        ONE_PASS,
    ),
)
