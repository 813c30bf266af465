"""Lesson 01 in JupyterLab: it runs from top to bottom, and its explorers answer to their controls."""

import pytest

pytestmark = pytest.mark.browser


@pytest.fixture
def lesson(lab):
    lab.open("notebooks/01_why_normalise.ipynb").run_all()
    assert lab.errors() == []
    return lab


def test_runs_and_shows_every_explorer_and_every_prediction(lesson):
    assert len(lesson.explorers()) == 3
    assert lesson.page.get_by_role("button", name="Record").count() == 7
    assert lesson.errors() == []


def test_descent_explorer_by_keyboard(lesson):
    explorer = lesson.explorer("Contours and the path of gradient descent")
    explorer.visit_controls()
    share = explorer.slider("learning rate, as a share of the largest stable one")
    explorer.changes(lambda: explorer.press(share, "End"))
    explorer.waits_to_say("diverges")
    assert explorer.alert() == ""
    assert lesson.errors() == []


def test_signals_explorer_by_keyboard(lesson):
    explorer = lesson.explorer("Signals through a deep net")
    explorer.visit_controls()
    explorer.changes(lambda: explorer.press(explorer.slider("layers"), "End"))
    explorer.root.get_by_role("checkbox").press("Space")
    explorer.waits_to_say("with batch norm")
    assert explorer.alert() == ""
    assert lesson.errors() == []


def test_inside_explorer_by_keyboard(lesson):
    explorer = lesson.explorer("Inside a net while it learns")
    explorer.visit_controls()
    explorer.changes(lambda: explorer.press(explorer.slider("step"), "End"))
    explorer.waits_to_say("units are dead")
    explorer.changes(lambda: explorer.root.get_by_role("checkbox").press("Space"))
    explorer.waits_to_say("with batch norm")
    assert explorer.alert() == ""
    assert lesson.errors() == []


def test_two_explorers_in_one_page_do_not_share_names(lesson):
    """A label's slider and a radio group belong to one explorer, though both came from one module."""
    explorers = lesson.explorers()
    ids = lesson.page.locator(".bn-explorer input[id]").evaluate_all("inputs => inputs.map(i => i.id)")
    assert len(set(ids)) == len(ids)
    groups = [
        set(e.root.locator("input[type=radio]").evaluate_all("inputs => inputs.map(i => i.name)"))
        for e in explorers
    ]
    assert groups[0].isdisjoint(groups[1])
