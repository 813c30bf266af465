"""What stands beside the button of a prediction, and what is recorded when it is pressed."""

import pytest

from bn_course.grading import kept
from bn_course.grading import progress as store
from bn_course.grading.catalogue import predictions
from bn_course.grading.predict import in_order, without_page
from bn_course.grading.prediction_box import SURE, PredictionBox
from bn_course.grading.shuffle import STABLE


@pytest.fixture(autouse=True)
def nothing_unsaved():
    yield
    kept.unsaved.clear()


def recorded():
    return store.load()["predictions"]


def pressed(box, answer, sure=75):
    """As the button sends it."""
    box._asked(box, {"record": [answer, sure]}, [])
    return box.said


def test_a_letter_is_recorded_as_it_was_chosen():
    box = PredictionBox("01-letter", "abc")
    assert (box.said, box.made, box._letters, box._sure) == ("", None, ["a", "b", "c"], SURE)
    assert pressed(box, "b", 95) == "Recorded: b, 95 % sure. Now run on."
    assert box.made == {"answer": "b", "sure": 95} == recorded()["01-letter"]


@pytest.mark.parametrize("answer", ["", None, "d", "ab"])
def test_a_letter_has_to_be_one_of_those_asked_for(answer):
    assert pressed(PredictionBox("01-letter", "abc"), answer) == "Choose one first."
    assert recorded() == {}


def test_choices_in_words_are_shown_in_the_learner_s_order_and_kept_by_letter(monkeypatch):
    shown = set()
    for seed in range(20):
        monkeypatch.setattr(store, "seed", lambda seed=seed: seed)
        box = PredictionBox("02-variance", "abc")
        known = predictions()["02-variance"]
        assert sorted(box._letters) == ["a", "b", "c"]
        assert box._texts == [known.said(letter) for letter in box._letters]
        assert box._repr_mimebundle_()[0]["text/plain"] == without_page("02-variance", "abc", known)
        shown.add(tuple(box._letters))
    assert len(shown) == 6
    said = pressed(box, "b", 95)
    assert said == "Recorded: (4 + 1 + 9) / 3 = 4.667, 95 % sure. Now run on."
    assert recorded()["02-variance"] == {"answer": "b", "sure": 95}


def test_the_seed_is_kept_with_the_first_prediction_and_stays(monkeypatch):
    pressed(PredictionBox("02-variance", "abc"), "b")
    seed = store.load()["seed"]
    monkeypatch.setattr(store, "_fresh", seed + 1)
    pressed(PredictionBox("02-xor", "abc"), "c")
    assert store.seed() == store.load()["seed"] == seed


def test_the_right_choice_stands_at_every_place_of_the_stable_order():
    places = [
        in_order(name, "abcd"[: len(p.texts)], p, STABLE).index(p.answer)
        for name, p in predictions().items()
        if p.texts
    ]
    assert min(places.count(n) for n in range(3)) > 0.25 * len(places)


def test_a_number_is_recorded_as_a_number():
    box = PredictionBox("01-number", None)
    assert box._letters == []
    assert pressed(box, "1e-3", 50) == "Recorded: 0.001, 50 % sure. Now run on."
    assert recorded() == {"01-number": {"answer": 0.001, "sure": 50}}


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ("", "Write a number first."),
        (None, "Write a number first."),
        ("half", "A number, please, such as 0.5 or 1e-3."),
    ],
)
def test_what_is_no_number_is_said(answer, said):
    assert pressed(PredictionBox("01-number", None), answer) == said
    assert recorded() == {}


def test_another_message_records_nothing():
    box = PredictionBox("01-letter", "abc")
    box._asked(box, {"other": ["b", 50]}, [])
    assert (box.said, recorded()) == ("", {})


def test_a_message_of_the_page_is_heard():
    box = PredictionBox("01-letter", "abc")
    box._handle_custom_msg({"record": ["a", 50]}, [])
    assert recorded() == {"01-letter": {"answer": "a", "sure": 50}}


def test_the_first_answer_is_shown_again():
    pressed(PredictionBox("01-letter", "abc"), "a", 50)
    again = PredictionBox("01-letter", "abc")
    assert again.said == "Recorded: a, 50 % sure. Now run on."
    assert again.made == {"answer": "a", "sure": 50}
    assert pressed(again, "c", 95) == again.said
    assert recorded()["01-letter"] == {"answer": "a", "sure": 50}


def test_an_answer_that_cannot_be_saved_is_kept_and_said(monkeypatch):
    def refuse(**options):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(kept.tempfile, "mkstemp", refuse)
    said = pressed(PredictionBox("01-letter", "abc"), "a")
    assert said.startswith("Recorded: a, 75 % sure. Now run on. Your progress could not be saved in ")
    assert recorded()["01-letter"]["answer"] == "a"


def test_without_a_page_it_says_what_was_asked():
    def text(box):
        data, metadata = box._repr_mimebundle_()
        assert metadata == {}
        assert "application/vnd.jupyter.widget-view+json" in data
        return data["text/plain"]

    assert text(PredictionBox("01-letter", "abc")) == "A prediction to make in JupyterLab: a or b or c."
    assert text(PredictionBox("01-number", None)) == "A prediction to make in JupyterLab: a number."
