"""The flagship of lesson 02 in JupyterLab, and in a page without a kernel."""

import pytest
from lab import new_context
from playwright.sync_api import expect

from bn_course.explorers import TransformExplorer
from bn_course.explorers.page import static_html

pytestmark = pytest.mark.browser

CELL = "from bn_course.explorers import TransformExplorer\nexplorer = TransformExplorer()\nexplorer"
LABEL = TransformExplorer.label


@pytest.fixture
def explorer(lab, server):
    path = server.write("transform.ipynb", CELL, "print(explorer.params.mu, explorer.error)")
    lab.open(path).run_all()
    assert lab.errors() == []
    return lab.explorer(LABEL)


def test_every_control_moves_the_figure_by_keyboard(lab, explorer):
    explorer.visit_controls()
    assert lab.errors() == []


def test_browser_and_kernel_show_the_same(lab, explorer):
    explorer.press(explorer.slider("input mean μ"), "ArrowRight", times=7)
    explorer.press(explorer.slider("batch size N"), "Home")
    assert explorer.alt() == TransformExplorer.describe(TransformExplorer(mu=2.7, size=2).result)
    lab.run_cell(1)
    lab.page.get_by_text("2.7 None").wait_for()  # the kernel has followed


def test_click_selects_the_entry_under_it(explorer):
    svg = explorer.root.locator("svg")
    dot = svg.locator("g").nth(1).locator("circle").nth(11)
    x, y = (float(dot.get_attribute(name)) for name in ("cx", "cy"))
    explorer.changes(lambda: svg.click(position={"x": x, "y": 116 + y}))
    assert explorer.slider("entry followed").get_attribute("aria-valuetext") == "12"
    explorer.root.get_by_text("Entry 12 of 32", exact=True).wait_for()


def test_reset_returns_to_the_start(explorer):
    before = explorer.alt()
    explorer.changes(lambda: explorer.press(explorer.slider("scale γ"), "End"))
    explorer.changes(lambda: explorer.root.get_by_role("button", name="Reset").press("Enter"))
    assert explorer.alt() == before


@pytest.mark.parametrize("dark", [False, True])
def test_text_is_readable_in_both_themes(lab, server, dark):
    path = server.write("transform.ipynb", CELL)
    lab.open(path, dark=dark).run_all()
    explorer = lab.explorer(LABEL)
    ink = explorer.root.locator("svg text").first.evaluate(
        "text => getComputedStyle(text).fill.match(/[\\d.]+/g).slice(0, 3).map(Number)"
    )
    assert min(ink) > 180 if dark else max(ink) < 80


def test_keeps_its_letters_in_a_narrow_window(explorer):
    explorer.fits(800)
    letters = explorer.root.locator("svg text").first.bounding_box()
    assert letters["height"] > 12


def test_lives_in_a_page_without_a_kernel(page, tmp_path):
    errors = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    data, metadata = TransformExplorer()._repr_mimebundle_()
    file = tmp_path / "page.html"
    html = static_html(data, metadata, "here")
    file.write_text(f"<!doctype html><meta charset='utf-8'>{html}", encoding="utf-8")
    page.goto(file.as_uri())
    before = page.locator("svg").get_attribute("aria-label")
    page.get_by_role("slider", name="batch size N").focus()
    page.keyboard.press("Home")
    expect(page.locator("svg")).not_to_have_attribute("aria-label", before)
    assert errors == []


def test_shows_its_picture_where_scripts_do_not_run(chromium, tmp_path):
    data, metadata = TransformExplorer()._repr_mimebundle_()
    file = tmp_path / "page.html"
    html = static_html(data, metadata, "here")
    file.write_text(f"<!doctype html><meta charset='utf-8'>{html}", encoding="utf-8")
    context = new_context(chromium, java_script_enabled=False)
    page = context.new_page()
    page.goto(file.as_uri())
    assert page.get_by_role("img", name=data["text/plain"]).bounding_box()["width"] == 700
    context.close()
