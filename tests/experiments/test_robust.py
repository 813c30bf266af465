"""No verdict hangs on which seeds were drawn: tested on what is stored."""

from dataclasses import replace

import numpy as np
import pytest

from bn_course.experiments import HOLDS, UNDECIDED, Effect, Experiment, Scope, evidence, load, names, robust
from bn_course.experiments.summary import students_t

DECIDED = [name for name in names() if evidence(name).shown != UNDECIDED]
every_decided_claim = pytest.mark.parametrize("name", DECIDED)


def stored(name):
    experiment, numbers = load(name), evidence(name).values
    return experiment, experiment.sample(numbers, students_t(len(evidence(name).seeds)))


@every_decided_claim
def test_drawn_again_the_seeds_give_the_same_verdict(name):
    assert robust.turned(*stored(name)) <= 0.05


@every_decided_claim
def test_no_verdict_hangs_on_one_seed(name):
    assert robust.hanging_on(*stored(name)) == []


def judged(values, **bound):
    """An experiment of one effect, and these values of it."""
    gain = Effect("gain", lambda n: n["gain"], why="a tie is less", **bound)
    told = {"claim": "It gains.", "source": "a test", "method": "None.", "finding": "", "measure": None}
    experiment = Experiment(**told, scope=Scope("a test"), holds=gain)
    return experiment, experiment.sample({"gain": np.array(values, float)}, students_t(len(values)))


def test_most_claims_are_decided():
    assert len(DECIDED) > 0.8 * len(names())


def test_one_seed_on_which_all_hangs_is_named():
    experiment, sample = judged([3.0, 3.1, 2.9, 3.0, 1.9], above=2.1)
    assert experiment.judge(sample) == HOLDS
    assert robust.hanging_on(experiment, sample)
    assert robust.verdict(experiment, sample) == UNDECIDED
    assert robust.doubt(experiment, sample).endswith("with one left out they do not")


def test_far_from_its_bound_a_verdict_hangs_on_no_seed():
    firm = judged([3.0, 3.1, 2.9, 3.0, 2.8], above=1.0)
    assert robust.hanging_on(*firm) == []
    assert (robust.verdict(*firm), robust.doubt(*firm)) == (HOLDS, "")
    assert robust.turned(*firm) == 0


def test_the_share_of_draws_that_turn_is_counted():
    experiment, sample = judged([0.0, 0.0, 0.0, 0.0, 6.0], above=1.0)
    by_means = replace(sample, t=0.0)
    assert experiment.judge(by_means) == HOLDS
    assert robust.turned(experiment, by_means) == pytest.approx(0.8**5, abs=0.05)  # those without the 6


def test_what_is_undecided_has_nothing_to_turn():
    experiment, sample = judged([0.0, 0.0, 0.0, 0.0, 6.0], above=1.0)
    assert experiment.judge(sample) == UNDECIDED
    assert robust.turned(experiment, sample) == 0
    assert robust.hanging_on(experiment, sample) == []


@pytest.mark.parametrize("seeds", [1, 2])
def test_few_seeds_decide_nothing(seeds):
    assert robust.verdict(*judged([3.0] * seeds, above=1.0)) == UNDECIDED
    assert robust.verdict(*judged([3.0] * robust.FEWEST, above=1.0)) == HOLDS
