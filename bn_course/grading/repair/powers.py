"""Edits of powers: of what is reduced, or of the result."""

import ast
from collections.abc import Iterator

from bn_course.grading.repair.calls import of_module
from bn_course.grading.repair.edit import Proposal, Scope, called


def powers(node: ast.AST, scope: Scope) -> Iterator[Proposal]:
    """A power of a mean or a sum for the mean or the sum of powers, and back: `x.sum() ** 2`."""
    if _is_power(node) and called(node.left) in ("mean", "sum", "average"):
        yield Proposal(1, ("power in",), lambda p: _of_changed(p.left, lambda v: ast.BinOp(v, p.op, p.right)))
    if called(node) in ("mean", "sum", "average") and _is_power(_reduced(node)):
        yield Proposal(3, ("power out",), _power_out)


def _is_power(node: ast.AST | None) -> bool:
    return isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow)


def _reduced(call: ast.Call) -> ast.expr | None:
    """What a reduction reduces."""
    if of_module(call):
        return call.args[0] if call.args else None
    return call.func.value


def _of_changed(call: ast.Call, change) -> ast.Call:
    """The reduction of something else."""
    if of_module(call):
        return ast.Call(call.func, [change(call.args[0]), *call.args[1:]], call.keywords)
    function = ast.Attribute(change(call.func.value), call.func.attr, ast.Load())
    return ast.Call(function, call.args, call.keywords)


def _power_out(call: ast.Call) -> ast.BinOp:
    power = _reduced(call)
    return ast.BinOp(_of_changed(call, lambda v: v.left), power.op, power.right)


RULES = (powers,)
