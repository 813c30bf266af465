"""Every claim of the ledger: measured again at small scale, its verdict is the stored one.

A verdict that turns is news: either something broke, or the course must say something else.
"""

import json
from datetime import date
from itertools import combinations

import pytest

from bn_course import course
from bn_course.experiments import (
    DOES_NOT_HOLD,
    HOLDS,
    UNDECIDED,
    evidence,
    holds_when,
    load,
    measuring,
    names,
)
from bn_course.experiments.catalogue import lesson_of, recipe
from bn_course.experiments.experiment import stack
from bn_course.experiments.stored import path_of

every_claim = pytest.mark.parametrize("name", names())


def test_there_are_at_least_thirty_claims_of_every_verdict():
    verdicts = [evidence(name).verdict for name in names()]
    assert len(verdicts) >= 30
    for kind in (HOLDS, DOES_NOT_HOLD, holds_when("")):
        assert sum(verdict.startswith(kind) for verdict in verdicts) >= 3


@every_claim
def test_measured_again_the_verdict_is_the_stored_one(name):
    """One seed has no interval: it is judged by its numbers. They must not contradict what was decided."""
    experiment, run = load(name), measuring.run(name, seed=0, scale="small")
    shown = experiment.judge(experiment.sample(stack([run["numbers"]])))
    assert evidence(name).shown in (shown, UNDECIDED), run


@every_claim
def test_the_evidence_is_of_this_recipe_and_of_five_seeds_or_more(name):
    record = evidence(name).record
    assert record["recipe"] == recipe(name), f"the code that measures has changed: make evidence ARGS={name}"
    assert record["lesson"] == lesson_of(name)
    assert evidence(name).seeds == list(range(len(record["runs"])))
    assert len(record["runs"]) >= 5
    for run in record["runs"]:
        assert date.fromisoformat(run["date"])
        assert run["machine"].endswith(", one thread")
        assert run["versions"].keys() == measuring.versions().keys()


@every_claim
def test_stored_again_the_evidence_is_the_same_to_the_byte(name, tmp_path, monkeypatch):
    """Its words are those of the experiment, and nothing in it is of the day or machine that stores it."""
    before, runs = path_of(name).read_text(encoding="utf-8"), evidence(name).record["runs"]
    monkeypatch.setattr(course, "folder", lambda _: tmp_path)
    measuring.store(name, runs)
    assert path_of(name).read_text(encoding="utf-8") == before


@every_claim
def test_the_verdict_would_turn_if_the_numbers_were_the_other_way_round(name):
    """A verdict that no exchange of two measurements changes does not depend on them."""
    experiment, values = load(name), evidence(name).values
    swapped = [
        values | {a: values[b], b: values[a]}
        for a, b in combinations(values, 2)
        if values[a].shape == values[b].shape
    ]
    reversed_series = [values | {a: values[a][:, ::-1]} for a in values if values[a].ndim > 1]
    t = evidence(name).record["t"]
    verdicts = {experiment.judge(experiment.sample(other, t)) for other in swapped + reversed_series}
    assert verdicts - {evidence(name).shown}


@every_claim
def test_claims_and_methods_are_sentences_and_findings_have_numbers(name):
    experiment, record = load(name), evidence(name).record
    assert experiment.claim.endswith((".", "?", "!"))
    assert experiment.method.endswith(".")
    assert not experiment.finding.endswith(".")  # whoever shows it adds the full stop
    assert any(letter.isdigit() for letter in record["finding"])
    assert len(experiment.source) > 10
    assert experiment.scope.data
    assert experiment.scope.model or experiment.scope.values
    assert all(len(effect.why) > 10 for effect in experiment.effects)


def test_there_is_no_evidence_without_an_experiment():
    files = course.folder("evidence").glob("*.json")
    records = [json.loads(file.read_text(encoding="utf-8")) for file in files]
    assert {record["name"] for record in records if "verdict" in record} == set(names())


def test_evidence_is_small():
    sizes = {name: path_of(name).stat().st_size for name in names()}
    assert {name: size for name, size in sizes.items() if size > 300_000} == {}
    assert sum(sizes.values()) < 3_000_000
