"""Lesson 09 in JupyterLab: it runs from top to bottom, and its explorer answers to its controls."""

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


@pytest.fixture
def lesson(lab):
    lab.open("notebooks/09_regularisation.ipynb").run_all()
    assert lab.errors() == []
    return lab


def _alt_says(lesson, explorer, words):
    lesson.page.wait_for_function(
        "([root, words]) => root.querySelector('.bn-picture').alt.includes(words)",
        arg=[explorer.root.element_handle(), words],
    )


def test_runs_and_asks_every_prediction(lesson):
    assert len(lesson.explorers()) == 1
    assert lesson.page.get_by_role("button", name="Record").count() == 8
    assert lesson.errors() == []


def test_the_noise_of_a_batch_by_keyboard(lesson, tmp_path):
    explorer = lesson.explorer("The noise of a batch")
    explorer.visit_controls()
    explorer.changes(lambda: explorer.press(explorer.slider("batch size"), "Home"))
    _alt_says(lesson, explorer, "batches of 2:")
    explorer.changes(lambda: explorer.press(explorer.slider("batch size"), "End"))
    _alt_says(lesson, explorer, "batches of 512: their means scatter by 0.00")
    assert explorer.alert() == ""
    assert lesson.errors() == []
    explorer.screenshot(tmp_path / "noise.png")
