"""Lesson 09 in JupyterLab: it runs from top to bottom, and its explorer answers to its controls."""

import pytest

pytestmark = pytest.mark.browser


def test_lesson_09(lab, tmp_path):
    lab.open("notebooks/09_regularisation.ipynb").run_all()
    assert lab.errors() == []
    assert len(lab.explorers()) == 1
    assert lab.page.get_by_role("button", name="Record").count() == 8
    explorer = lab.explorer("The noise of a batch")
    explorer.visit_controls()
    explorer.changes(lambda: explorer.press(explorer.slider("batch size"), "Home"))
    explorer.waits_to_say("batches of 2:")
    explorer.changes(lambda: explorer.press(explorer.slider("batch size"), "End"))
    explorer.waits_to_say("batches of 512: their means scatter by 0.00")
    assert explorer.alert() == ""
    explorer.screenshot(tmp_path / "noise.png")
    assert lab.errors() == []
