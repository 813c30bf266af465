"""What a frame costs: the kernel's CPU while a control moves, and the bytes that go to the browser."""

import statistics
import time

import pytest

from bn_course.explorers import EXPLORERS, load
from bn_course.live import BrowserPlot

DRAWN_BY_KERNEL = [name for name in EXPLORERS if not issubclass(load(name), BrowserPlot)]
SLACK = 2  # the targets of benchmarks/live.py are for a machine with nothing else to do
TRIES = 5


@pytest.fixture(scope="module", params=DRAWN_BY_KERNEL)
def explorer(request):
    return load(request.param)()


def cpu_ms(explorer, field, values):
    begun = time.process_time()
    for value in values:
        explorer.set(**{field: value})
    return 1000 * (time.process_time() - begun) / len(values)


def test_a_frame_is_cheap_whichever_slider_moves(explorer):
    """Where an explorer has no slider, whichever of its options is chosen."""
    target = 13 if len(explorer.view.fig.axes) >= 4 else 8
    sliding = [f for f, control in explorer.controls.items() if control.kind in ("slider", "player")]
    for field in sliding or explorer.controls:
        middle = explorer.at[field]
        values = explorer.controls[field].values[max(0, middle - 2) : middle + 3]
        cpu_ms(explorer, field, values)  # what is computed once
        for _ in range(TRIES):
            spent = cpu_ms(explorer, field, values)
            if spent < SLACK * target:
                break
        assert spent < SLACK * target, f"{field}: {spent:.1f} ms"
        explorer.reset()


def test_a_frame_is_small_at_both_ends_of_every_control(explorer):
    """A ragged line, or a page of reasons, may be larger."""
    sizes = []
    for field, control in explorer.controls.items():
        for value in control.corners():
            explorer.set(**{field: value})
            sizes.append(len(explorer.png))
        explorer.reset()
    assert statistics.median(sizes) <= 45_000
    assert max(sizes) <= SLACK * 45_000
