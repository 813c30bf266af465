"""The text of a question's solution, taken from the solution notebook: the one place where it stands."""

import json

from bn_course.course import folder
from bn_course.grading.question import Question

BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"


def source(question: Question) -> str:
    """The solution cell of `question`, without the marks."""
    notebook = folder("solutions") / f"{question.lesson}.ipynb"
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    for cell in cells:
        if cell["metadata"].get("nbgrader", {}).get("grade_id") == question.name:
            lines = "".join(cell["source"]).splitlines()
            return "\n".join(line for line in lines if line.strip() not in (BEGIN, END))
    raise LookupError(f"{notebook.name} has no solution cell for {question.name}")
