"""Items made of the graded questions: what does the function return for these numbers?

The example is the question's own, with fresh whole numbers; the wrong choices are what its variant returns
with one known mistake each, those first that the learner has made.
"""

import inspect
import re
from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np

from bn_course.grading.question import Question
from bn_course.review.item import RIGHT, Ambiguous, Asked, Item, ask

_PLAIN = ("call", "with_zero")  # drivers that call the function with its arguments and nothing else
_MOST = 10  # numbers that a minute has room for
_WRONG = 3
_NAMES = {"gamma": "γ", "beta": "β", "eps": "ε", "x_hat": "x̂", "dx_hat": "dx̂"}
_NO_WHOLE_NUMBERS = ("double", "steps_to_target")  # too easy; accuracies
_NUMBER = re.compile(r"−?\d+(?:\.\d+)?")
_BOUNDS = {"var": (1, 5), "gamma": (2, 5), "beta": (1, 10)}  # of what is drawn; 0 and 1 hide mistakes
_WILD = 20  # times the largest right number: nobody would choose what is larger


def returns(question: Question, idea: str) -> Item:
    """The item of a question of one function of small arrays."""

    def make(draw: np.random.Generator, beliefs: frozenset[str]) -> Asked:
        for args in drawn_examples(question, draw):
            right = results(question.reference, args)
            wrong = _wrong(question, args, right, draw, beliefs) if right else {}
            if len(wrong) == _WRONG:
                break
        else:
            raise Ambiguous(f"{question.name}: no {_WRONG} mistakes show on its examples in these numbers")
        names = ", ".join(question.returns)
        made = ask(
            f"{question.task} {told(question, args)} `{question.name}` returns ({names})",
            results(question.reference, args),
            {RIGHT: right, **wrong},
            why=" ".join(question.ask),
        )
        said = {m.key: f"{m.did} {m.why}" for m in question.misconceptions if m.key in wrong}
        return replace(made, mistakes=said)

    keys = frozenset(m.key for m in question.misconceptions if m.settings and not m.rounding)
    return Item(f"returns-{question.name}", idea, make, question.lesson, wants_beliefs=True, keys=keys)


def _wrong(question: Question, args: tuple, right: str, draw, beliefs) -> dict[str, str]:
    """What it returns with known mistakes, by their keys: different ones, none near to what is right."""
    made = [question.diagnosable[n] for n in draw.permutation(len(question.diagnosable))]
    made.sort(key=lambda pair: pair[0].key not in beliefs)
    found: dict[str, str] = {}
    for mistake, knobs in made:
        text = results(question.with_knobs(knobs), args)
        known = [right, *found.values()]
        fair = text and mistake.key not in found and _largest(text) <= _WILD * max(1.0, _largest(right))
        if fair and not any(_near(text, other) for other in known):
            found[mistake.key] = text
        if len(found) == _WRONG:
            break
    return found


def _largest(text: str) -> float:
    return max(abs(number) for number in _numbers(text))


def _numbers(text: str) -> list[float]:
    return [float(number.replace("−", "-")) for number in _NUMBER.findall(text)]


def _near(text: str, other: str) -> bool:
    """Do two results differ by less than one would see: 2 % of the largest number?"""
    if _NUMBER.sub("", text) != _NUMBER.sub("", other):
        return False
    a, b = np.array(_numbers(text)), np.array(_numbers(other))
    return len(a) == len(b) and bool(np.abs(a - b).max() <= 0.02 * np.abs(a).max())


def fits(question: Question) -> bool:
    """Has the question an example of small arrays and numbers, without a driver of its own?"""
    return question.name not in _NO_WHOLE_NUMBERS and any(map(_fits, question.examples))


def _fits(example) -> bool:
    arrays = [arg for arg in example.args if isinstance(arg, np.ndarray)]
    plain = all(isinstance(arg, np.ndarray | float | int) for arg in example.args)
    small = sum(array.size for array in arrays) <= _MOST
    floats = any(array.dtype == float and array.ndim for array in arrays)
    return example.driver in _PLAIN and plain and small and floats and not example.rounding


def drawn_examples(question: Question, draw: np.random.Generator) -> Iterator[tuple]:
    """The arguments of the examples that fit, the smallest first, in fresh whole numbers; ε as it was."""
    names = list(inspect.signature(question.reference).parameters)
    fitting = [example for example in question.examples if _fits(example)]
    for example in sorted(fitting, key=lambda e: sum(np.size(arg) for arg in e.args)):
        pairs = zip(names, example.args, strict=False)
        yield tuple(_fresh(arg, name, draw) if _varies(arg) else arg for name, arg in pairs)


def _varies(arg) -> bool:
    return isinstance(arg, np.ndarray) and arg.dtype == float


def _fresh(array: np.ndarray, name: str, draw: np.random.Generator) -> np.ndarray:
    low, high = next((bounds for word, bounds in _BOUNDS.items() if word in name), (0, 10))
    return draw.integers(low, high, size=array.shape).astype(float)


def told(question: Question, args: tuple) -> str:
    """The arguments in a sentence: x = [[1], [2]], γ = [2]."""
    names = inspect.signature(question.reference).parameters
    pairs = zip(names, args, strict=False)
    return ", ".join(f"{_NAMES.get(name, name)} = {_text(arg)}" for name, arg in pairs) + "."


def results(answer: Callable, args: tuple) -> str:
    """What a function returns, to three digits; nothing where it fails or gives no plain numbers."""
    copies = tuple(arg.copy() if isinstance(arg, np.ndarray) else arg for arg in args)
    with np.errstate(all="ignore"):
        try:
            value = answer(*copies)
        except Exception:
            return ""
        values = value if isinstance(value, tuple) else (value,)
        if not all(np.all(np.isfinite(v)) for v in values):
            return ""
    return "; ".join(map(_text, values))


def _text(value) -> str:
    """[[1, 2], [0.333, 4]], in one line."""
    if np.ndim(value):
        return "[" + ", ".join(map(_text, value)) + "]"
    text = f"{round(float(value), 3) + 0.0:.3f}".rstrip("0").rstrip(".")
    return text.replace("-", "−")
