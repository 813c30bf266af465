"""One interactive figure a file: `compute` (pure), `View` (artists) and the explorer itself.

`EXPLORERS` lists all of them; each is imported on first use, so that a lesson loads only its own:
`from bn_course.explorers import TransformExplorer`.
"""

from importlib import import_module
from typing import Any

EXPLORERS: dict[str, str] = {
    "axes": "bn_course.explorers.axes:AxesExplorer",
    "channels": "bn_course.explorers.channels:ChannelsExplorer",
    "checkup": "bn_course.explorers.checkup:CheckupExplorer",
    "descent": "bn_course.explorers.descent:DescentExplorer",
    "effective_rate": "bn_course.explorers.effective_rate:EffectiveRateExplorer",
    "gradient": "bn_course.explorers.gradient:GradientExplorer",
    "graph": "bn_course.explorers.graph:GraphExplorer",
    "guide": "bn_course.explorers.guide:GuideExplorer",
    "heatmap": "bn_course.explorers.heatmap:HeatmapExplorer",
    "inside": "bn_course.explorers.inside:InsideExplorer",
    "landscape": "bn_course.explorers.landscape:LandscapeExplorer",
    "noise": "bn_course.explorers.noise:NoiseExplorer",
    "norm_axes": "bn_course.explorers.axes:NormAxesExplorer",
    "padding": "bn_course.explorers.padding:PaddingExplorer",
    "photograph": "bn_course.explorers.photograph:PhotographExplorer",
    "rays": "bn_course.explorers.rays:RaysExplorer",
    "roofline": "bn_course.explorers.roofline:RooflineExplorer",
    "running": "bn_course.explorers.running:RunningExplorer",
    "sectors": "bn_course.explorers.sectors:SectorsExplorer",
    "shift": "bn_course.explorers.shift:ShiftExplorer",
    "signals": "bn_course.explorers.signals:SignalsExplorer",
    "small_batches": "bn_course.explorers.small_batches:SmallBatchesExplorer",
    "sphere": "bn_course.explorers.sphere:SphereExplorer",
    "transform": "bn_course.explorers.transform:TransformExplorer",
    "ward": "bn_course.explorers.ward:WardExplorer",
}

_MODULES = dict(reversed(place.split(":")) for place in EXPLORERS.values())


def load(name: str) -> type:
    """The explorer's class: `load("transform")`; KeyError names those that exist."""
    if name not in EXPLORERS:
        raise KeyError(f"no explorer {name!r}; there are {', '.join(EXPLORERS)}")
    module, class_name = EXPLORERS[name].split(":")
    return getattr(import_module(module), class_name)


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return getattr(import_module(_MODULES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *_MODULES])
