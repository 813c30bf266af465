"""A learner in the browser edition and a room that serves it, through a vote."""

from types import SimpleNamespace

import pytest
from lab import new_context
from room_server import Asker, Served, until
from tab_page import Tab

from bn_course.room.store import Store

LESSON, QUESTION = "notebooks/02_forward_pass.ipynb", "02-shift-and-scale"


@pytest.fixture
def room(site, tmp_path):
    with Served(Store(tmp_path / "rooms.db"), lite=site) as served:
        yield served
        while Asker.everybody:
            Asker.everybody.pop().http.close()


@pytest.fixture
def tab(chromium, room):
    with new_context(chromium) as context:
        yield Tab(context.new_page(), SimpleNamespace(address=f"{room.address}/lite")).open(LESSON)


def ask(tab, code):
    """Run code in the kernel of the lesson."""
    kernel = "window.bnPanel.sessionContext.session.kernel"
    tab.page.evaluate(f"code => {kernel}.requestExecute({{code}}).done", code)


def run(tab, words):
    """Run the first cell that has these words."""
    tab.run_cell(
        tab.page.evaluate(
            "words => window.bnPanel.content.widgets.findIndex("
            "cell => cell.model.type === 'code' && cell.model.sharedModel.source.includes(words))",
            words,
        )
    )


def test_a_vote(tab, room):
    run(tab, "import")
    ask(tab, f"from bn_course import join; join({room.base!r})")
    until(lambda: room.instructor.state()["learners"] == 1)
    room.instructor.press("open", QUESTION, 600)
    run(tab, QUESTION)
    box = tab.page.get_by_role("region", name=f"Prediction {QUESTION}")
    box.get_by_text("The room votes. Choose, then press Vote.").wait_for()
    box.get_by_role("radio").first.check()
    box.get_by_role("button", name="Vote").click()
    until(lambda: room.instructor.state()["vote"]["answered"] == 1)
    room.instructor.press("close")
    room.instructor.press("outcome")
    box.get_by_text("The outcome: stays as it is").wait_for()
    ask(tab, "from bn_course import leave; leave()")
    until(lambda: room.instructor.state()["learners"] == 0)
