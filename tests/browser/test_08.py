"""Lesson 08 in JupyterLab: it runs from top to bottom, and its explorers answer to their controls."""

import pytest

pytestmark = pytest.mark.browser


def test_lesson_08(lab, tmp_path):
    lab.open("notebooks/08_why_it_works.ipynb").run_all()
    assert lab.errors() == []
    assert len(lab.explorers()) == 3
    assert lab.page.get_by_role("button", name="Record").count() == 10

    landscape = lab.explorer("The loss along the gradient")
    landscape.visit_controls()
    landscape.changes(lambda: landscape.press(landscape.slider("training step"), "Home"))
    landscape.waits_to_say("after 0 training steps")
    assert landscape.alert() == ""
    landscape.screenshot(tmp_path / "landscape.png")

    rate = lab.explorer("Length of the weights and effective rate")
    rate.visit_controls()
    rate.changes(lambda: rate.press(rate.slider("weight decay λ"), "Home"))
    rate.waits_to_say("with decay 0,")
    assert rate.alert() == ""
    rate.screenshot(tmp_path / "rate.png")

    rays = lab.explorer("The loss over two weights")
    rays.changes(lambda: rays.press(rays.slider("weight decay λ"), "End"))
    assert rays.alert() == ""
    rays.screenshot(tmp_path / "rays.png")
    assert lab.errors() == []
