"""Write a program in another way: rules from one expression to another that means the same.

A rule is two expressions with capital letters for what may stand there; `*ARGS` stands for all further
arguments of a call. What a letter may stand for depends on what its expression was seen to be when the
program ran (`observe`): `a + b` may be turned round for arrays and not for lists. The results agree up to
rounding, which is the point: a grader must not mind it.
"""

import ast
import copy
import functools
import itertools
import math
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np
import torch

_NUMPY = {"array", "numpy number"}
_NUMERIC = {*_NUMPY, "whole array", "number", "whole number"}
_PYTHON = {"number", "whole number"}
LETTERS: dict[str, set[str] | None] = {
    "X": _NUMPY,  # NumPy's floating-point arrays, and their entries
    "Y": _NUMPY,
    "N": _NUMERIC,  # anything to reckon with, tensors apart
    "M": _NUMERIC,
    "T": {"tensor"},
    "R": {"tensor", *_PYTHON},
    "Q": {"tensor", *_PYTHON},
    "V": {"vector"},  # a NumPy array with one axis
    "Z": {"module"},
    "A": {"whole number", "axes"},  # not None
    **dict.fromkeys("EFG", None),  # anything at all
}


@dataclass(frozen=True)
class Rule:
    """`pattern` may be written as `result`; `only` are the keywords that `*ARGS` may hold."""

    pattern: str
    result: str
    only: tuple[str, ...] | None = None

    def __str__(self) -> str:
        return f"{self.pattern} → {self.result}"

    def apply(self, node: ast.expr) -> ast.expr | None:
        """`node` written anew, or None where the rule does not fit."""
        bound: dict[str, Any] = {}
        if not _match(_parsed(self.pattern), node, bound):
            return None
        if self.only is not None:
            args, keywords = bound["ARGS"]
            if len(args) > 1 or any(k.arg not in self.only for k in keywords):
                return None
        new = _parsed(self.result)
        times = [n.id for n in ast.walk(new) if isinstance(n, ast.Name) and n.id in bound]
        parts = {name: part for name, part in bound.items() if name != "ARGS"}
        if any(times.count(name) > 1 and not _simple(part) for name, part in parts.items()):
            return None
        if sum(not pure(part) for part in parts.values()) > 1:  # their order could matter
            return None
        return _substitute(copy.deepcopy(new), bound)


def rules(*written: tuple[str, ...], only: tuple[str, ...] | None = None) -> list[Rule]:
    """A rule for each way of writing the first of each tuple as one of the others."""
    return [Rule(pattern, result, only) for pattern, *results in written for result in results]


