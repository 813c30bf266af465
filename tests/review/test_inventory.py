"""The inventory: eight ideas in two forms, taken by learners who believe one wrong thing each."""

import sys
from collections import Counter

import numpy as np
import pytest
import torch

import bn_course
from bn_course.review import memory
from bn_course.review.gain import Gain, gains, held
from bn_course.review.ideas import IDEAS, INVENTORY
from bn_course.review.inventory_forms import FORMS, UNKNOWN, Taking, beliefs, form, items
from bn_course.review.item import RIGHT

KEYS = sorted({key for asked in form("before").values() for key in asked.choices} - {RIGHT})


def sheet(which, belief=None):
    """The answers of somebody who holds one belief, and is right otherwise."""
    return {name: belief if belief in asked.choices else RIGHT for name, asked in form(which).items()}


def take(which, answers):
    taking = Taking(which)
    while taking.left:
        taking.choose(taking.order.index(answers[taking.left[0]]))
    return taking


def test_there_are_twenty_four_items_three_for_each_of_eight_ideas():
    assert Counter(item.idea for item in items().values()) == dict.fromkeys(INVENTORY, 3)
    assert len(INVENTORY) == 8


@pytest.mark.parametrize("name", list(items()))
def test_both_forms_ask_the_same_with_other_numbers(name):
    before, after = (form(which)[name] for which in FORMS)
    assert before.idea == after.idea
    assert list(before.choices) == list(after.choices)
    assert before.text != after.text
    for asked in (before, after):
        assert len(set(asked.choices.values())) == len(asked.choices) >= 3


@pytest.mark.parametrize("which", FORMS)
@pytest.mark.parametrize("belief", KEYS)
def test_each_single_misconception_is_found_and_no_other(which, belief):
    found = held(sheet(which, belief), which)
    assert list(found) == [belief]
    assert found[belief][0] == found[belief][1] >= 1
    assert held(sheet(which), which) == {}


def test_every_wrong_choice_has_words_and_no_word_is_left_over():
    assert sorted(beliefs()) == KEYS
    assert all(words.endswith(".") for words in beliefs().values())


def test_nothing_is_said_of_right_and_wrong_before_both_forms_are_done():
    taking = Taking("before")
    for _ in range(3):
        screen = taking.screen()
        assert (screen.said, screen.right) == ("", None)
        taking.choose(0)
    take("before", sheet("before", "rows-do-not-mix"))
    text = str(bn_course.progress())
    assert "its outcome is shown when both forms are done" in text
    assert bn_course.progress().to_dict()["review"]["gain"] == []
    assert "is shown when the second form is done" in Taking("before").screen().text


def test_a_form_is_gone_on_with_where_it_was_left_and_an_answer_stays():
    taking = Taking("before")
    first = taking.left[0]
    taking.choose(1)
    kept = memory.load()["inventory"]["before"]["answers"][first]
    again = Taking("before")
    assert again.left == list(form("before"))[1:]
    assert again.screen().where == "2 of 24"
    assert memory.load()["inventory"]["before"] == {"answers": {first: kept}, "finished": False}


def test_one_may_say_that_one_does_not_know():
    taking = Taking("before")
    assert taking.screen().choices[-1] == "I do not know"
    name = taking.left[0]
    taking.choose(len(taking.order) - 1)
    assert memory.load()["inventory"]["before"]["answers"] == {name: UNKNOWN}


def test_progress_shows_before_after_and_the_normalised_gain_by_idea():
    take("before", sheet("before", "rows-do-not-mix"))
    take("after", sheet("after"))
    rows = {row.idea: row for row in gains(memory.load()["inventory"])}
    assert rows[IDEAS["shares"]] == Gain(IDEAS["shares"], 1, 3, 3)
    assert rows[IDEAS["shares"]].normalised == 1.0
    assert rows[IDEAS["scale"]].normalised is None
    assert rows["all"] == Gain("all", 20, 24, 24)
    standing = bn_course.progress()
    assert "what shares a statistic          1 3 of 3  +1.00" in str(standing)
    assert "nothing to gain" in standing._repr_html_()
    assert standing.to_dict()["review"]["gain"][0]["gain"] == 1.0


def test_a_gain_may_be_a_loss():
    assert Gain("x", 2, 1, 3).normalised == -1.0
    assert gains({}) == []


def test_a_form_that_is_neither_is_refused():
    with pytest.raises(ValueError, match="'before' the course and 'after' it, not 'between'"):
        form("between")


def test_a_forgotten_eval_does_what_the_item_says_in_pytorch_too():
    x = torch.from_numpy(np.random.default_rng(0).normal(3, 2, size=(8, 1))).float()
    layer = torch.nn.BatchNorm1d(1)
    evaluated, before = layer.eval()(x).detach(), layer.running_mean.clone()
    with torch.no_grad():
        forgotten = layer.train()(x)
    assert not torch.allclose(evaluated, forgotten)
    assert not torch.equal(before, layer.running_mean)


@pytest.mark.parametrize("which", FORMS)
def test_a_form_is_asked_where_there_is_no_torch(which, monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)  # an import of it fails
    for name, item in items().items():
        assert item.asked(which).name == name
