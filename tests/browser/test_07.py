"""Lesson 07 in JupyterLab: it runs from top to bottom, and the heat maps answer to controls and clicks."""

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


@pytest.fixture
def lesson(lab):
    lab.open("notebooks/07_faster_training.ipynb").run_all()
    assert lab.errors() == []
    return lab


def _alt_says(lesson, explorer, words):
    lesson.page.wait_for_function(
        "([root, words]) => root.querySelector('.bn-picture').alt.includes(words)",
        arg=[explorer.root.element_handle(), words],
    )


def test_runs_and_asks_every_prediction(lesson):
    assert len(lesson.explorers()) == 1
    assert lesson.page.get_by_role("button", name="Record").count() == 10
    assert lesson.errors() == []


def test_the_heat_maps_by_keyboard_and_by_click(lesson, tmp_path):
    explorer = lesson.explorer("Learning rate, initial scale and depth")
    explorer.visit_controls()
    explorer.changes(lambda: explorer.press(explorer.slider("learning rate"), "Home"))
    _alt_says(lesson, explorer, "learning rate 0.003")
    picture = explorer.root.locator(".bn-picture")
    box = picture.bounding_box()
    explorer.changes(lambda: picture.click(position={"x": 0.2 * box["width"], "y": 0.3 * box["height"]}))
    assert "learning rate 0.003" not in explorer.alt()
    assert explorer.alert() == ""
    assert lesson.errors() == []
    explorer.screenshot(tmp_path / "heatmap.png")