RULES = [
    # --- arithmetic -------------------------------------------------------------------------------
    *rules(
        ("N * M", "M * N"),
        ("N + M", "M + N"),
        ("N - M", "N + (-M)", "-(M - N)"),
        ("X * N", "np.multiply(X, N)"),
        ("X + N", "np.add(X, N)"),
        ("X - N", "np.subtract(X, N)"),
        ("X / N", "X * (1 / N)", "np.divide(X, N)"),
        ("N / X", "np.true_divide(N, X)", "N * X ** -1.0", "N * np.reciprocal(X)"),
        ("X * N * M", "X * (N * M)", "X * M * N"),
        ("X * (N * M)", "X * N * M"),
        ("X + N + M", "X + (N + M)", "X + M + N"),
        ("X - N - M", "X - (N + M)", "X - M - N"),
        ("X * N / M", "X / M * N", "X * (N / M)"),
        ("X / N * M", "X * M / N", "X / (N / M)"),
        ("N * (X - M)", "N * X - N * M"),
        ("N * (X + M)", "N * X + N * M"),
        ("-X", "-1.0 * X", "np.negative(X)", "0.0 - X"),
        ("2 * X", "X + X"),
        ("X ** 2", "np.square(X)", "(lambda v: v * v)(X)", "np.power(X, 2)", "abs(X) ** 2.0"),
        ("X * X", "X ** 2", "np.square(X)"),
        ("np.sqrt(X)", "X ** 0.5", "np.power(X, 0.5)"),
        ("1 / np.sqrt(X)", "X ** -0.5", "np.reciprocal(np.sqrt(X))", "np.sqrt(1 / X)"),
        ("N / np.sqrt(X)", "N * X ** -0.5", "N / X ** 0.5"),
        ("X ** -0.5", "1 / np.sqrt(X)"),
        ("X ** 0.5", "np.sqrt(X)"),
        ("X @ Y", "np.matmul(X, Y)"),
    ),
    # --- sums, means and variances -----------------------------------------------------------------
    *rules(
        ("X.mean(*ARGS)", "np.mean(X, *ARGS)", "np.sum(X, *ARGS) / by_hand.counted(X, *ARGS)"),
        (
            "X.mean(*ARGS)",
            "by_hand.mean_by_loop(X, *ARGS)",
            "by_hand.mean_by_einsum(X, *ARGS)",
            "by_hand.mean_by_dot(X, *ARGS)",
        ),
        ("X.mean(*ARGS)", "by_hand.mean_from_the_first(X, *ARGS)", "np.average(X, **by_hand.axis_of(*ARGS))"),
        (
            "np.mean(X, *ARGS)",
            "np.sum(X, *ARGS) / by_hand.counted(X, *ARGS)",
            "by_hand.mean_by_einsum(X, *ARGS)",
        ),
        (
            "X.sum(*ARGS)",
            "np.sum(X, *ARGS)",
            "by_hand.sum_by_loop(X, *ARGS)",
            "by_hand.sum_by_einsum(X, *ARGS)",
        ),
        ("X.sum(*ARGS)", "by_hand.sum_by_dot(X, *ARGS)", "np.mean(X, *ARGS) * by_hand.counted(X, *ARGS)"),
        ("np.sum(X, *ARGS)", "by_hand.sum_by_einsum(X, *ARGS)", "by_hand.sum_by_loop(X, *ARGS)"),
        ("X.var(*ARGS)", "np.var(X, *ARGS)", "np.std(X, *ARGS) ** 2", "by_hand.var_in_two_passes(X, *ARGS)"),
        ("X.var(*ARGS)", "by_hand.var_by_welford(X, *ARGS)", "by_hand.var_by_torch(X, *ARGS)"),
        ("np.var(X, *ARGS)", "np.square(np.std(X, *ARGS))", "by_hand.var_in_two_passes(X, *ARGS)"),
        (
            "X.std(*ARGS)",
            "np.std(X, *ARGS)",
            "np.sqrt(X.var(*ARGS))",
            "by_hand.var_in_two_passes(X, *ARGS) ** 0.5",
        ),
        only=("axis", "keepdims"),
    ),
    *rules(
        ("X.mean(*ARGS)", "np.mean(X, *ARGS)"),
        ("X.var(*ARGS)", "np.var(X, *ARGS)", "np.std(X, *ARGS) ** 2"),
        ("X.std(*ARGS)", "np.std(X, *ARGS)", "np.var(X, *ARGS) ** 0.5"),
        ("X.max(*ARGS)", "np.max(X, *ARGS)", "-((-X).min(*ARGS))"),
        ("X.mean(axis=A, keepdims=True)", "np.expand_dims(X.mean(axis=A), A)"),
        ("X.var(axis=A, keepdims=True)", "np.expand_dims(X.var(axis=A), A)"),
        ("X.sum(axis=A, keepdims=True)", "np.expand_dims(X.sum(axis=A), A)"),
        ("X.mean(axis=0)", "X.mean(axis=0, keepdims=True)[0]", "X.mean(0)", "X.T.mean(axis=-1).T"),
        ("X.var(axis=0)", "X.var(axis=0, keepdims=True)[0]", "X.var(0)", "X.T.var(axis=-1).T"),
        ("X.sum(axis=0)", "X.sum(axis=0, keepdims=True)[0]", "X.sum(0)", "X.T.sum(axis=-1).T"),
        ("X.mean(axis=(E, F, G), keepdims=True)", "X.mean(axis=(G, F, E), keepdims=True)"),
        ("X.var(axis=(E, F, G), keepdims=True)", "X.var(axis=(G, F, E), keepdims=True)"),
        ("X.sum(axis=(E, F, G))", "X.sum(axis=(F, G, E))"),
        ("X.sum(axis=E, *ARGS)", "np.add.reduce(X, axis=E, *ARGS)"),
    ),
    # --- shapes -----------------------------------------------------------------------------------
    *rules(
        ("X.reshape(E)", "np.reshape(X, E)", "np.array(X).reshape(E)"),
        ("V[:, None]", "V.reshape(-1, 1)", "V[:, np.newaxis]", "np.expand_dims(V, 1)", "V[None].T"),
        ("V[None, :]", "V.reshape(1, -1)", "np.expand_dims(V, 0)"),
        ("V.reshape(1, -1, 1, 1)", "V[None, :, None, None]", "np.expand_dims(V, (0, 2, 3))"),
        ("V.reshape(-1, 1, 1, 1)", "V[:, None, None, None]", "np.expand_dims(V, (1, 2, 3))"),
        ("X.T", "np.transpose(X)", "X.transpose()"),
        ("X.copy()", "np.array(X)", "np.copy(X)"),
        ("np.zeros_like(X)", "np.zeros(X.shape, X.dtype)", "np.full_like(X, 0)"),
        ("np.zeros(E)", "np.full(E, 0.0)", "np.zeros(E, dtype=np.float64)"),
        ("np.ones(E)", "np.full(E, 1.0)"),
        ("len(X)", "X.shape[0]", "np.shape(X)[0]"),
        ("X.size", "np.size(X)", "math.prod(X.shape)"),
        ("X.ndim", "len(X.shape)", "np.ndim(X)"),
        ("X.shape", "np.shape(X)"),
        ("np.concatenate(E)", "np.concatenate(list(E), axis=0)"),
        ("np.clip(X, E, F)", "np.minimum(np.maximum(X, E), F)", "X.clip(E, F)"),
        ("np.where(E, N, M)", "np.where(np.logical_not(E), M, N)"),
        ("np.asarray(X)", "np.array(X)"),
    ),
    # --- tensors ----------------------------------------------------------------------------------
    *rules(
        ("T * R", "R * T", "torch.mul(T, R)", "T.mul(R)"),
        ("T + R", "R + T", "torch.add(T, R)"),
        ("T - R", "torch.sub(T, R)", "T + (-R)", "-(R - T)"),
        ("T / R", "torch.div(T, R)", "T * (1 / R)"),
        ("R / T", "R * T.reciprocal()"),
        ("T * R * Q", "T * (R * Q)", "T * Q * R"),
        ("T ** 2", "T.square()", "T * T", "T.pow(2)"),
        ("T.square()", "T ** 2", "(lambda v: v * v)(T)", "torch.pow(T, 2)"),
        ("T.sqrt()", "torch.sqrt(T)", "T ** 0.5"),
        ("torch.sqrt(T)", "T.sqrt()", "T ** 0.5"),
        ("torch.rsqrt(T)", "T.rsqrt()", "1 / torch.sqrt(T)", "T ** -0.5", "torch.sqrt(1 / T)"),
        ("T ** -0.5", "torch.rsqrt(T)"),
        ("T.mean(*ARGS)", "torch.mean(T, *ARGS)", "by_hand.mean_of_tensor(T, *ARGS)"),
        ("T.sum(*ARGS)", "torch.sum(T, *ARGS)"),
        ("T.var(*ARGS)", "torch.var(T, *ARGS)", "torch.var_mean(T, *ARGS)[0]"),
        ("T.std(*ARGS)", "torch.std(T, *ARGS)", "torch.var(T, *ARGS) ** 0.5"),
        ("T.view(*ARGS)", "T.reshape(*ARGS)"),
        ("T.transpose(E, F)", "torch.transpose(T, E, F)", "T.swapaxes(F, E)"),
        ("T.flatten(*ARGS)", "torch.flatten(T, *ARGS)"),
        ("T.clone()", "torch.clone(T)", "T + 0"),
        ("T.numel()", "T.nelement()", "math.prod(T.shape)"),
        ("T.dim()", "T.ndim", "len(T.shape)"),
        ("T.argmax(1)", "torch.argmax(T, 1)", "T.max(1).indices", "T.argmax(dim=-1)"),
        ("torch.stack(E)", "torch.cat([part[None] for part in E])", "torch.stack(list(E), 0)"),
        ("T.double()", "T.to(torch.float64)"),
        ("torch.zeros(N)", "torch.full((N,), 0.0)"),
        ("torch.ones(N)", "torch.full((N,), 1.0)"),
        ("len(T)", "T.shape[0]", "T.size(0)"),
        ("T.shape", "T.size()"),
        ("Z.eval()", "Z.train(False)"),
        ("Z.train()", "Z.train(True)"),
        ("Z.modules()", "list(Z.modules())", "[part for _, part in Z.named_modules()]"),
        ("Z.children()", "[part for _, part in Z.named_children()]"),
        ("Z.parameters()", "list(Z.parameters())", "[p for _, p in Z.named_parameters()]"),
        ("Z.named_parameters()", "list(Z.named_parameters())"),
        ("Z.named_buffers()", "dict(Z.named_buffers()).items()"),
        ("nn.init.zeros_(E)", "nn.init.constant_(E, 0.0)"),
    ),
    # --- Python -----------------------------------------------------------------------------------
    *rules(
        ("N < M", "M > N"),
        ("N <= M", "M >= N"),
        ("N > M", "M < N"),
        ("N >= M", "M <= N"),
        ("N == M", "M == N"),
        ("E is None", "not (E is not None)"),
        ("E is not None", "not (E is None)"),
        ("E if F else G", "G if not F else E"),
        ("range(E)", "range(0, E)", "list(range(E))"),
        ("enumerate(E)", "zip(itertools.count(), E)", "enumerate(list(E))"),
        ("len(E)", "E.__len__()"),
        ("isinstance(E, (F, G))", "isinstance(E, F) or isinstance(E, G)"),
        ("isinstance(E, F)", "issubclass(type(E), F)"),
        ("min(E)", "sorted(E)[0]"),
        ("max(E)", "sorted(E)[-1]"),
        ("sum(E)", "sum(list(E))"),
        ("list(E)", "[*E]"),
        ("tuple(E)", "(*E,)"),
        ("math.prod(E)", "int(np.prod(list(E)))", "functools.reduce(lambda a, b: a * b, E, 1)"),
        ("math.sqrt(N)", "N ** 0.5"),
        ("hasattr(E, F)", "getattr(E, F, None) is not None"),
        ("zip(E, F, strict=True)", "list(zip(E, F))"),
        ("E[-1]", "E[len(E) - 1]"),
    ),
]


