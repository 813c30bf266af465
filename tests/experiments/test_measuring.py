"""Measuring: what is stored, when it is measured again, and what an interrupt leaves."""

import json
from datetime import date

import numpy as np
import pytest

from bn_course import course
from bn_course.cli import main
from bn_course.experiments import catalogue, evidence, measuring
from bn_course.experiments.experiment import stack
from bn_course.experiments.stored import path_of


def measure(seeds=3, again=False):
    """As `measure_all` does, in this process."""
    kept = [] if again else measuring.stored_runs("heads")
    todo = [seed for seed in range(seeds) if seed not in {run["seed"] for run in kept}]
    measuring.store("heads", kept + [measuring.run("heads", seed, "full") for seed in todo])
    return todo


@pytest.fixture
def elsewhere(monkeypatch):
    """Another day, and another machine; they come when this is called."""

    class AnotherDay(date):
        @classmethod
        def today(cls):
            return cls(2031, 5, 4)

    def leave():
        monkeypatch.setattr(measuring, "date", AnotherDay)
        monkeypatch.setattr(measuring, "processor", lambda: "Abacus, 10 wires")

    return leave


def test_what_is_stored_is_what_was_measured(coins, elsewhere):
    elsewhere()
    measure(5)
    found = evidence("heads")
    assert found.seeds == [0, 1, 2, 3, 4]
    assert found.values["heads"].tolist() == [3, 4, 5, 6, 7]
    assert found.mean["heads"] == 5
    half = 2.7764 * np.std([3, 4, 5, 6, 7], ddof=1) / np.sqrt(5)  # Student's t, 4 degrees of freedom
    assert found.high["heads"] - 5 == pytest.approx(half)
    assert 5 - found.low["heads"] == pytest.approx(half)
    assert found.mean["curve"].shape == (2,)
    assert found.verdict == "holds"
    assert found.finding == "heads 5.0, tails 2.0, at last 0.67"
    assert "Coins like heads." in repr(found)
    assert str(found.scope) == "coins · tested on the same 200 for every seed: a point is 2 of them"
    assert "<strong>Holds.</strong>" in found._repr_html_()
    assert (
        "<td>3 (1.04 to 4.96)</td><td>above 0</td><td>yes</td><td>none is as many</td>" in found._repr_html_()
    )
    assert found.measured == "2031-05-04 on Abacus, 10 wires, one thread"
    assert found.record["runs"][0]["versions"] == measuring.versions()


def test_what_is_done_is_not_done_again(coins):
    assert measure(2) == [0, 1]
    assert measure(4) == [2, 3]
    assert measure(2, again=True) == [0, 1]


def test_what_is_measured_changes_no_byte_on_another_day_and_machine(coins, elsewhere):
    measure(3)
    before = coins.stored.read_bytes()
    elsewhere()
    assert main(["measure", "heads", "--seeds", "3"]) == 0
    assert coins.stored.read_bytes() == before


def test_a_run_keeps_the_day_and_the_machine_on_which_it_was_made(coins, elsewhere):
    measure(2)
    here = {key: evidence("heads").record["runs"][0][key] for key in ("date", "machine")}
    elsewhere()
    assert measure(3) == [2]
    said = [{key: run[key] for key in here} for run in evidence("heads").record["runs"]]
    assert said == [here, here, {"date": "2031-05-04", "machine": "Abacus, 10 wires, one thread"}]
    machines = sorted([here["machine"], said[2]["machine"]])
    assert evidence("heads").measured == f"{here['date']} to 2031-05-04 on {' and on '.join(machines)}"


def test_a_changed_recipe_is_measured_again_and_changed_words_are_not(coins):
    measure(3)
    coins.file.write_text(coins.file.read_text().replace("Coins like heads.", "Coins prefer heads."))
    assert measure(3) == []
    assert evidence("heads").claim == "Coins prefer heads."
    coins.file.write_text(coins.file.read_text().replace("Toss.", "Toss well."))
    assert measure(3) == []
    coins.file.write_text(
        coins.file.read_text().replace("above=0.0", "above=7.0").replace("test=200", "test=300")
    )
    assert measure(3) == []
    assert evidence("heads").verdict == "undecided"
    coins.file.write_text(coins.file.read_text().replace("3.0 + seed", "-31.0 - seed"))
    assert measure(3) == [0, 1, 2]
    assert evidence("heads").verdict == "does not hold"


