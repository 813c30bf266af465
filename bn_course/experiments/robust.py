"""Would a verdict be the same if the seeds had been others?

Two questions, because neither alone is fair with five seeds.

*Leaving one out*: the intervals of the other seeds, wider for being fewer, must lead to the same verdict. No
claim hangs on one seed, nor on an interval that only just clears its bound.

*Drawing again*: seeds are drawn with replacement, and each draw is judged by its means. The share of draws
that say something else estimates, without the normal distribution that Student's t assumes, how often other
seeds would have put a mean on the other side of a bound. A draw has no interval of its own: of five seeds it
holds 3.4 different ones on average, so its spread comes out too small; and where an interval ends at the
bound half of the draws would be called undecided, whatever the truth. Few seeds drawn again vary too little,
by √(1 − 1/n): it is a second check of Student's intervals, not a replacement.

A verdict that turns is none: the claim is undecided until more seeds are measured.
"""

from dataclasses import replace

import numpy as np

from bn_course.experiments.effects import Sample
from bn_course.experiments.experiment import UNDECIDED, Experiment
from bn_course.experiments.summary import students_t

DRAWS, FEW = 500, 0.05  # draws of the seeds, and the share of them that may turn
FEWEST = 3  # seeds: one of two left out leaves a mean without an interval


def verdict(experiment: Experiment, sample: Sample) -> str:
    """What the intervals show; "undecided" where that hangs on one seed, on the draw of them, or on few."""
    if _seeds(sample) < FEWEST or doubt(experiment, sample):
        return UNDECIDED
    return experiment.judge(sample)


def doubt(experiment: Experiment, sample: Sample) -> str:
    """Why a claim is undecided although the intervals of all seeds decide it; "" where it is not so."""
    if _seeds(sample) < FEWEST:
        return ""
    if hanging_on(experiment, sample):
        return "all seeds together decide it, and with one left out they do not"
    share = turned(experiment, sample)
    if share <= FEW:
        return ""
    return f"all seeds together decide it, and in {share:.0%} of draws from them the verdict is another"


def chosen(sample: Sample, seeds: np.ndarray) -> Sample:
    """The same of these seeds only, judged by means."""
    return replace(sample, numbers={name: v[seeds] for name, v in sample.numbers.items()}, t=0.0)


def turned(experiment: Experiment, sample: Sample, draws: int = DRAWS) -> float:
    """The share of draws, with replacement, whose means lead to another verdict than all seeds' intervals."""
    verdict = experiment.judge(sample)
    if verdict == UNDECIDED:
        return 0.0
    seeds = _seeds(sample)
    drawn = np.random.default_rng(0).integers(seeds, size=(draws, seeds))
    return float(np.mean([experiment.judge(chosen(sample, rows)) != verdict for rows in drawn]))


def hanging_on(experiment: Experiment, sample: Sample) -> list[int]:
    """The seeds without which the verdict is another."""
    verdict = experiment.judge(sample)
    if verdict == UNDECIDED:
        return []
    seeds = np.arange(_seeds(sample))
    t = students_t(len(seeds) - 1)
    left = {seed: replace(chosen(sample, seeds[seeds != seed]), t=t) for seed in seeds}
    return [int(seed) for seed, others in left.items() if experiment.judge(others) != verdict]


def _seeds(sample: Sample) -> int:
    return len(next(iter(sample.numbers.values())))
