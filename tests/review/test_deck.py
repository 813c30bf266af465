"""The deck for Anki, opened again as Anki does: a zip with a SQLite collection."""

import json
import sqlite3
import zipfile

import pytest

from bn_course.cli import main
from bn_course.grading import progress
from bn_course.review.bank import bank


@pytest.fixture
def notes(tmp_path, capsys):
    progress.change(lambda state: state["predictions"].update({"02-variance": {"answer": "a", "sure": 50}}))
    file = tmp_path / "deck.apkg"
    assert main(["review", "--anki", str(file)]) == 0
    with zipfile.ZipFile(file) as package:
        package.extract("collection.anki2", tmp_path)
    assert [p.name for p in tmp_path.iterdir() if p.name.endswith(".part")] == []
    base = sqlite3.connect(tmp_path / "collection.anki2")
    found = base.execute("select flds, tags, guid from notes").fetchall()
    decks = json.loads(base.execute("select decks from col").fetchone()[0])
    cards = base.execute("select count(*) from cards").fetchone()[0]
    base.close()
    assert cards == len(found)
    assert "Batch normalisation" in {deck["name"] for deck in decks.values()}
    assert f"{len(found)} items written in {file}" in capsys.readouterr().out
    return found


def test_it_holds_the_items_of_the_lessons_that_were_met(notes):
    expected = [item for item in bank().values() if item.lesson == "02_forward_pass"]
    assert len(notes) == len(expected)
    assert len({guid for _, _, guid in notes}) == len(notes)


def test_a_card_shows_question_choices_and_answer(notes):
    for fields, tags, _ in notes:
        question, choices, answer = fields.split("\x1f")
        assert question.startswith("<p>")
        right = answer.split("<b>")[1].split("</b>")[0]
        assert f"<li>{right}</li>" in choices
        assert choices.count("<li>") >= 2
        assert "02_forward_pass" in tags
