"""When items are due: in any time zone, over changes of the clocks, and with clocks that were set back."""

import os
import time
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bn_course.review.schedule import calendar, due, due_at, reviewed

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
moments = st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC))


@pytest.fixture
def zone(monkeypatch):
    def set_to(name):
        monkeypatch.setenv("TZ", name)
        time.tzset()

    yield set_to
    monkeypatch.undo()
    time.tzset()
    assert "TZ" not in os.environ or os.environ["TZ"]


def test_what_was_missed_comes_back_the_next_day_and_what_was_right_later():
    missed, right = (reviewed(None, hit, AT, "no-eps") for hit in (False, True))
    assert due_at(missed) == AT + timedelta(days=1)
    assert due_at(right) > due_at(missed)
    assert (missed["times"], missed["missed"]) == (1, {"no-eps": 1})
    assert right["missed"] == {}


def test_each_time_that_it_is_right_it_stays_away_longer():
    entry, waits, at = None, [], AT
    for _ in range(5):
        entry = reviewed(entry, True, at)
        waits.append(due_at(entry) - at)
        at = due_at(entry)
    assert waits == sorted(waits)
    assert waits[-1] > 5 * waits[0]


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(moments, st.booleans()), min_size=1, max_size=8))
def test_nothing_due_is_lost_whatever_the_clock_does(answers):
    entry = None
    for at, right in answers:
        entry = reviewed(entry, right, at)
        assert due_at(entry) > at
    assert due({"x": entry}, due_at(entry)) == ["x"]
    assert due({"x": entry}, due_at(entry) - timedelta(seconds=1)) == []
    assert entry["times"] == len(answers)


@settings(max_examples=30, deadline=None)
@given(st.lists(moments, min_size=1, max_size=12), moments)
def test_the_most_overdue_comes_first_and_every_due_item_is_there(begun, now):
    cards = {f"item-{n}": reviewed(None, False, at) for n, at in enumerate(begun)}
    names = due(cards, now)
    assert set(names) == {name for name, entry in cards.items() if due_at(entry) <= now}
    assert [due_at(cards[name]) for name in names] == sorted(due_at(cards[name]) for name in names)


def test_a_clock_that_was_set_back_counts_as_one_that_stands_still():
    entry = reviewed(None, True, AT)
    assert due_at(reviewed(entry, True, AT - timedelta(days=300))) == due_at(reviewed(entry, True, AT))


@pytest.mark.parametrize("hours", [-11, 0, 5.5, 14])
def test_a_journey_moves_nothing(hours):
    there = AT.astimezone(timezone(timedelta(hours=hours)))
    assert reviewed(None, True, there)["card"]["due"] == reviewed(None, True, AT)["card"]["due"]


@pytest.mark.skipif(not hasattr(time, "tzset"), reason="the time zone of a process cannot be set here")
@pytest.mark.parametrize(
    ("place", "day"), [("Pacific/Auckland", date(2026, 3, 2)), ("America/Los_Angeles", date(2026, 3, 1))]
)
def test_days_are_shown_as_they_are_where_the_learner_is(zone, place, day):
    zone(place)
    late = datetime(2026, 2, 28, 13, tzinfo=UTC)
    entry = reviewed(None, False, late)  # due at 13:00 UTC on 1 March
    assert calendar({"x": entry}, late) == {day: 1}


@pytest.mark.skipif(not hasattr(time, "tzset"), reason="the time zone of a process cannot be set here")
def test_when_the_clocks_change_an_hour_is_neither_lost_nor_twice(zone):
    zone("Europe/Berlin")
    before = datetime(2026, 3, 28, 12, tzinfo=UTC)  # the night after, clocks go forward
    entry = reviewed(None, False, before)
    assert due_at(entry) - before == timedelta(hours=24)
    assert calendar({"x": entry}, before) == {date(2026, 3, 29): 1}


def test_what_is_overdue_is_due_today():
    entry = reviewed(None, False, AT)
    later = AT + timedelta(days=40)
    assert calendar({"x": entry}, later) == {later.astimezone().date(): 1}
