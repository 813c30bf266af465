"""Lesson 14: Mend the layer: the output as it is, and the gradient of the function that it computes."""

import numpy as np

from bn_course.checks._mistake import mistake
from bn_course.checks._probes import signs_in_thirds
from bn_course.grading.question import Probe, Property, Question


def clinic_detached(x, gamma, beta, eps=1e-5):
    """The statistics are functions of x, and the gradient goes through them."""
    return _detached_variant(x, gamma, beta, eps)


_NOT_GIVEN = None


def _detached_variant(
    x,
    gamma,
    beta,
    eps=_NOT_GIVEN,
    *,
    mean="attached",
    var="attached",
    ddof=0,
    eps_place="inside",
    default=1e-5,
    eps_falsy=False,
):
    import torch

    eps = default if eps is _NOT_GIVEN or (eps_falsy and not eps) else eps
    centre = x.mean(0)
    centre = centre.detach() if mean == "detached" else centre
    spread = (x - (x.mean(0) if var == "attached" else centre)).square().sum(0) / (len(x) - ddof)
    spread = spread.detach() if var == "detached" else spread
    deviation = torch.sqrt(spread + eps) if eps_place == "inside" else torch.sqrt(spread) + eps
    return gamma * (x - centre) / deviation + beta


def _detached_args(rng, n, d, eps, scale=1.0):
    x = scale * rng.normal(rng.normal(size=d), rng.uniform(0.5, 2.0, d), (n, d))
    head = (x, signs_in_thirds(rng, d), rng.normal(size=d), rng.normal(size=(n, d)))
    return head if eps is None else (*head, eps)


def _detached_probe(rng, label, *args, **options):
    return Probe(
        label, _detached_args(rng, *args, **options), driver="14_clinic:detached", shown=f"a batch: {label}"
    )


def _detached_probes(rng):
    return [
        _detached_probe(rng, "6 examples of 4 features, ε = 0.1", 6, 4, 0.1),
        _detached_probe(rng, "small numbers, ε left at its default", 7, 3, None, scale=3e-3),
        _detached_probe(rng, "small numbers, ε = 0", 5, 3, 0.0, scale=3e-3),
        _detached_probe(rng, "as many examples as features", 4, 4, 0.01),
    ]


def _detached_examples():
    rng = np.random.default_rng(21)
    return (
        _detached_probe(rng, "3 examples of 1 feature, ε = 0.1", 3, 1, 0.1),
        _detached_probe(rng, "3 small examples, ε left at its default", 3, 1, None, scale=3e-3),
        _detached_probe(rng, "3 small examples, ε = 0", 3, 1, 0.0, scale=3e-3),
    )


def _no_shift(args, value):
    dx = np.asarray(value[1], float)
    if abs(dx.sum(0)).max() > 1e-6 * max(1, abs(dx).max()):
        return f"the gradient of x sums to {abs(dx.sum(0)).max():.2g} over the batch; it must sum to 0"
    return None


QUESTION = Question(
    name="clinic_detached",
    points=2,
    version=2,
    level=2,
    reference=clinic_detached,
    variant=_detached_variant,
    returns=("y", "dx", "the gradient of γ", "the gradient of β"),
    probes=_detached_probes,
    examples=_detached_examples(),
    call="clinic_detached(x, gamma, beta, eps=1e-5)",
    properties=(Property("Σdx = 0", _no_shift),),
    misconceptions=(
        mistake("detached", {"mean": "detached", "var": "detached"}),
        mistake("mean-detached", mean="detached"),
        mistake("var-detached", var="detached"),
        mistake("sample-variance", ddof=1),
        mistake("eps-outside-sqrt", eps_place="outside"),
        mistake("zero-eps-replaced", eps_falsy=True),
        mistake("other-default-eps", {"default": 1e-3}, {"default": 1e-8}),
    ),
)
