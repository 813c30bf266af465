"""Lesson 14 in JupyterLab: it runs from top to bottom, and both explorers answer to their controls."""

import pytest

pytestmark = pytest.mark.browser


@pytest.fixture
def lesson(lab):
    lab.open("notebooks/14_clinic.ipynb").run_all()
    assert lab.errors() == []
    return lab


def test_runs_asks_every_prediction_and_shows_remedies(lesson, tmp_path):
    assert len(lesson.explorers()) == 2
    assert lesson.page.get_by_role("button", name="Record").count() == 10
    explorer = lesson.explorer("Patients and remedies")
    explorer.visit_controls()
    explorer.waits_to_say("warning")
    assert explorer.alert() == ""
    assert lesson.errors() == []
    explorer.screenshot(tmp_path / "ward.png")