# --- what the rules use: sums, means and variances as people write them -----------------------------------


def _rows(x, axis):
    """x with the values to be reduced along its last axis."""
    axes = tuple(range(x.ndim)) if axis is None else tuple(np.atleast_1d(axis) % x.ndim)
    kept = [a for a in range(x.ndim) if a not in axes]
    rows = x.transpose(*kept, *axes).reshape(*(x.shape[a] for a in kept), -1)
    return rows, tuple(1 if a in axes else x.shape[a] for a in range(x.ndim))


def _reduction(of_rows: Callable) -> Callable:
    """A reduction over any axes from one over the last; in the type of x, as NumPy's."""

    def over(x, axis=None, keepdims=False):
        rows, kept = _rows(np.asarray(x), axis)
        found = np.asarray(of_rows(rows), dtype=rows.dtype)
        return found.reshape(kept) if keepdims else found[()]

    return over


def _welford(rows):
    mean, squares = rows[..., 0].copy(), np.zeros_like(rows[..., 0])
    for count in range(1, rows.shape[-1]):
        apart = rows[..., count] - mean
        mean = mean + apart / (count + 1)
        squares = squares + apart * (rows[..., count] - mean)
    return squares / rows.shape[-1]


def _added(rows):
    return functools.reduce(np.add, (rows[..., i] for i in range(rows.shape[-1])))


