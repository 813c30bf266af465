"""An instructor's page and three learners in JupyterLab, through a whole vote."""

import json

import pytest
from axe_playwright_python.sync_playwright import Axe
from lab import Lab, new_context
from playwright.sync_api import expect
from room_server import Served

from bn_course.room.store import Store

pytestmark = pytest.mark.browser

QUESTION = "02-shift-and-scale"
CHOICES = {"a": "moves by 10", "b": "becomes three times as wide", "c": "stays as it is, as far as ε allows"}
SETUP = "import os\nos.environ['BN_COURSE_HOME'] = {home!r}\nfrom bn_course import join, predict\n"


class Learner:
    """A notebook whose kernel has a home of its own, in a window of its own."""

    def __init__(self, chromium, server, name, link):
        self.home = server.home.parent / name
        self.context = new_context(chromium, viewport={"width": 900, "height": 700})
        self.lab = Lab(self.context.new_page(), server)
        cells = SETUP.format(home=str(self.home)), f"predict({QUESTION!r}, 'abc')", f"join({link!r})"
        self.path = server.write(f"{name}.ipynb", *cells)
        self.lab.open(self.path)

    def run(self, *cells):
        for cell in cells:
            self.lab.run_cell(cell)
        return self

    @property
    def box(self):
        return self.lab.page.get_by_role("region", name=f"Prediction {QUESTION}")

    @property
    def room(self):
        return self.lab.page.locator(".bn-room")

    @property
    def says(self):
        return expect(self.box.get_by_role("status"))

    def vote(self, letter):
        self.box.get_by_role("radio", name=CHOICES[letter]).check()
        self.box.get_by_role("button", name="Vote").click()
        self.says.to_contain_text(f"Your vote is in: {CHOICES[letter]}, 75 % sure.")
        assert self.box.get_by_role("radio", name=CHOICES[letter]).is_disabled()

    def recorded(self):
        return json.loads((self.home / "progress.json").read_text(encoding="utf-8"))["predictions"][QUESTION]


@pytest.fixture
def room(tmp_path):
    with Served(Store(tmp_path / "rooms.db")) as served:
        yield served


@pytest.fixture
def screen(chromium, room):
    with new_context(chromium, viewport={"width": 1920, "height": 1080}) as context:
        page = context.new_page()
        page.goto(f"{room.base}/?secret={room.secret}#voting")
        yield page


@pytest.fixture
def learners(chromium, server, room):
    three = [Learner(chromium, server, name, room.base) for name in ("ada", "bo", "cy")]
    yield three
    for learner in three:
        learner.context.close()


def press(screen, name):
    button = screen.get_by_role("button", name=name, exact=True)
    expect(button).to_be_enabled()
    button.click()


def shows(screen, words):
    expect(screen.locator("#said")).to_have_text(words)


def test_a_whole_vote(screen, learners, room, tmp_path):
    ada, bo, cy = learners
    ada.run(0, 1, 2)  # her prediction was there before she joined
    bo.run(0, 2, 1)
    expect(ada.room).to_contain_text("no code and no file")
    screen.goto(f"{room.base}/#voting")
    expect(screen.locator("#people")).to_have_text("2 learners")
    screen.get_by_label("Prediction").select_option(QUESTION)
    press(screen, "Open")
    ada.says.to_have_text("The room votes. Choose, then press Vote.")
    expect(ada.box.get_by_role("timer")).to_contain_text(" s")
    ada.box.screenshot(path=tmp_path / "ballot.png")
    ada.room.screenshot(path=tmp_path / "joined.png")
    found = Axe().run(ada.lab.page, context=".bn-prediction").response["violations"]
    assert [rule["id"] for rule in found if rule["impact"] in ("critical", "serious")] == []
    ada.vote("a")
    cy.run(0, 2, 1)  # late
    cy.vote("c")
    shows(screen, "2 of 3 have voted.")
    ada.lab.page.evaluate("window.bnPanel.context.save()")
    ada.lab.show(ada.path)  # the page is loaded anew, in the middle
    ada.says.to_contain_text("Your vote is in: moves by 10")
    expect(ada.box.get_by_role("button", name="Vote")).to_be_disabled()
    press(screen, "Close")
    bo.says.to_have_text("The vote is closed. Wait before you run on.")  # too late for bo
    assert all(control.is_disabled() for control in bo.box.locator("input, button").all())
    assert not any("outcome" in learner.box.inner_text() for learner in learners)
    press(screen, "Second vote")
    bo.says.to_have_text("Second vote: choose again, as you now think.")
    for learner in learners:
        learner.vote("c")
    shows(screen, "Second vote: 3 of 3 have voted.")
    press(screen, "Close")
    press(screen, "Show the answers")
    shows(screen, f"After talking, 3 of 3 chose: {CHOICES['c']}.")
    ada.says.to_contain_text("How the room voted is on the screen")
    press(screen, "Outcome")
    shows(screen, f"The outcome: {CHOICES['c']}. 1 of 2 were right before, 3 of 3 after talking.")
    screen.screenshot(path=tmp_path / "screen.png")
    ada.says.to_contain_text(f"The outcome: {CHOICES['c']}.")
    assert ada.recorded() == {"answer": "a", "sure": 75}  # the first stays
    assert cy.recorded() == {"answer": "c", "sure": 75}
    ada.lab.page.get_by_role("button", name="Raise my hand").click()
    expect(screen.locator("#people")).to_have_text("3 learners, 1 hand up")
    ada.lab.page.get_by_role("button", name="Leave the room").click()
    expect(screen.locator("#people")).to_have_text("2 learners")
    ada.says.to_have_text("Recorded: moves by 10, 75 % sure. Now run on.")
    assert [learner.lab.errors() for learner in learners] == [[], [], []]
