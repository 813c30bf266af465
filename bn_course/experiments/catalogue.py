"""Which experiments there are: `bn_course/experiments/NN_name/NAME.py`, each with an `EXPERIMENT`.

A file that begins with an underscore holds what the experiments of its lesson share. `large/NAME.py` measures
the claim of that name once more, with a larger network on a GPU; it is called "large/NAME".
"""

import ast
import hashlib
from functools import lru_cache
from importlib import import_module
from pathlib import Path

from bn_course.experiments.experiment import Experiment

FOLDER = Path(__file__).resolve().parent
LARGE = "large/"


@lru_cache
def files() -> dict[str, Path]:
    """The file of each experiment by its name, in the order of lessons; then those of the larger scale."""
    lessons, large = (sorted(FOLDER.glob(f"{folder}/[a-z]*.py")) for folder in ("[0-9][0-9]_*", LARGE))
    return {file.stem: file for file in lessons} | {LARGE + file.stem: file for file in large}


def names(lesson: str = "", large: bool = False) -> list[str]:
    """The names of all experiments, or of those of one lesson: `names("08_why_it_works")`, `names("08")`; or
    of those of the larger scale."""
    return [name for name in files() if is_large(name) == large and lesson_of(name).startswith(lesson)]


def is_large(name: str) -> bool:
    """Whether an experiment is one of the larger scale."""
    return name.startswith(LARGE)


def lesson_of(name: str) -> str:
    """The stem of the lesson that makes the claim."""
    return _file(name.removeprefix(LARGE)).parent.name


def load(name: str) -> Experiment:
    """The experiment called `name`. Raises ValueError where there is none."""
    file = _file(name)
    return import_module(f"bn_course.experiments.{file.parent.name}.{file.stem}").EXPERIMENT


def recipe(name: str) -> str:
    """A digest of the code that measures: `measure`, and whatever of the lesson's files it reaches.

    Prose, scope and verdict may change without a new measurement, and what is done at small scale alone; what
    the stored numbers depend on may not.
    """
    reached = _reached(_file(name), {"measure"})
    return hashlib.sha256("\n".join(reached).encode()).hexdigest()[:16]


def _reached(file: Path, wanted: set[str]) -> list[str]:
    """The statements of a file that `wanted` needs, and those of the files beside it that it imports."""
    module = AtFullScale().visit(ast.parse(file.read_text(encoding="utf-8")))
    kept = []
    while new := [node for node in module.body if node not in kept and wanted & _named(node)]:
        kept += new
        wanted = wanted | {name.id for node in new for name in ast.walk(node) if isinstance(name, ast.Name)}
    statements = [_code(node) for node in module.body if node in kept]
    for node in ast.walk(module):
        if isinstance(node, ast.ImportFrom) and node.level == 1:
            needed = {a.name for a in node.names if (a.asname or a.name) in wanted}
            statements += _reached(file.with_name(f"{node.module}.py"), needed) if needed else []
    return statements


class AtFullScale(ast.NodeTransformer):
    """Code with what is only done at small scale left out: it knows that `scale` is "full"."""

    def __init__(self):
        self.known: dict[str, bool] = {}

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        """`full = scale == "full"` makes `full` known, too, to the end of the function."""
        outside, self.known = self.known, dict(self.known)
        self.generic_visit(node)
        self.known = outside
        return node

    def visit_Compare(self, node: ast.Compare) -> ast.AST:
        match node:
            case ast.Compare(ast.Name("scale"), [ast.Eq()], [ast.Constant(scale)]):
                return ast.Constant(scale == "full")
        return self.generic_visit(node)

    def visit_Assign(self, node: ast.Assign) -> ast.AST:
        self.generic_visit(node)
        match node:
            case ast.Assign([ast.Name(name)], ast.Constant(bool(value))):
                self.known[name] = value
        return node

    def visit_Name(self, node: ast.Name) -> ast.AST:
        known = isinstance(node.ctx, ast.Load) and node.id in self.known
        return ast.Constant(self.known[node.id]) if known else node

    def visit_IfExp(self, node: ast.IfExp) -> ast.AST:
        self.generic_visit(node)
        return self._chosen(node) or node

    def visit_If(self, node: ast.If) -> ast.AST | list[ast.AST]:
        self.generic_visit(node)
        chosen = self._chosen(node)
        return node if chosen is None else chosen

    @staticmethod
    def _chosen(node: ast.IfExp | ast.If) -> ast.AST | list[ast.AST] | None:
        """What is left of a choice whose test is known."""
        match node.test:
            case ast.Constant(bool(test)):
                return node.body if test else node.orelse
        return None


def _named(node: ast.stmt) -> set[str]:
    """What a statement of a module defines."""
    match node:
        case ast.FunctionDef() | ast.ClassDef():
            return {node.name}
        case ast.Assign(targets=targets):
            return {part.id for target in targets for part in ast.walk(target) if isinstance(part, ast.Name)}
    return set()


def _code(node: ast.stmt) -> str:
    """A statement without its docstrings, in a form in which its layout does not count."""
    for part in ast.walk(node):
        if isinstance(part, ast.FunctionDef | ast.ClassDef) and ast.get_docstring(part) is not None:
            part.body = part.body[1:]
    return ast.dump(node)


def _file(name: str) -> Path:
    if name not in files():
        raise ValueError(f"there is no experiment {name!r}; there are: {', '.join(files())}")
    return files()[name]