def _centred(rows):
    return rows - rows.mean(axis=-1, keepdims=True)


def _mean_of_tensor(x, dim=None, keepdim=False):
    total = x.sum() if dim is None else x.sum(dim, keepdim=keepdim)
    return total * (total.numel() / x.numel())


_BY_HAND: dict[str, Callable] = {
    "counted": lambda x, axis=None, keepdims=False: np.size(x) // np.size(np.sum(x, axis=axis)),
    "axis_of": lambda axis=None, keepdims=False: {"axis": axis, "keepdims": keepdims},
    "sum_by_loop": _reduction(_added),
    "sum_by_einsum": _reduction(lambda rows: np.einsum("...i->...", rows)),
    "sum_by_dot": _reduction(lambda rows: rows @ np.ones(rows.shape[-1], rows.dtype)),
    "mean_by_loop": _reduction(lambda rows: _added(rows) / rows.shape[-1]),
    "mean_by_einsum": _reduction(lambda rows: np.einsum("...i->...", rows) / rows.shape[-1]),
    "mean_by_dot": _reduction(lambda rows: rows @ np.full(rows.shape[-1], 1 / rows.shape[-1], rows.dtype)),
    "mean_from_the_first": _reduction(lambda rows: rows[..., 0] + (rows - rows[..., :1]).mean(axis=-1)),
    "var_in_two_passes": _reduction(lambda rows: (_centred(rows) ** 2).mean(axis=-1)),
    "var_by_welford": _reduction(_welford),
    "var_by_torch": _reduction(lambda rows: torch.tensor(rows).var(-1, correction=0).numpy()),
    "mean_of_tensor": _mean_of_tensor,
}
# What a rewritten program may use besides its own names.
HELPERS: dict[str, Any] = {
    **{module.__name__: module for module in (functools, itertools, math, torch)},
    "np": np,
    "by_hand": SimpleNamespace(**_BY_HAND),
}


# --- what expressions are, seen in a run ---------------------------------------------------------------


