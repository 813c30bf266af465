"""How a probe uses an answer: all that the process of a stranger's code has of the grader.

A driver is a function `driver(answer, *args)` that calls the learner's function or drives the learner's
class and returns what is to be judged. Drivers contain no reference and no expected value, so that the
process in which strangers' code runs can have them. A lesson that needs its own keeps them in
`bn_course/drivers/NN_name.py`; a probe names them as "NN_name:function".
"""

from collections.abc import Callable, Sequence
from importlib import import_module

import numpy as np

# They hand the arguments of a probe on in the order in which the answer takes them.
PLAIN = (
    "call",
    "with_zero",
    "after_another",
    "01_why_normalise:with_activation",
    "08_why_it_works:with_loss",
)


def call(answer, *args):
    """The ordinary driver: call the function."""
    return answer(*args)


def with_zero(answer, *args):
    """Call the function. One that refuses ε = 0.0, as PyTorch's own do, is asked with the least above it."""
    try:
        return answer(*args)
    except ValueError:
        return answer(*(1e-300 if isinstance(arg, float) and arg == 0 else arg for arg in args))


def after_another(answer, *args):
    """Call the function with other numbers first: nothing of that call may show in the next."""
    answer(*(arg * 2 if isinstance(arg, np.ndarray) and arg.dtype.kind == "f" else arg for arg in args))
    return answer(*args)


def history(answer, arguments: Sequence, steps: Sequence[Sequence]) -> tuple:
    """Make one object of a class and use it step by step; return what the steps gave, in order.

    `arguments` go to the constructor. A step is ("call", method, *args), ("get", attribute) or
    ("set", attribute, value); a call and a get give a value, a set gives none.
    """
    subject = answer(*arguments)
    if subject is None or subject is ...:
        return subject  # an untouched stub
    given = []
    for action, name, *rest in steps:
        if action == "set":
            setattr(subject, name, *rest)
        elif action == "get":
            given.append(_snapshot(getattr(subject, name)))
        else:
            given.append(_snapshot(getattr(subject, name)(*rest)))
    return tuple(given)


def _snapshot(value):
    """A copy where there is one to be had: a later step may change the array that was returned."""
    return value.copy() if hasattr(value, "copy") and hasattr(value, "dtype") else value


def find(name: str) -> Callable:
    """The driver called `name`: "call", "with_zero", "after_another", "history", or "NN_name:function"."""
    module, _, function = name.rpartition(":")
    return getattr(import_module(f"{__name__}.{module}") if module else import_module(__name__), function)
