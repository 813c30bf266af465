"""What a room predicts: counted, without names, whatever stands in the learners' files."""

import json

import pytest

from bn_course.cli import main
from bn_course.grading.predict import record
from bn_course.workshop.room import read, summary


@pytest.fixture
def learner(tmp_path):
    """Write a learner's progress file; returns the folder of the room."""

    def write(name, text=None, **made):
        file = tmp_path / "room" / name / "progress.json"
        file.parent.mkdir(parents=True)
        made = {prediction: {"answer": a, "sure": s} for prediction, (a, s) in made.items()}
        file.write_text(text if text is not None else json.dumps({"predictions": made}), encoding="utf-8")
        return tmp_path / "room"

    return write


def test_choices_are_counted_with_how_sure_they_were(learner):
    for name, made in {"ada": ("a", 95), "bob": ("b", 50), "eve": ("a", 75)}.items():
        room = learner(name, **{"02-variance": made})
    text = summary(read([room]))
    assert "3 learners" in text
    assert "02-variance: 3 predictions" in text
    assert f"  {'█' * 27} 2, 85 % sure on average: (4 + 1 + 9) / 2 = 7" in text
    assert f"  {'█' * 13} 1, 50 % sure on average: (4 + 1 + 9) / 3 = 4.667" in text
    assert not any(name in text for name in ("ada", "bob", "eve"))


def test_numbers_are_listed_in_order(learner):
    for name, number in {"ada": 1.0, "bob": 0.3, "eve": 0.25}.items():
        room = learner(name, **{"02-small-deviation": (number, 50)})
    text = summary(read([room]), answers=True)
    assert "median 0.3; all: 0.25 0.3 1" in text
    assert "right: 0.3, by 2 of 3" in text


def test_the_right_answer_is_told_only_where_it_is_asked_for(learner):
    room = learner("ada", **{"02-variance": ("a", 95)})
    assert "right" not in summary(read([room]))
    assert "right: (4 + 1 + 9) / 3 = 4.667, by 0 of 1" in summary(read([room]), answers=True)


def test_one_prediction_or_one_lesson_is_picked_out(learner):
    room = learner("ada", **{"02-variance": ("a", 95), "02-xor": ("c", 50), "03-stretch": ("b", 50)})
    assert "02-xor" not in summary(read([room]), "02-variance")
    assert "02-xor" in summary(read([room]), "02")
    assert "03-stretch" not in summary(read([room]), "02")


@pytest.mark.parametrize("text", ["no JSON", "[]", "{}", '{"predictions": 1}'])
def test_a_file_that_is_no_progress_file_is_counted_and_passed_over(learner, text):
    learner("ada", **{"02-variance": ("a", 95)})
    room = read([learner("eve", text)])
    assert (room.learners, room.unreadable) == (1, 1)
    assert "1 more files could not be read" in summary(room)


@pytest.mark.parametrize(
    "made", [("\x1b[2J", 50), ("aa", 50), (7, 50), (None, 50), ("a", "very"), ("a", 500)]
)
def test_what_is_no_answer_is_not_counted_and_never_printed(learner, made):
    room = read([learner("eve", **{"02-variance": made, "no such prediction": ("a", 50)})])
    assert room.answers["02-variance"] == []
    assert "\x1b" not in summary(room)


def test_numbers_must_be_numbers(learner):
    file = '{"predictions": {"02-small-deviation": {"answer": NaN, "sure": 50}, "02-xor": []}}'
    assert read([learner("eve", file)]).answers["02-small-deviation"] == []


def test_it_reads_what_a_learner_recorded(capsys, monkeypatch, tmp_path):
    monkeypatch.setenv("BN_COURSE_HOME", str(tmp_path / "home of ada"))
    assert record("02-variance", "b", 95) is None
    assert main(["predictions", str(tmp_path), "--of", "02"]) == 0
    assert "1, 95 % sure" in capsys.readouterr().out


def test_a_folder_that_is_not_there_is_one_line(capsys):
    assert main(["predictions", "no such room"]) == 1
    assert capsys.readouterr().err == "bn-course: there is no no such room\n"
