"""Handouts: a notebook a question, which runs by itself and counts for nobody's progress."""

import contextlib
import io
import re

import nbformat
import pytest

from bn_course.cli import main
from bn_course.grading import progress
from bn_course.grading.catalogue import catalogue
from bn_course.workshop.handout import find, handout


def run(notebook):
    names = {"__name__": "__main__"}
    with contextlib.redirect_stdout(io.StringIO()):
        for cell in notebook.cells:
            if cell.cell_type == "code":
                exec(compile(cell.source, cell.id, "exec"), names)
    return names


@pytest.mark.parametrize("name", catalogue())
def test_each_holds_its_task_its_solution_and_its_mistakes(name):
    cells = {cell.id: cell.source for cell in handout(catalogue()[name]).cells}
    assert name in cells["task"]
    assert re.search(rf"^(def|class) {name}\b", cells["solution"], re.MULTILINE)
    assert "### " not in cells["solution"]
    assert all(m.did in cells["mistakes"] for m in catalogue()[name].misconceptions)


@pytest.mark.parametrize("name", ["batch_norm_forward", "BatchNorm", "layer_norm_backward"])
def test_it_runs_by_itself_and_its_solution_is_right(name):
    names = run(handout(catalogue()[name]))
    assert names["grade"](name, names[name]).passed
    assert progress.load()["questions"] == {}


def test_it_brings_what_its_solution_needs_and_no_other_solution():
    sources = "\n".join(cell.source for cell in handout(catalogue()["batch_norm_forward"]).cells)
    assert "def batch_stats(" in sources
    assert "def identity_affine(" not in sources
    assert "def batch_norm_forward(" not in "\n".join(
        cell.source for cell in handout(catalogue()["stable_variance"]).cells
    )


def test_a_lesson_is_all_of_its_questions():
    assert [question.name for question in find("2")] == [question.name for question in find("02")]
    assert [question.name for question in find("00")] == ["double"]


def test_the_command_writes_a_notebook_each(tmp_path, capsys):
    assert main(["handout", "00", "batch_stats", "--to", str(tmp_path / "out")]) == 0
    written = sorted((tmp_path / "out").iterdir())
    assert [file.name for file in written] == ["batch_stats.ipynb", "double.ipynb"]
    assert set(capsys.readouterr().out.split()) == set(map(str, written))
    for file in written:
        nbformat.validate(nbformat.read(file, as_version=4))


def test_an_unknown_name_is_one_line(tmp_path, capsys):
    assert main(["handout", "batch_stat", "--to", str(tmp_path)]) == 1
    assert capsys.readouterr().err == (
        "bn-course: there is no question called 'batch_stat': did you mean 'batch_stats'?\n"
    )
    assert list(tmp_path.iterdir()) == []
