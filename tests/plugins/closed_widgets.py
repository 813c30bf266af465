"""Widgets end with the test, or the file, that made them: ipywidgets keeps each until it is closed.

An explorer has some megabytes of pixels. A worker that kept all of them would need gigabytes.
"""

import gc
import sys

import pytest


def widgets() -> dict:
    """Those that are alive, by their model's name; none where nothing has loaded ipywidgets."""
    module = sys.modules.get("ipywidgets.widgets.widget")
    return dict(module._instances) if module else {}


def close_all_but(kept: dict) -> None:
    made = [widget for name, widget in widgets().items() if name not in kept]
    for widget in made:
        widget.close()
    if made:
        made.clear()
        gc.collect()  # figure, axes and canvas hold one another


@pytest.fixture(scope="module", autouse=True)
def _file_closes_its_widgets():
    kept = widgets()
    yield
    close_all_but(kept)


@pytest.fixture(autouse=True)
def _test_closes_its_widgets(_file_closes_its_widgets):
    kept = widgets()  # those of fixtures that outlive the test are there already
    yield
    close_all_but(kept)
