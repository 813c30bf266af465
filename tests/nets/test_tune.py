"""The best rate: chosen on validation data, reported on test data."""

from dataclasses import replace
from functools import partial

import pytest

from bn_course.nets import digits, initialise, mlp
from bn_course.nets.tune import arrival, steps_at_best_rate, sweep


def model():
    return initialise(mlp([64, 32, 10], "batch"), "he")


STEPS = partial(steps_at_best_rate, model, data=digits(), target=0.8, every=5)


def test_the_steps_are_those_on_test_data_at_the_rate_that_validation_chose():
    runs = sweep(model, [0.001, 0.1], digits(), 60, every=5)
    assert arrival(runs[0], 0.8, 60) > arrival(runs[1], 0.8, 60)  # 0.1 is chosen
    tested = replace(digits(), validation=digits().test)
    (run,) = sweep(model, [0.1], tested, 60, every=5)
    assert STEPS(rates=[0.001, 0.1], limit=60) == arrival(run, 0.8, 60) < 60


def test_a_rate_that_only_test_data_would_choose_is_not_taken():
    """With validation labels that nobody can learn no rate arrives: the one that ends best there is taken."""
    hidden = replace(digits(), validation=replace(digits().validation, y=digits().validation.y.roll(1)))
    runs = sweep(model, [0.001, 0.1], hidden, 60, every=5)
    chosen = max(runs, key=lambda run: run.history.accuracy[-1]).rate
    (run,) = sweep(model, [chosen], replace(digits(), validation=digits().test), 60, every=5)
    found = steps_at_best_rate(model, [0.001, 0.1], hidden, 60, 0.8, every=5)
    assert found == arrival(run, 0.8, 60)


@pytest.mark.parametrize("limit", [5, 10])
def test_what_does_not_arrive_has_the_limit(limit):
    assert STEPS(rates=[0.0001], limit=limit) == limit
