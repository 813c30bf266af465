"""Solutions to be handed out, a question at a time: the task, a solution that runs, the usual mistakes."""

import ast
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from bn_course.course import folder, write
from bn_course.grading.catalogue import catalogue, find_question
from bn_course.grading.question import Question
from bn_course.grading.solutions import source


def find(name: str) -> list[Question]:
    """The question of that name, or those of the lesson of that number. Raises ValueError."""
    lesson = [q for q in catalogue().values() if name.isdigit() and q.lesson.startswith(f"{name.zfill(2)}_")]
    return lesson or [find_question(name)]


def hand_out(question: Question, target: Path) -> Path:
    """Write `target/NAME.ipynb`, a notebook complete in itself. Grading in it records nothing."""
    file = target / f"{question.name}.ipynb"
    write(file, f"{nbformat.writes(handout(question))}\n".encode())
    return file


def handout(question: Question) -> NotebookNode:
    """The notebook of one question."""
    solved = nbformat.read(folder("solutions") / f"{question.lesson}.ipynb", as_version=4)
    code = [cell for cell in solved.cells if cell.cell_type == "code"]
    (place,) = [n for n, cell in enumerate(code) if _grade_id(cell) == question.name]
    task = next(cell.source for cell in solved.cells if cell.id == f"{question.name}-task")
    mistakes = "\n".join(f"- **{m.did}** {m.why}" for m in question.misconceptions)
    make, show = nbformat.v4.new_code_cell, nbformat.v4.new_markdown_cell
    cells = [
        show(task, id="task"),
        *(make(_plain(cell), id=f"before-{n}") for n, cell in enumerate(_needed(code[:place], code[place]))),
        make(source(question), id="solution"),
        make(f'from bn_course import grade\n\ngrade("{question.name}", {question.name})', id="grade"),
        show(f"## Mistakes that the check knows\n\n{mistakes}", id="mistakes"),
    ]
    return nbformat.v4.new_notebook(cells=cells, metadata=solved.metadata)


def _needed(before: list[NotebookNode], cell: NotebookNode) -> list[NotebookNode]:
    """The cells among `before` that define what `cell` uses, and what they use in their turn."""
    used, needed = _names(cell, ast.Load), []
    for earlier in reversed(before):
        if not _grade_id(earlier).startswith("check_") and used & _names(earlier, ast.Store):
            needed.insert(0, earlier)
            used |= _names(earlier, ast.Load)
    return needed


def _names(cell: NotebookNode, context: type) -> set[str]:
    """The names that a cell uses (ast.Load), or those that it defines (ast.Store)."""
    names = set()
    for node in ast.walk(ast.parse(cell.source)):
        if isinstance(node, ast.Name) and isinstance(node.ctx, context):
            names.add(node.id)
        elif context is ast.Store and isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            names.add(node.name)
        elif context is ast.Store and isinstance(node, ast.alias):
            names.add((node.asname or node.name).split(".")[0])
    return names


def _grade_id(cell: NotebookNode) -> str:
    return cell.metadata.get("nbgrader", {}).get("grade_id", "")


def _plain(cell: NotebookNode) -> str:
    return "\n".join(line for line in cell.source.splitlines() if not line.strip().startswith("### "))
