"""A layer used step by step: what the probes of BatchNorm2d are written in."""

from bn_course.grading.question import Probe

from ._shared import HERE

_DEFAULTS = {"eps": 1e-5, "momentum": 0.1, "affine": True, "track_running_stats": True}


def named(num_features, **options):
    """The constructor's arguments, as few as say what `options` say."""
    chosen = [options.get(name, default) for name, default in _DEFAULTS.items()]
    last = max((number for number, name in enumerate(_DEFAULTS, 1) if name in options), default=0)
    return (num_features, *chosen[:last])


_BUFFERS = ("running_mean", "running_var", "num_batches_tracked")
_GIVES = {
    "forward": ("y", "whether y has x's type"),
    "twice": ("the second derivative",),
    "keys": ("the keys of the state dict",),
}


def _names(arguments, taken):
    """What each step gives, in words."""
    options = _DEFAULTS | dict(zip(_DEFAULTS, arguments[1:], strict=False))
    affine = ("dgamma", "dbeta") if options["affine"] else ()
    tracked = options["track_running_stats"]
    buffers = (*_BUFFERS, "whether they are kept out of the graph") if tracked else ()
    gives = _GIVES | {"backward": ("dx", *affine), "buffers": buffers}
    return tuple(name for action, *_ in taken for name in gives.get(action, ()))


def steps(label, arguments, *taken, dtype="float64", **options):
    shown = f"BatchNorm2d({', '.join(map(str, arguments))}): {', '.join(step[0] for step in taken)}"
    returns = _names(arguments, taken)
    args = (arguments, taken, dtype)
    return Probe(label, args, driver=f"{HERE}:layer", shown=shown, returns=returns, **options)


TRAIN, EVALUATE, BUFFERS, KEYS = ("train",), ("eval",), ("buffers",), ("keys",)
