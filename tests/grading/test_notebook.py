"""`bn-course check FILE`: one's own notebook, run whole."""

import nbformat
import pytest

from bn_course.cli import main
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


def test_what_goes_wrong_costs_one_report_and_one_sentence_each(notebook, capsys, tmp_path, monkeypatch):
    """An unknown kernel, a failing import, dead kernels, a loop without end, progress that is not saved."""
    path = notebook(
        "import no_such_package\nfrom bn_course import check\nimport os",
        "def mean(x):\n    return sum(x) / len(x)",
        "os._exit(1)",
        "def double(x):\n    return x + x",
        "check(double)",
        "def batch_stats(x):\n    while True:\n        pass",
        "check(batch_stats)",
        "check(double)",
        "check(lambda x: os._exit(1), name='double')",
        "assert mean([1, 3]) == 2\ncheck(double)",
    )
    book = nbformat.read(path, as_version=4)
    book.metadata["kernelspec"] = {"name": "no-such-kernel", "display_name": "?", "language": "python"}
    nbformat.write(book, path)
    (tmp_path / "file").touch()
    monkeypatch.setenv("BN_COURSE_HOME", str(tmp_path / "file" / "home"))
    monkeypatch.setattr("bn_course.grading.notebook._Run.__init__.__defaults__", (2,))
    assert check_file(path) == 1
    told = capsys.readouterr()
    assert told.err == ""
    assert told.out.count("double — passed") == 3
    for sentence in (
        "The kernel 'no-such-kernel', which the notebook asks for, is not here",
        "Cell 1: ModuleNotFoundError: No module named 'no_such_package'. The rest of the cell was run.",
        "Cell 3: it ended the kernel.",
        "Cell 7: it took longer than 2 s, the most for a cell",
        "Cell 9: it ended the kernel",
        "Your progress could not be saved",
    ):
        assert told.out.count(sentence) == 1, told.out
    assert told.out.endswith("3 of 5 questions passed\n")


def test_where_no_kernel_starts_there_is_one_sentence(notebook, monkeypatch, capsys):
    monkeypatch.setattr("bn_course.grading.notebook.NotebookClient.setup_kernel", lambda *_, **__: 1 / 0)
    assert main(["check", str(notebook("1"))]) == 1
    assert capsys.readouterr().err.startswith("bn-course: no kernel can be started here: ")
