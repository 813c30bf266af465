"""Answers as texts: the solution, the styles, the reference and the variant of a question, each a program.

A program holds the definitions that an answer consists of, taken from the file where it stands, so that it
can be written in another way (`rewriting.py`) and still finds all that it uses.
"""

import ast
import builtins
import importlib.util
import inspect
import json
import linecache
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from bn_course.course import folder
from bn_course.grading.catalogue import catalogue
from bn_course.grading.question import Question
from bn_course.grading.solutions import source


@dataclass
class Program:
    """The definitions of an answer, and the namespace in which they are made."""

    label: str
    name: str
    tree: ast.Module
    namespace: dict[str, Any] = field(repr=False)

    def build(self, tree: ast.Module | None = None, **more: Any) -> Any:
        """The answer; of another `tree`, which defines the same names, where one is given."""
        tree = self.tree if tree is None else tree
        namespace = {**self.namespace, **more}
        code = ast.fix_missing_locations(tree)
        if "triton" in namespace:  # which reads the source of a kernel
            code = readable(text_of(tree), f"<{self.label} of {self.name}>")
        exec(compile(code, f"<{self.label} of {self.name}>", "exec"), namespace)
        return namespace[self.name]


def readable(text: str, file: str) -> str:
    """The text, to be found where `inspect` looks for the lines of a file."""
    linecache.cache[file] = (len(text), None, text.splitlines(keepends=True), file)
    return text


def text_of(tree: ast.AST) -> str:
    """The program as one would write it down."""
    return ast.unparse(ast.fix_missing_locations(tree))


def right_programs(question: Question) -> list[Program]:
    """The right answers that people have written: solution, reference, variant without knobs, styles."""
    found = [from_notebook(question)]
    found += [_of_function(part, getattr(question, part)) for part in ("reference", "variant")]
    path = _style_file(question.lesson)
    for way, answer in styles(question.lesson)[question.name].items():
        module = inspect.getmodule(type(answer)) if not hasattr(answer, "__name__") else None
        if module is None and answer.__name__.isidentifier():  # not a lambda, nor an object made of others
            namespace = _style_module(question.lesson).__dict__
            found.append(_closure(way, answer.__name__, path.read_text(encoding="utf-8"), namespace))
    return found


def variant_program(question: Question) -> Program:
    """The question's variant, with its knobs."""
    return _of_function("variant", question.variant)


def from_notebook(question: Question) -> Program:
    """The solution of the notebook, in the namespace that the cells above it have made."""
    above = [q for q in catalogue().values() if q.lesson == question.lesson]
    cells = [source(q) for q in above[: [q.name for q in above].index(question.name) + 1]]
    text = "\n\n".join([_imports(question.lesson), *cells])
    namespace: dict[str, Any] = {"__name__": f"solution of {question.name}"}
    file = f"<solution of {question.name}>"
    exec(compile(readable(text, file), file, "exec"), namespace)
    return _closure("solution", question.name, text, namespace)


@cache
def styles(stem: str) -> dict[str, dict[str, Any]]:
    """Of each question of a lesson the right answers in other styles, by the style's name."""
    return _style_module(stem).STYLES


@cache
def _style_module(stem: str):
    spec = importlib.util.spec_from_file_location(f"styles_{stem}", _style_file(stem))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _style_file(stem: str) -> Path:
    return Path(__file__).parent / "styles" / f"{stem}.py"


@cache
def _imports(stem: str) -> str:
    """The first code cell of the lesson's solutions."""
    notebook = json.loads((folder("solutions") / f"{stem}.ipynb").read_text(encoding="utf-8"))
    return next("".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "code")


def _of_function(label: str, function: Any) -> Program:
    module = inspect.getmodule(function)
    return _closure(label, function.__name__, inspect.getsource(module), module.__dict__)


def _closure(label: str, name: str, text: str, namespace: dict[str, Any]) -> Program:
    """The definition of `name` and of all that it reaches in the same text, in their order."""
    kinds = (ast.FunctionDef, ast.ClassDef)
    defined = {node.name: node for node in ast.parse(text).body if isinstance(node, kinds)}
    wanted, open_names = set(), [name]
    while open_names:
        here = open_names.pop()
        if here in defined and here not in wanted:
            wanted.add(here)
            used = {n.id for n in ast.walk(defined[here]) if isinstance(n, ast.Name)}
            open_names += sorted(used - set(dir(builtins)))
    body = [node for at, node in defined.items() if at in wanted]
    return Program(label, name, ast.Module(body, []), dict(namespace))
