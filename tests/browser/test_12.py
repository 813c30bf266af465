"""Lesson 12 in JupyterLab: it runs from top to bottom, and its explorer answers to its controls."""

import pytest

pytestmark = pytest.mark.browser


def test_lesson_12(lab, tmp_path):
    lab.open("notebooks/12_sequences.ipynb").run_all()
    assert lab.errors() == []
    assert len(lab.explorers()) == 1
    assert lab.page.get_by_role("button", name="Record").count() == 11
    explorer = lab.explorer("Padding in the statistics")
    explorer.visit_controls()
    explorer.changes(lambda: explorer.press(explorer.slider("longest sequence"), "Home"))
    explorer.waits_to_say("of 1 to 8 steps")
    explorer.changes(lambda: explorer.root.get_by_role("radio", name="64 steps").check())
    explorer.waits_to_say("filled up to 64")
    assert explorer.alert() == ""
    explorer.screenshot(tmp_path / "padding.png")
    assert lab.errors() == []
