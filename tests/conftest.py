"""What every test runs with: a learner's state of its own, one thread, no screen."""

import itertools
import os

# Before anything loads torch or matplotlib, and for the processes that tests start.
os.environ["OMP_NUM_THREADS"] = "1"
os.environ["MPLBACKEND"] = "agg"

import pytest

pytest_plugins = ["clean_tree", "closed_widgets", "longest_first", "summary"]  # in plugins/

_homes = itertools.count()


@pytest.fixture(scope="session", autouse=True)
def _home_of_the_session(tmp_path_factory):
    """For fixtures that outlive a test. Nobody's own progress is ever read or written."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BN_COURSE_HOME", str(tmp_path_factory.getbasetemp() / "home"))
        yield


@pytest.fixture(autouse=True)
def _home(_home_of_the_session, tmp_path_factory, monkeypatch):
    """A learner who has done nothing yet. The folder does not exist: a first run has to make it."""
    folder = tmp_path_factory.getbasetemp() / f"home-{next(_homes)}"
    monkeypatch.setenv("BN_COURSE_HOME", str(folder))
