"""In your own words: written, compared, ticked, kept, told."""

import pytest

import bn_course
from bn_course.grading.catalogue import lessons
from bn_course.review import explanations, memory
from bn_course.review.own_words_box import OwnWordsBox


def sent(box, text, ticked):
    box._asked(box, {"keep": [text, ticked]}, [])
    return box.said


@pytest.mark.parametrize("stem", lessons())
def test_every_lesson_asks_and_answers_in_two_sentences_with_three_points(stem):
    asked = explanations.explanation(stem[:2])
    assert asked.lesson == stem
    assert asked.question.endswith("?")
    assert asked.answer.count(". ") == 1
    assert asked.answer.endswith(".")
    assert len(asked.points) == 3


def test_the_model_answer_is_shown_once_something_is_written():
    box = OwnWordsBox("02")
    assert (box.written, box._answer, box._points) == (None, "", [])
    assert sent(box, "  ", []) == "Write a sentence or two first."
    assert box._answer == ""
    assert sent(box, "It forgets the mean. ", []) == "Kept."
    assert box._answer == explanations.explanation("02").answer
    assert box.written == {"text": "It forgets the mean.", "ticked": []}


def test_what_was_written_and_ticked_is_there_again_and_can_be_changed():
    sent(OwnWordsBox("02"), "First.", [])
    again = OwnWordsBox("02_forward_pass")
    assert again.written["text"] == "First."
    sent(again, "Second.", [True, False, True])
    kept = memory.load()["own_words"]["02_forward_pass"]
    assert kept == {"text": "Second.", "ticked": [True, False, True]}


def test_it_is_told_with_the_progress_and_not_scored():
    sent(OwnWordsBox("02"), "First.", [True, False, False])
    standing = bn_course.progress()
    (row,) = standing.to_dict()["review"]["own_words"]
    assert (row["lesson"], row["text"]) == ("02_forward_pass", "First.")
    assert row["ticked"] == [explanations.explanation("02").points[0]]
    assert standing.to_dict()["points"] == 0
    assert "Explained in your own words: 1 lessons." in str(standing)


def test_without_a_page_the_question_stands():
    data, _ = OwnWordsBox("02")._repr_mimebundle_()
    assert data["text/plain"] == f"{explanations.explanation('02').question}\nTo be answered in JupyterLab."


def test_a_lesson_that_is_none_is_said():
    with pytest.raises(ValueError, match="no lesson called '99'"):
        OwnWordsBox("99")
