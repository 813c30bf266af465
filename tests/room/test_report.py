"""The report after a room, from rows as the store has them."""

import csv
import io
from html.parser import HTMLParser

import pytest

from bn_course.review.item_analysis import analyse, share
from bn_course.room import after, pace, report
from bn_course.room.store import INSTRUCTOR, Row

QUESTION = "02-shift-and-scale"  # c is right


class Told:
    """Rows, one after another, `minute` by minute."""

    def __init__(self):
        self.rows, self.minute = [], 0.0

    def add(self, learner, kind, **body):
        number = len(self.rows) + 1
        time = 60 * self.minute
        self.rows.append(Row(number, "ABCDE", learner, f"{number}", kind, time, time, body))

    def vote(self, first, second="", question=QUESTION):
        """A vote in which learners 0, 1 … answer these letters, once or twice; a dot does not."""
        self.add(INSTRUCTOR, "open", question=question, closes=None)
        for made_in, letters in enumerate(filter(None, (first, second)), 1):
            if made_in == 2:
                self.add(INSTRUCTOR, "revote", question=question, closes=None)
            for who, letter in enumerate(letters):
                if letter != ".":
                    sure = 95 if letter == "c" else 50
                    body = {"question": question, "choice": letter, "confidence": sure, "round": made_in}
                    self.add(str(who), "prediction", **body)
            self.add(INSTRUCTOR, "close", question=question, closes=60 * self.minute)

    def check(self, who, question, *mistakes):
        state = "failed" if mistakes else "passed"
        self.add(who, "check", question=question, state=state, misconceptions=list(mistakes), example=None)


@pytest.fixture
def told():
    return Told()


def test_before_and_after_are_of_all_and_the_gain_is_of_those_who_voted_twice(told):
    told.vote("aabc.", "ccbcc")
    (found,) = after.predicted(told.rows)
    assert (found.before, found.after) == ((1, 4), (4, 5))
    assert found.gain == pytest.approx(2 / 3)
    assert (found.sure_right, found.sure_wrong) == (95, 50)


def test_where_all_were_right_there_is_nothing_to_gain(told):
    told.vote("cc", "cc")
    assert after.predicted(told.rows)[0].gain is None


def test_a_first_answer_alone_counts_as_an_item_and_the_second_never(told):
    told.add("0", "prediction", question=QUESTION, choice="a", confidence=50, round=None)
    told.vote("cc", "cc")
    (item,) = after.prediction_items(told.rows)
    assert (item.answered, item.difficulty) == (2, 0.5)


def test_a_question_has_attempts_minutes_and_every_mistake_once_a_learner(told):
    told.check("0", "batch_stats", "sample-variance")
    told.minute = 2
    told.check("0", "batch_stats", "sample-variance", "wrong-axis")
    told.check("1", "batch_stats", "wrong-axis")
    told.minute = 5
    told.check("0", "batch_stats")
    (found,) = after.tried(told.rows)
    assert (found.learners, found.passed, found.attempts, found.minutes) == (2, 1, 2, 5)
    assert found.mistakes == (("wrong-axis", 2), ("sample-variance", 1))


def test_an_item_goes_with_the_rest_of_those_sheets_that_have_it():
    sheets = [{"a": True, "b": True, "c": True}, {"a": True, "b": True}, {"a": False, "b": False, "c": True}]
    a, b, c = analyse([*sheets, {"a": False, "b": False}, {"c": True}])
    assert (a.answered, a.difficulty) == (4, 0.5)
    assert a.discrimination > 0.9
    assert a.discrimination_interval[0] < a.discrimination
    assert b.discrimination == pytest.approx(a.discrimination, abs=0.2)
    assert (c.answered, c.discrimination) == (3, None)  # everybody was right


def test_wilsons_interval_is_that_of_a_table():
    low, high = share(8, 10)  # by hand: (0.8 + 0.192 ± 1.96 √(0.016 + 0.0096)) / 1.384
    assert (low, high) == (pytest.approx(0.4902, abs=1e-4), pytest.approx(0.9433, abs=1e-4))
    assert share(0, 0) == (0.0, 1.0)


def test_the_pace_is_against_the_plan_that_was_followed(told):
    told.vote("a", question="00-slide-mean")
    told.minute = 7
    told.vote("b", question="02-variance")
    told.minute = 30
    for who, late in (("0", 0), ("1", 1), ("2", 4)):
        told.minute = 30 + late
        told.add(who, "seen", lesson="02_forward_pass", section="02-shift-and-scale")
    title, rows = pace.followed(told.rows)
    assert title in pace.plans()
    assert [(row.began, row.took, row.planned) for row in rows[:2]] == [(0, 7, 5), (7, 24, 20)]
    assert rows[-1].took is rows[-1].planned is None


def test_one_section_has_no_pace(told):
    told.vote("a")
    assert pace.followed(told.rows) is None


def test_every_plan_has_rows_that_can_be_known():
    assert len(pace.plans()) == 4
    for rows in pace.plans().values():
        assert sum(bool(row.names) for row in rows) > len(rows) / 2


class Reader(HTMLParser):
    def __init__(self):
        super().__init__()
        self.titles, self.cells, self.inside = [], [], ""

    def handle_starttag(self, tag, _attributes):
        self.inside = tag

    def handle_endtag(self, _tag):
        self.inside = ""

    def handle_data(self, data):
        if self.inside == "h2":
            self.titles.append(data)
        elif self.inside in ("td", "th"):
            self.cells.append(data)


def test_page_and_table_say_the_same_and_name_nobody(told):
    told.add("0", "join", name="Ada Lovelace")
    told.vote("aabc", "ccbc")
    told.check("0", "batch_stats", "sample-variance")
    page, table = report.html(told.rows), report.csv(told.rows)
    reader = Reader()
    reader.feed(page)
    assert reader.titles == [
        "Predictions, before and after talking",
        "Predictions as items",
        "Questions",
        "Questions as items",
        "Misconceptions, by question",
        "Pace",
    ]
    lines = [line for line in csv.reader(io.StringIO(table)) if line and line[0] not in reader.titles]
    assert [cell for line in lines for cell in line] == reader.cells
    assert "1 of 4 (5% to 70%)" in reader.cells
    assert "Ada" not in page + table


def test_a_room_in_which_nothing_was_done_has_a_report():
    assert "Nothing was sent" in report.html([])
    assert report.csv([]) == ""
