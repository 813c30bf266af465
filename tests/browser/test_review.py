"""A review, the inventory and an explanation in JupyterLab, answered by keyboard."""

import json

import pytest
from axe_playwright_python.sync_playwright import Axe
from lab import Lab, new_context
from playwright.sync_api import expect

from bn_course.review.inventory_forms import form

pytestmark = pytest.mark.browser

CELLS = (
    "from bn_course import predict, progress\nfrom bn_course.review import inventory, own_words, review",
    "review(before='03')",
    "own_words('02')",
    "inventory('before')",
    "predict('02-xor', choices='abc')",
)


@pytest.fixture(scope="module")
def page(chromium, server):
    for file in ("review.json", "progress.json"):
        (server.home / file).unlink(missing_ok=True)
    context = new_context(chromium, viewport={"width": 1200, "height": 900})
    lab = Lab(context.new_page(), server)
    lab.open(server.write("review.ipynb", *CELLS)).run_all()
    lab.page.get_by_role("region", name="Prediction 02-xor").wait_for()
    yield lab.page
    assert lab.errors() == []
    context.close()


def region(page, name):
    return page.get_by_role("region", name=name)


def kept(server):
    return json.loads((server.home / "review.json").read_text(encoding="utf-8"))


def answer_by_keyboard(box):
    box.get_by_role("radio").first.press("Space")
    box.get_by_role("button", name="Answer").press("Enter")
    box.get_by_role("button", name="Next").wait_for()


def test_a_review_is_done_by_keyboard_and_each_item_leads_to_the_next(page, server, tmp_path):
    box = region(page, "Before you go on")
    expect(box).to_contain_text("1 of 3")
    box.get_by_role("button", name="Answer").press("Enter")
    expect(box.get_by_role("status")).to_have_text("Choose one first.")
    answer_by_keyboard(box)
    assert box.locator(".bn-right").count() == 1
    expect(box.get_by_role("button", name="Next")).to_be_focused()
    box.screenshot(path=tmp_path / "review.png")
    page.keyboard.press("Enter")
    expect(box).to_contain_text("2 of 3")
    expect(box.get_by_role("radio").first).to_be_focused()
    assert len(kept(server)["cards"]) == 1


def test_what_one_wrote_is_compared_and_kept(page, server, tmp_path):
    box = region(page, "In your own words")
    expect(box).not_to_contain_text("A model answer")
    box.get_by_role("textbox").focus()
    page.keyboard.type("It forgets the mean, and dd does not delete the cell.")
    box.get_by_role("button", name="Compare").press("Enter")
    expect(box).to_contain_text("A model answer: It forgets each feature")
    box.get_by_role("checkbox").nth(1).press("Space")
    expect(box.get_by_role("status")).to_have_text("Kept.")
    page.wait_for_function("document.querySelectorAll('.bn-points input:checked').length === 1")
    box.screenshot(path=tmp_path / "own-words.png")
    assert page.locator(".jp-CodeCell").count() == len(CELLS)


def test_the_inventory_goes_on_without_a_word_of_right_and_wrong(page, server, tmp_path):
    box = region(page, "Inventory, before the course")
    for place in (1, 2):
        expect(box).to_contain_text(f"{place} of 24")
        box.get_by_role("radio").last.press("Space")  # I do not know
        box.get_by_role("button", name="Answer").press("Enter")
    expect(box).to_contain_text("3 of 24")
    assert box.locator(".bn-right").count() == 0
    box.screenshot(path=tmp_path / "inventory.png")
    answers = kept(server)["inventory"]["before"]["answers"]
    assert answers == dict.fromkeys(list(form("before"))[:2], "unknown")


def test_a_prediction_shows_its_choices_in_words_and_keeps_the_letter(page, server, tmp_path):
    box = region(page, "Prediction 02-xor")
    box.get_by_role("radio", name="cannot fit XOR").press("Space")
    box.get_by_role("button", name="Record").press("Enter")
    expect(box.get_by_role("status")).to_contain_text("Recorded: cannot fit XOR, 75 % sure.")
    box.screenshot(path=tmp_path / "prediction.png")
    state = json.loads((server.home / "progress.json").read_text(encoding="utf-8"))
    assert state["predictions"]["02-xor"] == {"answer": "c", "sure": 75}
    assert state["seed"] >= 0


@pytest.mark.parametrize("name", ["Before you go on", "In your own words", "Inventory, before the course"])
def test_axe_finds_nothing_serious(page, name):
    place = f"[aria-label='{name}']"
    found = Axe().run(page, context=place).response["violations"]
    assert [v["id"] for v in found if v["impact"] in ("critical", "serious")] == []
