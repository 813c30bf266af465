"""Which experiments there are: `bn_course/experiments/NN_name/NAME.py`, each with an `EXPERIMENT`.

A file that begins with an underscore holds what the experiments of its lesson share.
"""

import ast
import hashlib
from functools import lru_cache
from importlib import import_module
from pathlib import Path

from bn_course.experiments.experiment import Experiment

FOLDER = Path(__file__).resolve().parent


@lru_cache
def files() -> dict[str, Path]:
    """The file of each experiment by its name, in the order of the lessons."""
    return {file.stem: file for file in sorted(FOLDER.glob("[0-9][0-9]_*/[a-z]*.py"))}


def names(lesson: str = "") -> list[str]:
    """The names of all experiments, or of those of one lesson: `names("08_why_it_works")`, `names("08")`."""
    return [name for name, file in files().items() if file.parent.name.startswith(lesson)]


def lesson_of(name: str) -> str:
    """The stem of the lesson that makes the claim."""
    return _file(name).parent.name


def load(name: str) -> Experiment:
    """The experiment called `name`. Raises ValueError where there is none."""
    file = _file(name)
    return import_module(f"bn_course.experiments.{file.parent.name}.{name}").EXPERIMENT


def recipe(name: str) -> str:
    """A digest of the code that measures, its own file's and the shared ones' of its lesson.

    Prose and verdict may change without a new measurement; what the numbers depend on may not.
    """
    file = _file(name)
    digest = hashlib.sha256()
    for source in [file, *sorted(file.parent.glob("_*.py"))]:
        digest.update(_measuring(ast.parse(source.read_text(encoding="utf-8"))).encode())
    return digest.hexdigest()[:16]


def _measuring(module: ast.Module) -> str:
    """A module's code without what only tells: docstrings, `verdict`, `EXPERIMENT`, imports."""
    kept = [node for node in module.body if not _tells(node)]
    for node in ast.walk(ast.Module(kept, [])):
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and ast.get_docstring(node) is not None:
            node.body = node.body[1:]
    return "\n".join(map(ast.dump, kept))


def _tells(node: ast.stmt) -> bool:
    match node:
        case ast.FunctionDef(name="verdict") | ast.Assign(targets=[ast.Name(id="EXPERIMENT")]):
            return True
        case ast.Expr(value=ast.Constant()) | ast.Import() | ast.ImportFrom():
            return True
    return False


def _file(name: str) -> Path:
    if name not in files():
        raise ValueError(f"there is no experiment {name!r}; there are: {', '.join(files())}")
    return files()[name]
