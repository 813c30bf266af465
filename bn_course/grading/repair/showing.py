"""From the edits that mend an answer to the places that are shown."""

import ast
from collections.abc import Iterable, Sequence

from bn_course.grading.repair.edit import Edit
from bn_course.grading.repair.place import LONGEST, Place
from bn_course.grading.repair.program import with_edits

_TOO_SMALL = (ast.Name, ast.Constant, ast.Attribute, ast.Starred, ast.UnaryOp, ast.Tuple, ast.List, ast.Slice)


class Showing:
    """The source and the tree of an answer: which statement an edit changes, and what to show of it."""

    def __init__(self, source: str, tree: ast.Module):
        self.source, self.lines = source, source.splitlines()
        self.parents: dict[int, ast.AST] = {}
        self._note_parents(tree)

    def _note_parents(self, node: ast.AST) -> None:
        for child in ast.iter_child_nodes(node):
            self.parents[id(child)] = node
            self._note_parents(child)

    def statement(self, edit: Edit) -> ast.AST:
        """What counts as one place: a simple statement, an expression in the head of another one."""
        node = edit.shown
        while not isinstance(node, (ast.stmt, ast.arg)):
            parent = self.parents[id(node)]
            if isinstance(parent, ast.stmt) and hasattr(parent, "body"):
                return node
            node = parent
        return node

    def place(self, edits: Sequence[Edit], role: str = "alone") -> Place:
        """The smallest thing worth showing in which all these edits of one statement lie."""
        node = self._common([edit.shown for edit in edits])
        while isinstance(node, _TOO_SMALL) or not isinstance(node, (ast.expr, ast.stmt, ast.arg)):
            parent = self.parents[id(node)]
            if isinstance(parent, (ast.Module, ast.arguments)) or hasattr(parent, "body"):
                break
            node = parent
        line, start, end, text = self._segment(node)
        return Place(line, text, start, end, self._within(node), self._fix(edits[0], node, text), role)

    def _common(self, nodes: Sequence[ast.AST]) -> ast.AST:
        paths = [[*self._path(node)][::-1] for node in nodes]
        shared = None
        for level in zip(*paths, strict=False):
            if any(node is not level[0] for node in level):
                break
            shared = level[0]
        return shared

    def _path(self, node: ast.AST) -> Iterable[ast.AST]:
        yield node
        while id(node) in self.parents:
            node = self.parents[id(node)]
            yield node

    def _segment(self, node: ast.AST) -> tuple[int, int, int, str]:
        last = node
        if isinstance(node, ast.arg):  # with its default
            last = _default(self.parents[id(node)], node) or node
        elif hasattr(node, "body") and isinstance(node, ast.stmt):  # its head alone
            text = self.lines[node.lineno - 1]
            return node.lineno, node.col_offset, len(text), text.strip()
        first = self.lines[node.lineno - 1]
        start = _column(first, node.col_offset)
        whole = node.lineno == last.end_lineno
        end = _column(first, last.end_col_offset) if whole else len(first)
        text = first[start:end]
        if not whole and isinstance(node, (ast.expr, ast.stmt)):
            text = " ".join((ast.get_source_segment(self.source, node) or text).split())
        return node.lineno, start, end, text if len(text) <= LONGEST else f"{text[: LONGEST - 2]} …"

    def _within(self, node: ast.AST) -> str:
        names = [n.name for n in self._path(node) if isinstance(n, (ast.FunctionDef, ast.ClassDef))]
        return ".".join(reversed(names))

    def _fix(self, edit: Edit, shown: ast.AST, text: str) -> str:
        inside = any(node is edit.node for node in ast.walk(shown))
        made = with_edits(shown if inside else edit.node, [edit])
        if isinstance(made, ast.FunctionDef):
            made = _changed_part(made, edit)
        written = "; ".join(map(_unparsed, made if isinstance(made, list) else [made]))
        return f"Write `{written}` for `{text}`." if written else f"Leave out `{text}`."


def _changed_part(function: ast.FunctionDef, edit: Edit) -> ast.AST | list[ast.stmt]:
    """What an edit of a whole function has changed: a default, the first statement or the last."""
    if isinstance(edit.shown, ast.arg):
        return ast.keyword(edit.shown.arg, _default(function.args, edit.shown))
    last = function.body[-1]
    return (
        last
        if isinstance(last, ast.Return) and not isinstance(edit.node.body[-1], ast.Return)
        else function.body[0]
    )


def _default(arguments: ast.arguments, parameter: ast.arg) -> ast.expr | None:
    given = [*arguments.posonlyargs, *arguments.args]
    for one, default in zip(given[::-1], arguments.defaults[::-1], strict=False):
        if one.arg == parameter.arg:
            return default
    return None


def _unparsed(node: ast.AST) -> str:
    return ast.unparse(ast.fix_missing_locations(node))


def _column(line: str, offset: int) -> int:
    """From an offset in bytes of UTF-8, as the tree has it, to one in characters."""
    return len(line.encode()[:offset].decode(errors="ignore"))
