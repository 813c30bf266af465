"""Whoever has read the lessons up to an exercise has seen every name and symbol that it needs."""

import tomllib
from functools import cache

import nbformat
import pytest
from known import names_given, names_needed, names_shown, symbols
from stored import LESSONS, REPOSITORY, SOLUTIONS, name, prose, read

START = tomllib.loads((REPOSITORY / "tests/notebooks/known_at_start.toml").read_text(encoding="utf-8"))
START_NAMES = {*START["python"].split(), *START["numpy"].split()}
NOT_ASKED = ("imports", "check_", "next", "progress", "on")  # cells that a learner only runs or reads

every_lesson = pytest.mark.parametrize("number", range(len(LESSONS)), ids=[name(path) for path in LESSONS])


@cache
def shown_up_to(number):
    """(names, symbols) that are known after the lesson of this number; −1: at the start."""
    if number < 0:
        return START_NAMES, set(START["symbols"].split())
    names, signs = shown_up_to(number - 1)
    lesson = read(LESSONS[number])
    return names | names_shown(lesson), signs | symbols(prose(lesson))


def asked(exercise):
    return [cell for cell in exercise.cells if not cell.id.startswith(NOT_ASKED)]


@every_lesson
def test_names_of_an_exercise_have_been_shown(number):
    exercise = read(SOLUTIONS[number])
    known = shown_up_to(number)[0] | names_given(exercise)
    missing = {cell.id: sorted(names_needed(cell) - known) for cell in asked(exercise)}
    assert {cell: names for cell, names in missing.items() if names} == {}


@every_lesson
def test_symbols_of_an_exercise_have_been_shown(number):
    tasks = nbformat.v4.new_notebook(cells=asked(read(SOLUTIONS[number])))
    assert symbols(prose(tasks)) - shown_up_to(number)[1] == set()


def test_what_is_known_at_the_start_is_needed_somewhere():
    """So that the list grows no longer than the exercises make it."""
    cells = [cell for path in SOLUTIONS for cell in asked(read(path))]
    assert START_NAMES - {name for cell in cells for name in names_needed(cell)} == set()


def test_a_name_is_shown_by_code_by_prose_or_by_what_is_printed():
    code = nbformat.v4.new_code_cell("import torch\nvar = torch.rsqrt(x)\ndef f(rate): pass")
    code.outputs = [nbformat.v4.new_output("stream", text="def g(x):\n    return x.lerp_(1)\n")]
    words = nbformat.v4.new_markdown_cell("and `x.flatten(start_dim=1)`")
    lesson = nbformat.v4.new_notebook(cells=[code, words])
    assert {"torch", "rsqrt", "f", "rate", "g", "lerp_", "flatten", "start_dim"} <= names_shown(lesson)
    assert "var" not in names_shown(lesson)  # a variable of that name says nothing of x.var()


def test_a_name_is_needed_where_it_is_not_the_answers_own():
    answer = nbformat.v4.new_code_cell("def f(x):\n    mean = x.mean(axis=0)\n    return np.clip(mean, 0, 1)")
    assert names_needed(answer) == {"mean", "axis", "np", "clip"}
    task = nbformat.v4.new_markdown_cell("after `model.train()`, `norm='batch'`; `02_forward_pass.ipynb`")
    assert names_needed(task) == {"model", "train", "norm"}


def test_symbols_are_the_same_in_tex_and_in_a_line():
    assert symbols(r"$\hat x_c = \gamma_c / \sqrt{\sigma^2 + \varepsilon}$") == symbols("x̂ = γ / √(σ² + ε)")
    assert symbols("x (N, D), `C` is code") == {"N", "D"}
