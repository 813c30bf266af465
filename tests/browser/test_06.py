"""Lesson 06 in a real browser: the memory's speed limit, by keyboard; the strip of sectors."""

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
    sectors = lab.explorer("Sectors fetched, program by program")
    sectors.visit_controls()
    sectors.changes(lambda: sectors.press(sectors.slider("programs that have run"), "Home"))
    sectors.waits_to_say("after 0 of 4 programs")
    assert sectors.alert() == ""
    sectors.screenshot(tmp_path / "sectors.png")
