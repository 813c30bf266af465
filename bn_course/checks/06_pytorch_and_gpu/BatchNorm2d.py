"""Lesson 06: build nn.BatchNorm2d, with every argument, both modes, its buffers and its errors."""

import numpy as np

from bn_course.checks._mistake import mistake
from bn_course.checks._probes import offset, signs_in_thirds
from bn_course.grading.question import Probe, Question

from ._layer_steps import BUFFERS, EVALUATE, KEYS, TRAIN, named, steps
from ._layer_variant import layer_variant
from ._shared import HERE


class BatchNorm2d:
    """Makes the package's own layer: importing the checks loads no torch."""

    def __new__(cls, *args, **options):
        from bn_course.nets.batch_norm import BatchNorm2d as OurLayer

        return OurLayer(*args, **options)


_CASES = (
    (True, (4, 3)),
    (False, (4, 3, 5)),
    (True, (2, 3, 4, 4, 4)),
    (True, (1, 3, 1, 1)),
    (False, (1, 3, 1, 1)),
    (True, (2, 4, 3, 3)),
    (False, (2, 2, 3, 3)),
)

_REFUSALS = Probe(
    "what it refuses",
    (_CASES,),
    driver=f"{HERE}:errors",
    returns=tuple(f"{shape} in {'training' if training else 'evaluation'}" for training, shape in _CASES),
    shown="a layer of 3 channels and inputs of these shapes",
)


def _layer_probes(rng):
    def images(n, c, scale=1.0):
        means, deviations = rng.uniform(-2, 2, (1, c, 1, 1)), rng.uniform(0.5, 2, (1, c, 1, 1))
        return scale * rng.normal(means, deviations, (n, c, 2, 5))

    def forward(n, c, scale=1.0):
        return ("forward", images(n, c, scale))

    def backward(n, c):
        return ("backward", rng.normal(size=(n, c, 2, 5)))

    def far(n, c):  # so far that sums in bfloat16 are wrong by much more than a unit
        return ("forward", images(n, c) + 20)

    affine = ("set", signs_in_thirds(rng, 4), rng.normal(size=4))
    names = ("weight", "bias", "running_mean", "running_var", "num_batches_tracked")
    loaded = (signs_in_thirds(rng, 3), *rng.normal(size=(2, 3)), rng.uniform(1, 2, 3), np.array(7))
    return [
        steps(
            "training, evaluation, training",
            named(4, eps=0.1, momentum=0.3),
            affine,
            *(forward(6, 4), backward(6, 4), BUFFERS, forward(3, 4), BUFFERS),
            *(EVALUATE, forward(2, 4), backward(2, 4), BUFFERS, TRAIN, forward(3, 4), BUFFERS),
        ),
        steps("everything at its default, small numbers", named(3), forward(6, 3, 1e-2), BUFFERS, KEYS),
        steps(
            "momentum None",
            named(3, momentum=None, eps=0.1),
            *(
                forward(4, 3),
                BUFFERS,
                forward(6, 3),
                BUFFERS,
                forward(5, 3),
                BUFFERS,
                EVALUATE,
                forward(2, 3),
            ),
        ),
        steps(
            "momentum 0", named(3, momentum=0.0, eps=0.1), *(forward(4, 3), BUFFERS, EVALUATE, forward(2, 3))
        ),
        steps(
            "no running statistics",
            named(3, track_running_stats=False, eps=0.1),
            *(forward(4, 3), EVALUATE, forward(5, 3), backward(5, 3), KEYS),
        ),
        steps("no γ and β", named(3, affine=False, eps=0.1), forward(4, 3), backward(4, 3), KEYS),
        steps(
            "a loaded state",
            named(3, eps=0.1),
            *(("load", names, loaded), EVALUATE, forward(4, 3), TRAIN, forward(4, 3), BUFFERS),
        ),
        steps(
            "the second derivative",
            named(3, eps=0.1),
            ("twice", images(3, 3), *rng.normal(size=(2, 3, 3, 2, 5))),
        ),
        _REFUSALS,
        steps(
            "bfloat16 with parameters in float32",
            named(3, eps=0.1),
            *(far(40, 3), BUFFERS, EVALUATE, far(3, 3)),
            dtype="bfloat16",
            rtol=8e-3,  # a bfloat16's last place: another order of the operations may cost one
            atol=1e-3,
        ),
        steps(
            "float32 at a mean of 1000",
            named(6),
            ("forward", offset(rng, 30, 6, 3, 3)),
            dtype="float32",
            rounding=True,
        ),
    ]


_PAIR = np.array([[[[1.0, 2.0]]], [[[6.0, 3.0]]]])

