"""The capstone: its rules hold, its verdicts are fair, and nothing a learner does breaks it."""

import json
from collections import Counter
from dataclasses import replace

import pytest
import torch
from torch import nn

import bn_course
from bn_course import capstone
from bn_course.course import folder
from bn_course.grading import progress
from bn_course.nets import digits

REPORT = "Batch 16, rate 0.05, batch norm: 96.6 % right. " + "I tried and I measured. " * 12


class Oracle(nn.Module):
    """Knows the held-back digits by heart, up to `wrong` of them; `crowd` makes it look at the batch."""

    def __init__(self, wrong=0, crowd=False):
        super().__init__()
        test = digits(image=True).test
        self.x, self.y = test.x.flatten(1), test.y.clone()
        self.y[:wrong] = (self.y[:wrong] + 1) % 10
        self.crowd = crowd

    def forward(self, x):
        found = self.y[torch.cdist(x.flatten(1), self.x).argmin(1)]
        if self.crowd and len(x) == 1:
            found = (found + 1) % 10
        return nn.functional.one_hot(found, 10).float()


def graded(train, report=REPORT, limit=16, **changes):
    brief = replace(capstone.brief("Ada"), limit=limit, **changes)
    return capstone.grade(train, brief, report)


def said(result):
    assert not result.passed
    return " ".join(check.message for check in result.checks if not check.passed)


@pytest.fixture(scope="module")
def solution():
    """The cells of the capstone in the solutions of lesson 14: `train_capstone` and `report`."""
    notebook = json.loads((folder("solutions") / "14_clinic.ipynb").read_text(encoding="utf-8"))
    cells = {cell["id"]: "".join(cell["source"]) for cell in notebook["cells"]}
    namespace = {}
    for name in ("capstone-brief", "capstone-answer", "capstone-report"):
        exec(compile(cells[name], name, "exec"), namespace)
    return namespace


@pytest.mark.parametrize("limit", capstone.LIMITS)
def test_the_solution_passes_under_every_limit(solution, limit):
    result = graded(solution["train_capstone"], solution["report"](), limit=limit)
    assert result.passed, str(result)


def test_the_same_name_draws_the_same_limit_and_all_limits_are_drawn():
    assert capstone.brief("Ada").limit == capstone.brief(" ADA ").limit
    drawn = Counter(capstone.brief(f"learner {number}").limit for number in range(2000))
    assert set(drawn) == set(capstone.LIMITS)
    assert min(drawn.values()) > 150
    with pytest.raises(ValueError, match="name is empty"):
        capstone.brief("  ")


def test_a_brief_says_what_is_asked():
    text = str(replace(capstone.brief("Ada"), limit=4))
    assert "batches of at most 4" in text
    assert "95%" in text


def test_a_model_that_is_right_passes_with_a_report():
    result = graded(lambda feed, brief: Oracle(wrong=25))
    assert result.passed, str(result)
    assert result.score == result.points


def test_one_image_too_few_does_not_pass():
    assert "94.8% right on held-back data; 95% are asked for" in said(graded(lambda f, b: Oracle(wrong=26)))


def test_a_report_is_asked_for():
    assert "it needs 60 and 3" in said(graded(lambda feed, brief: Oracle(), report="I did it."))
    assert "it needs 60 and 3" in said(graded(lambda feed, brief: Oracle(), report="word " * 80))


def test_a_model_that_looks_at_the_company_of_an_image_is_found_out():
    assert "get another class alone" in said(graded(lambda feed, brief: Oracle(crowd=True)))


def test_batches_are_new_until_all_were_seen_and_are_counted():
    feed = capstone.Feed(replace(capstone.brief("Ada"), limit=100))
    drawn = torch.cat([feed.batch(100).x for _ in range(10)])
    assert len(torch.unique(drawn.flatten(1), dim=0)) == 1000
    assert feed.left == 3000
    assert (feed.shape, feed.classes) == ((1, 8, 8), 10)


@pytest.mark.parametrize(
    ("train", "message"),
    [
        (lambda feed, brief: feed.batch(17), "a batch of 17 was asked for; the limit is 16"),
        (lambda feed, brief: feed.batch(0), "a batch of 0 was asked for"),
        (lambda feed, brief: [feed.batch(16) for _ in range(300)], "with 0 examples left"),
        (
            lambda feed, brief: nn.Conv2d(1, 2, 3)(torch.cat([feed.batch(16).x for _ in range(2)])),
            "Conv2d was given a batch of 32; the limit is 16",
        ),
    ],
)
def test_a_broken_rule_is_named(train, message):
    assert message in said(graded(train))


def test_without_gradients_a_batch_may_be_larger():
    def train(feed, brief):
        with torch.no_grad():
            nn.Conv2d(1, 2, 3)(feed.validation.x)
        return Oracle()

    assert graded(train).passed


def test_the_rules_end_with_the_training():
    graded(lambda feed, brief: Oracle(), limit=2)
    nn.Conv2d(1, 2, 3)(torch.randn(32, 1, 8, 8))


def test_a_training_that_takes_too_long_fails():
    assert "there are -1" in said(graded(lambda feed, brief: Oracle(), seconds=-1))


def test_a_stub_is_not_attempted():
    def stub(feed, brief):
        raise NotImplementedError

    for answer in (stub, lambda feed, brief: None, lambda feed, brief: ...):
        assert not graded(answer).attempted


@pytest.mark.parametrize(
    ("train", "message"),
    [
        (lambda feed, brief: 1 / 0, "ZeroDivisionError: division by zero"),
        (lambda feed, brief: "done", "it returns str, not an nn.Module"),
        (
            lambda feed, brief: nn.Linear(3, 2),
            "on held-back images, it raised RuntimeError",
        ),
        (lambda feed, brief: nn.Flatten(), r"have shape (500, 64); it should be (500, 10)"),
    ],
)
def test_what_went_wrong_is_said(train, message):
    assert message in said(graded(train))


def test_check_shows_records_and_raises(capsys):
    brief = capstone.brief("Ada")
    with pytest.raises(AssertionError, match="capstone: not yet"):
        capstone.check(lambda feed, brief: Oracle(wrong=100), brief, REPORT)
    assert "80.0% right on held-back data" in capsys.readouterr().out
    capstone.check(lambda feed, brief: Oracle(), brief, REPORT)
    assert progress.load()["capstone"] == {"passed": True, "attempts": 2}
    assert "Capstone: passed." in str(bn_course.progress())
