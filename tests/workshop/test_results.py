"""A room's results are never lost, and what fails on our side is never a learner's."""

import csv
import errno
import io
import json
import os
import shutil
import sys
from dataclasses import replace
from html.parser import HTMLParser
from urllib.parse import unquote

import pytest

from bn_course import course
from bn_course.cli import main
from bn_course.grading import progress
from bn_course.grading.repair import Place
from bn_course.grading.report import Report
from bn_course.workshop import batch, feedback, grading, sandbox
from bn_course.workshop.grading import Result
from bn_course.workshop.sandbox import Limits


@pytest.fixture
def quick(monkeypatch):
    """Grade nothing, and at once: what comes of the results is asked here."""
    graded = []

    def grade_file(path, *_):
        graded.append(path)
        return Result(str(path), "02_forward_pass", ())

    monkeypatch.setattr(batch, "grade_file", grade_file)
    return graded


@pytest.fixture
def outputs(tmp_path):
    return ["--csv", str(tmp_path / "out" / "t.csv"), "--html", str(tmp_path / "out" / "html")]


def rows(tmp_path):
    return list(csv.DictReader(io.StringIO((tmp_path / "out" / "t.csv").read_text(encoding="utf-8"))))


def journals():
    return list((progress.home() / "grading").glob("*"))


def links(page):
    found = []

    class Links(HTMLParser):
        def handle_starttag(self, tag, attributes):
            found.extend(value for name, value in attributes if name == "href")

    Links().feed(page.read_text(encoding="utf-8"))
    return found


def no_room(*_):
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


# Before the first notebook.


def test_an_output_that_cannot_be_written_is_found_out_first(quick, submit, tmp_path, capsys):
    room = submit("x = 1").parent
    (tmp_path / "file").touch()
    (tmp_path / "folder").mkdir()
    for words in (
        ["--csv", str(tmp_path / "file" / "t.csv")],
        ["--html", str(tmp_path / "file")],
        ["--csv", str(tmp_path / "folder")],
        ["--csv", "/dev/null"],
    ):
        assert main(["grade", str(room), *words]) == 1
        said = capsys.readouterr().err
        assert "cannot be written" in said
        assert "nothing was graded" in said
    assert quick == []


def test_too_little_room_on_the_disk_is_said_before(quick, submit, outputs, monkeypatch, capsys):
    little = shutil._ntuple_diskusage(2**30, 2**30 - 4096, 4096)
    monkeypatch.setattr(shutil, "disk_usage", lambda place: little)
    assert main(["grade", str(submit("x = 1").parent), *outputs]) == 1
    assert "too little room" in capsys.readouterr().err
    assert quick == []


def test_folders_of_outputs_are_made(quick, submit, outputs, tmp_path):
    assert main(["grade", str(submit("x = 1").parent), *outputs]) == 0
    assert len(rows(tmp_path)) == 1


# At the end.


@pytest.mark.parametrize(
    "name",
    [b"Jos\xe9", b"a" * 243, "σ".encode() * 120, b"50% #1? &<b>", b"=1+1", b"a b\n"],
    ids=lambda name: repr(name)[:20],
)
def test_any_name_of_a_file_is_written(quick, submit, outputs, tmp_path, name, capsys):
    path = submit("x = 1").parent / os.fsdecode(name + b".ipynb")
    submit("x = 1").rename(path)
    assert main(["grade", str(path.parent), *outputs]) == 0
    assert len(rows(tmp_path)) == 1
    (link,) = links(tmp_path / "out" / "html" / "index.html")
    assert (tmp_path / "out" / "html" / unquote(link)).is_file()
    assert not set("#?") & set(link)
    capsys.readouterr()
    assert main(["grade", str(path.parent), "--json"]) == 0
    (told,) = json.loads(capsys.readouterr().out)["submissions"]
    assert told["path"].encode()