@pytest.mark.parametrize(
    ("written", "is_new"),
    [
        ('tosses = 50 if scale == "full" else 9', False),
        ('tosses = 60 if scale == "full" else 5', True),
        ('full = scale == "full"\n    tosses = 50 if full else 9', False),
        ('tosses = 50\n    if scale == "small":\n        tosses = 9', False),
    ],
)
def test_what_is_done_at_small_scale_alone_is_no_part_of_the_recipe(written, is_new, coins):
    source = coins.file.read_text()

    def recipe(lines):
        coins.file.write_text(source.replace('"""Toss."""', lines))
        return catalogue.recipe("heads")

    same = written.replace("9", "5").replace("60", "50")
    assert (recipe(written) != recipe(same)) is is_new


def test_what_the_experiments_of_a_lesson_share_is_part_of_the_recipe(coins):
    shared = coins.file.with_name("_shared.py")
    shared.write_text("STEPS = 100\nRATE = 1\n\n\ndef toss():\n    return STEPS\n")
    source = "from ._shared import toss as tossed\n" + coins.file.read_text()
    coins.file.write_text(source.replace("return {", "tossed()\n    return {"))
    before = catalogue.recipe("heads")
    shared.write_text(shared.read_text().replace("RATE = 1", "RATE = 2"))  # of which `toss` knows nothing
    assert catalogue.recipe("heads") == before
    shared.write_text(shared.read_text().replace("STEPS = 100", "STEPS = 200"))
    assert catalogue.recipe("heads") != before


def test_another_version_of_a_package_is_measured_again(coins, monkeypatch):
    measure(2)
    other = {**measuring.versions(), "numpy": "0.1"}
    with monkeypatch.context() as older:
        older.setattr(measuring, "versions", lambda: other)
        assert measure(3) == [0, 1, 2]
    assert measure(2) == [0, 1]
    assert [run["versions"] for run in evidence("heads").record["runs"]] == [measuring.versions()] * 2


def test_a_write_that_fails_leaves_the_evidence_as_it_was(coins, monkeypatch):
    measure(2)
    before = coins.stored.read_text()

    def full(source, target):
        raise OSError("No space left on device")

    monkeypatch.setattr(measuring.os, "replace", full)
    with pytest.raises(OSError, match="No space"):
        measure(3)
    assert coins.stored.read_text() == before


def test_stored_numbers_are_short_and_a_seed_is_a_line(coins):
    measure(2)
    line = [line for line in coins.stored.read_text().splitlines() if '"seed": 1' in line]
    assert len(line) == 1
    assert json.loads(line[0].rstrip(","))["numbers"]["curve"] == [1.0, 0.33333]


@pytest.mark.parametrize(
    ("runs", "message"),
    [
        ([{"a": 1.0}, {"b": 1.0}], "not measured the same things"),
        ([{"a": 1.0}, {"a": float("nan")}], "a is not finite"),
        ([{"a": float("inf")}], "a is not finite"),
    ],
)
def test_numbers_that_do_not_fit_are_refused(runs, message):
    with pytest.raises(ValueError, match=message):
        stack(runs)


def test_a_claim_about_another_scale_is_not_tested_and_says_what_was_shown(coins):
    coins.file.write_text(coins.file.read_text().replace("holds=MORE", 'holds=MORE,\n    beyond="a mint"'))
    measure(5)
    found = evidence("heads")
    assert (found.verdict, found.shown) == ("not tested at its scale", "holds")
    said = "Not tested at its scale. It speaks of a mint. Tried on a smaller scale: holds. heads 5.0"
    assert said in repr(found)


def test_evidence_that_is_not_there_is_named(coins):
    with pytest.raises(ValueError, match="'heads': it has not been measured"):
        evidence("heads")
    with pytest.raises(ValueError, match="'tails': there is no such experiment"):
        evidence("tails")


def test_all_at_once_in_processes_of_their_own(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(course, "folder", lambda name: tmp_path / name)
    measuring.measure_all(["adain_is_exact"], seeds=2, jobs=2)
    found = evidence("adain_is_exact")
    assert found.seeds == [0, 1]
    before = path_of("adain_is_exact").read_text(encoding="utf-8")
    measuring.measure_all(["adain_is_exact"], seeds=2, jobs=2)
    assert path_of("adain_is_exact").read_text(encoding="utf-8") == before
