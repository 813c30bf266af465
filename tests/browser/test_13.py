"""Lesson 13 in JupyterLab: it runs from top to bottom, and both explorers answer to their controls."""

import pytest

pytestmark = pytest.mark.browser


@pytest.fixture
def lesson(lab):
    lab.open("notebooks/13_in_practice.ipynb").run_all()
    assert lab.errors() == []
    return lab


def test_runs_and_both_explorers_answer(lesson, tmp_path):
    assert len(lesson.explorers()) == 2
    assert lesson.page.get_by_role("button", name="Record").count() == 7
    camera = lesson.explorer("Another camera")
    camera.visit_controls()
    camera.changes(lambda: camera.press(camera.slider("images for the statistics"), "Home"))
    camera.waits_to_say("adapted to 2 images")
    camera.screenshot(tmp_path / "camera.png")
    guide = lesson.explorer("Which norm?")
    guide.visit_controls()
    guide.root.get_by_label("transformer").press("Space")
    lesson.page.wait_for_function(
        "root => root.querySelector('.bn-picture').ariaLabel.startsWith('For transformer')",
        arg=guide.root.element_handle(),
    )
    guide.screenshot(tmp_path / "guide.png")
    assert camera.alert() == guide.alert() == ""
    assert lesson.errors() == []