def observe(program, runs: list[Callable[[Any], Any]]) -> None:
    """Run the program and note at each expression of its tree, as `.kinds`, what it was.

    Each run is given the answer that the program defines.
    """
    seen: dict[int, set[tuple[str, int]]] = {}
    for number, node in enumerate(ast.walk(program.tree)):
        node.place = number

    def note(key, value):
        seen.setdefault(key, set()).add(_kind(value))
        return value

    watched = _Watch().visit(copy.deepcopy(program.tree))
    answer = program.build(watched, __seen__=note, **HELPERS)
    for run in runs:
        run(answer)
    for node in ast.walk(program.tree):
        node.kinds = frozenset(seen.get(node.place, ()))


class _Watch(ast.NodeTransformer):
    """Each expression e becomes `__seen__(key, e)`."""

    def visit(self, node):
        if isinstance(node, (ast.JoinedStr, ast.arg)):
            return node
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            kept = node.decorator_list
            node.decorator_list = []
            node = self.generic_visit(node)
            node.decorator_list = kept
            return node
        plain = isinstance(node, ast.expr) and not isinstance(node, (ast.Starred, ast.Slice, ast.Constant))
        node = self.generic_visit(node)
        if not plain or isinstance(getattr(node, "ctx", ast.Load()), (ast.Store, ast.Del)):
            return node
        name = ast.Name("__seen__", ast.Load())
        return ast.Call(name, [ast.Constant(node.place), node], []) if hasattr(node, "place") else node


def _kind(value: Any) -> tuple[str, int]:
    if type(value) is np.ndarray:  # a masked array is another thing
        return {"f": "array", "i": "whole array"}.get(value.dtype.kind, "other"), value.ndim
    if isinstance(value, np.floating):
        return "numpy number", 0
    if isinstance(value, torch.Tensor):
        return ("tensor" if value.is_floating_point() else "other"), value.dim()
    if isinstance(value, torch.nn.Module):
        return "module", 0
    return {float: "number", int: "whole number", tuple: "axes"}.get(type(value), "other"), 0


def _is(node: ast.expr, kinds: set[str] | None) -> bool:
    if kinds is None:
        return not isinstance(node, ast.Starred)
    if isinstance(node, ast.Constant):
        return _kind(node.value)[0] in kinds
    seen = getattr(node, "kinds", None)
    if kinds == {"vector"}:
        return seen == {("array", 1)}
    return bool(seen) and {kind for kind, _ in seen} <= kinds


# --- patterns -----------------------------------------------------------------------------------------


_trees: dict[str, ast.expr] = {}


def _parsed(text: str) -> ast.expr:
    if text not in _trees:
        # Arguments after `*ARGS` would be a syntax error only for keywords before it: none are.
        _trees[text] = ast.parse(text, mode="eval").body
    return _trees[text]


def _match(pattern: Any, node: Any, bound: dict[str, Any]) -> bool:
    if isinstance(pattern, ast.Name) and pattern.id in LETTERS:
        if not isinstance(node, ast.expr) or not _is(node, LETTERS[pattern.id]):
            return False
        if pattern.id in bound:
            return ast.dump(bound[pattern.id]) == ast.dump(node)
        bound[pattern.id] = node
        return True
    if type(pattern) is not type(node):
        return False
    if isinstance(pattern, ast.Call) and _has_rest(pattern):
        fixed = pattern.args[:-1]
        named = {k.arg: k.value for k in pattern.keywords}
        given = {k.arg: k.value for k in node.keywords}
        bound["ARGS"] = (node.args[len(fixed) :], [k for k in node.keywords if k.arg not in named])
        return (
            len(node.args) >= len(fixed)
            and named.keys() <= given.keys()
            and _match(pattern.func, node.func, bound)
            and all(_match(p, n, bound) for p, n in zip(fixed, node.args, strict=False))
            and all(_match(value, given[name], bound) for name, value in named.items())
        )
    if isinstance(pattern, list):
        return len(pattern) == len(node) and all(map(_match, pattern, node, itertools.repeat(bound)))
    if isinstance(pattern, ast.AST):
        fields = (name for name in pattern._fields if name not in ("ctx", "kind"))
        return all(_match(getattr(pattern, f), getattr(node, f, None), bound) for f in fields)
    return pattern == node


def _has_rest(call: ast.Call) -> bool:
    last = call.args[-1] if call.args else None
    return isinstance(last, ast.Starred) and isinstance(last.value, ast.Name) and last.value.id == "ARGS"


def _substitute(node: Any, bound: dict[str, Any]) -> Any:
    if isinstance(node, ast.Name) and node.id in bound and node.id != "ARGS":
        return copy.deepcopy(bound[node.id])
    for name, value in ast.iter_fields(node):
        if isinstance(value, list):
            setattr(node, name, [_substitute(v, bound) if isinstance(v, ast.AST) else v for v in value])
        elif isinstance(value, ast.AST):
            setattr(node, name, _substitute(value, bound))
    if isinstance(node, ast.Call) and _has_rest(node):
        args, keywords = copy.deepcopy(bound["ARGS"])
        node.args[-1:] = args
        node.keywords += keywords
    return node


