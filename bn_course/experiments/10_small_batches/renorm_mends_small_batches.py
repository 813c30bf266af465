"""Batch renormalisation, from which size on does it help?"""

from bn_course.experiments import DOES_NOT_HOLD, HOLDS, Experiment, holds_when

from ._shared import own_best


def measure(seed, scale):
    full = scale == "full"
    sizes, rates = ([8, 4, 2], (0.05, 0.2)) if full else ([4, 2], (0.2,))
    numbers = {"sizes": sizes}
    for norm in ("batch", "renorm"):
        numbers[norm] = [own_best(norm, size, seed, rates, 5 if full else 2)[1] for size in sizes]
    return numbers


def verdict(numbers):
    batch, renorm = numbers["batch"].mean(0), numbers["renorm"].mean(0)
    usable = renorm < 20
    if not usable[-2] or batch[-2] - renorm[-2] < 1.5:
        return DOES_NOT_HOLD
    if usable.all():
        return HOLDS
    return holds_when("a batch has four examples, and not on every seed; with two it fails as well")


EXPERIMENT = Experiment(
    claim="Batch renormalisation makes training work with small batches.",
    source="Ioffe 2017, arXiv:1702.03275, abstract: 'substantially better than batchnorm when training with small or non-i.i.d. minibatches'",
    method="As error_against_batch_size; r_max 3 and d_max 5 from the start; each arm's rate the better of two on validation data.",
    measure=measure,
    verdict=verdict,
    finding="Test error with batches of 8, 4, 2: batch norm {batch[0]:.1f}, {batch[1]:.1f}, {batch[2]:.1f} %, batch renormalisation {renorm[0]:.1f}, {renorm[1]:.1f}, {renorm[2]:.1f} %",
)
