"""Effects and verdicts: intervals against bounds, combined by Kleene's logic; and runs that never arrive."""

import numpy as np
import pytest

from bn_course.experiments import (
    DOES_NOT_HOLD,
    HOLDS,
    UNDECIDED,
    Effect,
    Experiment,
    Scope,
    Table,
    holds_when,
)
from bn_course.experiments.effects import Sample
from bn_course.experiments.summary import means, rows, students_t, table

WHY = "less is a tie"
TOLD = {"claim": "It is more.", "source": "a test", "method": "None.", "finding": "", "measure": None}
TOLD |= {"scope": Scope("a test")}


def sample(limits=None, **numbers):
    arrays = {name: np.array(value, float) for name, value in numbers.items()}
    return Sample(arrays, limits or {}, students_t(len(next(iter(arrays.values())))))


def constant(value):
    """A statement about numbers without chance: -1 is refuted, 0 open, 1 shown."""
    return Effect("x", lambda n: n["x"] * 0 + value, above=0, why=WHY)


NUMBERS = sample(x=[1, 2, 3, 4, 5])


def test_an_interval_is_students_over_the_seeds_of_the_paired_difference():
    effect = Effect("gain", lambda n: n["a"] - n["b"], above=1, why=WHY)
    pairs = sample(a=[101, 52, 13, 4, 75], b=[99, 49, 11, 1, 73])  # 2, 3, 2, 3, 2
    mean, low, high = effect.interval(pairs)
    assert mean == pytest.approx(2.4)
    assert high - mean == pytest.approx(2.7764 * np.std([2, 3, 2, 3, 2], ddof=1) / 5**0.5, rel=1e-4)
    assert mean - low == pytest.approx(high - mean)
    assert effect.shown(pairs) is True


@pytest.mark.parametrize(
    ("bound", "shown"),
    [
        ({"above": 2.9}, None),
        ({"above": 0.9}, True),
        ({"above": 5.1}, False),
        ({"below": 3.1}, None),
        ({"below": 0.9}, False),
        ({"below": 5.1}, True),
    ],
)
def test_what_an_interval_shows_of_its_bound(bound, shown):
    assert Effect("x", lambda n: n["x"], why=WHY, **bound).shown(NUMBERS) is shown


def test_a_ratio_is_averaged_as_a_factor():
    effect = Effect("times", lambda n: n["a"] / n["b"], above=1, why=WHY, ratio=True)
    mean, low, high = effect.interval(sample(a=[1, 4, 2, 2], b=[1, 1, 1, 1]))
    assert mean == pytest.approx(2)
    assert low * high == pytest.approx(4)


def test_of_a_row_every_entry_must_pass():
    effect = Effect("x", lambda n: n["rows"], above=0, why=WHY, each=("one", "two"))
    assert effect.shown(sample(rows=[[1, 2], [1, 3]])) is None  # 2 seeds: a wide interval
    assert effect.shown(sample(rows=[[1, 2]] * 3)) is True
    assert effect.shown(sample(rows=[[1, -2]] * 3)) is False
    assert [row["what"] for row in rows([effect], sample(rows=[[1, 2]] * 3))] == ["x, one", "x, two"]


@pytest.mark.parametrize("bounds", [{}, {"above": 1, "below": 2}])
def test_an_effect_has_one_bound(bounds):
    with pytest.raises(ValueError, match="x: give either `above` or `below`"):
        Effect("x", lambda n: n["x"], why=WHY, **bounds)


def test_a_bound_has_a_reason():
    with pytest.raises(ValueError, match=r"x: say why the bound is 1\.5"):
        Effect("x", lambda n: n["x"], above=1.5, why="")


@pytest.mark.parametrize(("a", "b"), [(a, b) for a in (-1, 0, 1) for b in (-1, 0, 1)])
def test_combined_as_kleene_does(a, b):
    value = {True: 1, False: -1, None: 0}
    assert value[(constant(a) & constant(b)).shown(NUMBERS)] == min(a, b)
    assert value[(constant(a) | constant(b)).shown(NUMBERS)] == max(a, b)
    assert value[(~constant(a)).shown(NUMBERS)] == -a


