"""A learner with a home of their own, and a clock that stands where it is put."""

from datetime import UTC, datetime, timedelta

import pytest

from bn_course.grading import kept


@pytest.fixture(autouse=True)
def own_home(tmp_path, monkeypatch):
    monkeypatch.setenv("BN_COURSE_HOME", str(tmp_path / "home"))
    yield
    kept.unsaved.clear()


class Clock:
    def __init__(self):
        self.at = datetime(2026, 3, 1, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at

    def on(self, **time) -> None:
        self.at += timedelta(**time)


@pytest.fixture
def clock():
    return Clock()
