"""How `bn-course check FILE` runs a notebook and what it prints; the kernel here notes what it is asked."""

from contextlib import contextmanager

import nbformat
import pytest

from bn_course.grading import notebook
from bn_course.grading.report import MIME


def output(message, passed):
    return nbformat.v4.new_output("display_data", data={MIME: {"message": message, "passed": passed}})


@pytest.fixture
def kernel(monkeypatch):
    """What the client was made and run with; `gives` is what each code cell puts out."""

    class Client:
        gives: tuple = ()

        def __init__(self, book, **options):
            Client.book, Client.options = book, options

        @contextmanager
        def setup_kernel(self, **options):
            Client.run_with = options
            self.left = list(self.gives)
            yield

        def execute_cell(self, cell, index):
            if cell.cell_type == "code":
                cell.outputs = self.left.pop(0)

    monkeypatch.setattr(notebook, "NotebookClient", Client)
    return Client


@pytest.fixture
def mine(tmp_path):
    path = tmp_path / "mine.ipynb"
    cells = [
        nbformat.v4.new_markdown_cell("# Mine"),
        *(nbformat.v4.new_code_cell("check(f)") for _ in range(2)),
    ]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    return path


def seconds(kernel, source):
    return kernel.options["timeout_func"](nbformat.v4.new_code_cell(source))


def test_the_kernel_runs_where_the_file_is_quietly_and_without_a_screen(kernel, mine, monkeypatch):
    monkeypatch.setenv("MPLBACKEND", "inline")
    monkeypatch.setenv("MINE", "kept")
    monkeypatch.chdir(mine.parent)
    kernel.gives = [[], []]
    assert notebook.reports(mine.relative_to(mine.parent)) == []
    asked = {name: kernel.options[name] for name in ("allow_errors", "resources", "extra_arguments")}
    assert asked == {
        "allow_errors": True,
        "resources": {"metadata": {"path": str(mine.parent)}},
        "extra_arguments": ["--log-level=ERROR"],
    }
    assert seconds(kernel, "check(f)") == 20
    assert seconds(kernel, "capstone.check(train, brief)") == 120  # it trains for up to a minute
    assert kernel.run_with["env"]["MPLBACKEND"] == "agg"
    assert kernel.run_with["env"]["MINE"] == "kept"
    notebook.reports(mine, timeout=7)
    assert seconds(kernel, "check(f)") == 7


def test_reports_are_found_among_other_outputs(kernel, mine):
    text = nbformat.v4.new_output("stream", text="hello")
    figure = nbformat.v4.new_output("display_data", data={"image/png": "AAAA"})
    kernel.gives = [[text, output("one", True), figure], [output("two", False), output("three", True)]]
    assert [report["message"] for report in notebook.reports(mine)] == ["one", "two", "three"]


def test_every_report_is_printed_and_the_sum(kernel, mine, capsys):
    kernel.gives = [[output("double — passed", True)], [output("mean — not yet", False)]]
    assert notebook.check_file(str(mine)) == 1
    assert capsys.readouterr().out == "double — passed\n\nmean — not yet\n\n1 of 2 questions passed\n"
    kernel.gives = [[output("double — passed", True)], [output("mean — passed", True)]]
    assert notebook.check_file(mine) == 0
    kernel.gives = [[], []]
    assert notebook.check_file(mine) == 1
    assert capsys.readouterr().out.endswith("0 of 0 questions passed\n")


def test_a_check_that_broke_off_is_printed_and_counted(kernel, mine, capsys):
    error = nbformat.v4.new_output("error", ename="NameError", evalue="name 'f' is not defined", traceback=[])
    kernel.gives = [[error], [output("double — passed", True)]]
    assert notebook.check_file(mine) == 1
    broke_off = "Cell 2: NameError: name 'f' is not defined"
    assert capsys.readouterr().out == f"double — passed\n\n{broke_off}\n\n1 of 2 questions passed\n"


@pytest.mark.parametrize(
    ("error", "reason"),
    [(ValueError("a line\nand another"), "a line"), (KeyError(), "KeyError"), (OSError(""), "OSError")],
)
def test_why_a_file_is_no_notebook(monkeypatch, tmp_path, error, reason):
    def refuse(path, as_version):
        raise error

    monkeypatch.setattr(notebook.nbformat, "read", refuse)
    with pytest.raises(notebook.UnreadableNotebook) as raised:
        notebook.reports(tmp_path / "mine.ipynb")
    assert str(raised.value) == f"{tmp_path / 'mine.ipynb'} is not a notebook: {reason}"


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(notebook.UnreadableNotebook) as raised:
        notebook.reports(tmp_path / "none.ipynb")
    assert str(raised.value) == f"there is no file {tmp_path / 'none.ipynb'}"


def test_an_old_notebook_is_read_as_a_new_one(kernel, tmp_path):
    old = nbformat.v3.new_notebook(
        worksheets=[nbformat.v3.new_worksheet(cells=[nbformat.v3.new_code_cell("1")])]
    )
    path = tmp_path / "old.ipynb"
    path.write_text(nbformat.v3.writes_json(old))
    kernel.gives = [[]]
    assert notebook.reports(path) == []
    assert kernel.book.nbformat == 4
