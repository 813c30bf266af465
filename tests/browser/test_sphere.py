"""The sphere, dragged: in JupyterLab, where the kernel follows, and in a page without one."""

import re

import pytest
from playwright.sync_api import expect

from bn_course.explorers import SphereExplorer
from bn_course.explorers.page import static_html

pytestmark = pytest.mark.browser


@pytest.fixture
def show(page, tmp_path):
    """A page with the explorer, started with these parameters."""
    errors = []
    page.on("pageerror", lambda error: errors.append(str(error)))

    def open_page(width=760, **params):
        file = tmp_path / "page.html"
        html = static_html(*SphereExplorer(**params)._repr_mimebundle_(), "here")
        file.write_text(f"<!doctype html><meta charset='utf-8'>{html}", encoding="utf-8")
        page.set_viewport_size({"width": width, "height": 900})
        page.goto(file.as_uri())
        page.locator("svg").wait_for()
        return page

    yield open_page
    assert errors == []


def middle(locator):
    box = locator.bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def drag(page, start, by):
    page.mouse.move(*start)
    page.mouse.down()
    for share in (0.3, 0.7, 1):
        page.mouse.move(start[0] + share * by[0], start[1] + share * by[1])
    page.mouse.up()


def entries(page, name):
    """The numbers after 'x =', 'x̂ =' or 'dx =' in the alternative text."""
    found = re.search(rf"(?<!\w){name} = ([−\d., ]+)", page.locator("svg").get_attribute("aria-label"))
    return [float(number.replace("−", "-")) for number in found[1].rstrip("., ").split(", ")]


@pytest.mark.parametrize("N", [2, 3, 4])
def test_x_goes_where_it_is_dragged_and_x_hat_stays_on_its_shell(show, N):
    page = show(N=N)
    before = entries(page, "x")
    point, by = page.locator(".bn-x"), (-31, 26)
    x, y = middle(point)
    drag(page, (x, y), by)
    there = middle(point)
    assert there == pytest.approx((x + by[0], y + by[1]), abs=6)  # its values go in tenths
    assert entries(page, "x") != before
    assert sum(value**2 for value in entries(page, "x̂")) == pytest.approx(N, abs=0.05)
    drag(page, there, (-900, -900))
    expect(point).to_have_class(re.compile("bn-hollow"))  # at the edge of the picture
    assert max(map(abs, entries(page, "x̂"))) <= (N - 1) ** 0.5 + 0.005


def test_beside_the_point_one_turns_the_picture_and_nothing_else(show):
    page = show()
    said = entries(page, "x"), entries(page, "x̂")
    slider = page.get_by_role("slider", name="turn (degrees)")
    x, y = middle(page.locator("svg"))
    drag(page, (x, y + 60), (60, 0))
    assert slider.get_attribute("aria-valuetext") == "110"
    drag(page, (x, y + 60), (-144, 0))
    assert slider.get_attribute("aria-valuetext") == "350"
    assert (entries(page, "x"), entries(page, "x̂")) == said


def test_what_the_batch_has_no_use_for_is_hidden_and_what_cannot_be_is_said(show):
    page = show(N=2, x1=0.5, x2=0.4, gradient=True)
    assert page.get_by_role("slider").count() == 5
    assert entries(page, "dx") == [0, 0]
    page.get_by_role("slider", name="example 1").press("ArrowLeft")
    expect(page.get_by_role("alert")).to_have_text("All 2 are the same: with ε = 0, x̂ would be 0/0")
    page.get_by_role("slider", name="ε").press("ArrowRight")
    expect(page.get_by_role("alert")).to_have_text("")
    page.get_by_role("radio", name="4").check()
    assert page.get_by_role("slider").count() == 8


def test_it_fits_a_phone(show):
    page = show(width=390, N=3, gradient=True)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert page.locator("svg text").first.bounding_box()["height"] > 12
    picture, numbers = (
        page.locator(f".bn-beside > {part}").bounding_box() for part in ("svg", ".bn-numbers")
    )
    assert numbers["y"] >= picture["y"] + picture["height"]


def test_in_jupyterlab_by_keyboard_and_the_kernel_follows(lab, server):
    cell = (
        "from bn_course.explorers import SphereExplorer\nexplorer = SphereExplorer(gradient=True)\nexplorer"
    )
    lab.open(server.write("sphere.ipynb", cell, "print(explorer.params.x1, explorer.error)")).run_all()
    explorer = lab.explorer(SphereExplorer.label)
    explorer.visit_controls()
    x, y = middle(explorer.root.locator(".bn-x"))
    explorer.changes(lambda: drag(lab.page, (x, y), (0, -40)))
    explorer.changes(lambda: explorer.press(explorer.slider("example 1"), "End"))
    lab.run_cell(1)
    lab.page.get_by_text("6.0 None").wait_for()
    assert lab.errors() == []
