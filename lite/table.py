"""What of each lesson runs in a browser's tab, and what says why not: for the first page and for the site."""

import lessons

from bn_course import course
from bn_course.grading.catalogue import catalogue


def row(stem: str) -> dict:
    """A lesson: its title, how many cells of code it has, which of them are marked, and its questions."""
    lesson, marked = lessons.for_the_tab(stem)
    asked = [name for name, question in catalogue().items() if question.lesson == stem]
    return {
        "stem": stem,
        "title": "".join(lesson["cells"][0]["source"]).splitlines()[0].removeprefix("# "),
        "cells": sum(cell["cell_type"] == "code" for cell in lesson["cells"]),
        "marked": marked,
        "checked": [name for name in asked if lessons.runs_in_a_tab(name)],
        "unchecked": [name for name in asked if not lessons.runs_in_a_tab(name)],
    }


def rows() -> list[dict]:
    """All lessons, in order."""
    return [row(stem) for stem in course.exercises()]