_DY = np.array([[[[1.0, 0.0]]], [[[0.0, 0.0]]]])

_TWO = np.array([[[[1.0, 2.0]], [[0.0, 4.0]]], [[[6.0, 3.0]], [[1.0, 1.0]]]])

_LAYER_EXAMPLES = (
    steps("one batch", named(1, momentum=0.5), ("forward", _PAIR), BUFFERS),
    steps("its gradients", named(1, momentum=0.5), ("forward", _PAIR), ("backward", _DY)),
    steps("γ, β and ε", named(1, eps=0.5), ("set", [3.0], [1.0]), ("forward", _PAIR), BUFFERS),
    steps("two channels", named(2, eps=0.5), ("forward", _TWO), EVALUATE, ("forward", _TWO), BUFFERS),
    steps("momentum None", named(1, momentum=None), *[("forward", _PAIR), ("forward", 2 * _PAIR), BUFFERS]),
    steps("momentum 0", named(1, momentum=0.0), ("forward", _PAIR), BUFFERS),
    steps("untracked", named(1, track_running_stats=False, eps=0.5), EVALUATE, ("forward", _PAIR)),
    steps("no γ and β", named(1, affine=False), ("forward", _PAIR), KEYS),
    steps("its state", named(1), ("forward", 1e-2 * _PAIR), KEYS),
    steps("in bfloat16", named(1, eps=0.5), ("forward", _PAIR / 3), BUFFERS, dtype="bfloat16"),
    _REFUSALS,
    steps(
        "a mean of 1000",
        named(1),
        ("forward", np.float32(1000) + np.linspace(-1.5, 1.5, 24, dtype=np.float32).reshape(6, 1, 2, 2)),
        dtype="float32",
        rounding=True,
    ),
)


QUESTION = Question(
    name="BatchNorm2d",
    points=5,
    level=3,
    reference=BatchNorm2d,
    variant=layer_variant,
    variant_factory=True,
    call="BatchNorm2d(num_features, eps, momentum, affine, track_running_stats)",
    returns=("what the steps gave",),
    version=2,
    probes=_layer_probes,
    examples=_LAYER_EXAMPLES,
    misconceptions=(
        mistake("sample-variance", ddof=1),
        mistake("population-running-var", correction=0),
        mistake("eps-outside-sqrt", eps_place="outside"),
        mistake("no-eps", eps_place="none"),
        mistake("eps-hard-coded", eps_place="fixed"),
        mistake("other-default-eps", {"default_eps": 1e-3}, {"default_eps": 1e-8}),
        mistake(
            "other-default-momentum",
            {"default_momentum": 0.9},
            {"default_momentum": 0.01},
            {"default_momentum": 0.99},
        ),
        mistake("per-position", over="batch"),
        mistake("per-instance", over="space"),
        mistake("global-statistics", over="all"),
        mistake("one-pass-variance", rounding=True, one_pass=True),
        mistake("gamma-ignored", affine_use="no gamma"),
        mistake("beta-ignored", affine_use="no beta"),
        mistake("gamma-after-shift", affine_use="shifted first"),
        mistake("affine-always", affine_off="ignored"),
        mistake("running-stats-in-train", train_stats="running"),
        mistake("batch-stats-in-eval", eval_stats="batch"),
        mistake("untracked-not-normalised", untracked_eval="start"),
        mistake("updates-in-eval", updates="always"),
        mistake("never-updates", updates="never"),
        mistake("momentum-flipped", weight="old"),
        mistake("running-replaced", weight="replaced"),
        mistake("mean-only", kept="mean"),
        mistake("var-only", kept="var"),
        mistake("running-std", spread="deviation"),
        mistake("eps-in-running-var", eps_in_var=True),
        mistake(
            "cumulative-ignored",
            {"cumulative": "as 0.1"},
            {"cumulative": "never"},
            {"cumulative": "replaced"},
        ),
        mistake("zero-momentum-replaced", {"momentum_zero": "as 0.1"}, {"momentum_zero": "as None"}),
        mistake("batches-not-counted", counts=False),
        mistake("parameters-not-registered", parameters="plain"),
        mistake("buffers-not-in-state", {"buffers": "left out"}, {"buffers": "plain"}),
        mistake("detached", graph="detached"),
        mistake("statistics-keep-the-graph", graph="kept"),
        mistake("half-precision-sums", width="as given"),
        mistake("output-stays-wide", width="stays wide"),
        mistake("accepts-one-value", checks="no count"),
        mistake("wrong-error-type", {"checks": "runtime"}, {"checks": "value"}),
    ),
)