@pytest.mark.parametrize(
    ("holds", "when", "verdict"),
    [
        (1, -1, HOLDS),
        (0, 1, UNDECIDED),  # that it holds on a condition is not said while it may hold without
        (-1, 1, holds_when("it rains")),
        (-1, 0, UNDECIDED),
        (-1, -1, DOES_NOT_HOLD),
    ],
)
def test_a_verdict_is_the_first_case_that_is_shown(holds, when, verdict):
    experiment = Experiment(**TOLD, holds=constant(holds), when={"it rains": constant(when)})
    assert experiment.judge(NUMBERS) == verdict


LATER = Effect("times", lambda n: n["none"] / n["batch"], above=3, why=WHY, ratio=True)


def test_a_run_that_never_arrives_may_have_needed_any_number_of_steps():
    given = {"none": 400, "batch": 400}
    arrived = sample(given, none=[300, 310, 290], batch=[50, 50, 50])
    assert LATER.shown(arrived) is True
    some = sample(given, none=[400, 390, 380], batch=[50, 50, 50])
    assert (LATER.shown(some), rows([LATER], some)[0]["high"]) == (True, None)
    refuted = sample(given, none=[90, 91, 92], batch=[50, 50, 50])
    assert LATER.shown(refuted) is False
    few = sample(given, none=[400, 400, 400], batch=[200, 200, 200])  # twice as many, or any number of times
    assert LATER.shown(few) is None
    neither = sample(given, none=[400, 400, 400], batch=[400, 400, 400])
    assert LATER.shown(neither) is None
    assert (rows([LATER], neither)[0]["low"], rows([LATER], neither)[0]["high"]) == (0, None)


def test_a_finding_says_who_never_arrived():
    found = means(sample({"steps": 400}, steps=[[400, 100, 50], [400, 400, 60], [400, 140, 70]]))
    said = "{steps[0]:.0f}, {steps[1]:.0f}, {steps[2]:.0f}".format(**found)
    assert said == "never, 120 (1 of 3 never), 60"


def test_a_scope_is_short_and_can_be_changed():
    scope = Scope("digits", "ReLU 4×64", values="128", optimiser="SGD", horizon="400 steps", test=500)
    assert str(scope.but(data="MNIST-1D", test=0)) == "MNIST-1D · ReLU 4×64 · N·H·W = 128 · SGD · 400 steps"
    assert "tested on the same 500 for every seed: a point is 5 of them" in str(scope)


def test_some_entries_can_be_taken_by_themselves():
    effect = Effect("x", lambda n: n["rows"], above=0, why=WHY, each=("one", "two"))
    numbers = sample(rows=[[1, -2]] * 3)
    assert effect.at(0).shown(numbers) is True
    assert [row["what"] for row in rows([effect, effect.at(1)], numbers)] == [
        "x, one",
        "x, two",
    ]  # none twice


def test_entries_without_names_are_refused():
    effect = Effect("x", lambda n: n["rows"], above=0, why=WHY)
    with pytest.raises(ValueError, match="x: 2 entries and 1 names for them"):
        rows([effect], sample(rows=[[1, 2]] * 3))


def test_a_table_has_intervals_and_says_who_never_arrived():
    shown = Table({"steps": "steps", "both": ("a", "b")}, ("one", "two"), digits=".0f")
    numbers = sample({"steps": (400, 50)}, steps=[[400, 9], [100, 11]], a=[7, 7], b=[10, 30])
    assert table(shown, numbers) == {
        "columns": ["one", "two"],
        "rows": [["steps", "100 (1 of 2 never)", "10 (-3 to 23)"], ["both", "7", "20 (-107 to 147)"]],
    }
