"""A lesson, and each of its parts, takes about the minutes that it announces."""

import nbformat
import pytest
import stored
from nbformat.v4 import new_code_cell, new_markdown_cell

TOOL = stored.tool("minutes")


@pytest.mark.parametrize("path", stored.EVERY_LESSON, ids=stored.name)
def test_announced_minutes_are_right_within_a_fifth(path):
    lesson, *parts = TOOL.parts(stored.read(path))
    for part in (lesson, *parts):
        assert part.announced == pytest.approx(part.measured, rel=0.2), part.name
    assert sum(part.announced for part in parts) == (lesson.announced if parts else 0)


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        (new_markdown_cell("word " * 300), 1.5),
        (new_markdown_cell("word " * 100 + "\n\n<details><summary>Why</summary>\nlong\n</details>"), 0.5),
        (new_code_cell("a = 1\n\n" * 12), 1.2),
        (new_code_cell('predict("01-unit", choices="abc")'), 1),
        (new_code_cell("from bn_course.explorers import CostExplorer\n\nCostExplorer()"), 3),
        (new_markdown_cell("word " * 300, id="sources"), 0),
        (new_code_cell('review(before="03")', id="before-you-go-on-items"), 0),
    ],
)
def test_what_a_cell_takes(cell, expected):
    assert TOOL.minutes(cell) == pytest.approx(expected)


def test_parts_begin_where_their_time_is_announced():
    said = ["# A lesson\n\n**Time** 3 minutes, and 9", "word " * 197, "## Part two\n\n**Time** 2 minutes"]
    said[1:1] = ["## Part one\n\n**Time** 1 minutes"]
    lesson = nbformat.v4.new_notebook(cells=[new_markdown_cell(text) for text in said])
    found = [(part.name, part.announced) for part in TOOL.parts(lesson)]
    assert found == [("A lesson", 3), ("Part one", 1), ("Part two", 2)]
    whole, one, two = (part.measured for part in TOOL.parts(lesson))
    assert whole == pytest.approx(one + two)
    assert two == pytest.approx(6 / 200)
