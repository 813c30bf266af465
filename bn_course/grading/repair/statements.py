"""Edits of statements: one dropped, a return that is missing, a copy before an in-place change."""

import ast
from collections.abc import Iterator
from itertools import combinations

from bn_course.grading.repair.edit import Proposal, Scope, expression, name

_OTHER = {ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult}


def dropped(node: ast.AST, scope: Scope) -> Iterator[Proposal]:
    if isinstance(node, (ast.AugAssign, ast.Assign, ast.Expr)) and not _is_docstring(node):
        yield Proposal(3, (), lambda s: [])
    if isinstance(node, ast.If):
        yield Proposal(3, (), lambda s: s.body, shown=node.test)
        yield Proposal(3, (), lambda s: s.orelse, shown=node.test)
        yield Proposal(
            3, (), lambda s: ast.If(ast.UnaryOp(ast.Not(), s.test), s.body, s.orelse), shown=node.test
        )
    if isinstance(node, ast.With):
        yield Proposal(2, (), lambda s: s.body, shown=node.items[0].context_expr)


def _is_docstring(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def swapped_names(node: ast.AST, scope: Scope) -> Iterator[Proposal]:
    """Two names for each other in one statement, such as γ and β."""
    if not isinstance(node, (ast.Assign, ast.AugAssign, ast.Return, ast.Expr)) or node.value is None:
        return
    used = [n.id for n in ast.walk(node.value) if isinstance(n, ast.Name)]
    both = [n for n in scope.names if n in used]
    for one, other in combinations(both, 2):
        yield Proposal(
            3, (), lambda s, pair=(one, other): _with_names(s, {pair[0]: pair[1], pair[1]: pair[0]})
        )


def _with_names(statement: ast.stmt, other: dict[str, str]) -> ast.stmt:
    for node in ast.walk(statement.value):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            node.id = other.get(node.id, node.id)
    return statement


def assignments(node: ast.AST, scope: Scope) -> Iterator[Proposal]:
    if isinstance(node, ast.AugAssign):
        if type(node.op) in _OTHER:
            other = _OTHER[type(node.op)]
            yield Proposal(2, (), lambda s: ast.AugAssign(s.target, other(), s.value))
        yield Proposal(2, (), lambda s: ast.Assign([s.target], s.value))
        if isinstance(node.target, ast.Name):
            yield Proposal(
                1,
                ("out of place", node.target.id),
                lambda s: ast.Assign([s.target], ast.BinOp(name(s.target.id), s.op, s.value)),
            )
    if isinstance(node, ast.Assign) and isinstance(node.value, (ast.Call, ast.Name)):
        yield Proposal(3, (), lambda s: ast.Assign(s.targets, ast.UnaryOp(ast.USub(), s.value)))
    if isinstance(node, ast.Assign) and len(node.targets) == 1:
        target = node.targets[0]
        if isinstance(target, (ast.Name, ast.Subscript, ast.Attribute)):
            yield Proposal(2, (), lambda s: ast.AugAssign(s.targets[0], ast.Add(), s.value))
        if isinstance(node.value, (ast.Name, ast.Attribute, ast.Subscript)):
            method = "clone" if scope.torch else "copy"
            yield Proposal(1, ("copied",), lambda s: ast.Assign(s.targets, _method(s.value, method)))
        if scope.torch and isinstance(target, (ast.Name, ast.Attribute)):
            yield Proposal(3, ("detached",), lambda s: ast.Assign(s.targets, _method(s.value, "detach")))


def _method(value: ast.expr, method: str) -> ast.Call:
    return ast.Call(ast.Attribute(value, method, ast.Load()), [], [])


def missing_return(node: ast.AST, scope: Scope) -> Iterator[Proposal]:
    """A function that ends without one: what it computed last is returned."""
    if not isinstance(node, ast.FunctionDef) or not node.body or node.name == "__init__":
        return
    last = node.body[-1]
    if isinstance(last, ast.Expr) and not _is_docstring(last):
        yield Proposal(0, (), _returning_last, shown=last)
    elif isinstance(last, (ast.Assign, ast.AugAssign)):
        target = last.targets[0] if isinstance(last, ast.Assign) else last.target
        if isinstance(target, (ast.Name, ast.Tuple)):
            said = ast.unparse(target)
            yield Proposal(
                0,
                (),
                lambda f: _with_body(f, [*f.body, ast.Return(expression(said))]),
                shown=last,
            )


def _returning_last(function: ast.FunctionDef) -> ast.FunctionDef:
    return _with_body(function, [*function.body[:-1], ast.Return(function.body[-1].value)])


def _with_body(function: ast.FunctionDef, body: list[ast.stmt]) -> ast.FunctionDef:
    function.body = body
    return function


def copied_first(node: ast.AST, scope: Scope) -> Iterator[Proposal]:
    """A parameter that is changed in place: the work is done on a copy."""
    if not isinstance(node, ast.FunctionDef):
        return
    parameters = {a.arg for a in node.args.args}
    changed: dict[str, ast.stmt] = {}
    for part in ast.walk(node):
        for target in getattr(part, "targets", None) or [getattr(part, "target", None)]:
            if isinstance(part, (ast.Assign, ast.AugAssign)) and not (
                isinstance(part, ast.Assign) and isinstance(target, ast.Name)
            ):
                root = target
                while isinstance(root, ast.Subscript):
                    root = root.value
                if isinstance(root, ast.Name) and root.id in parameters:
                    changed.setdefault(root.id, part)
    method = "clone" if scope.torch else "copy"
    for parameter, part in changed.items():
        first = ast.parse(f"{parameter} = {parameter}.{method}()").body
        yield Proposal(1, (), lambda f, first=first: _with_body(f, [*first, *f.body]), shown=part)


RULES = (dropped, swapped_names, assignments, missing_return, copied_first)
