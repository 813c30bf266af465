"""Write the exercises from the solutions, with nbgrader's own preprocessors.

    python tools/exercises.py            write them
    python tools/exercises.py --check    write nothing; say what is wrong, and fail if anything is

Each is written twice: to `exercises/`, where people work, and to `bn_course/_course/exercises/`, from
which `bn-course reset` restores.
"""

import argparse
import contextlib
import io
import linecache
import sys
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbgrader.preprocessors import (
    CheckCellMetadata,
    ClearOutput,
    ClearSolutions,
    ComputeChecksums,
    LockCells,
)

from bn_course.grading.api import grade
from bn_course.grading.catalogue import catalogue
from bn_course.grading.solutions import BEGIN, END

REPOSITORY = Path(__file__).resolve().parent.parent
SOLUTIONS = REPOSITORY / "solutions"
EXERCISES = REPOSITORY / "exercises"
PRISTINE = REPOSITORY / "bn_course" / "_course" / "exercises"

PREPROCESSORS = (LockCells, ClearSolutions, ClearOutput, CheckCellMetadata, ComputeChecksums)
RAISES = "raises-exception"  # 'Run All' goes on past a check that fails
TELLING = 12  # a line of a solution that is shorter (`return y`) may well stand elsewhere too


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Write exercises/ from solutions/.")
    parser.add_argument("--check", action="store_true", help="write nothing, say what is wrong")
    if not parser.parse_args(arguments).check:
        write()
    found = [*stray(), *(fault for stem in stems() for fault in faults(stem))]
    for fault in found:
        print(fault, file=sys.stderr)
    return int(bool(found))


def stems() -> list[str]:
    """Every lesson that has exercises, by the solutions found."""
    return sorted(path.stem for path in SOLUTIONS.glob("*.ipynb"))


def generate(stem: str) -> str:
    """The exercise notebook of a lesson, as the text of its file."""
    notebook = nbformat.read(SOLUTIONS / f"{stem}.ipynb", as_version=4)
    for preprocessor in PREPROCESSORS:
        notebook, _ = preprocessor().preprocess(notebook, {})
    for cell in notebook.cells:
        if _role(cell, "grade"):
            cell.metadata.tags = [*cell.metadata.get("tags", []), RAISES]
    return nbformat.writes(notebook) + "\n"


def write() -> None:
    """Write all exercises. One that somebody has worked in is left alone, and said to be."""
    for stem in stems():
        text, exercise, pristine = generate(stem), *_files(stem)
        if _worked_in(exercise, pristine, text):
            print(f"{exercise.name} holds somebody's work: `bn-course reset {stem}` keeps it and makes way.")
            continue
        for file in (exercise, pristine):
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8", newline="\n")


def faults(stem: str) -> list[str]:
    """What is wrong with a lesson's exercises, as sentences; none when all is well."""
    text = generate(stem)
    solved = nbformat.read(SOLUTIONS / f"{stem}.ipynb", as_version=4)
    return [
        *_drift(stem, text),
        *_leaks(stem, solved, nbformat.reads(text, as_version=4)),
        *_cells_missing(stem, solved),
        *_wrong_grades(stem, solved, nbformat.reads(text, as_version=4)),
    ]


def stray() -> list[str]:
    """Files that no solution accounts for, and solutions that no lesson accounts for."""
    known = {f"{stem}.ipynb" for stem in stems()}
    return [
        f"{path.relative_to(REPOSITORY)}: solutions/ has no {path.name}"
        for folder in (EXERCISES, PRISTINE)
        for path in sorted(folder.iterdir() if folder.is_dir() else ())
        if path.name not in known and not path.name.startswith(".")
    ] + [
        f"solutions/{stem}.ipynb: there is no lesson of that name in notebooks/"
        for stem in stems()
        if not (REPOSITORY / "notebooks" / f"{stem}.ipynb").is_file()
    ]


