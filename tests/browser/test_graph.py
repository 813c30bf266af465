"""The graph, step by step: in JupyterLab by keyboard, and in pages of two widths."""

import pytest
from playwright.sync_api import expect

from bn_course.explorers import GraphExplorer
from bn_course.explorers.graph import STEPS
from bn_course.explorers.page import static_html

pytestmark = pytest.mark.browser

LAST = len(STEPS) - 1


@pytest.fixture
def graph(page, tmp_path):
    file = tmp_path / "page.html"
    html = static_html(*GraphExplorer(step=0)._repr_mimebundle_(), "here")
    file.write_text(f"<!doctype html><meta charset='utf-8'>{html}", encoding="utf-8")
    page.goto(file.as_uri())
    return page


def test_next_goes_through_every_step_and_fills_every_arrow(graph):
    back, following = (graph.get_by_role("button", name=name) for name in ("Back", "Next"))
    assert back.is_disabled()
    for number, step in enumerate(STEPS):
        expect(graph.locator(".bn-heading")).to_have_text(f"{number} of {LAST}. {step.heading}")
        if number < LAST:
            following.click()
    assert following.is_disabled()
    arrows = graph.locator("svg g:has(> .bn-line)")
    assert arrows.count() == graph.locator("svg g.bn-back").count() == 10
    assert all(arrows.locator("text").all_text_contents())
    back.click()
    expect(graph.locator(".bn-heading")).to_contain_text(f"{LAST - 1} of {LAST}")


@pytest.mark.parametrize("width", [760, 390])
def test_no_number_lies_over_another_or_over_a_card(graph, width):
    graph.set_viewport_size({"width": width, "height": 900})
    graph.get_by_role("slider", name="step").press("End")
    expect(graph.locator(".bn-heading")).to_contain_text(f"{LAST} of {LAST}")
    assert graph.evaluate("document.documentElement.scrollWidth") <= width
    over = graph.evaluate(
        """() => {
            const boxes = [...document.querySelectorAll('svg text, svg rect')]
                .map(node => ({node, box: node.getBoundingClientRect()})).filter(({box}) => box.width);
            const apart = (a, b) =>
                a.left >= b.right || b.left >= a.right || a.top >= b.bottom || b.top >= a.bottom;
            return boxes.flatMap(({node, box}, i) => boxes.slice(i + 1)
                .filter(other => node.parentNode !== other.node.parentNode && !apart(box, other.box))
                .map(other => `${node.textContent || 'card'} over ${other.node.textContent || 'card'}`));
        }"""
    )
    assert over == []


def test_in_jupyterlab_by_keyboard(lab, server):
    cell = "from bn_course.explorers import GraphExplorer\nGraphExplorer()"
    lab.open(server.write("graph.ipynb", cell)).run_all()
    explorer = lab.explorer(GraphExplorer.label)
    explorer.changes(lambda: explorer.press(explorer.slider("step"), "Home"))
    explorer.changes(lambda: explorer.press(explorer.root.get_by_role("button", name="Next"), "Enter"))
    assert "μ = Σx / N = (1 + 1 + 5 + 5) / 4 = 3" in explorer.alt()
    explorer.changes(lambda: explorer.root.get_by_role("button", name="Play or pause: step").click())
    assert lab.errors() == []
