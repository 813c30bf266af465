"""Lesson 07 in JupyterLab: it runs from top to bottom, and both explorers answer to their controls."""

import pytest

pytestmark = pytest.mark.browser


def test_lesson_07(lab, tmp_path):
    lab.open("notebooks/07_faster_training.ipynb").run_all()
    assert lab.errors() == []
    assert len(lab.explorers()) == 2
    assert lab.page.get_by_role("button", name="Record").count() == 10
    explorer = lab.explorer("Learning rate, initial scale and depth")
    explorer.visit_controls()
    explorer.changes(lambda: explorer.press(explorer.slider("learning rate"), "Home"))
    explorer.waits_to_say("learning rate 0.003")
    picture = explorer.root.locator(".bn-picture")
    box = picture.bounding_box()
    explorer.changes(lambda: picture.click(position={"x": 0.2 * box["width"], "y": 0.3 * box["height"]}))
    assert "learning rate 0.003" not in explorer.alt()
    assert explorer.alert() == ""
    explorer.screenshot(tmp_path / "heatmap.png")

    inside = lab.explorer("Inside a net while it learns")
    assert "all examples are alike" in inside.alt()
    inside.changes(lambda: inside.root.get_by_role("checkbox").press("Space"))
    inside.waits_to_say("passes its gradient on")
    inside.screenshot(tmp_path / "inside.png")
    assert lab.errors() == []
