"""The exercises: made from the solutions, and what a learner meets in them."""

import pytest
import stored

exercises = stored.tool("exercises")
execute = stored.tool("execute")

WRONG = {
    "00_start_here": (
        "double",
        "def double(x):\n    return x**2",
        "You square x.",
    ),
    "02_forward_pass": (
        "batch_norm_forward",
        "def batch_norm_forward(x, gamma, beta, eps=1e-5):\n"
        "    centred = x - x.mean(axis=0)\n"
        "    return gamma * centred / np.sqrt(x.var(axis=0, ddof=1) + eps) + beta",
        "You divide the sum of squares by N − 1.",
    ),
}


@pytest.mark.parametrize("stem", exercises.stems())
def test_exercise_is_what_its_solution_gives_and_gives_nothing_away(stem):
    assert exercises.faults(stem) == []


def test_every_exercise_belongs_to_a_lesson():
    assert exercises.stray() == []


@pytest.mark.parametrize("path", stored.EXERCISES, ids=stored.name)
def test_untouched_exercise_runs_to_its_end(path):
    notebook = execute.execute(stored.read(path), path.parent)
    assert all(cell.execution_count for cell in stored.code_cells(notebook))
    said = {cell.id: _said(cell) for cell in notebook.cells if cell.id.startswith("check_")}
    assert said
    assert [name for name, text in said.items() if "not attempted" not in text] == []


@pytest.mark.parametrize("stem", WRONG)
def test_wrong_answer_is_told_its_mistake(stem):
    question, answer, diagnosis = WRONG[stem]
    notebook = stored.read(stored.REPOSITORY / "exercises" / f"{stem}.ipynb")
    cells = {cell.id: cell for cell in notebook.cells}
    cells[question].source = answer
    executed = execute.execute(notebook, stored.REPOSITORY / "exercises")
    said = next(_said(cell) for cell in executed.cells if cell.id == f"check_{question}")
    assert diagnosis in said


def _said(cell):
    return "\n".join(
        output.get("data", {}).get("text/plain", "") or output.get("evalue", "") for output in cell.outputs
    )
