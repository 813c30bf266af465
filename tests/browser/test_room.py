"""The instructor's page: a vote by keyboard, who is stuck, both themes, a projector and a phone."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from lab import new_context
from playwright.sync_api import expect
from room_server import Served, event, failed, prediction

from bn_course.room.store import Store

pytestmark = pytest.mark.browser

QUESTION, NUMBER = "02-shift-and-scale", "02-small-deviation"
WINDOWS = {"projector": (1920, 1080), "phone": (390, 844)}
HOSTILE = "<img src=x onerror=document.title='owned'>"


@pytest.fixture
def room(tmp_path):
    with Served(Store(tmp_path / "rooms.db"), names=True) as served:
        yield served


@pytest.fixture
def page(chromium, room):
    with new_context(chromium, viewport={"width": 1200, "height": 900}) as context:
        page, errors = context.new_page(), []
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda said: errors.append(said.text) if "Security Policy" in said.text else None)
        page.goto(f"{room.base}/?secret={room.secret}")
        expect(page.locator("#code")).to_have_text(room.room.code)
        yield page
        assert errors == []


def view(page, name):
    page.get_by_role("navigation").get_by_role("link", name=name).press("Enter")


def press(page, name):
    button = page.get_by_role("button", name=name, exact=True)
    expect(button).to_be_enabled()
    button.press("Enter")


def says(page, words):
    expect(page.locator("#said")).to_have_text(words)


def enabled(page):
    return [button.inner_text() for button in page.locator(".steps button:enabled").all()]


def answer(room, letters, question=QUESTION, made_in=1):
    for learner, letter in zip(room.learners, letters, strict=False):
        assert learner.send(prediction(letter, question, made_in)).json()["stored"]


@pytest.fixture
def learners(room):
    room.learners = [room.join(), room.join(), room.join()]


def test_the_secret_does_not_stay_in_the_address(page, room):
    assert page.url == f"{room.base}/"
    expect(page.locator("pre .link")).to_have_text(room.base)


def test_a_vote_is_held_by_keyboard_and_shows_nothing_too_early(page, room, learners):
    view(page, "Vote")
    page.get_by_label("Prediction").select_option(QUESTION)
    assert enabled(page) == ["Open"]
    press(page, "Open")
    says(page, "0 of 3 have voted.")
    expect(page.get_by_role("timer")).to_contain_text("seconds")
    expect(page.get_by_role("button", name="Close")).to_be_focused()
    answer(room, "acb")
    says(page, "3 of 3 have voted.")
    assert page.locator(".bar").count() == 0
    press(page, "Close")
    says(page, "Closed: 3 of 3 have voted.")
    assert page.locator(".bar").count() == 0
    press(page, "Show the answers")
    says(page, "No choice has half of the 3 votes.")
    assert page.locator(".bar").count() == 3
    assert "right" not in page.locator("#ballot").inner_text()
    press(page, "Second vote")
    says(page, "Second vote: 0 of 3 have voted.")
    expect(page.locator(".bar")).to_have_count(0)
    answer(room, "acc", made_in=2)
    press(page, "Close")
    press(page, "Show the answers")
    says(page, "After talking, 2 of 3 chose: stays as it is, as far as ε allows.")
    assert page.locator(".before .label").all_inner_texts()[-3:] == ["1, 70 % sure"] * 3
    press(page, "Outcome")
    right = "1 of 3 were right before, 2 of 3 after talking."
    says(page, f"The outcome: stays as it is, as far as ε allows. {right}")
    expect(page.locator(".right .choice")).to_have_text("stays as it is, as far as ε allows ✓ right")
    moved = "Of 3 who voted twice, 1 moved from wrong to right, 0 from right to wrong, and 2 stayed."
    expect(page.locator("#moves")).to_have_text(moved)
    assert enabled(page) == []


def test_a_button_that_does_not_fit_any_more_says_why(page, room, learners):
    view(page, "Vote")
    press(page, "Open")
    says(page, "0 of 3 have voted.")
    close = page.get_by_role("button", name="Close")
    expect(close).to_be_enabled()
    # Before this click arrives, the telephone has closed it.
    page.route("**/control", lambda route: (room.instructor.press("close"), route.continue_()))
    close.click()
    expect(page.locator("#refused")).to_have_text("This vote is not open.")
    says(page, "Closed: 0 of 3 have voted.")


def test_numbers_are_dots_on_an_axis(page, room, learners):
    view(page, "Vote")
    room.instructor.press("open", NUMBER, 60)
    answer(room, [0.001, 0.3, 1.0], NUMBER)
    room.instructor.press("close")
    room.instructor.press("show")
    says(page, "The median of 3 is 0.3.")
    figure = page.get_by_role("img", name="Predicted: 0.001, 0.3, 1")
    assert figure.locator("circle").count() == 3
    assert figure.locator(".outcome").count() == 0
    room.instructor.press("outcome")
    expect(figure.locator(".outcome")).to_have_count(1)


def test_a_misconception_unfolds_stays_open_and_is_only_ever_text(page, room):
    view(page, "Who is stuck")
    ada, other = room.join(HOSTILE), room.join()
    ada.send(event("hand", state="up"), failed("batch_stats", "sample-variance", example=HOSTILE))
    fold = page.locator("#mistakes summary")
    expect(fold).to_have_text("1 × sample-variance")
    fold.press("Enter")
    expect(page.locator("#mistakes pre")).to_have_text(HOSTILE)
    expect(page.locator("#mistakes")).to_contain_text("Ask: Divide 1, 2, 6, less their mean")
    expect(page.locator("#hands")).to_contain_text(HOSTILE[:20])
    other.send(failed("batch_stats", "sample-variance", example="[1.]"))
    expect(fold).to_have_text("2 × sample-variance")
    expect(page.locator("#mistakes pre")).to_have_text("[1.]")
    expect(fold).to_be_focused()
    row = page.locator("#questions tr")
    assert row.locator("th, td").all_inner_texts()[:5] == ["batch_stats", "0", "2", "0", "2"]
    assert page.locator("main img").count() == 1  # the QR code
    assert page.title() == f"Room {room.room.code}"


def test_a_room_is_deleted_only_with_its_code(page, room):
    view(page, "After")
    press(page, "Delete the room")
    expect(page.locator("#forgot")).to_have_text(f"Write {room.room.code} to delete it.")
    page.get_by_label("Its code, to be sure").fill(room.room.code)
    page.keyboard.press("Enter")
    expect(page.locator("#trouble")).to_have_text("This room has been deleted.")
    assert room.store.room(room.room.code) is None


def test_who_opens_the_short_link_is_told_how_to_join_and_nothing_else(chromium, room):
    with new_context(chromium) as context:
        page = context.new_page()
        page.goto(room.base)
        expect(page.locator(".link")).to_have_text(room.base)
        expect(page.locator("#named")).to_be_visible()
        assert page.locator("section").count() == 0


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("window", WINDOWS)
def test_axe_finds_nothing_and_nothing_sticks_out(page, room, learners, window, dark, tmp_path):
    width, height = WINDOWS[window]
    page.set_viewport_size({"width": width, "height": height})
    page.emulate_media(color_scheme="dark" if dark else "light")
    room.instructor.press("open", QUESTION, 60)
    answer(room, "acb")
    room.instructor.press("close")
    room.instructor.press("show")
    room.learners[0].send(event("hand", state="up"), failed("batch_stats", "sample-variance", example="[1.]"))
    expect(page.locator("#people")).to_have_text("3 learners, 1 hand up")
    for name in ("Join", "Vote", "Who is stuck", "After"):
        view(page, name)
        if name == "Who is stuck":
            page.locator("#mistakes summary").press("Enter")
        page.screenshot(path=tmp_path / f"{name}.png")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.evaluate("document.querySelectorAll('main > section').forEach(view => { view.hidden = false; })")
    assert [rule["id"] for rule in Axe().run(page).response["violations"]] == []
