"""Lesson 10 in JupyterLab: it runs, processes and all, and its explorer answers to its controls."""

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


@pytest.fixture
def lesson(lab):
    lab.open("notebooks/10_small_batches.ipynb").run_all()
    assert lab.errors() == []
    return lab


def test_runs_and_leaves_no_process(lesson):
    assert lesson.page.get_by_role("button", name="Record").count() == 8
    assert lesson.page.get_by_text("processes that are left: 0").count() == 1


def test_small_batches_explorer_by_keyboard(lesson, tmp_path):
    explorer = lesson.explorer("Small batches")
    explorer.visit_controls()
    size = explorer.slider("examples a batch")
    explorer.changes(lambda: explorer.press(size, "End"))
    lesson.page.wait_for_function(
        "root => root.querySelector('.bn-picture').alt.includes('With batches of 2')",
        arg=explorer.root.element_handle(),
    )
    assert explorer.alert() == ""
    explorer.screenshot(tmp_path / "small_batches.png")
    assert lesson.errors() == []
