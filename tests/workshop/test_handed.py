"""What was handed in: found, named where it is not graded, read whatever it is, and told apart by learner."""

import json
import os
import socket
import stat
import zipfile
from pathlib import Path

import nbformat
import pytest

from bn_course.workshop import archive
from bn_course.workshop.archive import Unreadable
from bn_course.workshop.grading import grade_file
from bn_course.workshop.handed import find, learner, shown
from bn_course.workshop.sandbox import Limits
from bn_course.workshop.submission import content, read

LESSON = "02_forward_pass"
BOOK = nbformat.writes(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("x = 1", id="a")]))


@pytest.fixture
def room(tmp_path):
    """Make files, by path below the room; returns the room."""

    def make(*names):
        for name in names:
            file = tmp_path / "room" / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(BOOK)
        return tmp_path / "room"

    return make


def zipped(path, **files):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, text in files.items():
            file.writestr(name, text)
    return path


def test_what_is_not_graded_is_named(room):
    folder = room("ada/02.ipynb", "b.IPYNB", "c.ipynb.json", "d.ipynb.txt", "e.tar.gz", "essay.pdf")
    zipped(folder / "f.zip", **{"02.ipynb": BOOK})
    handed = find([folder])
    assert handed.notebooks == (folder / "ada/02.ipynb",)
    assert [path.name for path, _ in handed.left] == [
        "b.IPYNB",
        "c.ipynb.json",
        "d.ipynb.txt",
        "e.tar.gz",
        "f.zip",
    ]
    assert "--unzip" in handed.said()[-1]
    assert all(line.startswith("not graded: ") for line in handed.said())


def test_what_systems_leave_behind_is_passed_over_and_counted(room):
    folder = room("a.ipynb", "._a.ipynb", "__MACOSX/a.ipynb", "x/.ipynb_checkpoints/a-checkpoint.ipynb")
    handed = find([folder])
    assert handed.notebooks == (folder / "a.ipynb",)
    assert (handed.left, handed.passed_over) == ((), 3)
    assert "3 copies" in handed.said()[0]


def test_what_is_named_is_graded_whatever_it_is_called(room):
    folder = room("c.ipynb.json", "._a.ipynb")
    assert find([folder / "c.ipynb.json", folder / "._a.ipynb"]).left == ()


def test_an_archive_is_read_where_it_is(room, submit, good):
    folder = room("x.ipynb")
    inside = {
        f"ada/{LESSON}.ipynb": submit(good, folder="elsewhere").read_text(),
        f"__MACOSX/ada/._{LESSON}.ipynb": "",
        "a.py": "",
    }
    zipped(folder / "hand-in.zip", **inside)
    handed = find([folder / "hand-in.zip"], unzip=True)
    (path,) = handed.notebooks
    assert path == folder / "hand-in.zip" / "ada" / f"{LESSON}.ipynb"
    result = grade_file(path, Limits())
    assert (result.score, result.learner) == (8, "ada")
    assert sorted(p.name for p in folder.iterdir()) == ["hand-in.zip", "x.ipynb"]


@pytest.mark.parametrize("name", ["../out.ipynb", "/etc/out.ipynb", "a/../../out.ipynb"])
def test_a_path_out_of_an_archive_is_refused(tmp_path, name):
    path = zipped(tmp_path / "a.zip", **{name: BOOK})
    assert find([path], unzip=True).left == ((path, "there is a name in it that leads out of it"),)
    assert "leads out of it" in grade_file(path / "out.ipynb", Limits()).problem
    assert [p.name for p in tmp_path.iterdir()] == ["a.zip"]


def test_a_bomb_is_refused_before_it_unpacks(tmp_path, monkeypatch):
    monkeypatch.setattr(archive, "LARGEST", 2**20)
    path = zipped(tmp_path / "a.zip", **{"a.ipynb": " " * (2**20 + 1)})
    assert path.stat().st_size < 4000
    with pytest.raises(Unreadable, match="unpacks to more than 1 MB"):
        content(path / "a.ipynb")
    many = zipped(tmp_path / "many.zip", **{f"{n}.ipynb": "" for n in range(archive.MOST + 1)})
    assert "the most allowed" in find([many], unzip=True).left[0][1]