_PURE = {
    *(
        "len",
        "float",
        "int",
        "sum",
        "range",
        "tuple",
        "list",
        "zip",
        "enumerate",
        "abs",
        "min",
        "max",
        "sorted",
    ),
    *("isinstance", "mean", "sum", "var", "std", "reshape", "view", "transpose", "flatten", "square", "copy"),
    *("clone", "detach", "max", "min", "double", "size", "numel", "dim", "item", "astype", "ravel", "T"),
}


def pure(node: ast.AST) -> bool:
    """Does evaluating this change nothing, as far as one can see?"""
    calls = [n.func for n in ast.walk(node) if isinstance(n, ast.Call)]
    return all(_pure_function(f) for f in calls) and not any(isinstance(n, ast.Yield) for n in ast.walk(node))


def _pure_function(function: ast.expr) -> bool:
    if isinstance(function, ast.Name):
        return function.id in _PURE
    if not isinstance(function, ast.Attribute):
        return isinstance(function, ast.Lambda)
    of = function.value
    library = isinstance(of, ast.Name) and of.id in HELPERS
    return function.attr in _PURE or (library and not function.attr.startswith(("rand", "manual")))


def _simple(node: ast.expr) -> bool:
    """A name, a number, an attribute or an entry of one: it may be written down twice."""
    if isinstance(node, ast.Subscript):
        return _simple(node.value) and all(
            isinstance(n, (ast.Name, ast.Constant, ast.Tuple, ast.Slice, ast.UnaryOp, ast.USub, ast.Load))
            for n in ast.walk(node.slice)
        )
    if isinstance(node, (ast.Tuple, ast.UnaryOp)):
        return all(_simple(n) for n in ast.iter_child_nodes(node) if isinstance(n, ast.expr))
    return isinstance(node, (ast.Name, ast.Constant)) or (
        isinstance(node, ast.Attribute) and _simple(node.value)
    )


# --- statements ---------------------------------------------------------------------------------------

Block = list[ast.stmt]


def _fresh(tree: ast.AST, stem: str) -> str:
    used = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name)}
    used |= {n.arg for n in ast.walk(tree) if isinstance(n, ast.arg)}
    return next(name for i in itertools.count(1) if (name := f"{stem}_{i}") not in used)


def _load(name: str, like: ast.expr) -> ast.Name:
    new = ast.Name(name, ast.Load())
    new.kinds = getattr(like, "kinds", frozenset())
    return new


def _assign(name: str, value: ast.expr) -> ast.Assign:
    return ast.Assign([ast.Name(name, ast.Store())], value)


def name_the_result(tree: ast.AST, block: Block, at: int) -> Block | None:
    """`return e` → `result = e; return result`."""
    statement = block[at]
    if not isinstance(statement, ast.Return) or isinstance(statement.value, (ast.Name, type(None))):
        return None
    name = _fresh(tree, "result")
    return [_assign(name, statement.value), ast.Return(_load(name, statement.value))]


def split_an_operation(tree: ast.AST, block: Block, at: int) -> Block | None:
    """`y = a + b` → `left = a; right = b; y = left + right`."""
    statement = block[at]
    value = getattr(statement, "value", None)
    if not isinstance(statement, (ast.Assign, ast.Return)) or not isinstance(value, ast.BinOp):
        return None
    before = []
    for side in ("left", "right"):
        part = getattr(value, side)
        if not isinstance(part, (ast.Name, ast.Constant)):
            name = _fresh(tree, side)
            before.append(_assign(name, part))
            setattr(value, side, _load(name, part))
    return [*before, statement] if before else None


def split_a_tuple(tree: ast.AST, block: Block, at: int) -> Block | None:
    """`return a, b` → `first = a; second = b; return first, second`."""
    statement = block[at]
    if not isinstance(statement, ast.Return) or not isinstance(statement.value, ast.Tuple):
        return None
    parts = statement.value.elts
    if any(isinstance(part, ast.Starred) for part in parts):
        return None
    before = []
    for i, part in enumerate(parts):
        if not isinstance(part, (ast.Name, ast.Constant)):
            name = _fresh(tree, f"part{i}")
            before.append(_assign(name, part))
            parts[i] = _load(name, part)
    return [*before, statement] if before else None


