"""What a lesson shows and what an exercise needs: the names of its code, the symbols of its prose."""

import ast
import re
from collections.abc import Iterator

from nbformat import NotebookNode
from stored import code_cells, prose

FENCED = re.compile(r"```.*?\n(.*?)```", re.DOTALL)
SPAN = re.compile(r"`([^`\n]+)`")
NO_NAME = re.compile(r"\"[^\"]*\"|'[^']*'|[\w/]+\.(?:ipynb|md|py)\b")  # a string, a file
MATHEMATICS = re.compile(r"\$\$.*?\$\$|\$[^$]*\$", re.DOTALL)
NAME = re.compile(r"[A-Za-z_]\w+")  # a letter alone is a variable
TEX = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ε", "eta": "η", "kappa": "κ",
    "lambda": "λ", "mu": "μ", "sigma": "σ", "tau": "τ", "partial": "∂", "sum": "Σ", "sqrt": "√", "lVert": "‖",
    "odot": "⊙",
}  # fmt: skip
SYMBOL = re.compile("[α-ωΓΔΘΛΣΦΨΩ∂√‖⊙÷]|\\w\u0302|\\b[B-HJ-Z]\\b")  # with a hat, or a capital letter alone


def names_shown(lesson: NotebookNode) -> set[str]:
    """Names that the lesson's code, or code that it prints, uses or defines, and code in its prose."""
    shown = set(_words_of_code(prose(lesson)))
    for source in [cell.source for cell in code_cells(lesson)] + list(_printed(lesson)):
        tree = ast.parse(source)
        shown |= set(_used(tree)) | set(_defined(tree))
    return shown


def names_needed(cell: NotebookNode) -> set[str]:
    """Names of others that an answer and its stub use, or that the task says."""
    if cell.cell_type == "markdown":
        return set(_words_of_code(cell.source))
    tree = ast.parse(cell.source)
    return set(_used(tree)) - set(_defined(tree))


def names_given(exercise: NotebookNode) -> set[str]:
    """Names that an exercise makes itself: its functions, their arguments, what they return."""
    return {name for cell in code_cells(exercise) for name in _defined(ast.parse(cell.source), True)}


def symbols(text: str) -> set[str]:
    """Greek letters, signs, letters with a hat and capital letters by themselves, code left out."""
    words = SPAN.sub(" ", FENCED.sub(" ", text))
    return set(SYMBOL.findall(MATHEMATICS.sub(lambda formula: _in_a_line(formula[0]), words)))


def _in_a_line(formula: str) -> str:
    """TeX as it would be written in a line of prose: x̂ for \\hat x, γ for \\gamma_c, no other commands."""
    formula = re.sub(r"\\hat\s*\{?(\w)\}?", "\\1\u0302", formula)
    return re.sub(r"\\(?:var)?([A-Za-z]+)|_", lambda found: f" {TEX.get(found[1], ' ')} ", formula)


def _words_of_code(text: str) -> Iterator[str]:
    """The names in the blocks and `spans` of code of a text."""
    for code in FENCED.findall(text) + SPAN.findall(FENCED.sub("", text)):
        yield from NAME.findall(NO_NAME.sub("", code))


def _printed(lesson: NotebookNode) -> Iterator[str]:
    """The source of functions that a lesson's cells print."""
    for cell in code_cells(lesson):
        for output in cell.outputs:
            if re.search(r"^def \w+\(", output.get("text", ""), re.MULTILINE):
                yield output.text


def _defined(tree: ast.AST, variables: bool = False) -> Iterator[str]:
    """Functions and classes with their arguments, attributes that are set; `variables` too."""
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name) | ast.arg(arg=name):
                yield name
            case ast.Attribute(attr=name, ctx=ast.Store()):
                yield name
            case ast.Name(id=name, ctx=ast.Store()) if variables:
                yield name


def _used(tree: ast.AST) -> Iterator[str]:
    """Attributes, keywords, imports, and the names that this source does not bind."""
    bound = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(attr=name) | ast.keyword(arg=str(name)):
                yield name
            case ast.alias(name=name):
                yield from name.split(".")
            case ast.Name(id=name) if name not in bound:
                yield name
