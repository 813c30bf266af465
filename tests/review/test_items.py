"""Every item of the course: asked again and again, there is one right choice, and running it says which."""

import numpy as np
import pytest

from bn_course.grading.catalogue import catalogue, lessons, predictions
from bn_course.review import computing
from bn_course.review.bank import bank, find_item
from bn_course.review.ideas import IDEAS
from bn_course.review.item import RIGHT, Ambiguous, ask, item, same, shown
from bn_course.review.lines import program, replaced
from bn_course.review.returns import fits, results

SEEDS = range(3)


def asked(name, seed=0):
    return bank()[name].asked(seed)


@pytest.mark.parametrize("name", sorted(bank()))
def test_exactly_one_choice_is_right_whatever_is_drawn(name):
    for seed in SEEDS:
        made = asked(name, seed)  # `ask` compares every choice with what running gives, and refuses otherwise
        assert list(made.choices).count(RIGHT) == 1
        assert len(set(made.choices.values())) == len(made.choices) >= 2
        assert "nan" not in " ".join(made.choices.values()).replace("NaN", "")


def test_a_draw_without_one_right_choice_is_refused():
    with pytest.raises(Ambiguous, match="no choice"):
        ask("1 + 1 is", 2, {RIGHT: 3, "adds-two": 4})
    with pytest.raises(Ambiguous, match="has the outcome"):
        ask("1 + 1 is", 2, {RIGHT: 2, "adds-two": ("two", 2.0)})
    with pytest.raises(Ambiguous, match="has the outcome"):
        ask("1 + 1 is", 2, {RIGHT: 3, "adds-two": 2})
    with pytest.raises(Ambiguous, match="read alike"):
        ask("1/3 is", 1 / 3, {RIGHT: 1 / 3, "rounds": 0.3334}, digits=3)


def test_an_item_that_never_has_one_right_choice_says_so():
    broken = item("99-broken", idea="scale")(lambda draw: ask("?", 1, {RIGHT: 2}))
    with pytest.raises(Ambiguous, match="99-broken: no draw of 200"):
        broken.asked(0)
    with pytest.raises(ValueError, match="no idea is called 'colour'"):
        item("99-broken", idea="colour")


def test_every_prediction_has_an_item_and_every_lesson_and_idea_some():
    assert [name for name in predictions() if name not in bank()] == []
    assert {i.lesson for i in bank().values()} == set(lessons())
    assert {i.idea for i in bank().values()} == set(IDEAS)
    small = [f"returns-{q.name}" for q in catalogue().values() if fits(q)]
    assert len(small) > 20
    assert [name for name in small if name not in bank()] == []


def test_asking_leaves_the_session_s_random_numbers_as_they_were():
    import torch

    for name in ("ask-recalibrate", "13-freeze", "02-xor"):
        torch.manual_seed(3)
        np.random.seed(3)  # noqa: NPY002
        bank()[name].asked(0)
        drawn = torch.rand(1), np.random.rand()  # noqa: NPY002
        torch.manual_seed(3)
        np.random.seed(3)  # noqa: NPY002
        assert drawn == (torch.rand(1), np.random.rand())  # noqa: NPY002


def test_numbers_differ_from_time_to_time_and_stay_for_one_time():
    one = bank()["02-variance"]
    assert one.asked(5, 0) == one.asked(5, 0)
    assert len({one.asked(5, times).text for times in range(10)}) > 5


def test_the_right_choice_is_not_always_at_one_place():
    places = [asked(name).order(seed).index(RIGHT) for name in bank() for seed in SEEDS]
    counts = np.bincount(places)
    assert counts[:3].min() > 0.2 * len(places)


def test_the_order_is_the_learner_s_own_and_stays():
    made = asked("02-variance")
    assert made.order(7) == made.order(7)
    assert len({tuple(made.order(seed)) for seed in range(30)}) > 5


@pytest.mark.parametrize("name", [name for name in bank() if name.startswith("lines-")])
def test_the_line_that_is_the_bug_is_the_only_one_whose_change_mends_it(name):
    made = asked(name)
    question = name.removeprefix("lines-")
    body = [line[4:] for line in made.code.splitlines()[1:]]
    assert [line.strip() for line in made.choices.values()] == [line.strip() for line in body]
    assert callable(program(question, body))
    assert body.index(made.choices[RIGHT]) == replaced(body, made.choices[RIGHT])
    assert bank()[name].keys <= {m.key for m in catalogue()[question].misconceptions}


@pytest.mark.parametrize("key", ["sample-variance", "gamma-after-shift"])
def test_a_mistake_that_the_learner_made_is_among_the_choices(key):
    for seed in SEEDS:
        made = bank()["returns-batch_norm_forward"].asked(seed, 0, frozenset({key}))
        assert key in made.choices


def test_the_wrong_results_are_those_of_the_known_mistakes():
    question = catalogue()["batch_stats"]
    x = np.array([[1.0], [2.0], [6.0]])
    assert results(question.reference, (x,)) == "[3]; [4.667]"
    assert results(question.with_knobs({"ddof": 1}), (x,)) == "[3]; [7]"
    assert results(lambda x: x / 0, (x,)) == ""
    assert results(lambda x: x[5], (x,)) == ""


def test_a_curve_is_one_seed_s_and_lies_nearest_to_its_own_mean():
    made = asked("curve-error_against_batch_size")
    row = [float(n) for n in made.code.splitlines()[1].split("|")[1:]]
    mean = computing.measured("error_against_batch_size")
    arms = {"batch norm": "batch", "layer norm": "layer", "batch renormalisation": "renorm"}
    nearest = min(arms, key=lambda said: np.abs(mean[arms[said]] - row).max())
    assert made.choices[RIGHT] == nearest


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.30151, "0.302"), (-1.5, "−1.5"), (3.333e-8, "3.33e−08"), (12800, "12800"), ([1, -2.0], "[1, −2]")],
)
def test_numbers_are_shown_as_one_writes_them(value, text):
    assert shown(value) == text


def test_what_counts_as_the_same():
    assert same(1.0, 1 + 1e-9)
    assert same(np.nan, np.nan)
    assert not same(1.0, 1.001)
    assert not same("1", 1)
    assert not same([1, 1], 1)


def test_a_name_that_is_none_is_said():
    with pytest.raises(ValueError, match="did you mean '02-variance'"):
        find_item("02-varianc")
