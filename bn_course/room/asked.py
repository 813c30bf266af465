"""What a prediction asks, in the words of its lesson."""

import json
from functools import cache
from itertools import pairwise

from bn_course import course
from bn_course.grading.catalogue import lessons, predictions

_MARK = "**Predict.**"


def text(name: str) -> str:
    """The question of a prediction, as Markdown; "" where its lesson says it in another way."""
    return _texts().get(name, "")


@cache
def _texts() -> dict[str, str]:
    found = {}
    for stem in lessons():
        text = (course.folder("notebooks") / f"{stem}.ipynb").read_text(encoding="utf-8")
        sources = ["".join(cell["source"]) for cell in json.loads(text)["cells"]]
        for before, after in pairwise(sources):
            name = after.partition('predict("')[2].partition('"')[0]
            if name in predictions() and _MARK in before:
                found[name] = before.rpartition(_MARK)[2].strip()
    return found