@pytest.mark.parametrize("lost", ["write_csv", "write_html"])
def test_a_full_disk_costs_one_output_and_the_journal_stays(
    quick, submit, outputs, tmp_path, monkeypatch, capsys, lost
):
    room = submit("x = 1").parent
    with monkeypatch.context() as patch:
        patch.setattr(feedback, lost, no_room)
        assert main(["grade", str(room), *outputs]) == 1
    told = capsys.readouterr()
    assert "could not be written (No space left on device)" in told.err
    assert "1 of 1 submissions graded" in told.out
    assert (tmp_path / "out" / "t.csv").exists() == (lost == "write_html")
    assert (tmp_path / "out" / "html" / "index.html").exists() == (lost == "write_csv")
    assert len(journals()) == 1
    assert main(["grade", str(room), *outputs]) == 0  # and nothing is graded twice
    assert len(quick) == 1
    assert journals() == []


def test_a_write_that_fails_leaves_nothing_lying_about(quick, submit, outputs, tmp_path, monkeypatch):
    monkeypatch.setattr(course.os, "replace", no_room)
    assert main(["grade", str(submit("x = 1").parent), *outputs]) == 1
    assert [path for path in (tmp_path / "out").rglob("*") if path.is_file()] == []


def test_folders_that_vanish_meanwhile_are_made_again(submit, outputs, tmp_path, monkeypatch):
    def grade_file(path, *_):
        shutil.rmtree(tmp_path / "out")
        return Result(str(path), "02_forward_pass", ())

    monkeypatch.setattr(batch, "grade_file", grade_file)
    assert main(["grade", str(submit("x = 1").parent), *outputs]) == 0
    assert len(rows(tmp_path)) == 1


def test_the_learner_is_named_in_the_table_and_on_the_page(quick, submit, outputs, tmp_path):
    path = submit("x = 1", folder="room/Ada Lovelace_12_assignsubmission_file_")
    assert main(["grade", str(path.parent.parent), *outputs]) == 0
    assert rows(tmp_path)[0]["learner"] == "Ada Lovelace"
    page = (tmp_path / "out" / "html" / "001-Ada-Lovelace.html").read_text(encoding="utf-8")
    assert "<h1>Ada Lovelace: 02_forward_pass.ipynb</h1>" in page


def test_what_is_not_graded_is_named_on_the_screen_and_in_the_json(quick, submit, capsys):
    room = submit("x = 1").parent
    (room / "late.zip").write_bytes(b"")
    assert main(["grade", str(room), "--json"]) == 0
    told = capsys.readouterr()
    assert f"not graded: {room}/late.zip: it is an archive" in told.err
    assert json.loads(told.out)["not_graded"][0]["path"] == f"{room}/late.zip"


# Interrupted.


def test_an_interruption_says_what_it_waits_for_and_keeps_what_is_finished(
    quick, submit, monkeypatch, capsys
):
    for name in "abcd":
        room = submit("x = 1", folder=f"room/{name}").parent.parent
    real, waits = batch.wait, []

    def interrupted(running, **options):
        waits.append(running)
        if len(waits) == 2:
            raise KeyboardInterrupt
        return real(running, **options)

    monkeypatch.setattr(batch, "wait", interrupted)
    assert main(["grade", str(room), "--jobs", "1"]) == 130
    told = capsys.readouterr()
    assert "Stopping. Still being graded, and waited for: " in told.err
    kept = told.out.count("0 of 0")
    assert f"{kept} of 4 are graded and kept: the same command goes on." in told.err
    assert kept == len(quick) >= 1
    monkeypatch.setattr(batch, "wait", real)
    assert main(["grade", str(room), "--jobs", "1"]) == 0
    assert len(quick) == len(set(quick)) == 4  # none twice


# Our own failure.

NO_PROCESS = {
    "no NumPy": "No module named 'numpy'",
    "no interpreter": "No such file or directory",
    "bubblewrap refuses": "bwrap: no new namespaces today",
    "no memory": "Cannot allocate memory",
}


@pytest.fixture(params=NO_PROCESS)
def reason(request, monkeypatch, tmp_path):
    """Let no process start; returns why."""
    commands = {
        "no NumPy": [sys.executable, "-S", "-B", "-c", "import numpy"],
        "no interpreter": [str(tmp_path / "python")],
        "bubblewrap refuses": ["/bin/sh", "-c", "echo 'bwrap: no new namespaces today' >&2; exit 1"],
    }
    if request.param == "no memory":

        def no_fork(*_, **__):
            raise OSError(errno.ENOMEM, os.strerror(errno.ENOMEM))

        monkeypatch.setattr("bn_course.workshop.session.subprocess.Popen", no_fork)
    else:
        monkeypatch.setattr(sandbox, "command", lambda: commands[request.param])
    return NO_PROCESS[request.param]


