"""`bn-course check FILE`: one's own notebook, run whole."""

import nbformat
import pytest

from bn_course.grading.notebook import UnreadableNotebook, check_file, reports


@pytest.fixture
def notebook(tmp_path):
    def write(*cells):
        book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
        path = tmp_path / "mine é.ipynb"
        nbformat.write(book, path)
        return path

    return write


def test_every_check_is_reported_and_the_file_left_alone(notebook, capsys):
    path = notebook(
        "from bn_course import check",
        "def double(x):\n    return x**2",
        "check(double)",
        "1 / 0",
        "def double(x):\n    return x + x",
        "check(double)",
    )
    before = path.read_bytes()
    assert [(r["passed"], r["diagnosis"]) for r in reports(path)] == [(False, ["squared"]), (True, [])]
    assert path.read_bytes() == before


def test_the_exit_code_says_whether_all_passed(notebook, capsys):
    path = notebook("from bn_course import check\ndef double(x):\n    return x + x\ncheck(double)")
    assert check_file(path) == 0
    assert "1 of 1 questions passed" in capsys.readouterr().out
    assert check_file(notebook("x = 1")) == 1


def test_a_check_that_never_came_about_has_not_passed(notebook, capsys):
    """Cells out of order, or an answer that is no Python: the cell and the error are named."""
    path = notebook(
        "from bn_course import check",
        "check(double)",
        "def double(x):\n    return x + x",
        "check(double)",
        "def mean(x)\n    return x",
    )
    assert check_file(path) == 1
    shown = capsys.readouterr().out
    assert "Cell 2: NameError: name 'double' is not defined" in shown
    assert "1 of 2 questions passed" in shown


@pytest.mark.parametrize("text", ["", "{", "[]", '{"cells": 3}', "\x00"])
def test_what_is_no_notebook_is_said_so(tmp_path, text):
    path = tmp_path / "broken.ipynb"
    path.write_text(text)
    with pytest.raises(UnreadableNotebook, match=r"broken\.ipynb"):
        reports(path)


def test_a_missing_file_or_a_folder(tmp_path):
    with pytest.raises(UnreadableNotebook, match="there is no file"):
        reports(tmp_path / "none.ipynb")
    with pytest.raises(UnreadableNotebook, match="not a notebook"):
        reports(tmp_path)
