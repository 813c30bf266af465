"""A review file is as safe as the progress is: two kernels, a full disk, damage, a newer version."""

import json
import subprocess
import sys

import pytest

from bn_course.grading import kept, progress
from bn_course.review import memory, schedule
from bn_course.review.bank import bank

CARD = schedule.reviewed(None, True, schedule.now())


def add(name):
    return lambda state: state["cards"].__setitem__(name, CARD)


def test_nothing_reviewed_yet():
    assert memory.load() == {"version": 1, "cards": {}, "inventory": {}, "own_words": {}}
    assert not memory.path().exists()
    assert not progress.path().exists()


def test_it_is_a_file_of_its_own_and_the_seed_is_kept_with_the_progress():
    assert memory.change(add("02-variance")) is None
    assert memory.path().name == "review.json"
    assert json.loads(memory.path().read_text(encoding="utf-8"))["cards"]["02-variance"] == CARD
    seed = progress.load()["seed"]
    memory.change(add("02-xor"))
    assert progress.seed() == progress.load()["seed"] == seed


def test_two_kernels_at_once_lose_nothing():
    program = (
        "import sys; from bn_course.review import memory, schedule\n"
        "card = schedule.reviewed(None, True, schedule.now())\n"
        "for i in range(20):\n"
        "    said = memory.change(lambda s: s['cards'].__setitem__(f'{sys.argv[1]}{i}', card))\n"
        "    assert said is None, said"
    )
    writers = [subprocess.Popen([sys.executable, "-c", program, name]) for name in "ab"]
    assert [writer.wait(timeout=600) for writer in writers] == [0, 0]
    assert len(memory.load()["cards"]) == 40


def test_a_full_disk_keeps_the_session(monkeypatch):
    memory.change(add("02-variance"))
    before = memory.path().read_bytes()
    full = OSError(28, "No space left on device")
    monkeypatch.setattr(kept.tempfile, "mkstemp", lambda **options: (_ for _ in ()).throw(full))
    assert "Your review could not be saved in " in memory.change(add("02-xor"))
    assert set(memory.load()["cards"]) == {"02-variance", "02-xor"}
    assert memory.path().read_bytes() == before


@pytest.mark.parametrize("damage", ["{", "", "[]", '{"version": 1}', "\x00"])
def test_a_damaged_file_is_set_aside(damage):
    memory.change(add("02-variance"))
    memory.path().write_text(damage, encoding="utf-8")
    assert memory.load()["cards"] == {}
    assert "was damaged" in memory.word()
    (aside,) = kept.home().glob("review-damaged-*.json")
    assert aside.read_text(encoding="utf-8") == damage


@pytest.mark.parametrize(
    "spoilt",
    [
        {"card": None, "times": 1, "missed": {}},
        CARD | {"times": -1},
        CARD | {"missed": {"no-eps": "often"}},
        CARD | {"card": CARD["card"] | {"due": "tomorrow"}},
        CARD | {"card": CARD["card"] | {"due": "2026-01-01T00:00:00"}},
        CARD | {"card": CARD["card"] | {"stability": None}},
        3,
    ],
)
def test_a_spoilt_card_costs_itself_alone(spoilt):
    state = memory.empty() | {"cards": {"02-variance": CARD, "02-xor": spoilt}, "more": 1}
    found, whole = memory.read(json.dumps(state))
    assert not whole
    assert found["cards"] == {"02-variance": CARD}
    assert found["more"] == 1


def test_spoilt_forms_and_words_cost_themselves_alone():
    inventory = {"before": {"answers": {"a": "b"}, "finished": True}, "after": {"answers": {"a": 3}}}
    words = {"02": {"text": "y", "ticked": [True]}, "03": {"text": 3, "ticked": []}, "04": {"text": "y"}}
    found, whole = memory.read(json.dumps(memory.empty() | {"inventory": inventory, "own_words": words}))
    assert not whole
    assert list(found["inventory"]) == ["before"]
    assert list(found["own_words"]) == ["02"]


def test_what_a_newer_course_wrote_is_read_and_left_alone():
    memory.path().parent.mkdir()
    text = json.dumps(memory.empty() | {"version": 2, "new": 1})
    memory.path().write_text(text, encoding="utf-8")
    assert "a newer version of the course wrote it" in memory.change(add("02-variance"))
    assert "a newer version of the course wrote it" in memory.word()
    assert memory.path().read_text(encoding="utf-8") == text


def test_an_item_that_is_no_longer_asked_stays_in_the_file_and_out_of_the_way():
    memory.change(add("99-gone"))
    assert "99-gone" not in bank()
    assert "99-gone" in memory.load()["cards"]
