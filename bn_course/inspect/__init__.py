"""What every norm layer of a model is doing, and what is wrong with it. (lesson 14)

    inspect_batch_norm(model, batches)       the model as it stands, on a few batches; nothing changes
    with watch_batch_norm(model) as seen:    what your own code does to the layers while it runs
        train_one_epoch(...)
    print(seen)

In a terminal or a script: `bn-course inspect module:make_model --batches module:loader`. In a test: the
fixture `batch_norm_is_healthy(model, batches)`.

What is measured of a layer with running statistics is how far these are from the statistics of what the
layer is fed: the distance of the means in deviations of the input, σ, and the ratio of the variances. A
finding is a sentence with its number, the lesson that explains it, and what to do. `warnings` are findings
that healthy models do not give (the experiment `kit_false_alarms` measures it); `notes` are worth knowing and
may be on purpose. What the kit does not understand it names.

A file each: how a model is called (`calling`), what is known of a kind of layer (`kinds`), what is recorded
(`sample`, `record`, `recording`), the findings (`findings`), what is told (`report`, `table`, `picture`), the
command and the fixture. Importing the package imports no torch: its names load on first use.
"""

from importlib import import_module
from typing import Any

_HOMES = {
    "Channels": "bn_course.inspect.history",
    "Finding": "bn_course.inspect.finding",
    "Inspection": "bn_course.inspect.report",
    "LayerReport": "bn_course.inspect.report",
    "Moment": "bn_course.inspect.history",
    "inspect_batch_norm": "bn_course.inspect.kit",
    "watch_batch_norm": "bn_course.inspect.kit",
}

__all__ = sorted(_HOMES)


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOMES])
