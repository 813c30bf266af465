"""A layer used step by step: what the probes of BatchNorm are written in."""

import numpy as np

from bn_course.grading.question import Probe

RUNNING = (("get", "running_mean"), ("get", "running_var"))


GRADIENTS = (("get", "dgamma"), ("get", "dbeta"))


EVALUATE, TRAIN = ("set", "training", False), ("set", "training", True)


def forward(x):
    return ("call", "forward", np.asarray(x))


def backward(dy):
    return ("call", "backward", np.asarray(dy))


def used(label, arguments, *steps, **options):
    """A probe of one layer used step by step."""
    return Probe(
        label,
        (arguments, steps),
        "04_training_and_inference:one",
        returns=tuple(_names(steps)),
        shown=_script("layer", arguments, steps),
        **options,
    )


def two_layers(label, arguments, *turns):
    """A probe of two layers used in turn."""
    steps = [step for _, steps in turns for step in steps]
    names = ("first", "second")
    first_turns = {which: i for i, (which, _) in reversed(list(enumerate(turns)))}
    text = "; ".join(
        _script(names[which], arguments if first_turns[which] == i else None, steps)
        for i, (which, steps) in enumerate(turns)
    )
    driver = "04_training_and_inference:side_by_side"
    return Probe(label, (arguments, turns), driver, returns=tuple(_names(steps)), shown=text)


def _names(steps):
    given = {"forward": "y", "backward": "dx"}
    return [given.get(name, name) for action, name, *_ in steps if action != "set"]


def _script(layer, arguments, steps):
    """The steps as one would type them."""
    numbers = "" if arguments is None else ", ".join(map(str, arguments))
    lines = [] if arguments is None else [f"{layer} = BatchNorm({numbers})"]
    for action, name, *value in steps:
        value = value[0].tolist() if value and isinstance(value[0], np.ndarray) else (value or [""])[0]
        form = {"call": "{}.{}({})", "get": "{}.{}", "set": "{}.{} = {}"}[action]
        lines.append(form.format(layer, name, value))
    return "; ".join(lines)
