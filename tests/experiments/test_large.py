"""The larger scale, on generated images and for a few steps: it runs, and what it gives can be judged."""

import json
from importlib import import_module

import pytest
import torch

from bn_course import course
from bn_course.cli import main
from bn_course.experiments import NOT_TESTED, catalogue, evidence, load, measuring, names
from bn_course.experiments.experiment import stack
from bn_course.experiments.summary import rows
from bn_course.nets import Data, Split

cifar = import_module("bn_course.experiments.large._cifar")
every_claim = pytest.mark.parametrize("name", catalogue.names(large=True))


@pytest.fixture
def generated(monkeypatch):
    """128, 32 and 32 images of 4×4 random pixels stand for CIFAR-10."""
    generator = torch.Generator().manual_seed(0)
    counts = 128, 32, 32
    parts = [Split(torch.randn(n, 3, 4, 4, generator=generator), torch.arange(n) % 10) for n in counts]
    cifar.images.cache_clear()
    monkeypatch.setattr(cifar, "cifar10", lambda: Data("generated", *parts, classes=10))
    yield
    cifar.images.cache_clear()


def test_each_is_a_claim_of_the_ledger():
    assert len(catalogue.names(large=True)) >= 6
    assert {name.removeprefix(catalogue.LARGE) for name in catalogue.names(large=True)} <= set(names())


@every_claim
def test_it_runs_and_can_be_judged(name, generated):
    experiment = load(name)
    sample = experiment.sample(stack([experiment.measure(0, "small")] * 2))
    assert experiment.claim == load(name.removeprefix(catalogue.LARGE)).claim
    assert all(row["shown"] in (True, False, None) for row in rows(experiment.effects, sample))
    assert experiment.judge(sample)
    assert experiment.scope.test == 10_000
    assert len(catalogue.recipe(name)) == 16


def test_without_a_gpu_nothing_is_measured_or_stored(monkeypatch, tmp_path):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(course, "folder", lambda _: tmp_path)
    with pytest.raises(ValueError, match="the larger scale needs a GPU"):
        measuring.run("large/usable_rates", 0, "full")
    assert list(tmp_path.iterdir()) == []


def test_the_command_measures_those_of_a_lesson_at_the_larger_scale(monkeypatch):
    asked = []
    monkeypatch.setattr(measuring, "measure_all", lambda names, *rest: asked.append(names))
    assert main(["measure", "--scale", "large", "--lesson", "10"]) == 0
    assert asked == [["large/error_against_batch_size", "large/recalibration_mends_small_batches"]]


def test_the_ledger_says_what_was_not_tested_there_and_what_was_found(monkeypatch, tmp_path):
    record = evidence("usable_rates").record
    monkeypatch.setattr(course, "folder", lambda _: tmp_path)
    (tmp_path / "large").mkdir()
    (tmp_path / "usable_rates.json").write_text(json.dumps(record), encoding="utf-8")
    assert evidence("usable_rates").larger.endswith(f"{NOT_TESTED}.")
    found = record | {"verdict": "does not hold", "finding": "A range of 3"}
    (tmp_path / "large" / "usable_rates.json").write_text(json.dumps(found), encoding="utf-8")
    assert evidence("usable_rates").larger == "With a ResNet-20 on CIFAR-10: does not hold. A range of 3."
