"""Lesson 03 in JupyterLab: it runs from top to bottom, and its explorer answers to its controls."""

import pytest

pytestmark = pytest.mark.browser


def test_lesson_03(lab, tmp_path):
    lab.open("notebooks/03_backward_pass.ipynb").run_all()
    assert lab.errors() == []
    assert lab.page.get_by_role("button", name="Record").count() == 7
    explorer = lab.explorer("What is left of a gradient")
    explorer.visit_controls()
    explorer.changes(lambda: explorer.press(explorer.slider("the rest of dx̂"), "Home"))
    explorer.waits_to_say("-2 along the rest")
    explorer.screenshot(tmp_path / "rest.png")
    explorer.changes(lambda: explorer.press(explorer.slider("batch size N"), "Home"))
    explorer.waits_to_say("Nothing is left")
    explorer.changes(lambda: explorer.press(explorer.slider("deviation of x, in √ε"), "Home"))
    explorer.waits_to_say("of the length is left")
    assert explorer.alert() == ""
    assert lab.errors() == []
    explorer.screenshot(tmp_path / "two.png")
