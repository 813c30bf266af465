"""Lesson 06 in a real browser: the memory's speed limit, by keyboard."""

import pytest

pytestmark = pytest.mark.browser


def test_lesson_06(lab, tmp_path):
    lab.open("notebooks/06_pytorch_and_gpu.ipynb").run_all()
    assert lab.errors() == []
    explorer = lab.explorer("The memory's speed limit")
    explorer.visit_controls()
    explorer.changes(lambda: explorer.press(explorer.slider("shape of x"), "Home"))
    explorer.waits_to_say("64 × 128")
    explorer.changes(lambda: explorer.press(explorer.slider("bandwidth (GB/s)"), "End"))
    explorer.waits_to_say("8000 GB/s")
    assert explorer.alert() == ""
    explorer.screenshot(tmp_path / "roofline.png")
