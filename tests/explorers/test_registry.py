"""The list of explorers: complete, lazy, and the only way in."""

import subprocess
import sys
from pathlib import Path

import pytest

import bn_course.explorers as explorers
from bn_course.live import LivePlot

FOLDER = Path(explorers.__file__).parent
SHARED = {"__init__", "page"}


def test_every_file_that_holds_an_explorer_is_listed():
    holding = {
        file.stem
        for file in FOLDER.glob("*.py")
        if file.stem not in SHARED and "Explorer(" in file.read_text(encoding="utf-8")
    }
    listed = {place.split(":")[0].rsplit(".", 1)[1] for place in explorers.EXPLORERS.values()}
    assert holding == listed


@pytest.mark.parametrize("name", explorers.EXPLORERS)
def test_is_importable_by_name_and_a_live_plot(name):
    class_name = explorers.EXPLORERS[name].split(":")[1]
    assert getattr(explorers, class_name) is explorers.load(name)
    assert issubclass(explorers.load(name), LivePlot)
    assert class_name in dir(explorers)


def test_unknown_names_are_refused():
    with pytest.raises(KeyError, match=r"no explorer 'cube of cheese'; there are .*transform"):
        explorers.load("cube of cheese")
    with pytest.raises(AttributeError, match="CheeseExplorer"):
        explorers.CheeseExplorer  # noqa: B018


def test_importing_the_list_loads_no_explorer():
    code = "import sys, bn_course.explorers; print('matplotlib' in sys.modules)"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert answer.stdout.strip() == "False", answer.stderr
