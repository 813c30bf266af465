"""The instructor's pages agree with the course: every heading, prediction, question and explorer is there."""

import re
from functools import cache
from pathlib import Path

import nbformat
import pytest
import stored

from bn_course.explorers import EXPLORERS
from bn_course.grading.catalogue import catalogue, lessons, predictions

DOCS = Path(__file__).resolve().parents[1] / "docs"
PLANS = (DOCS / "plans.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| (\d+):(\d\d) \| (\d+) \| (.*?) \| (.*?) ?\| (.*?) ?\| (.*?) ?\|$", re.MULTILINE)
LENGTHS = {"Ninety": [90], "Half": [210], "Two": [360, 360]}


def tables():
    """The rows of each plan's tables, by the plan's first word; a row is its six cells."""
    for plan in re.split(r"^## ", PLANS, flags=re.MULTILINE)[2:]:
        if found := [ROW.findall(part) for part in plan.split("\n### ") if ROW.search(part)]:
            yield plan.split()[0], found


def rows():
    return [row for _, found in tables() for table in found for row in table]


@cache
def cells(stem):
    return nbformat.read(DOCS.parent / "notebooks" / f"{stem}.ipynb", as_version=4).cells


def headings(stem):
    """The anchors of a lesson's headings, as the site makes them."""
    text = "\n".join(cell.source for cell in cells(stem) if cell.cell_type == "markdown")
    titles = [title.replace("*", "") for title in re.findall(r"^#{2,3} (.*)$", text, re.MULTILINE)]
    return {re.sub(r"[^\w -]", "", title).lower().replace(" ", "-"): title for title in titles}


def asked(stem):
    """The predictions that a lesson asks for, each with the headings above it: section and subsection."""
    found, above = {}, {}
    for cell in cells(stem):
        if cell.cell_type == "markdown":
            for level, title in re.findall(r"^(#{2,3}) (.*)$", cell.source, re.MULTILINE):
                above = {"##": title} if level == "##" else above | {"###": title}
        elif name := re.match(r'predict\("(.*?)"', cell.source):
            found[name[1]] = set(above.values())
    return found


def test_every_row_of_the_page_is_read():
    assert len(rows()) == len(re.findall(r"^\| \d", PLANS, re.MULTILINE)) > 80


def test_the_minutes_add_up():
    sums = {name: [sum(int(row[2]) for row in table) for table in found] for name, found in tables()}
    assert sums == LENGTHS


def test_each_row_begins_when_the_one_before_it_ends():
    for _, found in tables():
        for table in found:
            now = 0
            for hours, minutes, length, *_ in table:
                assert 60 * int(hours) + int(minutes) == now
                now += int(length)


@pytest.mark.parametrize("stem", lessons())
def test_the_sections_are_the_lessons_own(stem):
    known = headings(stem)
    for row in rows():
        for title, linked, anchor in re.findall(r"\[(.*?)\]\(\.\./notebooks/(\w+)\.ipynb#(.*?)\)", row[3]):
            if linked == stem:
                assert anchor in known, row[3]
                assert known[anchor].startswith(title), row[3]


def test_predictions_are_collected_in_the_section_that_asks_for_them():
    for row in rows():
        for name in re.findall(r"`(\d\d-[a-z-]+)`", row[4]):
            assert name in predictions()
            stem, anchor = re.search(r"notebooks/(\w+)\.ipynb#(.*?)\)", row[3]).groups()
            assert headings(stem)[anchor] in asked(stem)[name], name


def test_what_is_named_in_code_exists():
    explorers = {target.split(":")[1] for target in EXPLORERS.values()}
    for row in rows():
        for name in re.findall(r"`(\w+)`", row[5]):
            assert name in catalogue() or name in explorers, name


def test_a_solution_is_asked_for_in_its_own_lessons_row():
    for row in rows():
        if "#practise" in row[3]:
            stem = re.search(r"notebooks/(\w+)", row[3])[1]
            named = re.findall(r"`(\w+)`", row[5])
            assert named
            assert {catalogue()[name].lesson for name in named} == {stem}


def test_every_question_has_something_to_ask_and_an_answer_to_it():
    for question in catalogue().values():
        ask, good = question.ask
        assert "?" in ask, question.name
        assert good.endswith("."), question.name
        assert "!" not in ask + good, question.name


def test_the_page_of_misconceptions_is_what_the_questions_give():
    page = (DOCS / "misconceptions.md").read_text(encoding="utf-8")
    assert page == stored.tool("misconceptions").page(), "make misconceptions writes it"


def test_the_page_of_items_is_what_the_items_give():
    page = (DOCS / "items.md").read_text(encoding="utf-8")
    assert page == stored.tool("items").page(), "make items writes it"
