"""The boxes of a page: what they refuse, and what they keep in a browser, also where it would not."""

import json
from pathlib import Path

import pytest
import scripts
from built import served, visit
from lab import new_context
from playwright.sync_api import expect

from bn_course.grading.prediction_box import SURE

pytestmark = pytest.mark.browser

OUTCOMES = {"01-letter": "b", "01-number": [2, 3], "02-elsewhere": "a"}
TEXTS = ["one", "two", "three"]
BOX = """<div class="cell">
<div class="bn-prediction-place" data-name="{}" data-letters="{}" data-texts='{}'></div></div>
<details><summary>The outcome</summary><p>It is so.</p></details>"""
REFUSES = "Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError'); }"
HIDES = "Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('no'); } })"


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    folder = tmp_path_factory.mktemp("page")
    scripts.classic(folder / "predictions.js", {"sure": SURE, "outcomes": OUTCOMES})
    boxes = BOX.format("01-letter", "abc", json.dumps(TEXTS)) + BOX.format("01-number", "", "[]")
    page = f"<!doctype html><meta charset='utf-8'><p class='bn-tally'></p>{boxes}"
    for place in ("page.html", "elsewhere/page.html"):
        file = folder / place
        file.parent.mkdir(exist_ok=True)
        up = "../" * (len(Path(place).parts) - 1)
        file.write_text(f"{page}<script defer src='{up}predictions.js'></script>", encoding="utf-8")
    (folder / "favicon.ico").touch()
    with served(folder) as address:
        yield address


@pytest.fixture
def context(chromium):
    with new_context(chromium) as context:
        yield context


@pytest.fixture
def page(context, address):
    errors = []
    yield visit(context, f"{address}page.html", errors)
    assert errors == []


def box(page, name):
    return page.get_by_role("region", name=f"Prediction {name}")


def record(page, name, answer):
    asked = box(page, name)
    if answer in ("a", "b", "c"):
        asked.get_by_role("radio", name=TEXTS["abc".index(answer)], exact=True).check()
    else:
        asked.get_by_role("textbox").fill(answer)
    asked.get_by_role("button", name="Record").click()


def says(page, name, words):
    expect(box(page, name).get_by_role("status")).to_have_text(words)


def kept(page):
    return json.loads(page.evaluate("localStorage.getItem('bn-course.predictions')") or "null")


def test_what_is_missing_is_said_and_nothing_is_recorded(page):
    box(page, "01-letter").get_by_role("button", name="Record").click()
    says(page, "01-letter", "Choose one first.")
    box(page, "01-number").get_by_role("button", name="Record").click()
    says(page, "01-number", "Write a number first.")
    for words in ("half", "0x10", "1,5", "--2", "1e999999", "Infinity"):
        record(page, "01-number", words)
        says(page, "01-number", "A number, please, such as 0.5 or 1e-3.")
    assert kept(page) is None
    assert page.locator("details[open]").count() == 0


def test_what_is_recorded_is_that_of_a_progress_file_and_right_or_wrong_is_counted(page):
    record(page, "01-letter", "a")
    record(page, "01-number", "2.5e0")
    assert kept(page) == {"01-letter": {"answer": "a", "sure": 75}, "01-number": {"answer": 2.5, "sure": 75}}
    expect(page.locator(".bn-tally")).to_contain_text("2 of 2 on this page; 2 of 3 in the course; "
                                                      "75 % sure: 1 of 2 came true.")
    assert page.locator("details[open]").count() == 2
    assert all(control.is_disabled() for control in page.locator("input, button").all())


def test_another_address_and_another_tab_have_it_too(page, context, address):
    other = visit(context, f"{address}elsewhere/page.html", [])
    record(page, "01-letter", "b")
    says(other, "01-letter", "Recorded: two, 75 % sure. Now read on.")
    again = visit(context, f"{address}elsewhere/page.html?a=1#there", [])
    says(again, "01-letter", "Recorded: two, 75 % sure. Now read on.")


@pytest.mark.parametrize("refusal", [REFUSES, HIDES])
def test_a_browser_that_keeps_nothing_says_so(context, address, refusal):
    context.add_init_script(refusal)
    page = visit(context, f"{address}page.html", errors := [])
    record(page, "01-letter", "b")
    gone = "This browser keeps nothing: it is gone when you leave the page."
    says(page, "01-letter", f"Recorded: two, 75 % sure. Now read on. {gone}")
    expect(page.locator(".bn-tally")).to_contain_text("1 of 2 on this page")
    assert errors == []


@pytest.mark.parametrize("rubbish", [
    "{", "[1]", "null", "7", '"x"', '{"01-letter": null, "01-number": {"answer": "<b>", "sure": 75}}',
    '{"01-letter": {"answer": "<img>", "sure": 75}, "01-number": {"answer": 1, "sure": 76}}',
])  # fmt: skip
def test_what_makes_no_sense_counts_for_nothing(context, address, rubbish):
    page = visit(context, f"{address}page.html", errors := [])
    page.evaluate("text => localStorage.setItem('bn-course.predictions', text)", rubbish)
    page.reload()
    expect(page.locator(".bn-tally")).to_contain_text("0 of 2 on this page; 0 of 3 in the course.")
    record(page, "01-letter", "c")
    assert kept(page)["01-letter"] == {"answer": "c", "sure": 75}
    assert errors == []


def test_a_prediction_of_a_newer_edition_stays(page):
    newer = {"99-later": {"answer": "a", "sure": 95}}
    page.evaluate("kept => localStorage.setItem('bn-course.predictions', JSON.stringify(kept))", newer)
    record(page, "01-letter", "b")
    assert kept(page) == newer | {"01-letter": {"answer": "b", "sure": 75}}
