"""Every edit that is tried on a source: the rules, applied to each place where one may change something."""

import ast
import inspect
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import numpy as np

from bn_course.grading.repair import arithmetic, calls, names, powers, statements
from bn_course.grading.repair.edit import Edit, Proposal, Scope, called

RULES: tuple[Callable[[ast.AST, Scope], Iterator[Proposal]], ...] = (
    *calls.RULES,
    *powers.RULES,
    *arithmetic.RULES,
    *names.RULES,
    *statements.RULES,
)
_UNCHANGED = {"annotation", "returns", "decorator_list", "bases"}
_LEFT_ALONE = (ast.Raise, ast.Assert, ast.JoinedStr, ast.Import, ast.ImportFrom, ast.pattern)


def edits(tree: ast.Module, reference: Callable, given: Sequence[tuple] = ()) -> list[Edit]:
    """All single edits of the definitions in `tree`, those that mend most often first.

    `reference` has the defaults that are asked for; `given` are the arguments of the probes.
    """
    found: list[Edit] = []
    spans: dict[int, tuple[int, int]] = {}
    _number(tree, spans)
    torch = any(isinstance(n, ast.alias) and n.name.startswith("torch") for n in ast.walk(tree))
    rank = max(map(_rank, given), default=0) or 4
    outside = Scope(defaults=_defaults(reference), torch=torch, rank=rank)
    for node, scope in _places(tree, outside):
        for rule in RULES:
            for proposal in rule(node, scope):
                rank, kind, build, shown = proposal
                found.append(
                    Edit(
                        len(found), node, spans[id(node)], rank, kind, build, node if shown is None else shown
                    )
                )
    return sorted(found, key=lambda edit: edit.rank)


def _rank(value: object) -> int:
    if isinstance(value, (tuple, list)):
        return max(map(_rank, value), default=0)
    return value.ndim if isinstance(value, np.ndarray) else 0


def _number(node: ast.AST, spans: dict[int, tuple[int, int]]) -> None:
    """The number of each node, and of the last node inside it, in the order of the source."""
    first = len(spans)
    spans[id(node)] = (first, first)
    for child in ast.iter_child_nodes(node):
        _number(child, spans)
    spans[id(node)] = (first, len(spans) - 1)


def _defaults(reference: Callable) -> tuple[tuple[str, object], ...]:
    try:
        parameters = inspect.signature(reference).parameters.values()
    except (TypeError, ValueError):
        return ()
    return tuple((p.name, p.default) for p in parameters if p.default is not p.empty)


def _places(node: ast.AST, scope: Scope) -> Iterator[tuple[ast.AST, Scope]]:
    """Statements and expressions that are evaluated, each with its scope."""
    if isinstance(node, _LEFT_ALONE):
        return
    if isinstance(node, ast.ClassDef):
        scope = replace(scope, attributes=_attributes(node))
    yield node, scope
    if isinstance(node, (ast.FunctionDef, ast.Lambda)):
        scope = _inside(node, scope)
    for field, value in ast.iter_fields(node):
        if field in _UNCHANGED:
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST) and not isinstance(child, ast.expr_context):
                yield from _places(child, scope)


def _inside(function: ast.FunctionDef | ast.Lambda, scope: Scope) -> Scope:
    given = function.args
    parameters = [a.arg for a in (*given.posonlyargs, *given.args, *given.kwonlyargs)]
    parameters = [p for p in parameters if p not in ("self", "cls", "ctx")]
    own = [n.id for n in ast.walk(function) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)]
    if isinstance(function, ast.Lambda):
        own = []
    names = tuple(dict.fromkeys((*parameters, *own, *scope.names)))
    axes = [
        k.value.id
        for k in ast.walk(function)
        if isinstance(k, ast.keyword) and k.arg in ("axis", "dim") and isinstance(k.value, ast.Name)
    ]
    axes += [name for name in names if name in ("axes", "ax", "axis", "dims", "dim", "red")]
    return replace(
        scope,
        function=function,
        parameters=(*parameters, *scope.parameters),
        names=names,
        axes=tuple(dict.fromkeys((*axes, *scope.axes))),
        variances=tuple(_variances(function)),
    )


def _variances(function: ast.FunctionDef | ast.Lambda) -> Iterator[tuple[str, ast.Call]]:
    """The names to which the function assigns what a call of `var` returns."""
    for node in ast.walk(function):
        if isinstance(node, ast.Assign) and len(node.targets) == 1:
            target, value = node.targets[0], node.value
            together = isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple)
            pairs = zip(target.elts, value.elts, strict=False) if together else [(target, value)]
            for one, call in pairs:
                if isinstance(one, ast.Name) and called(call) == "var":
                    yield one.id, call


def _attributes(node: ast.ClassDef) -> tuple[str, ...]:
    return tuple(
        dict.fromkeys(
            n.attr
            for n in ast.walk(node)
            if isinstance(n, ast.Attribute)
            and isinstance(n.value, ast.Name)
            and n.value.id == "self"
            and n.attr not in _methods(node)
        )
    )


def _methods(node: ast.ClassDef) -> set[str]:
    return {s.name for s in node.body if isinstance(s, ast.FunctionDef)}
