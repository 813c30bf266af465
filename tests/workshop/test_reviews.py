"""A room's inventories and explanations, as they are handed in and as `bn-course grade` tells of them."""

import json

import pytest

from bn_course.cli import main
from bn_course.review import memory
from bn_course.review.inventory_forms import FORMS, form
from bn_course.review.item import RIGHT
from bn_course.workshop import reviews
from bn_course.workshop.feedback import write_html
from bn_course.workshop.grading import Result

WORDS = {"02_forward_pass": {"text": "It <forgets> the mean.", "ticked": [True, False, True]}}


def sheet(which, wrong):
    """Answers of which the first `wrong` are another choice than the right one."""
    names = list(form(which))
    bad = {name: next(k for k in form(which)[name].choices if k != RIGHT) for name in names[:wrong]}
    return {"answers": {name: RIGHT for name in names} | bad, "finished": True}


@pytest.fixture
def room(tmp_path):
    for name, wrong in {"ada": 12, "bob": 6, "eve": 0}.items():
        folder = tmp_path / name
        folder.mkdir()
        inventory = {"before": sheet("before", wrong), "after": sheet("after", wrong // 2)}
        state = memory.empty() | {"inventory": inventory, "own_words": WORDS if name == "ada" else {}}
        (folder / "review.json").write_text(json.dumps(state), encoding="utf-8")
    return tmp_path


def test_the_room_is_told_in_lines(room):
    lines = reviews.summary(reviews.read([room]))
    text = "\n".join(lines)
    assert "Inventory, before the course: 3 learners" in text
    assert "right answers: 12 (1), 18 (1), 24 (1)" in text
    assert "reliability, Cronbach's α: 0.9" in text
    assert "shares-neighbours" in text
    assert "33% right, with the rest +" in text
    assert "2 of 3: shift-remembered" in text
    assert "  all                              +0.50" in text


def test_the_command_tells_of_a_room_without_notebooks(room, capsys):
    assert main(["grade", str(room)]) == 0
    assert "Inventory, after the course: 3 learners" in capsys.readouterr().out
    assert main(["grade", str(room), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert set(found) == {"inventory", "gain", "own_words"}
    assert [row["learner"] for row in found["own_words"]] == ["ada"]
    assert len(found["inventory"]["before"]["items"]) == 24
    assert found["inventory"]["before"]["scores"] == [12, 18, 24]


def test_what_a_learner_wrote_is_on_the_page_of_their_lesson(room, tmp_path):
    path = room / "ada" / "02_forward_pass.ipynb"
    result = Result(str(path), "02_forward_pass", ())
    other = Result(str(room / "ada" / "03_backward_pass.ipynb"), "03_backward_pass", ())
    write_html([result, other], tmp_path / "pages", reviews.read([room]))
    first, second = sorted((tmp_path / "pages").glob("0*.html"))
    page = first.read_text(encoding="utf-8")
    assert "<blockquote>It &lt;forgets&gt; the mean.</blockquote>" in page
    assert "Ticked: mean and deviation of each feature are lost; γ and β are parameters" in page
    assert "blockquote" not in second.read_text(encoding="utf-8")
    assert "Inventory, before the course" in (tmp_path / "pages" / "index.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("text", ["{", "[]", '{"inventory": {"before": 3}}', '{"inventory": 1}', "\x00"])
def test_a_file_that_holds_anything_else_costs_itself_alone(room, text):
    (room / "eve" / "review.json").write_text(text, encoding="utf-8")
    assert [handed.learner for handed in reviews.read([room])] == ["ada", "bob"]


def test_a_form_that_was_not_finished_or_has_strange_answers_counts_for_what_it_is(tmp_path):
    some = dict(list(sheet("before", 0)["answers"].items())[:5])
    state = memory.empty() | {"inventory": {"before": {"answers": some, "finished": True}}}
    (tmp_path / "review.json").write_text(json.dumps(state), encoding="utf-8")
    assert reviews.read([tmp_path]) == []
    strange = {name: "<script>" for name in form("before")}
    state["inventory"]["before"]["answers"] = strange | {"more": RIGHT}
    (tmp_path / "review.json").write_text(json.dumps(state), encoding="utf-8")
    found = reviews.read([tmp_path])
    assert reviews.statistics_of(found, "before").scores == (0,)
    assert reviews.beliefs_of(found, "before") == {}


def test_nobody_has_no_statistics():
    assert reviews.summary([]) == []
    assert reviews.gain_of([]) == {}
    assert set(reviews.to_dict([])["inventory"]) == set(FORMS)