def _files(stem: str) -> tuple[Path, Path]:
    return EXERCISES / f"{stem}.ipynb", PRISTINE / f"{stem}.ipynb"


def _worked_in(exercise: Path, pristine: Path, text: str) -> bool:
    if not (exercise.is_file() and pristine.is_file()):
        return False
    found = exercise.read_text(encoding="utf-8")
    return found not in (text, pristine.read_text(encoding="utf-8"))


def _drift(stem: str, text: str) -> list[str]:
    found = {file: file.read_text(encoding="utf-8") if file.is_file() else None for file in _files(stem)}
    return [
        f"{file.relative_to(REPOSITORY)} is {'missing' if stored is None else 'not what its solution gives'}"
        for file, stored in found.items()
        if stored != text
    ]


def _leaks(stem: str, solved: NotebookNode, exercise: NotebookNode) -> list[str]:
    """Lines of a solution that the exercise still shows."""
    shown = {line.strip() for cell in exercise.cells for line in cell.source.splitlines()}
    secret = [line for cell in solved.cells for line in _solution_lines(cell)]
    return [
        f"exercises/{stem}.ipynb shows a line of the solution: {line}"
        for line in secret
        if line in shown and len(line) >= TELLING and not line.startswith("#")
    ]


def _solution_lines(cell: NotebookNode) -> list[str]:
    lines, inside, found = cell.source.splitlines(), False, []
    for line in map(str.strip, lines):
        if line in (BEGIN, END):
            inside = line == BEGIN
        elif inside:
            found.append(line)
    return found


def _cells_missing(stem: str, solved: NotebookNode) -> list[str]:
    """Each question of the lesson needs a solution cell with its marks, and a check cell with its points."""
    cells = {cell.metadata.get("nbgrader", {}).get("grade_id"): cell for cell in solved.cells}
    missing = []
    for question in _questions(stem):
        answer, check = cells.get(question.name), cells.get(f"check_{question.name}")
        if answer is None or not _role(answer, "solution") or not _solution_lines(answer):
            missing.append(f"{question.name}: no solution cell with {BEGIN} … {END}")
        if check is None or not _role(check, "grade"):
            missing.append(f"{question.name}: no check cell")
        elif check.metadata.nbgrader.points != question.points:
            missing.append(f"{question.name}: the check cell's points are not the question's")
    return [f"solutions/{stem}.ipynb: {fault}" for fault in missing]


def _wrong_grades(stem: str, solved: NotebookNode, exercise: NotebookNode) -> list[str]:
    """Solutions that do not pass, and stubs that are not graded as untouched."""
    solutions, stubs = _defined(solved), _defined(exercise)
    wrong = []
    for name in (question.name for question in _questions(stem)):
        if name in solutions and not grade(name, solutions[name]).passed:
            wrong.append(f"solutions/{stem}.ipynb: {name} does not pass its check")
        if name in stubs and grade(name, stubs[name]).attempted:
            wrong.append(f"exercises/{stem}.ipynb: the stub of {name} counts as an attempt")
    return wrong


def _defined(notebook: NotebookNode) -> dict:
    """What the notebook's cells define, its checks left out. The code is the course's own: it runs here."""
    names: dict = {"__name__": "__main__"}
    with contextlib.redirect_stdout(io.StringIO()):
        for cell in notebook.cells:
            if cell.cell_type == "code" and not _role(cell, "grade"):
                file = f"<{cell.id}, {id(names)}>"  # where Triton reads a kernel's source
                linecache.cache[file] = (len(cell.source), None, cell.source.splitlines(keepends=True), file)
                exec(compile(cell.source, file, "exec"), names)
    return names


def _questions(stem: str):
    return [question for question in catalogue().values() if question.lesson == stem]


def _role(cell: NotebookNode, role: str) -> bool:
    return bool(cell.metadata.get("nbgrader", {}).get(role))


if __name__ == "__main__":
    sys.exit(main())
