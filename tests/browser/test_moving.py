"""Figures that Python draws in a page: what the page does with them, whatever Python says.

Here a module stands for Pyodide; `tests/lite/` has the real one.
"""

import json
import shutil
from base64 import b64encode

import pytest
import scripts
from built import served, visit
from lab import new_context
from playwright.sync_api import expect

from bn_course.explorers import worker
from bn_course.live.plot import SHELL_CSS

pytestmark = pytest.mark.browser

# It answers as bn_course.explorers.worker does, from the state of a real figure.
PYODIDE = """
globalThis.starts = 0;
const given = (value) => ({ toJs: () => value, destroy() {} });
export async function loadPyodide({ indexURL }) {
  const state = await (await fetch(`${indexURL}state.json`)).json();
  const bytes = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  const [background, png] = [bytes(state.background), bytes(state.png)];
  starts += 1;
  const loaded = [];
  return {
    loadPackage: async (names) => loaded.push(...names),
    toPy: (value) => value,
    pyimport: () => ({
      begin(key, name, params) {
        if (name === "broken") throw new Error("Traceback:\\n  File x\\nValueError: it cannot be");
        const label = `${name} ${params.take_out}, ${loaded}, start ${starts}`;
        return given({ ...state, background, png, alt: "as it began", _label: label });
      },
      move(key, changed) {
        if (changed.scale) return given({ scale: changed.scale });
        if (changed.at.shift === 0) throw new Error("ValueError: not that one");
        const until = Date.now() + 100; // it takes its time
        while (Date.now() < until);
        return given({ at: changed.at, alert: "", alt: `shift at ${changed.at.shift}` });
      },
      pick: (key, x, y) => given({ at: { ...state.at, shift: 1 }, alt: `picked ${x > 0 && y > 0}` }),
    }),
  };
}
"""
GIF = "data:image/gif;base64,R0lGODlhAQABAAAAACwAAAAAAQABAAA="
FIGURE = f"""<div class="cell_output"><img alt="a picture" width="9" height="9" src="{GIF}">
<div class="bn-moves" data-name="{{}}" data-params='{{{{"take_out": 2}}}}'></div></div>"""


PAGE = """<!doctype html><meta charset="utf-8"><link rel="stylesheet" href="_static/shell.css">
{}<script defer src="_static/explorers.js"></script>"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A page with two figures, and one that cannot be made."""
    folder = tmp_path_factory.mktemp("page")
    (folder / "_static").mkdir()
    (folder / "python").mkdir()
    state = worker.begin(0, "gradient", {"take_out": 2})
    packed = {name: b64encode(state[name]).decode() for name in ("background", "png")}
    (folder / "python" / "state.json").write_text(json.dumps(state | packed), encoding="utf-8")
    (folder / "python" / "pyodide.mjs").write_text(PYODIDE, encoding="utf-8")
    given = {"home": "../python/", "packages": ["numpy", "course"], "megabytes": 12}
    scripts.classic(folder / "_static" / "explorers.js", given)
    shutil.copy(scripts.SOURCES / "worker.js", folder / "_static")
    (folder / "_static" / "shell.css").write_text(SHELL_CSS, encoding="utf-8")
    figures = "".join(map(FIGURE.format, ("first", "second", "broken")))
    (folder / "page.html").write_text(PAGE.format(figures), encoding="utf-8")
    (folder / "favicon.ico").touch()
    return folder


@pytest.fixture(scope="module")
def address(folder):
    with served(folder) as address:
        yield address


@pytest.fixture
def context(chromium):
    with new_context(chromium) as context:
        yield context


@pytest.fixture
def page(context, address):
    errors = []
    yield visit(context, f"{address}page.html", errors)
    assert errors == []


def offer(page, number):
    return page.locator(".bn-moves").nth(number)


def start(page, number):
    """Ask for a figure; returns it."""
    offer(page, number).get_by_role("button", name="Move this figure").press("Enter")
    return offer(page, number).locator(".bn-explorer")


def test_until_it_is_asked_for_nothing_is_loaded_and_the_picture_stays(context, address):
    page = context.new_page()
    asked = []
    page.on("request", lambda request: asked.append(request.url.removeprefix(address)))
    page.goto(f"{address}page.html", wait_until="networkidle")
    assert [url for url in asked if "worker" in url or "python/" in url] == []
    assert page.locator("img").first.is_visible()
    assert "12 MB" in offer(page, 0).inner_text()


def test_a_click_brings_it_alive_in_place_of_the_picture_and_python_starts_once(page):
    figure = start(page, 0)
    expect(figure.locator("canvas[data-frame]")).to_have_attribute("aria-label", "as it began")
    expect(figure).to_have_attribute("aria-label", "first 2, numpy,course, start 1")
    assert not page.locator("img").first.is_visible()
    assert page.locator("img").nth(1).is_visible()
    assert figure.locator("input").first.evaluate("input => input === document.activeElement")
    expect(start(page, 1)).to_have_attribute("aria-label", "second 2, numpy,course, start 1")


def test_controls_and_clicks_reach_python_and_the_last_move_wins(page):
    figure = start(page, 0)
    canvas = figure.locator("canvas[data-frame]")
    slider = figure.get_by_role("slider").first
    slider.press("End")
    for _ in range(4):
        page.keyboard.press("ArrowLeft")
    moved = int(slider.input_value())
    expect(canvas).to_have_attribute("aria-label", f"shift at {moved}")
    canvas.click()
    expect(canvas).to_have_attribute("aria-label", "picked true")
    expect(slider).to_have_js_property("value", "1")


def test_what_python_says_goes_wrong_is_shown_and_gone_at_the_next_good_move(page):
    figure = start(page, 0)
    slider = figure.get_by_role("slider").first
    slider.press("Home")
    expect(figure.get_by_role("alert").first).to_have_text("ValueError: not that one")
    slider.press("ArrowRight")
    expect(figure.get_by_role("alert").first).to_have_text("")


def test_a_figure_that_cannot_be_made_says_why_and_keeps_its_picture(page):
    start(page, 2)
    expect(offer(page, 2).get_by_role("status")).to_have_text(
        "The picture stays as it is: ValueError: it cannot be"
    )
    assert page.locator("img").nth(2).is_visible()
    assert offer(page, 2).get_by_role("button").is_enabled()


def test_without_a_network_it_says_so_and_another_try_succeeds(context, address):
    page = visit(context, f"{address}page.html", [])
    context.route("**/pyodide.mjs", lambda route: route.abort())
    start(page, 0)
    expect(offer(page, 0).get_by_role("status")).to_contain_text("The picture stays as it is: ")
    context.unroute("**/pyodide.mjs")
    expect(start(page, 0)).to_be_visible()


def test_without_web_assembly_and_from_a_disk_it_says_so(context, address, folder):
    page = visit(context, (folder / "page.html").as_uri(), [])
    start(page, 0)
    expect(offer(page, 0).get_by_role("status")).to_contain_text("on a disk")
    context.add_init_script("delete globalThis.WebAssembly")
    page = visit(context, f"{address}page.html", errors := [])
    start(page, 0)
    expect(offer(page, 0).get_by_role("status")).to_contain_text("no WebAssembly")
    assert errors == []