def test_where_no_process_can_start_nobody_has_a_score(reason, submit, good, outputs, tmp_path, capsys):
    room = submit(good, folder="room/ada").parent.parent
    submit("x = 1", folder="room/bob")
    assert main(["grade", str(room), *outputs]) == 1
    told = capsys.readouterr().out
    assert told.count("not graded\n") == 2
    assert told.count(reason) == 1
    assert "0 of 2 submissions graded" in told
    assert [row["score"] for row in rows(tmp_path)] == ["not graded"] * 2
    page = (tmp_path / "out" / "html" / "001-ada.html").read_text(encoding="utf-8")
    assert "no fault of what was handed in" in page
    main(["grade", str(room), "--json"])
    assert [s["score"] for s in json.loads(capsys.readouterr().out)["submissions"]] == [None] * 2


def test_a_package_that_the_notebooks_would_miss_is_our_failure(submit, good, monkeypatch, capsys):
    monkeypatch.setattr("bn_course.workshop.session._PACKAGES", ("numpy", "no_such_package"))
    monkeypatch.setattr("bn_course.workshop.session.find_spec", lambda name: True)
    assert main(["grade", str(submit(good))]) == 1
    assert "it has no no_such_package" in capsys.readouterr().out


def test_what_was_not_graded_is_tried_again(submit, good, monkeypatch):
    path = submit(good)
    with monkeypatch.context() as patch:
        patch.setattr(sandbox, "command", lambda: ["/bin/false"])
        assert not batch.grade_all([path], Limits(), deliver=lambda results: False)[0].graded
    assert batch.grade_all([path], Limits())[0].score == 8


def test_a_question_that_cannot_be_checked_here_is_no_score(submit, good, monkeypatch, capsys):
    def lacks(question, run):
        return replace(grading._stopped(question, ""), checked=False, note="this question needs PyTorch")

    monkeypatch.setattr(grading, "judge", lacks)
    assert main(["grade", str(submit(good))]) == 1
    told = capsys.readouterr().out
    assert "02_forward_pass.ipynb: not graded" in told
    assert told.count("this question needs PyTorch") == 1


# The room's mistakes.


def wrong(learner, **told):
    report = Report("batch_norm_forward", False, 0, 3, **told)
    return Result(f"{learner}/02_forward_pass.ipynb", "02_forward_pass", (report,))


def test_the_room_s_mistakes_are_counted_by_name_by_relation_and_by_place():
    """A place by its text: the same mistake stands on another line in each notebook."""
    results = [
        wrong("a", diagnosis=("sample-variance",), place=(3, "x.var(0, ddof=1)")),
        wrong("b", diagnosis=("sample-variance",), place=(7, "x.var(0, ddof=1)")),
        wrong("c", relation="What you return is twice what it should be."),
        wrong("d", attempted=False),
    ]
    said = feedback.summary(results).splitlines()
    assert said[-3:] == [
        "    2 of 3: sample-variance (batch_norm_forward)",
        "    2 of 3: `x.var(0, ddof=1)` (batch_norm_forward)",
        "    1 of 3: What you return is twice what it should be. (batch_norm_forward)",
    ]
    kept = json.loads(feedback.to_json(results))["room"]
    assert kept[1] == {"question": "batch_norm_forward", "place": "x.var(0, ddof=1)", "times": 2}
    assert kept[2]["relation"] == "What you return is twice what it should be."


def test_a_page_shows_the_place_and_the_record_has_no_fix(tmp_path):
    place = Place(3, "x.var(0, ddof=1)", 0, 16, "var", "write `x.var(0)`")
    report = Report("batch_norm_forward", False, 0, 3).with_places([place])
    result = replace(wrong("a"), reports=(report,))
    feedback.write_html([result], tmp_path)
    page = (tmp_path / "001-a.html").read_text(encoding="utf-8")
    assert "Look at line 3: <code>x.var(0, ddof=1)</code>." in page
    assert place.fix not in json.dumps(result.to_dict())
    assert Result.from_dict(result.to_dict()).reports == (replace(report, fix=""),)
