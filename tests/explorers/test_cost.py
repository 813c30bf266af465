"""What a frame costs: the kernel's CPU while a control moves, and the bytes that go to the browser.

How many milliseconds that is, `make bench-live` says: it hangs on the machine and on what else it does.
"""

import statistics
import time

import pytest

from bn_course.explorers import EXPLORERS, load
from bn_course.live import BrowserPlot

DRAWN_BY_KERNEL = [name for name in EXPLORERS if not issubclass(load(name), BrowserPlot)]
SHARE = 0.7  # of a figure drawn anew; most frames take a tenth, and of channels all but labels moves
TRIES = 3
KILOBYTES = 48  # a page of reasons; one that is full, or a ragged line, may be twice as large


@pytest.fixture(scope="module", params=DRAWN_BY_KERNEL)
def explorer(request):
    return load(request.param)()


def cpu(explorer, field, value):
    begun = time.process_time()
    explorer.set(**{field: value})
    return time.process_time() - begun


def share(explorer, field):
    """The CPU of a frame, in that of one for which the whole figure is drawn; both in the same second."""
    here, values = explorer.at[field], explorer.controls[field].values
    near = [*values[max(0, here - 1) : here], *values[here + 1 : here + 2]]
    for value in [*near, values[here]]:
        explorer.set(**{field: value})  # what is computed once
    frame = statistics.mean(cpu(explorer, field, value) for value in [*near, values[here], near[0]])
    explorer.view.fig.stale = True
    return frame / cpu(explorer, field, values[here])


def test_a_frame_is_cheaper_than_its_figure_whichever_slider_moves(explorer):
    """Where an explorer has no slider, whichever of its options is chosen."""
    sliding = [f for f, control in explorer.controls.items() if control.kind in ("slider", "player")]
    for field in sliding or explorer.controls:
        shares = [share(explorer, field)]
        while shares[-1] > SHARE and len(shares) < TRIES:
            shares.append(share(explorer, field))
        assert shares[-1] < SHARE, f"{field}: {shares}"
        explorer.reset()


def test_a_frame_is_small_at_both_ends_of_every_control(explorer):
    sizes = []
    for field, control in explorer.controls.items():
        for value in control.corners():
            explorer.set(**{field: value})
            sizes.append(len(explorer.png) / 1000)
        explorer.reset()
    assert statistics.median(sizes) <= KILOBYTES
    assert max(sizes) <= 2 * KILOBYTES
