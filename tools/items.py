"""Write docs/items.md: every item with its computed answer, and the inventory in both forms.

    python tools/items.py

A test fails where the page is not what the items give.
"""

from itertools import groupby

import misconceptions

from bn_course.review.bank import bank
from bn_course.review.ideas import IDEAS
from bn_course.review.inventory_forms import FORMS, beliefs, form
from bn_course.review.item import RIGHT, Asked

PAGE = misconceptions.REPOSITORY / "docs" / "items.md"
SEED = "page"  # of the numbers that are shown: a learner sees others

HEAD = """# Items

<!-- Written by `make items` from bn_course/checks/ and bn_course/review/: change it there. -->

The questions of a minute that come back in `review()`, by lesson. The numbers are one draw of many, the
answer is computed each time, and the wrong choices stand under the names of the beliefs behind them. At the
end is the inventory, in both forms: keep it from learners who have yet to take it.

"""


def main() -> None:
    PAGE.write_text(page(), encoding="utf-8", newline="\n")


def page() -> str:
    """The whole page, as Markdown."""
    parts = [HEAD, _counts()]
    for stem, group in groupby(bank().values(), key=lambda item: item.lesson):
        rows = [_row(item.asked(SEED)) for item in group]
        parts += [f"\n## {misconceptions.title(stem)}\n", _table(rows)]
    return "\n".join([*parts, "\n## The inventory\n", *_inventory()]) + "\n"


def _counts() -> str:
    """How many items each lesson has of each idea."""
    cells: dict[str, dict[str, int]] = {}
    for item in bank().values():
        row = cells.setdefault(item.lesson[:2], {})
        row[item.idea] = row.get(item.idea, 0) + 1
    lines = ["| lesson | " + " | ".join(IDEAS.values()) + " | all |", "|---" * (len(IDEAS) + 2) + "|"]
    for lesson, row in cells.items():
        numbers = " | ".join(str(row.get(idea, "")) for idea in IDEAS)
        lines.append(f"| {lesson} | {numbers} | {sum(row.values())} |")
    sums = " | ".join(str(sum(row.get(idea, 0) for row in cells.values())) for idea in IDEAS)
    return "\n".join([*lines, f"| all | {sums} | {len(bank())} |"])


def _table(rows: list[str]) -> str:
    return "\n".join(["| item | idea | asks | right, as computed | wrong |", "|---|---|---|---|---|", *rows])


def _row(asked: Asked) -> str:
    wrong = "; ".join(f"{text} ({key})" for key, text in asked.choices.items() if key != RIGHT)
    code = f" `{' ¶ '.join(asked.code.splitlines())}`" if asked.code else ""
    cells = [asked.name, IDEAS[asked.idea], asked.text + code, asked.choices[RIGHT], wrong]
    return "| " + " | ".join(_cell(text) for text in cells) + " |"


def _cell(text: str) -> str:
    return misconceptions.plain(text).replace("|", "\\|").replace("\n", " ")


def _inventory() -> list[str]:
    parts = []
    for which in FORMS:
        rows = [_row(asked) for asked in form(which).values()]
        parts += [f"### The form {which} the course\n", _table(rows), ""]
    said = [f"- **{key}** {text}" for key, text in sorted(beliefs().items())]
    return [*parts, "### What the wrong choices stand for\n", *said]


if __name__ == "__main__":
    main()
