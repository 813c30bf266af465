"""What a room shows, from what its learners did."""

import itertools

import pytest

from bn_course.grading.catalogue import catalogue
from bn_course.room.state import STUCK_AFTER, State
from bn_course.room.store import Row


class Story:
    """Events of a room a minute apart, and what is shown a minute after the last."""

    def __init__(self):
        self.rows, self._numbers = [], itertools.count(1)

    def tell(self, learner, kind, **body):
        number = next(self._numbers)
        self.rows.append(Row(number, "R", learner, str(number), kind, 0.0, 60.0 * number, body))
        return self

    def joined(self, *learners):
        for learner in learners:
            self.tell(learner, "join", name=learner.title() if learner != "nameless" else None)
        return self

    def check(self, learner, *misconceptions, question="batch_stats", state="failed", example=None):
        kept = {"misconceptions": list(misconceptions), "example": example}
        return self.tell(learner, "check", question=question, state=state, **kept)

    def shown(self):
        return State(self.rows).shown(self.rows[-1].received + 60)


@pytest.fixture
def story():
    return Story()


def test_an_empty_room():
    shown = State().shown(0.0)
    assert (shown["learners"], shown["vote"], shown["votes"]) == (0, None, [])
    empty = ("questions", "misconceptions", "hands", "stuck", "sections")
    assert [shown[name] for name in empty] == [[]] * 5
    assert shown["predictions"][0].startswith("00-")


def test_questions_by_state(story):
    story.joined("ada", "bob", "eve", "nameless")
    story.check("ada").check("ada", state="passed").check("bob").check("bob", question="identity_affine")
    first, second = story.shown()["questions"]
    assert first == {
        "question": "batch_stats",
        "lesson": "02_forward_pass",
        "trying": 1,
        "passed": 1,
        "not_begun": 2,
        "attempts": 3,
        "minutes": 2.0,
    }
    assert (second["question"], second["minutes"]) == ("identity_affine", 1.0)


def test_who_has_passed_stays_passed(story):
    story.joined("ada").check("ada", state="passed").check("ada", "sample-variance")
    shown = story.shown()
    assert (shown["questions"][0]["passed"], shown["misconceptions"]) == (1, [])


def test_misconceptions_are_ranked_by_how_many_hold_them_now(story):
    story.joined("ada", "bob", "eve")
    story.check("ada", "sample-variance", example="[[1.], [2.], [6.]]")
    story.check("bob", "sample-variance", "std-not-variance", example="[[1.]]")
    story.check("eve", "swapped-outputs").check("eve", "sample-variance", question="batch_norm_forward")
    shown = story.shown()["misconceptions"]
    assert [(one["key"], one["learners"]) for one in shown] == [
        ("sample-variance", 3),
        ("std-not-variance", 1),
        ("swapped-outputs", 1),
    ]
    most = shown[0]
    assert most["did"]
    assert most["why"]
    assert [(on["question"], on["learners"]) for on in most["questions"]] == [
        ("batch_stats", 2),
        ("batch_norm_forward", 1),
    ]
    assert most["questions"][0]["example"] == "[[1.]]"
    assert most["questions"][0]["ask"] == list(catalogue()["batch_stats"].ask)
    assert most["questions"][1]["example"] is None


def test_a_misconception_that_is_overcome_is_gone(story):
    story.joined("ada").check("ada", "sample-variance").check("ada", "std-not-variance")
    assert [one["key"] for one in story.shown()["misconceptions"]] == ["std-not-variance"]
    story.check("ada", state="passed")
    assert story.shown()["misconceptions"] == []


def test_no_example_has_a_name(story):
    story.joined("ada").check("ada", "sample-variance", example="[[1.]]")
    assert "Ada" not in str(story.shown()["misconceptions"])


def test_hands_stand_in_the_order_in_which_they_were_raised(story):
    story.joined("ada", "nameless", "eve").check("nameless")
    for learner in ("nameless", "ada", "nameless", "eve"):
        story.tell(learner, "hand", state="up")
    story.tell("eve", "hand", state="down")
    assert story.shown()["hands"] == [
        {"name": None, "minutes": 5.0, "question": "batch_stats"},
        {"name": "Ada", "minutes": 4.0, "question": None},
    ]


def test_stuck_is_who_has_tried_and_tried(story):
    story.joined("ada", "bob")
    for _ in range(STUCK_AFTER - 1):
        story.check("ada").check("bob", "sample-variance")
    assert story.shown()["stuck"] == []
    story.check("bob", "sample-variance").check("ada", state="passed")
    assert story.shown()["stuck"] == [
        {
            "name": "Bob",
            "question": "batch_stats",
            "attempts": STUCK_AFTER,
            "minutes": 5.0,
            "misconceptions": ["sample-variance"],
        }
    ]


def test_where_learners_are(story):
    story.joined("ada", "bob", "eve")
    for learner, section in (("ada", "b"), ("bob", "a"), ("ada", "a")):
        story.tell(learner, "seen", lesson="02_forward_pass", section=section)
    assert story.shown()["sections"] == [{"lesson": "02_forward_pass", "section": "a", "learners": 2}]


def test_whoever_leaves_is_in_nothing_that_is_shown(story):
    story.joined("ada", "bob").check("bob")
    before = story.shown()
    story.joined("eve").tell("eve", "hand", state="up").tell("eve", "seen", lesson="02", section="a")
    for _ in range(STUCK_AFTER):
        story.check("eve", "sample-variance")
    story.tell("eve", "leave", keep=False)
    gone = story.shown()
    assert {**gone, "questions": []} == {**before, "questions": []}
    assert [row | {"minutes": 0} for row in gone["questions"]] == [
        row | {"minutes": 0} for row in before["questions"]
    ]


def test_whoever_agreed_leaves_the_work_and_no_name(story):
    story.joined("ada", "bob")
    for _ in range(STUCK_AFTER):
        story.check("ada", "sample-variance")
    story.tell("ada", "hand", state="up").tell("ada", "leave", keep=True)
    shown = story.shown()
    assert (shown["learners"], shown["hands"], shown["stuck"], shown["misconceptions"]) == (1, [], [], [])
    (worked_on,) = shown["questions"]
    assert (worked_on["attempts"], worked_on["not_begun"]) == (STUCK_AFTER, 1)
    assert "Ada" not in str(shown)


def test_whoever_never_joined_is_nobody(story):
    story.joined("ada").check("eve").tell("eve", "hand", state="up")
    story.tell("eve", "seen", lesson="02_forward_pass", section="a")
    shown = story.shown()
    assert (shown["learners"], shown["questions"], shown["hands"], shown["sections"]) == (1, [], [], [])
