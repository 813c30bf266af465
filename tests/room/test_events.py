"""What a learner sends is read field by field; the rest is refused, or cut."""

import json
import uuid

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from room_server import event, failed, prediction

from bn_course.room.events import (
    LONGEST_EXAMPLE,
    MOST_IN_A_REQUEST,
    MOST_MISCONCEPTIONS,
    RefusedError,
    clean,
    read_all,
)


def read(entry):
    """The event that the entry is, or None where it is refused."""
    good, refused = read_all({"events": [entry]})
    assert len(good) + len(refused) == 1
    return good[0] if good else None


@pytest.mark.parametrize(
    "entry",
    [
        prediction("b"),
        prediction("b", made_in=None),
        prediction(0.3, "02-small-deviation"),
        failed("batch_stats", "sample-variance", example="[[1.], [2.]]"),
        event("check", question="batch_stats", state="passed"),
        event("hand", state="up"),
        event("seen", lesson="02_forward_pass", section="Two numbers"),
        event("leave"),
        event("leave", keep=True),
    ],
)
def test_what_the_learners_side_says_is_understood(entry):
    assert read(entry).id == entry["id"]
    assert read(entry).kind == entry["kind"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "open"},  # the instructor's
        {"kind": "join"},
        {"kind": ["prediction"]},
        {"kind": None},
        {"at": "now"},
        {"at": float("nan")},
        {"at": 10**400},
        {"at": True},
        {"question": "02-nothing"},
        {"question": "batch_stats"},
        {"question": {"a": 1}},
        {"choice": "d"},
        {"choice": "ab"},
        {"choice": ""},
        {"choice": 1},
        {"choice": ["b"]},
        {"confidence": 101},
        {"confidence": -1},
        {"confidence": 50.5},
        {"confidence": True},
        {"round": 0},
        {"round": 3},
        {"round": "1"},
        {"round": True},
    ],
)
def test_a_prediction_that_is_none_is_refused(wrong):
    assert read(prediction("b")) is not None
    assert read(prediction("b") | wrong) is None


@pytest.mark.parametrize("choice", ["b", float("inf"), float("nan"), None, "0.3", 1e301, [0.3]])
def test_a_number_is_a_finite_number(choice):
    assert read(prediction(choice, "02-small-deviation")) is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"question": "no_question"},
        {"state": "perhaps"},
        {"misconceptions": "sample-variance"},
        {"misconceptions": ["sample-variance"] * (MOST_MISCONCEPTIONS + 1)},
        {"example": 5},
    ],
)
def test_a_check_that_is_none_is_refused(wrong):
    assert read(failed()) is not None
    assert read(failed() | wrong) is None


def test_of_misconceptions_those_of_the_question_are_kept():
    named = ["<script>", "sample-variance", {"a": 1}, "sample-variance", "no-such-key"]
    assert read(failed("batch_stats", *named)).body["misconceptions"] == ["sample-variance"]


def test_fields_that_nobody_asked_for_are_dropped():
    kept = read(prediction("b") | {"learner": "eve", "number": 1, "received": 0}).body
    assert kept == {"question": "02-variance", "choice": "b", "confidence": 70, "round": 1}


@pytest.mark.parametrize(
    "sent",
    [
        None,
        [],
        "events",
        {},
        {"events": {}},
        {"events": [5]},
        {"events": [{}]},
        {"events": [{"id": "one"}]},
        {"events": [{"id": 5}]},
        {"events": [event("leave")] * (MOST_IN_A_REQUEST + 1)},
    ],
)
def test_what_is_no_list_of_events_is_refused_as_a_whole(sent):
    with pytest.raises(RefusedError):
        read_all(sent)


def test_one_that_is_none_does_not_keep_the_others_out():
    first, wrong, last = event("hand", state="up"), event("hand", state="high"), event("hand", state="down")
    good, refused = read_all({"events": [first, wrong, last]})
    assert [one.id for one in good] == [first["id"], last["id"]]
    assert refused.keys() == {wrong["id"]}


def test_an_id_has_one_spelling():
    """Else the same event, spelt in another way, would count twice."""
    plain = event("leave")
    loud = plain | {"id": "{" + plain["id"].upper() + "}"}
    assert read(loud).id == read(plain).id == plain["id"]


def test_a_text_has_no_control_characters_and_an_end():
    said = "a\x00b\x1b[31mc\u202ed\ud800e\nf" + "x" * 1000
    kept = clean(said, LONGEST_EXAMPLE)
    assert kept.startswith("ab[31mcde\nfx")
    assert len(kept) == LONGEST_EXAMPLE


@settings(deadline=None)  # a machine may be busy
@given(st.text())
def test_a_text_that_is_kept_can_be_stored_and_sent(text):
    kept = clean(text, 40)
    assert kept.encode("utf-8").decode("utf-8") == kept
    assert clean(kept, 40) == kept
    assert "\x00" not in kept


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
KINDS = ("prediction", "check", "hand", "seen", "leave")
FIELDS = ("question", "choice", "confidence", "round", "state", "misconceptions", "example", "section")


@settings(deadline=None)  # a machine may be busy
@given(st.sampled_from(KINDS), st.dictionaries(st.sampled_from((*FIELDS, "lesson", "keep", "at")), JSON))
def test_whatever_comes_is_read_or_refused_and_is_json(kind, fields):
    one = {"id": str(uuid.uuid4()), "kind": kind, "at": 1.0, **fields}
    good, _ = read_all({"events": [one]})
    assert all(json.dumps(read.body, allow_nan=False).encode() for read in good)
