"""Edits of names: one in scope for another, one count for another, γ reshaped, a parameter's default."""

import ast
from collections.abc import Iterator

from bn_course.grading.repair.edit import Proposal, Scope, called, expression, is_name, name


def other_name(node: ast.AST, scope: Scope) -> Iterator[Proposal]:
    if not is_name(node) or node.id not in scope.names:
        return
    function = id(scope.function)
    for other in scope.names:
        if other != node.id:
            yield Proposal(2, ("name", function, node.id, other), lambda n, o=other: name(o))


def other_attribute(node: ast.AST, scope: Scope) -> Iterator[Proposal]:
    """`self.a` for `self.b`, and a parameter for `self.a`."""
    if not isinstance(node, ast.Attribute) or not isinstance(node.ctx, ast.Load):
        return
    if not isinstance(node.value, ast.Name) or node.value.id != "self" or node.attr not in scope.attributes:
        return
    for other in scope.attributes:
        if other != node.attr:
            yield Proposal(
                2, ("attribute", node.attr, other), lambda a, o=other: ast.Attribute(a.value, o, ast.Load())
            )
    for other in scope.names:
        yield Proposal(3, ("attribute", node.attr, other), lambda a, o=other: name(o))


def sample_variance(node: ast.AST, scope: Scope) -> Iterator[Proposal]:
    """The variance that is at hand, once more, divided by N − 1 where that was by N, and the reverse."""
    for variable, call in scope.variances if is_name(node) else ():
        if node.id == variable:
            plain = [k for k in call.keywords if k.arg not in ("ddof", "correction", "unbiased")]
            sample = len(plain) < len(call.keywords) if scope.torch else len(plain) == len(call.keywords)
            word = ast.keyword("correction" if scope.torch else "ddof", ast.Constant(int(sample)))
            text = ast.unparse(ast.Call(call.func, call.args, [*plain, word]))
            yield Proposal(1, ("sample",), lambda n, text=text: expression(text))


def complements(node: ast.AST, scope: Scope) -> Iterator[Proposal]:
    """1 − momentum for momentum."""
    said = node.id if is_name(node) else node.attr if isinstance(node, ast.Attribute) else ""
    if any(word in said for word in ("mom", "alpha", "decay", "keep")) and isinstance(node.ctx, ast.Load):
        yield Proposal(2, ("complement", said), lambda n: ast.BinOp(ast.Constant(1), ast.Sub(), n))


def counts(node: ast.AST, scope: Scope) -> Iterator[Proposal]:
    """N, D, `len`, `shape[i]`, `size` for each other, and one more or less."""
    counted = _counted(node)
    if counted is None:
        if is_name(node) and node.id in scope.names and len(node.id) <= 2:
            yield Proposal(2, ("count", node.id, "- 1"), lambda n: ast.BinOp(n, ast.Sub(), ast.Constant(1)))
        return
    x = ast.unparse(counted)
    size = "numel()" if scope.torch else "size"
    for other in (f"{x}.shape[0]", f"{x}.shape[1]", f"{x}.shape[-1]", f"{x}.shape[2]", f"{x}.{size}"):
        if other != ast.unparse(node):
            yield Proposal(1, ("count", ast.unparse(node), other), lambda n, o=other: expression(o))
    per = f"({x}.{size} // {x}.shape[1])"
    yield Proposal(1, ("count", ast.unparse(node), per), lambda n: expression(per))
    yield Proposal(1, ("count", ast.unparse(node), "- 1"), lambda n: ast.BinOp(n, ast.Sub(), ast.Constant(1)))


def _counted(node: ast.AST) -> ast.expr | None:
    """What it is the number of rows, columns or entries of; None where it is no count."""
    if called(node) == "len" and len(node.args) == 1:
        return node.args[0]
    if called(node) in ("numel", "size") and isinstance(node.func, ast.Attribute):
        return node.func.value
    if isinstance(node, ast.Attribute) and node.attr == "size" and isinstance(node.ctx, ast.Load):
        return node.value
    shape = isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load) and node.value
    if isinstance(shape, ast.Attribute) and shape.attr == "shape" and not isinstance(node.slice, ast.Slice):
        return shape.value
    return None


_RESHAPED = ("{}[:, None]", "{}.reshape(1, -1, 1, 1)", "{}.reshape(-1, 1, 1, 1)")


def reshaped(node: ast.AST, scope: Scope) -> Iterator[Proposal]:
    """A vector stretched along another axis than the last."""
    if is_name(node) and node.id in scope.parameters[1:] and not node.id.lower().startswith("eps"):
        for shape in _RESHAPED:
            yield Proposal(
                4,
                ("reshape", shape),
                lambda n, s=shape: expression(s.format(n.id)) if isinstance(n, ast.Name) else n,
            )


def defaults(node: ast.AST, scope: Scope) -> Iterator[Proposal]:
    """The default that the task gives for a parameter of this name."""
    if not isinstance(node, ast.FunctionDef):
        return
    given = [*node.args.posonlyargs, *node.args.args]
    pairs = [*zip(given[::-1], node.args.defaults[::-1], strict=False)]
    for parameter, default in pairs:
        for asked, value in scope.defaults:
            if asked == parameter.arg and ast.unparse(default) != repr(value) and _literal(value):
                yield Proposal(
                    0, (), lambda f, old=parameter.arg, v=value: _with_default(f, old, v), shown=parameter
                )


def _literal(value: object) -> bool:
    return value is None or isinstance(value, (bool, int, float, str))


def _with_default(function: ast.FunctionDef, parameter: str, value: object) -> ast.FunctionDef:
    given = [*function.args.posonlyargs, *function.args.args]
    first = len(given) - len(function.args.defaults)
    for i, default in enumerate(function.args.defaults):
        if given[first + i].arg == parameter:
            function.args.defaults[i] = ast.copy_location(ast.Constant(value), default)
    return function


RULES = (defaults, other_name, other_attribute, sample_variance, complements, counts, reshaped)