def turn_an_if_round(tree: ast.AST, block: Block, at: int) -> Block | None:
    """`if c: A else: B` → `if not c: B else: A`."""
    statement = block[at]
    if not isinstance(statement, ast.If) or not statement.orelse:
        return None
    return [ast.If(ast.UnaryOp(ast.Not(), statement.test), statement.orelse, statement.body)]


def write_out_a_comprehension(tree: ast.AST, block: Block, at: int) -> Block | None:
    """`y = [e for v in values]` → `y = []; for v in values: y.append(e)`."""
    statement = block[at]
    if not isinstance(statement, (ast.Assign, ast.Return)) or not isinstance(statement.value, ast.ListComp):
        return None
    made = statement.value
    one, *others = made.generators
    own = {n.id for n in ast.walk(one.target) if isinstance(n, ast.Name)}
    outside = [n.id for n in ast.walk(tree) if isinstance(n, ast.Name)]
    inside = [n.id for n in ast.walk(made) if isinstance(n, ast.Name)]
    if others or any(outside.count(name) > inside.count(name) for name in own):
        return None
    name = _fresh(tree, "items")
    append = ast.Expr(ast.Call(ast.Attribute(_load(name, made), "append", ast.Load()), [made.elt], []))
    body: Block = [append]
    for test in reversed(one.ifs):
        body = [ast.If(test, body, [])]
    statement.value = _load(name, made)
    return [_assign(name, ast.List([], ast.Load())), ast.For(one.target, one.iter, body, []), statement]


def walk_a_list(tree: ast.AST, block: Block, at: int) -> Block | None:
    """`for v in values` → `for v in list(values)`."""
    statement = block[at]
    if not isinstance(statement, ast.For) or not _walks(statement.iter):
        return None
    statement.iter = ast.List([ast.Starred(statement.iter, ast.Load())], ast.Load())
    return [statement]


def _walks(values: ast.expr) -> bool:
    """May these be listed before the first is used? Those of `itertools.groupby` may not."""
    calls = [n.func for n in ast.walk(values) if isinstance(n, ast.Call)]
    named = {getattr(f, "attr", None) or getattr(f, "id", None) for f in calls}
    return not isinstance(values, ast.List) and "groupby" not in named


def number_a_loop(tree: ast.AST, block: Block, at: int) -> Block | None:
    """`for v in values` → `for number, v in enumerate(values)`."""
    statement = block[at]
    if not isinstance(statement, ast.For):
        return None
    number = ast.Name(_fresh(tree, "number"), ast.Store())
    target = ast.Tuple([number, statement.target], ast.Store())
    counted = ast.Call(ast.Name("enumerate", ast.Load()), [statement.iter], [])
    return [ast.For(target, counted, statement.body, statement.orelse)]


def compute_in_a_closure(tree: ast.AST, block: Block, at: int) -> Block | None:
    """`y = e` → `def compute(): return e; y = compute()`."""
    statement = block[at]
    if not isinstance(statement, ast.Assign) or isinstance(statement.value, (ast.Name, ast.Constant)):
        return None
    inner = {n.id for n in ast.walk(statement.value) if isinstance(n, ast.Name)}
    if inner & {"super", "locals"} or any(
        isinstance(n, (ast.Yield, ast.NamedExpr)) for n in ast.walk(statement.value)
    ):
        return None
    names = {n.name for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)}
    name = next(n for i in itertools.count(1) if (n := f"compute_{i}") not in names)
    none = ast.arguments([], [], None, [], [], None, [])
    function = ast.FunctionDef(name, none, [ast.Return(statement.value)], [], type_params=[])
    call = ast.Call(ast.Name(name, ast.Load()), [], [])
    call.kinds = getattr(statement.value, "kinds", frozenset())
    return [function, ast.Assign(statement.targets, call)]


def one_at_a_time(tree: ast.AST, block: Block, at: int) -> Block | None:
    """`a, b = e, f` → `a = e; b = f`, where f does not use a."""
    statement = block[at]
    if not isinstance(statement, ast.Assign) or len(statement.targets) > 1:
        return None
    target, value = statement.targets[0], statement.value
    if (
        not isinstance(target, ast.Tuple)
        or not isinstance(value, ast.Tuple)
        or len(target.elts) != len(value.elts)
    ):
        return None
    if not all(isinstance(t, ast.Name) for t in target.elts) or not all(map(pure, value.elts)):
        return None
    own = {t.id for t in target.elts}
    if own & {n.id for n in ast.walk(value) if isinstance(n, ast.Name)}:
        return None
    return [ast.Assign([t], v) for t, v in zip(target.elts, value.elts, strict=True)]


