"""Lesson 02 as a learner meets it: slide, write a wrong answer, be told which mistake it is, mend it."""

import json

import pytest

pytestmark = pytest.mark.browser

ANSWER = """def batch_norm_forward(x, gamma, beta, eps=1e-5):
    x_hat = (x - x.mean(axis=0)) / np.sqrt({variance} + eps)
    return gamma * x_hat + beta"""


def test_the_explorer_of_lesson_02_follows_every_slider(lab, tmp_path):
    lab.open("notebooks/02_forward_pass.ipynb").run_all()
    explorer = lab.explorer("Batch normalisation, entry by entry")
    explorer.visit_controls()
    explorer.changes(lambda: explorer.press(explorer.slider("input mean μ"), times=3))
    explorer.screenshot(tmp_path / "transform.png")
    assert explorer.alert() == ""
    assert lab.errors() == []


def write(lab, name, source):
    """Type `source` over the solution cell of `name`; returns the cell's index."""
    index = lab.page.evaluate(
        """name => window.bnPanel.content.widgets.findIndex(
            cell => cell.model.getMetadata('nbgrader')?.grade_id === name)""",
        name,
    )
    lab.page.evaluate("index => { window.bnPanel.content.activeCellIndex = index; }", index)
    editor = lab.page.locator(".jp-Notebook .jp-Cell").nth(index).locator(".cm-content")
    editor.click()
    lab.page.keyboard.press("Control+a")
    lab.page.keyboard.insert_text(source)
    return index


def report(lab, index):
    """Run the answer and its check; returns what the learner reads."""
    lab.run_cell(index)
    lab.run_cell(index + 1)
    return lab.page.locator(".jp-Notebook .jp-Cell").nth(index + 1).locator(".bn-report").inner_text()


def test_a_wrong_answer_is_named_mended_and_remembered(lab, server):
    lab.open("exercises/02_forward_pass.ipynb")
    first = lab.page.evaluate(
        "() => window.bnPanel.content.widgets.findIndex(cell => cell.model.type === 'code')"
    )
    lab.run_cell(first)
    wrong = write(lab, "batch_norm_forward", ANSWER.format(variance="x.var(axis=0, ddof=1)"))
    said = report(lab, wrong)
    assert "not yet" in said
    assert "You divide the sum of squares by N − 1." in said
    assert "[[1], [2], [6]]" in said

    right = write(lab, "batch_norm_forward", ANSWER.format(variance="x.var(axis=0)"))
    assert "passed, 3 of 3 points" in report(lab, right)

    lab.page.evaluate("async () => { await window.bnPanel.sessionContext.restartKernel(); }")
    lab.run_cell(first)
    progress = json.loads((server.home / "progress.json").read_text(encoding="utf-8"))
    entry = progress["questions"]["batch_norm_forward"]
    assert entry["passed"]
    assert entry["diagnoses"] == {"sample-variance": 1}
