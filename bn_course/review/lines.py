"""Items that ask which line of a real program is the bug, and have run it to know."""

import inspect
from collections.abc import Mapping
from textwrap import dedent, indent

import numpy as np

from bn_course.grading.catalogue import find_question
from bn_course.review.item import RIGHT, Asked, Item, ask
from bn_course.review.returns import drawn_examples, results, told


def lines(question: str, idea: str, right: str, bugs: Mapping[str, str]) -> Item:
    """An item for a question of one function: `right` is its body, each of `bugs` one of its lines, spoilt.

    A bug stands under the key of the misconception that it is. The line that it takes the place of is the one
    that begins in the same way.
    """
    body = dedent(right).strip().splitlines()

    def make(draw: np.random.Generator, beliefs: frozenset[str]) -> Asked:
        wanted = [key for key in bugs if key in beliefs] or list(bugs)
        key = str(draw.choice(wanted))
        return _which_line(question, body, bugs[key], draw)

    return Item(f"lines-{question}", idea, make, wants_beliefs=True, keys=frozenset(bugs))


def replaced(body: list[str], bug: str) -> int:
    """The place of the line that a spoilt one stands for."""
    begin = bug.split()[0]
    (place,) = [number for number, line in enumerate(body) if line.split()[0] == begin]
    return place


def _which_line(question: str, body: list[str], bug: str, draw: np.random.Generator) -> Asked:
    asked = find_question(question)
    args = max(drawn_examples(asked, draw), key=lambda args: sum(map(np.size, args)))
    place = replaced(body, bug)
    spoilt = [*body[:place], bug, *body[place + 1 :]]
    expected = results(asked.reference, args)
    mends = [
        n for n in range(len(body)) if results(program(question, _mended(spoilt, body, n)), args) == expected
    ]
    if results(program(question, spoilt), args) == expected:
        mends = []  # it shows no mistake on these numbers
    keys = [RIGHT if n == place else f"line-{n + 1}" for n in range(len(body))]
    head = f"def {question}{inspect.signature(asked.reference)}:"
    return ask(
        f"{told(asked, args)} This function returns {results(program(question, spoilt), args)}, "
        f"and should return {expected}. Which line is the bug?",
        mends[0] + 1 if len(mends) == 1 else None,
        {key: (spoilt[n], n + 1) for n, key in enumerate(keys)},
        why=f"With {body[place].strip()} it returns what it should.",
        code="\n".join([head, indent("\n".join(spoilt), "    ")]),
    )


def _mended(spoilt: list[str], body: list[str], place: int) -> list[str]:
    return [*spoilt[:place], body[place], *spoilt[place + 1 :]]


def program(question: str, body: list[str]):
    """The function of this body, under the question's name and signature."""
    head = f"def {question}{inspect.signature(find_question(question).reference)}:"
    space: dict = {"np": np}
    exec("\n".join([head, indent("\n".join(body), "    ")]), space)
    return space[question]
