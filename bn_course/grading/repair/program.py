"""Build programs from edits: one that holds many behind switches, and one with a few of them made."""

import ast
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress

from bn_course.grading.repair.edit import Edit

Chosen = Mapping[int, Sequence[Edit]]  # by the identity of the node that they change

_LEAVES = (ast.expr_context, ast.operator, ast.unaryop, ast.cmpop, ast.boolop)


def with_edits(tree: ast.AST, edits: Iterable[Edit]) -> ast.AST:
    """A copy of the tree with these edits made, the innermost first."""
    return _copied(tree, _by_node(edits))


def _by_node(edits: Iterable[Edit]) -> dict[int, list[Edit]]:
    chosen: dict[int, list[Edit]] = {}
    for edit in edits:
        chosen.setdefault(id(edit.node), []).append(edit)
    return chosen


def _copied(node, chosen: Chosen):
    copy = _with_children(node, lambda child: _copied(child, chosen))
    for edit in chosen.get(id(node), ()):
        # What another edit has put here may be of no use to this one.
        with suppress(AttributeError, TypeError, IndexError, ValueError):
            copy = edit.build(copy)
    return copy


def _with_children(node, change):
    made = {}
    for name, value in ast.iter_fields(node):
        if isinstance(value, list):
            value = [part for item in value for part in _parts(item, change)]
            if not value and name == "body":
                value = [ast.Pass()]
        elif isinstance(value, ast.AST) and not isinstance(value, _LEAVES):
            value = change(value)
        made[name] = value
    return ast.copy_location(type(node)(**made), node)


def _parts(item, change) -> list:
    """The items that stand for one item of a list: a statement may become several, or none."""
    changed = change(item) if isinstance(item, ast.AST) and not isinstance(item, _LEAVES) else item
    return changed if isinstance(changed, list) else [changed]


class Switched:
    """A program with sets of edits, each behind switches.

    `text` is for `drivers.edited`, where `settings[i]` switches on the i-th of the candidates.
    """

    def __init__(self, tree: ast.Module, candidates: Sequence[Sequence[Edit]]):
        self._variants: dict[int, list[tuple[int, Sequence[Edit]]]] = {}
        numbers: dict[tuple, int] = {}
        self.settings = [self._setting(candidate, numbers) for candidate in candidates]
        self.text = text_of(self._switched(tree))

    def _setting(self, candidate: Sequence[Edit], numbers: dict[tuple, int]) -> tuple[int, ...]:
        setting = []
        for edits in _outermost(candidate):
            top = edits[0].node
            key = (id(top), *(edit.number for edit in edits))
            if key not in numbers:
                numbers[key] = len(numbers) + 1
                self._variants.setdefault(id(top), []).append((numbers[key], edits))
            setting.append(numbers[key])
        return tuple(setting)

    def _switched(self, node):
        copy = _with_children(node, self._switched)
        for number, edits in self._variants.get(id(node), ()):
            edited = _copied(node, _by_node(edits))
            test = ast.Compare(ast.Constant(number), [ast.In()], [ast.Name("__on__", ast.Load())])
            if isinstance(node, ast.stmt):
                edited = edited if isinstance(edited, list) else [edited]
                copy = ast.If(test, edited or [ast.Pass()], [copy])
            else:
                copy = ast.IfExp(test, edited, copy)
        return copy


def _outermost(candidate: Sequence[Edit]) -> list[list[Edit]]:
    """The edits in groups: those inside the node of another one go with it, the outermost first."""
    groups: list[list[Edit]] = []
    for edit in sorted(candidate, key=lambda e: (e.span[0], -e.span[1], e.number)):
        if groups and edit.inside(groups[-1][0]):
            groups[-1].append(edit)
        else:
            groups.append([edit])
    return groups


def text_of(tree: ast.AST) -> str:
    """The text of a program that can be interrupted. Changes the tree."""
    return ast.unparse(ast.fix_missing_locations(_ticking(tree)))


def _ticking(tree: ast.AST) -> ast.AST:
    """A call of `__tick__` at every turn of a loop and at every call of a function."""
    for node in list(ast.walk(tree)):
        if isinstance(node, (ast.For, ast.While)):
            node.body = [ast.Expr(_tick()), *node.body]
        elif isinstance(node, ast.FunctionDef):
            start = 1 if ast.get_docstring(node, clean=False) is not None else 0
            node.body = [*node.body[:start], ast.Expr(_tick()), *node.body[start:]]
        elif isinstance(node, ast.Lambda):
            node.body = ast.IfExp(_tick(), node.body, ast.Constant(None))
        elif isinstance(node, ast.comprehension):
            node.ifs = [_tick(), *node.ifs]
    return tree


def _tick() -> ast.Call:
    return ast.Call(ast.Name("__tick__", ast.Load()), [], [])
