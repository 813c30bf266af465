"""A room at once: order, names, interruptions, and what is written."""

import csv
import json

import pytest

from bn_course.cli import main
from bn_course.grading import progress
from bn_course.workshop import batch
from bn_course.workshop.batch import grade_all
from bn_course.workshop.handed import find
from bn_course.workshop.sandbox import Limits

LIMITS = Limits(cell=3, call=1.5, total=20)


@pytest.fixture(autouse=True)
def own_home(tmp_path, monkeypatch):
    monkeypatch.setenv("BN_COURSE_HOME", str(tmp_path / "state"))


@pytest.fixture
def room(submit, good):
    wrong = good.replace("x.var(axis=0) + eps", "x.var(axis=0, ddof=1) + eps")
    submit(good, folder="room/ada")
    submit(wrong, folder="room/bob")
    submit("def batch_stats(x):\n    raise NotImplementedError", folder="room/eve")
    return submit(wrong, folder="room/flo").parent.parent


def test_two_submissions_with_one_name_stay_apart(room):
    results = grade_all(find([room]).notebooks, LIMITS)
    assert [(r.path.split("/")[-2], r.score) for r in results] == [
        ("ada", 8),
        ("bob", 5),
        ("eve", 0),
        ("flo", 5),
    ]


def test_an_interrupted_run_goes_on_where_it_stopped(room, monkeypatch):
    paths = find([room]).notebooks
    graded = []

    def stop(result):
        graded.append(result.path)
        if len(graded) == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        grade_all(paths, LIMITS, jobs=1, done=stop)
    again = []
    monkeypatch.setattr(
        batch, "grade_file", lambda path, *a, real=batch.grade_file: again.append(path) or real(path, *a)
    )
    results = grade_all(paths, LIMITS, jobs=1)
    assert [str(path) for path in again] == [str(p) for p in paths if str(p) not in graded]
    assert [r.score for r in results] == [8, 5, 0, 5]
    assert list((progress.home() / "grading").iterdir()) == []


def test_a_line_cut_short_is_graded_again(room):
    paths = find([room]).notebooks
    with pytest.raises(KeyboardInterrupt):
        grade_all(paths, LIMITS, jobs=1, done=lambda r: (_ for _ in ()).throw(KeyboardInterrupt))
    (journal,) = (progress.home() / "grading").iterdir()
    journal.write_bytes(journal.read_bytes()[:-20])
    assert [r.score for r in grade_all(paths, LIMITS)] == [8, 5, 0, 5]


def test_json_names_the_rooms_mistakes(room, capsys):
    assert main(["grade", str(room), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [s["score"] for s in told["submissions"]] == [8, 5, 0, 5]
    assert [cause for cause in told["room"] if "misconception" in cause] == [
        {"question": "batch_norm_forward", "misconception": "sample-variance", "times": 2}
    ]


def test_a_line_each_a_table_and_a_page_each(room, tmp_path, capsys):
    assert main(["grade", str(room), "--csv", str(tmp_path / "t.csv"), "--html", str(tmp_path / "html")]) == 0
    out = capsys.readouterr().out
    assert "bob/02_forward_pass.ipynb: 5 of 8  sample-variance" in out
    assert ": sample-variance (batch_norm_forward)" in out
    rows = list(csv.DictReader((tmp_path / "t.csv").read_text(encoding="utf-8").splitlines()))
    assert [row["batch_norm_forward"] for row in rows] == ["3", "0", "0", "0"]
    pages = sorted(p.name for p in (tmp_path / "html").iterdir())
    assert len(pages) == 5
    page = (tmp_path / "html" / pages[1]).read_text(encoding="utf-8")
    assert "You divide the sum of squares by N − 1." in page
    assert "http" not in page


def test_a_broken_file_does_not_stop_the_others(room, tmp_path, capsys):
    broken = room / "broken.ipynb"
    broken.write_text("{")
    assert main(["grade", str(room)]) == 1
    out = capsys.readouterr().out
    assert "4 of 5 submissions graded" in out
    assert "it is not a notebook" in out


def test_nothing_to_grade_is_said(tmp_path, capsys):
    assert main(["grade", str(tmp_path)]) != 0
    assert "no notebook" in capsys.readouterr().err


def test_names_that_a_spreadsheet_would_run_are_defused(submit, good, tmp_path, monkeypatch):
    path = submit(good, name="=HYPERLINK(1) 02_forward_pass.ipynb")
    monkeypatch.chdir(path.parent)
    main(["grade", path.name, "--csv", str(tmp_path / "t.csv")])
    row = next(csv.DictReader((tmp_path / "t.csv").read_text(encoding="utf-8").splitlines()))
    assert row["path"].startswith("'=")
