"""Batch renormalisation, from which size on does it help?"""

from bn_course.experiments import Effect, Experiment, Table

from ._shared import POINT, SCOPE, own_best


def measure(seed, scale):
    full = scale == "full"
    sizes, rates = ([8, 4, 2], (0.05, 0.2)) if full else ([4, 2], (0.2,))
    numbers = {"sizes": sizes}
    for norm in ("batch", "renorm"):
        numbers[norm] = [own_best(norm, size, seed, rates, 5 if full else 1)[1] for size in sizes]
    return numbers


FOUR = Effect(
    "points gained with four examples",
    lambda n: n["batch"][:, -2] - n["renorm"][:, -2],
    above=1.5,
    why=POINT,
)
TWO = Effect(
    "per cent wrong with two examples",
    lambda n: n["renorm"][:, -1],
    below=20,
    why="four times what the other norms have wrong",
)

EXPERIMENT = Experiment(
    claim="Batch renormalisation makes training work with small batches.",
    source="Ioffe 2017, arXiv:1702.03275, abstract: 'substantially better than batchnorm when training with small or non-i.i.d. minibatches'",
    scope=SCOPE.but(values="8, 4 or 2"),
    method="As error_against_batch_size; r_max 3 and d_max 5 from the start; each arm's rate the better of two on validation data.",
    measure=measure,
    holds=FOUR & TWO,
    when={"a batch has four examples; with two it fails as well": FOUR},
    finding="With four examples: batch norm {batch[1]:.1f} % wrong, batch renormalisation {renorm[1]:.1f}; with two {batch[2]:.1f} and {renorm[2]:.1f}",
    table=Table(
        {"batch norm": "batch", "batch renormalisation": "renorm"}, ("8 examples, % wrong", "4", "2"), ".1f"
    ),
)
