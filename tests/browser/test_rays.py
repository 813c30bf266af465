"""The two weights of lesson 08: dragged in JupyterLab, and in a page without a kernel."""

import pytest
from playwright.sync_api import expect

from bn_course.explorers import RaysExplorer
from bn_course.explorers.page import static_html

pytestmark = pytest.mark.browser

CELL = "from bn_course.explorers import RaysExplorer\nexplorer = RaysExplorer()\nexplorer"


@pytest.fixture
def rays(lab, server):
    lab.open(server.write("rays.ipynb", CELL, "print(explorer.params.w1, explorer.params.w2)")).run_all()
    assert lab.errors() == []
    return lab.explorer(RaysExplorer.label)


def drag(page, plane, start, end):
    """From one place of a plane, a share of its width and height, to another."""
    box = plane.bounding_box()
    at = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in (start, end)]
    page.mouse.move(*at[0])
    page.mouse.down()
    page.mouse.move(*at[1], steps=6)
    page.mouse.up()


def share(w1, w2):
    """Where these weights lie in a plane that shows −3 … 3."""
    return (w1 + 3) / 6, (3 - w2) / 6


def test_every_control_moves_the_figure_by_keyboard(lab, rays):
    rays.visit_controls()
    assert lab.errors() == []


@pytest.mark.parametrize("plane", [0, 1], ids=["the bowl", "the rays"])
def test_the_start_is_dragged_in_either_plane_and_the_kernel_follows(lab, rays, plane):
    frame = rays.root.locator(".bn-frame").nth(plane)
    frame.scroll_into_view_if_needed()
    rays.changes(lambda: drag(lab.page, frame, share(-1.2, 0.2), share(2.0, -1.5)))
    said = [rays.slider(name).get_attribute("aria-valuetext") for name in ("start w₁", "start w₂")]
    assert said == ["2", "−1.5"]
    assert rays.alt() == RaysExplorer.describe(RaysExplorer(w1=2.0, w2=-1.5).result)
    lab.run_cell(1)
    lab.page.get_by_text("2.0 -1.5").wait_for()


def test_zero_is_refused_in_words(lab, rays):
    frame = rays.root.locator(".bn-frame").nth(1)
    frame.scroll_into_view_if_needed()
    drag(lab.page, frame, share(-1.2, 0.2), share(0, 0))
    rays.root.get_by_text("gives every example the same output").wait_for()
    rays.changes(lambda: rays.root.get_by_role("button", name="Reset").press("Enter"))
    assert rays.alert() == ""


@pytest.mark.parametrize("dark", [False, True])
def test_text_is_readable_in_both_themes(lab, rays, dark):
    lab.theme(dark)
    ink = rays.root.locator("svg text").first.evaluate(
        "text => getComputedStyle(text).fill.match(/[\\d.]+/g).slice(0, 3).map(Number)"
    )
    assert min(ink) > 180 if dark else max(ink) < 80


def test_the_planes_stand_one_above_the_other_on_a_phone(page, tmp_path):
    errors = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    file = tmp_path / "page.html"
    html = static_html(*RaysExplorer()._repr_mimebundle_(), "here")
    file.write_text(f"<!doctype html><meta charset='utf-8'>{html}", encoding="utf-8")
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto(file.as_uri())
    bowl, rays = (page.locator(".bn-frame").nth(i).bounding_box() for i in (0, 1))
    assert rays["y"] > bowl["y"] + bowl["height"]
    assert bowl["width"] > 280
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    before = page.locator("svg").get_attribute("aria-label")
    page.get_by_role("slider", name="learning rate η").focus()
    page.keyboard.press("End")
    expect(page.locator("svg")).not_to_have_attribute("aria-label", before)
    assert errors == []
