"""Figures on the site's pages with the real Pyodide: each comes alive, and says what it says elsewhere."""

import json

import moving
import pytest
import scripts
from lab import PATIENCE
from playwright.sync_api import expect
from serving import served

from bn_course.explorers import EXPLORERS, load, worker
from bn_course.live import BrowserPlot

expect.set_options(timeout=PATIENCE)

ALIVE = [name for name in EXPLORERS if not (issubclass(load(name), BrowserPlot) or load(name).needs_torch)]
FIGURE = '<h2>{0}</h2><div class="cell_output"><img alt="{0}">{1}</div>'


@pytest.fixture(scope="module")
def server(site, tmp_path_factory):
    """A page with every figure, beside the browser edition as `make site` puts it there."""
    folder = tmp_path_factory.mktemp("page")
    (folder / "lite").symlink_to(site)
    (folder / "_static").mkdir()
    scripts.classic(folder / "_static" / "explorers.js", moving.whereabouts(site))
    (folder / "_static" / "worker.js").write_bytes((scripts.SOURCES / "worker.js").read_bytes())
    figures = "".join(FIGURE.format(name, moving.PLACE.format(name, "{}")) for name in ALIVE)
    page = f"<!doctype html><meta charset='utf-8'>{figures}<script defer src='_static/explorers.js'></script>"
    (folder / "index.html").write_text(page, encoding="utf-8")
    with served(folder) as running:
        yield running


def elsewhere(control, state):
    """The place of a control that is not where it starts, and the key that goes there from a slider."""
    last = len(control["values"]) - 1
    return (last, "End") if state["at"][control["name"]] == 0 else (0, "Home")


def test_every_figure_comes_alive_and_says_what_it_says_in_the_installed_course(context, server):
    page = context.new_page()
    page.goto(f"{server.address}/index.html")
    for key, name in enumerate(ALIVE):
        place = page.locator(".bn-moves").nth(key)
        place.get_by_role("button", name="Move this figure").click()
        canvas = place.locator("canvas")
        state = json.loads(json.dumps(worker.begin(key, name, {}), default=bytes.hex))
        expect(canvas).to_have_attribute("aria-label", state["alt"])
        control = state["_controls"][0]
        index, press = elsewhere(control, state)
        moved = worker.move(key, {"at": {**state["at"], control["name"]: index}})
        if control["kind"] == "choice":
            place.get_by_role("group", name=control["label"]).get_by_role("radio").nth(index).check()
        else:
            place.get_by_role("slider").first.press(press)
        expect(canvas).to_have_attribute("aria-label", moved["alt"])
    assert sum("pyodide.asm.wasm" in path for path, _ in server.sent) == 1
