"""tools/execute.py and tools/exercises.py do what they say, and notice what they should."""

import nbformat
import pytest
import stored
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook


def save(path, *cells):
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(new_notebook(cells=list(cells)), path)
    return path


def code(name, source, *tags, **metadata):
    metadata |= {"tags": list(tags)} if tags else {}
    return new_code_cell(source, id=name, metadata=metadata)


# ---- execute ---------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def execute():
    return stored.tool("execute")


def test_executed_notebook_holds_what_every_run_gives(execute, tmp_path, capsys):
    widget = "import ipywidgets\nipywidgets.IntSlider()"
    path = save(
        tmp_path / "good.ipynb",
        new_markdown_cell("A title", id="title"),
        code("where", "import os\nprint(len(os.listdir(os.environ['BN_COURSE_HOME'])))"),
        code("here", "print(os.environ['OMP_NUM_THREADS'], os.listdir())"),
        code("raises", "1 / 0", "raises-exception"),
        code("widget", widget, execution={"iopub.status.busy": "2020"}),
    )
    assert execute.main([str(path)]) == 0
    once = path.read_text(encoding="utf-8")
    assert execute.main([str(path)]) == 0
    assert path.read_text(encoding="utf-8") == once

    notebook = stored.read(path)
    assert [cell.id for cell in notebook.cells] == ["title", "where", "here", "raises", "widget"]
    cells = {cell.id: cell for cell in notebook.cells}
    assert cells["where"].outputs[0].text == "0\n"
    assert cells["here"].outputs[0].text == "1 ['good.ipynb']\n"
    assert cells["raises"].outputs[0].ename == "ZeroDivisionError"
    assert list(cells["widget"].outputs[0].data) == ["text/plain"]
    assert "execution" not in cells["widget"].metadata
    assert "good.ipynb" in capsys.readouterr().out


def test_notebook_that_fails_is_left_as_it_was(execute, tmp_path, capsys):
    path = save(tmp_path / "bad.ipynb", code("fine", "print('so far')"), code("bad", "oops"))
    before = path.read_bytes()
    assert execute.main([str(path), str(tmp_path / "missing.ipynb")]) == 1
    assert path.read_bytes() == before
    said = capsys.readouterr().err
    assert "NameError: name 'oops' is not defined" in said
    assert "missing.ipynb" in said


# ---- exercises -------------------------------------------------------------------------------------

SOLUTION = 'def double(x):\n    """Twice x."""\n    ### BEGIN SOLUTION\n    {}\n    ### END SOLUTION'
ANSWER = {"solution": True, "grade": False, "locked": False, "grade_id": "double"}
CHECK = {"solution": False, "grade": True, "locked": True, "points": 1, "grade_id": "check_double"}
STEM = "00_start_here"


def solution_notebook(body="return x + x + 0 * x", *more):
    common = {"schema_version": 3, "task": False}
    return [
        code("imports", "from bn_course import check"),
        code("double", SOLUTION.format(body), nbgrader={**common, **ANSWER}),
        code("check_double", "check(double)", nbgrader={**common, **CHECK}),
        *more,
    ]


@pytest.fixture
def exercises(tmp_path, monkeypatch):
    """The tool, on a small repository of its own with one good solution."""
    module = stored.tool("exercises")
    for constant, folder in {
        "REPOSITORY": tmp_path,
        "SOLUTIONS": tmp_path / "solutions",
        "EXERCISES": tmp_path / "exercises",
        "PRISTINE": tmp_path / "bn_course" / "_course" / "exercises",
    }.items():
        monkeypatch.setattr(module, constant, folder)
    save(module.SOLUTIONS / f"{STEM}.ipynb", *solution_notebook())
    save(tmp_path / "notebooks" / f"{STEM}.ipynb", new_markdown_cell("A lesson", id="title"))
    return module


def faults(exercises):
    return "\n".join([*exercises.stray(), *exercises.faults(STEM)])


def test_stub_replaces_the_solution(exercises):
    assert exercises.main([]) == 0
    cells = {cell.id: cell for cell in stored.read(exercises.EXERCISES / f"{STEM}.ipynb").cells}
    assert cells["double"].source.endswith("raise NotImplementedError()")
    assert cells["check_double"].metadata.tags == ["raises-exception"]
    assert cells["check_double"].metadata.editable is False
    assert exercises.main(["--check"]) == 0


def test_writing_twice_gives_the_same_bytes(exercises):
    exercises.write()
    once = [file.read_bytes() for file in exercises._files(STEM)]
    exercises.write()
    assert [file.read_bytes() for file in exercises._files(STEM)] == once
    assert once[0] == once[1]


def test_somebodys_work_is_left_alone(exercises, capsys):
    exercises.write()
    exercise, _ = exercises._files(STEM)
    exercise.write_text(exercise.read_text().replace("raise NotImplementedError()", "return x + x"))
    worked = exercise.read_bytes()
    save(exercises.SOLUTIONS / f"{STEM}.ipynb", *solution_notebook("return 2 * x + 0 * x"))
    exercises.write()
    assert exercise.read_bytes() == worked
    assert "bn-course reset 00_start_here" in capsys.readouterr().out


def test_drift_and_missing_files_are_faults(exercises, capsys):
    assert "is missing" in faults(exercises)
    exercises.write()
    assert faults(exercises) == ""
    extra = new_markdown_cell("One more thing.", id="more")
    save(exercises.SOLUTIONS / f"{STEM}.ipynb", *solution_notebook("return 2 * x", extra))
    assert "is not what its solution gives" in faults(exercises)
    assert exercises.main(["--check"]) == 1
    assert "is not what its solution gives" in capsys.readouterr().err


def test_stray_files_are_faults(exercises):
    exercises.write()
    save(exercises.EXERCISES / "99_other.ipynb", new_markdown_cell("Whose is this?", id="a"))
    assert "exercises/99_other.ipynb" in faults(exercises).replace("\\", "/")
    save(exercises.SOLUTIONS / "98_alone.ipynb", new_markdown_cell("No lesson", id="a"))
    assert "solutions/98_alone.ipynb: there is no lesson" in faults(exercises)


@pytest.mark.parametrize(
    ("cells", "fault"),
    [
        (
            solution_notebook("return x + x + 0 * x", new_markdown_cell("return x + x + 0 * x", id="m")),
            "shows a line of the solution: return x + x + 0 * x",
        ),
        (solution_notebook("return x * x + 0 * x"), "double does not pass its check"),
        (solution_notebook()[:2], "double: no check cell"),
        (
            [*solution_notebook()[:1], *solution_notebook()[2:]],
            "double: no solution cell",
        ),
        (
            solution_notebook("return x + x + 0 * x", code("late", "def double(x):\n    return 2 * x")),
            "the stub of double counts as an attempt",
        ),
    ],
    ids=["leak", "wrong solution", "no check", "no solution", "stub passes"],
)
def test_what_is_wrong_is_said(exercises, cells, fault):
    save(exercises.SOLUTIONS / f"{STEM}.ipynb", *cells)
    exercises.write()
    assert fault in faults(exercises)
