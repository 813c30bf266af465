"""Write docs/misconceptions.md from the questions: what an instructor asks next, and every mistake by name.

    python tools/misconceptions.py

A test fails where the page is not what the questions give.
"""

import re
from collections import Counter
from itertools import groupby
from pathlib import Path

import nbformat

from bn_course.grading.catalogue import catalogue
from bn_course.grading.question import Misconception, Question

REPOSITORY = Path(__file__).resolve().parent.parent
PAGE = REPOSITORY / "docs" / "misconceptions.md"
MANY = 4  # questions: what so many share is explained once

HEAD = """# Misconceptions, question by question

<!-- Written by `make misconceptions` from bn_course/checks/: change it there. -->

For each question: what to ask somebody whose answer is wrong, so that they find the mistake themselves,
and what a good answer says. Below it are the mistakes that the check knows, under the names that
`bn-course grade` prints. Somebody who has been told the name and is still at a loss needs the question more
than the explanation.

`bn-course handout NAME` writes a notebook to hand out: a question's task, a solution and its mistakes.
"""


def main() -> None:
    PAGE.write_text(page(), encoding="utf-8", newline="\n")


def page() -> str:
    """The whole page, as Markdown."""
    questions = list(catalogue().values())
    times = Counter(_text(m) for q in questions for m in q.misconceptions)
    shared = {text for text, number in times.items() if number >= MANY}
    parts = [HEAD, "## Mistakes that many questions share\n", *_shared(questions, shared)]
    for stem, group in groupby(questions, key=lambda q: q.lesson):
        parts += [f"\n## {title(stem)}", *(_entry(question, shared) for question in group)]
    return "\n".join(parts) + "\n"


def _shared(questions: list[Question], shared: set[str]) -> list[str]:
    keys = {_text(m): m.key for q in questions for m in q.misconceptions}
    return [f"- **{key}** {text}" for text, key in sorted(keys.items(), key=lambda k: k[1]) if text in shared]


def _entry(question: Question, shared: set[str]) -> str:
    ask, good = map(plain, question.ask)
    own = [f"- **{m.key}** {_text(m)}" for m in question.misconceptions if _text(m) not in shared]
    others = [m.key for m in question.misconceptions if _text(m) in shared]
    if others:
        own.append(f"- and, from the list above: {', '.join(others)}")
    return "\n".join(
        [
            f"\n### `{question.name}`\n\n{plain(question.task)}\n",
            f"**Ask:** {ask}\n\n**A good answer:** {good}\n",
            f"<details>\n<summary>{len(question.misconceptions)} mistakes</summary>\n",
            *own,
            "\n</details>",
        ]
    )


def _text(misconception: Misconception) -> str:
    return plain(f"{misconception.did} {misconception.why}")


def plain(text: str) -> str:
    """Text that Markdown shows as it is; what stands between backticks is code already."""
    pieces = text.split("`")
    pieces[::2] = [re.sub(r"([*<$\[])", r"\\\1", piece) for piece in pieces[::2]]
    return "`".join(pieces)


def title(stem: str) -> str:
    lesson = nbformat.read(REPOSITORY / "notebooks" / f"{stem}.ipynb", as_version=4)
    return lesson.cells[0].source.splitlines()[0].removeprefix("# ")


if __name__ == "__main__":
    main()
