"""Lesson 12 in JupyterLab: it runs from top to bottom, and its explorer answers to its controls."""

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


@pytest.fixture
def lesson(lab):
    lab.open("notebooks/12_sequences.ipynb").run_all()
    assert lab.errors() == []
    return lab


def _alt_says(lesson, explorer, words):
    lesson.page.wait_for_function(
        "([root, words]) => root.querySelector('.bn-picture').alt.includes(words)",
        arg=[explorer.root.element_handle(), words],
    )


def test_runs_and_asks_every_prediction(lesson):
    assert len(lesson.explorers()) == 1
    assert lesson.page.get_by_role("button", name="Record").count() == 11
    assert lesson.errors() == []


def test_padding_by_keyboard(lesson, tmp_path):
    explorer = lesson.explorer("Padding in the statistics")
    explorer.visit_controls()
    explorer.changes(lambda: explorer.press(explorer.slider("longest sequence"), "Home"))
    _alt_says(lesson, explorer, "of 1 to 8 steps")
    explorer.changes(lambda: explorer.root.get_by_role("radio", name="64 steps").check())
    _alt_says(lesson, explorer, "filled up to 64")
    assert explorer.alert() == ""
    assert lesson.errors() == []
    explorer.screenshot(tmp_path / "padding.png")