def test_links_locks_and_damage_in_an_archive_are_refused(tmp_path):
    path = tmp_path / "a.zip"
    link = zipfile.ZipInfo("link.ipynb")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(path, "w") as file:
        file.writestr(link, "/etc/passwd")
        file.writestr("locked.ipynb", "secret")
    raw = bytearray(path.read_bytes())
    raw[raw.rindex(b"PK\x01\x02") + 8] |= 1  # the second file is said to be encrypted
    path.write_bytes(raw)
    assert "links are not followed" in grade_file(path / "link.ipynb", Limits()).problem
    assert "encrypted" in grade_file(path / "locked.ipynb", Limits()).problem
    (tmp_path / "b.zip").write_bytes(b"no archive")
    assert "no archive" in find([tmp_path / "b.zip"], unzip=True).left[0][1]


@pytest.mark.parametrize("kind", ["pipe", "socket", "device", "folder", "link"])
def test_what_is_no_plain_file_is_refused_at_once(tmp_path, kind, monkeypatch):
    path = Path("x.ipynb")
    monkeypatch.chdir(tmp_path)  # a socket's path has to be short
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "socket":
        with socket.socket(socket.AF_UNIX) as end:
            end.bind(str(path))
    elif kind == "folder":
        path.mkdir()
    elif kind == "link":
        path.symlink_to("/dev/zero")
    else:
        path = Path("/dev/null")
    for asked in {path, *find([tmp_path]).notebooks}:
        assert kind in grade_file(asked, Limits()).problem


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    "book",
    [
        {"cells": [{"cell_type": "code", "source": "x = 1"}]},
        {"nbformat": 4, "cells": [{"cell_type": "code", "source": ["x = ", "1"]}, {"cell_type": "markdown"}]},
        {"nbformat": 3, "worksheets": [{"cells": [{"cell_type": "code", "input": "x = 1"}]}]},
        {
            "nbformat": 4,
            "nbformat_minor": 5,
            "metadata": {},
            "cells": [{"cell_type": "code", "source": "x = 1"}],
        },
    ],
)
def test_cells_are_read_without_metadata_and_without_a_word(tmp_path, book, capfd):
    path = tmp_path / f"{LESSON}.ipynb"
    path.write_bytes(b"\xef\xbb\xbf" + json.dumps(book).encode())  # with the mark that Windows writes
    assert read(path).cells == ("x = 1",)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("room/Ada Lovelace_1234567_assignsubmission_file_/02_forward_pass.ipynb", "Ada Lovelace"),
        ("room/Ada Lovelace_1234567_assignsubmission_file/02_forward_pass.ipynb", "Ada Lovelace"),
        ("room/Ada Lovelace_1234567_assignsubmission_file_02_forward_pass.ipynb", "Ada Lovelace"),
        ("room/lovelaceada_12345_67890_02_forward_pass.ipynb", "lovelaceada"),
        ("submissions.zip/lovelaceada_LATE_12345_67890_02_forward_pass-1.ipynb", "lovelaceada"),
        ("course/submitted/ada/02_forward_pass/02_forward_pass.ipynb", "ada"),
        ("collected/ada/02_forward_pass/02_forward_pass.ipynb", "ada"),
        ("forward-pass-submissions/forward-pass-ada-l/exercises/02_forward_pass.ipynb", "ada-l"),
        ("room/ada/02_forward_pass.ipynb", "ada"),
        ("room/ada/02_forward_pass-Copy1.ipynb", "ada"),
        ("room/ada/02_forward_pass (2).ipynb", "ada"),
        ("room/ada.zip/02_forward_pass.ipynb", "ada"),
        ("room/02_forward_pass/ada.ipynb", "room/ada"),
        ("room/ada_02_forward_pass.ipynb", "room/ada_02_forward_pass"),
        ("room/ada.ipynb", "room/ada"),
    ],
)
def test_whose_it_is(path, name):
    assert learner(Path(path)) == name


def test_a_name_that_is_not_utf8_can_be_shown():
    path = Path(os.fsdecode(b"room/Jos\xe9/02_forward_pass.ipynb"))
    assert shown(path).encode() == b"room/Jos\\xe9/02_forward_pass.ipynb"
    assert learner(path) == "Jos\\xe9"
