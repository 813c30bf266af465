"""An interactive course on batch normalisation.

    from bn_course import check, hint, predict, progress, solution

Everything loads on first use: importing the package imports no torch, no matplotlib and no widgets.
"""

from importlib import import_module

__version__ = "1.0.0"

_HOMES = {
    "Report": "bn_course.grading.report",
    "check": "bn_course.grading.api",
    "grade": "bn_course.grading.api",
    "hint": "bn_course.grading.api",
    "join": "bn_course.room.client",
    "leave": "bn_course.room.client",
    "predict": "bn_course.grading.predict",
    "progress": "bn_course.grading.api",
    "questions": "bn_course.grading.api",
    "raise_hand": "bn_course.room.client",
    "solution": "bn_course.grading.api",
}

__all__ = sorted(_HOMES)


def __getattr__(name: str):
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOMES])