def other_order(tree: ast.AST, block: Block, at: int) -> Block | None:
    """`a = e; b = f` → `b = f; a = e`, where neither uses the other: gives both statements."""
    if at + 1 >= len(block):
        return None
    pair = block[at : at + 2]
    for s in pair:
        if (
            not isinstance(s, ast.Assign)
            or not all(isinstance(t, ast.Name) for t in s.targets)
            or not pure(s)
        ):
            return None
    names = [{t.id for t in s.targets} for s in pair]
    used = [{n.id for n in ast.walk(s.value) if isinstance(n, ast.Name)} for s in pair]
    if names[0] & (used[1] | names[1]) or names[1] & used[0]:
        return None
    return pair[::-1]


STATEMENTS = (
    name_the_result,
    split_an_operation,
    split_a_tuple,
    turn_an_if_round,
    write_out_a_comprehension,
    walk_a_list,
    number_a_loop,
    compute_in_a_closure,
    one_at_a_time,
    other_order,
)


# --- rewriting a program --------------------------------------------------------------------------------


class _Site(NamedTuple):
    """A place in the tree where an expression stands, and how to put another one there."""

    node: ast.expr
    put: Callable[[ast.expr], None]


def rewrite(tree: ast.Module, rng: random.Random, tries: int = 60) -> str | None:
    """Write one place of `tree` in another way, in place; what was done, or None where nothing fitted."""
    sites = [site for site in _expressions(tree) if _headword(site.node) in _BY_HEADWORD]
    blocks = list(_blocks(tree))
    for _ in range(tries):
        if rng.random() < 0.7 and sites:
            site = rng.choice(sites)
            fitting = [(r, new) for r in _BY_HEADWORD[_headword(site.node)] if (new := r.apply(site.node))]
            if fitting:
                rule, new = rng.choice(fitting)
                new.kinds = getattr(site.node, "kinds", frozenset())
                site.put(new)
                return str(rule)
        elif blocks:
            function, block = rng.choice(blocks)
            at, change = rng.randrange(len(block)), rng.choice(STATEMENTS)
            new = change(function, block, at)
            if new:
                block[at : at + (2 if change is other_order else 1)] = new
                return change.__name__.replace("_", " ")
    return None


def _headword(node: ast.expr) -> Any:
    """By what a rule can be looked up: the operator, the function's or the attribute's name."""
    if isinstance(node, (ast.BinOp, ast.UnaryOp)):
        return type(node.op)
    if isinstance(node, ast.Compare):
        return type(node.ops[0])
    if isinstance(node, ast.Call):
        return "call", getattr(node.func, "attr", None) or getattr(node.func, "id", None)
    return getattr(node, "attr", type(node))


_BY_HEADWORD: dict[Any, list[Rule]] = {}
for _rule in RULES:
    _BY_HEADWORD.setdefault(_headword(_parsed(_rule.pattern)), []).append(_rule)


def _expressions(tree: ast.AST) -> Iterator[_Site]:
    """All expressions inside functions that are read, not written to."""
    for parent in ast.walk(tree):
        if isinstance(parent, (ast.JoinedStr, ast.FormattedValue, ast.arguments, ast.ClassDef)):
            continue
        for name, value in ast.iter_fields(parent):
            if name in ("decorator_list", "returns", "annotation", "bases"):
                continue
            if isinstance(value, ast.expr) and _is_read(value):
                yield _Site(value, lambda new, p=parent, n=name: setattr(p, n, new))
            elif isinstance(value, list):
                for i, item in enumerate(value):
                    if isinstance(item, ast.expr) and _is_read(item):
                        yield _Site(item, lambda new, v=value, i=i: v.__setitem__(i, new))


def _is_read(node: ast.expr) -> bool:
    return isinstance(node, (ast.BinOp, ast.UnaryOp, ast.Call, ast.Compare, ast.IfExp)) or (
        isinstance(node, (ast.Attribute, ast.Subscript)) and isinstance(node.ctx, ast.Load)
    )


def _blocks(tree: ast.AST) -> Iterator[tuple[ast.AST, Block]]:
    """All blocks of statements inside functions, with the outermost function around each."""
    for node in ast.walk(tree):
        if isinstance(node, (ast.Module, ast.ClassDef)):
            for function in node.body:
                if isinstance(function, ast.FunctionDef):
                    yield from _blocks_within(function)


def _blocks_within(function: ast.FunctionDef) -> Iterator[tuple[ast.AST, Block]]:
    for node in ast.walk(function):
        if isinstance(node, ast.ClassDef):  # what is computed there belongs to the class
            continue
        for name in ("body", "orelse", "finalbody"):
            block = getattr(node, name, None)
            if isinstance(block, list) and block:
                yield function, block
