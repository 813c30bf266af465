"""Lesson 10 in JupyterLab: it runs, processes and all, and its explorer answers to its controls."""

import pytest

pytestmark = pytest.mark.browser


def test_lesson_10(lab, tmp_path):
    lab.open("notebooks/10_small_batches.ipynb").run_all()
    assert lab.errors() == []
    assert lab.page.get_by_role("button", name="Record").count() == 9
    assert lab.page.get_by_text("processes that are left: 0").count() == 1
    explorer = lab.explorer("Small batches")
    explorer.visit_controls()
    size = explorer.slider("examples a batch")
    explorer.changes(lambda: explorer.press(size, "End"))
    explorer.waits_to_say("With batches of 2")
    assert explorer.alert() == ""
    explorer.screenshot(tmp_path / "small_batches.png")
    assert lab.errors() == []
