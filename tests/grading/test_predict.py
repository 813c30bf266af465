"""Predictions: the first counts, nothing waits, and progress says how well one knew."""

import pytest

import bn_course
from bn_course.grading import catalogue, kept
from bn_course.grading import progress as store
from bn_course.grading.predict import predict
from bn_course.grading.question import Prediction
from bn_course.grading.show import came_true


@pytest.fixture(autouse=True)
def two_predictions(tmp_path, monkeypatch):
    monkeypatch.setenv("BN_COURSE_HOME", str(tmp_path))
    known = {"99-choice": Prediction("b"), "99-number": Prediction(0.5, factor=2)}
    for module in ("predict", "api"):
        monkeypatch.setattr(f"bn_course.grading.{module}.predictions", lambda: known)
    assert callable(catalogue.predictions)
    yield
    kept.unsaved.clear()


def make(box, answer, sure=75):
    """As the browser sends it."""
    box._handle_custom_msg({"record": [answer, sure]}, [])


def test_headless_records_nothing():
    predict("99-choice", choices="abc")
    assert store.load()["predictions"] == {}


def test_the_first_answer_counts():
    box = predict("99-choice", choices="abc")
    make(box, "a")
    assert "Recorded: a, 75 % sure" in box.said
    assert box.made == {"answer": "a", "sure": 75}
    again = predict("99-choice", choices="abc")
    assert again.made == box.made
    make(again, "b", sure=95)
    assert store.load()["predictions"]["99-choice"] == {"answer": "a", "sure": 75}


def test_nothing_chosen_or_no_number_is_said():
    box = predict("99-choice", choices="abc")
    make(box, None)
    assert box.said == "Choose one first."
    make(box, "d")
    assert box.made is None
    box = predict("99-number")
    make(box, "half")
    assert "A number, please" in box.said
    make(box, "0.4")
    assert store.load()["predictions"]["99-number"]["answer"] == 0.4


def test_progress_shows_calibration():
    make(predict("99-choice", choices="abc"), "b")
    make(predict("99-number"), "7")
    assert bn_course.progress().calibration() == [{"sure": 75, "made": 2, "right": 1}]
    assert "75 % sure: 1 of 2 came true" in str(bn_course.progress())


@pytest.mark.parametrize(
    ("answer", "right"), [(0.5, True), (0.26, True), (0.99, True), (1.1, False), (-0.5, False)]
)
def test_a_number_is_right_within_its_factor(answer, right):
    assert came_true(answer, Prediction(0.5, factor=2)) is right


def test_a_misspelt_name_and_missing_choices_are_refused():
    with pytest.raises(ValueError, match="did you mean '99-choice'"):
        predict("99-choise", choices="abc")
    with pytest.raises(ValueError, match="needs choices"):
        predict("99-choice")
    with pytest.raises(ValueError, match="needs choices"):
        predict("99-choice", choices="ac")


def test_the_stored_text_says_what_it_was():
    data, _ = predict("99-choice", choices="abc")._repr_mimebundle_()
    assert data["text/plain"] == "A prediction to make in JupyterLab: a or b or c."
