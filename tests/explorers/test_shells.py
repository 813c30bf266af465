"""Every explorer, without a browser, over its own grid of parameters."""

import base64
import io
import itertools

import pytest
from PIL import Image

from bn_course.explorers import EXPLORERS, load
from bn_course.live import BrowserPlot


@pytest.fixture(params=EXPLORERS)
def explorer(request):
    return load(request.param)()


def positions(explorer):
    for name, control in explorer.controls.items():
        for value in control.corners():
            yield {name: value}


def test_starts_without_error_and_says_what_it_shows(explorer):
    assert explorer.error is None
    assert len(explorer.describe(explorer.result)) > 20
    assert explorer.label


def test_every_control_is_a_parameter_that_changes_the_picture(explorer):
    for name, control in explorer.controls.items():
        seen = set()
        for value in control.corners():
            explorer.set(**{name: value})
            assert getattr(explorer.params, name) == value
            if explorer.error is None:
                seen.add(explorer.view.still(explorer.result))
        explorer.reset()
        assert len(seen) > 1, f"{name} changes nothing that one can see"


def test_every_pair_of_ends_draws_or_says_why_not(explorer):
    for one, other in itertools.combinations(list(positions(explorer)), 2):
        explorer.reset()
        explorer.set(**{**one, **other})
        # A refusal is a sentence of the explorer's own; any other exception is a mistake.
        assert explorer.error is None or type(explorer.error) is ValueError, (one, other)
        assert explorer.alert == ("" if explorer.error is None else str(explorer.error))
    explorer.reset()
    assert explorer.error is None


def test_output_carries_a_picture_for_readers_without_a_kernel(explorer):
    data, metadata = explorer._repr_mimebundle_()
    image = Image.open(io.BytesIO(base64.b64decode(data["image/png"])))
    assert image.size[0] == 1400
    assert image.mode in ("RGB", "P")
    assert "transparency" not in image.info  # opaque: readable in a dark theme
    assert metadata["image/png"]["width"] == 700
    assert data["text/plain"] == metadata["image/png"]["alt"] == explorer.describe(explorer.result)
    assert "application/vnd.jupyter.widget-view+json" in data


def test_the_same_state_gives_the_same_text_and_data(explorer):
    again = type(explorer)()
    assert explorer.describe(explorer.result) == again.describe(again.result)
    if isinstance(explorer, BrowserPlot):
        assert explorer.state() == again.state()
