"""What every interactive figure shares: the shell, its controls, the view and the style.

An explorer is a file in `bn_course/explorers/`: `Params` (a frozen dataclass), `compute(params)`
(pure), a `View` (artists) and a subclass of `LivePlot` that names its controls.
"""

from bn_course.live.coarse import coarse
from bn_course.live.controls import Control, choice, log_slider, player, slider, steps, switch
from bn_course.live.curve import curve
from bn_course.live.plot import BrowserPlot, LivePlot
from bn_course.live.style import COLOURS, figure, show, subplots, title
from bn_course.live.view import View

__all__ = [
    "COLOURS",
    "BrowserPlot",
    "Control",
    "LivePlot",
    "View",
    "choice",
    "coarse",
    "curve",
    "figure",
    "log_slider",
    "player",
    "show",
    "slider",
    "steps",
    "subplots",
    "switch",
    "title",
]
