"""Which answers are right, by definitions written out here in float64, apart from the course's own.

`fault(answer)` is a sentence on the first input on which an answer breaks its definition, "" where none is
found. Every question has its probes: several shapes, any ε, ε left to its default, numbers far from zero in
float32, arguments that must stay as they were.
"""

import copy

import numpy as np
import oracle_clinic
import oracle_models
import oracle_torch
from oracle_probes import functions, normal


def equal(got, want, tolerance):
    """Is `got` what is wanted, in shape and value?"""
    if isinstance(want, (tuple, list)):
        return (
            isinstance(got, (tuple, list))
            and len(got) == len(want)
            and all(equal(g, w, tolerance) for g, w in zip(got, want, strict=True))
        )
    if want is None or got is None:
        return want is got
    got, want = np.asarray(got, dtype=np.float64), np.asarray(want, dtype=np.float64)
    return got.shape == want.shape and np.allclose(got, want, rtol=tolerance, atol=tolerance * 0.1)


def arrays(arguments):
    """The arrays among the arguments, and in lists among them."""
    flat = [b for a in arguments for b in (a if isinstance(a, list) else [a])]
    return [a for a in flat if isinstance(a, np.ndarray)]


def compared(answer, truth, probes, tolerance=1e-6):
    """The first probe on which `answer` is not `truth`, raises, or changes what it was given.

    An ε of 0 may be refused, since PyTorch's own functions refuse it; its value is compared where there is one.
    """
    for args in probes:
        mine = copy.deepcopy(args)
        given, named = (mine[:-1], mine[-1]) if isinstance(args[-1], dict) else (mine, {})
        before = copy.deepcopy((given, named))
        wanted = truth(*before[0], **before[1])
        slack = 3e-3 if any(getattr(a, "dtype", None) == np.float32 for a in given) else tolerance
        try:
            with np.errstate(all="ignore"):
                got = answer(*given, **named)
        except Exception as error:
            if named.get("eps") == 0:
                continue
            return f"raises {error!r}"
        if not equal(got, wanted, slack):
            return f"another value for shapes {[a.shape for a in given if isinstance(a, np.ndarray)]} and {named}"
        if not all(np.array_equal(*pair) for pair in zip(arrays(given), arrays(before[0]), strict=True)):
            return "an argument is changed"
    return ""


FUNCTIONS = {name: (truth, probes) for name, truth, probes in functions()}
REFUSED = {  # inputs for which the task asks for an error
    "ghost_batch_norm": [(normal(5, 3), np.ones(3), np.zeros(3), g) for g in (1, 4)],
    "group_norm": [(normal(2, c, 2, 3), np.ones(c), np.zeros(c), g) for c, g in ((6, 4), (5, 2))],
}


def fault(answer):
    """What the answer does wrong, or ""."""
    built = answer.build()
    if answer.question not in FUNCTIONS:
        rooms = (oracle_torch, oracle_models, oracle_clinic)
        judged = next(getattr(r, answer.question) for r in rooms if hasattr(r, answer.question))
        try:
            return judged(built)
        except Exception as error:  # what is asked of the answer, it cannot do
            return f"raises {error!r}"
    found = compared(built, *FUNCTIONS[answer.question])
    for args in REFUSED.get(answer.question, []):
        try:
            with np.errstate(all="ignore"):
                built(*copy.deepcopy(args))
        except ValueError:
            continue
        except Exception as error:
            if answer.question == "group_norm":
                continue  # any error will do there
            found = found or f"raises {error!r}"
        else:
            found = found or "no error where one is asked for"
    return found
