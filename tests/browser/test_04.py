"""Lesson 04 in JupyterLab: it runs from top to bottom, and its explorer answers to its controls."""

import pytest

pytestmark = pytest.mark.browser


def test_lesson_04(lab, tmp_path):
    lab.open("notebooks/04_training_and_inference.ipynb").run_all()
    assert lab.errors() == []
    assert len(lab.explorers()) == 1
    assert lab.page.get_by_role("button", name="Record").count() == 8
    explorer = lab.explorer("Running statistics")
    explorer.visit_controls()
    explorer.changes(lambda: explorer.press(explorer.slider("momentum"), "Home"))
    explorer.waits_to_say("momentum 0.001")
    explorer.changes(lambda: explorer.press(explorer.slider("batch size"), "Home"))
    explorer.waits_to_say("batches of 2")
    assert explorer.alert() == ""
    explorer.screenshot(tmp_path / "running.png")
    assert lab.errors() == []
