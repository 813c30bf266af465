"""Figures without Jupyter: what a page's worker is told, and which packages it needs for that."""

import json
import subprocess
import sys

import pytest

from bn_course.explorers import EXPLORERS, load, worker
from bn_course.live import BrowserPlot

PYTHONS = [name for name in EXPLORERS if not issubclass(load(name), BrowserPlot)]

# In a browser there are these, and nothing else that pip installs.
HIDE = """
import json, sys
from importlib.abc import MetaPathFinder

HERE = {"bn_course", "numpy", "matplotlib", "mpl_toolkits", "PIL", "contourpy", "kiwisolver", "cycler",
        "dateutil", "fontTools", "pyparsing", "packaging", "six", "traitlets"}

class Hide(MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        top = name.partition(".")[0]
        if top not in HERE | sys.stdlib_module_names and not top.startswith("_"):
            raise ModuleNotFoundError(f"No module named {top!r}", name=top)

sys.meta_path.insert(0, Hide())
from bn_course.explorers import worker

said = {}
for key, name in enumerate(json.loads(sys.argv[1])):
    try:
        state = worker.begin(key, name, {})
        moved = {control["name"]: 0 for control in state["_controls"]}
        said[name] = [state["alt"], state["alert"], worker.move(key, {"at": moved})["alt"]]
    except ModuleNotFoundError as error:
        said[name] = ["", str(error)]
print(json.dumps(said))
"""


@pytest.fixture(scope="module")
def said():
    """What each figure says, at its start and with every control at its first value, in a bare Python."""
    command = [sys.executable, "-c", HIDE, json.dumps(PYTHONS)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("name", PYTHONS)
def test_a_figure_needs_torch_or_says_without_it_what_it_says_with_it(said, name):
    if load(name).needs_torch:
        assert said[name] == ["", "No module named 'torch'"]
        return
    state = worker.begin(0, name, {})
    first = {control["name"]: 0 for control in state["_controls"]}
    assert said[name] == [state["alt"], "", worker.move(0, {"at": first})["alt"]]


def test_a_move_gives_what_it_changed():
    state = worker.begin(1, "running", {})
    changed = worker.move(1, {"at": {**state["at"], "step": 0}})
    assert changed.keys() == {"at", "png", "alt"}
    assert changed["alt"].startswith("Before the first training step")
    assert worker.move(1, {"scale": 1}).keys() == {"scale", "png", "background"}
    assert worker.move(1, {"scale": 1}) == {}


def test_a_click_moves_what_it_selects():
    worker.begin(2, "heatmap", {})
    changes = [worker.pick(2, x / 10, y / 10) for x in range(1, 10) for y in range(1, 10)]
    assert any("at" in changed and "png" in changed for changed in changes)


def test_what_cannot_be_drawn_is_said_and_the_picture_stays(monkeypatch):
    state = worker.begin(3, "running", {})

    def fails(params):
        raise ValueError("not today")

    monkeypatch.setattr(worker._figures[3], "compute", fails)
    changed = worker.move(3, {"at": {**state["at"], "step": 0}})
    assert changed == {"at": {**state["at"], "step": 0}, "alert": "not today"}


def test_a_figure_that_does_not_exist_is_refused():
    with pytest.raises(KeyError, match="there are axes"):
        worker.begin(4, "nothing", {})
