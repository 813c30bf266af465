"""Lesson 07 in JupyterLab: it runs from top to bottom, and the heat maps answer to controls and clicks."""

import pytest

pytestmark = pytest.mark.browser


def test_lesson_07(lab, tmp_path):
    lab.open("notebooks/07_faster_training.ipynb").run_all()
    assert lab.errors() == []
    assert len(lab.explorers()) == 1
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
    assert lab.errors() == []
