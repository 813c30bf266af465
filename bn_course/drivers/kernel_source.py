"""Is this a Triton kernel, and nothing else? In the interpreter any Python would run, on a GPU none."""

import ast
import builtins
import inspect
import textwrap
from functools import cache
from types import FunctionType, ModuleType
from typing import Any

_FUNCTIONS = {"range", "min", "max", "abs", "len", "int", "float", "bool", "print"}
_OF_TYPES = ("dtype", "element_ty", "shape", "type", "scalar", "math")
_CONSTANTS = (bool, int, float, str, type(None))
_NOT_COMPILED = (
    ast.Import, ast.ImportFrom, ast.With, ast.Try, ast.Lambda, ast.ClassDef, ast.Global, ast.Nonlocal,
    ast.Yield, ast.YieldFrom, ast.Await, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp,
)  # fmt: skip


class NotAKernel(TypeError):  # noqa: N818 - says what the answer is
    """Triton's compiler would refuse it, or it is no kernel at all; the message says why."""


@cache
def refuse_what_is_no_kernel(function: FunctionType) -> None:
    """Raise NotAKernel where a GPU could not run `function`, or a kernel that it calls."""
    try:
        (definition,) = ast.parse(textwrap.dedent(inspect.getsource(function))).body
    except (OSError, TypeError, SyntaxError, ValueError):
        definition = None
    if not isinstance(definition, ast.FunctionDef):
        raise NotAKernel(f"{function.__name__} has no source that can be read as a kernel")
    nodes = list(ast.walk(ast.Module(definition.body, [])))
    own = {n.id for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    own |= {argument.arg for argument in definition.args.args}
    for node in nodes:
        _look_at(node, function, own)


def _look_at(node: ast.AST, function: FunctionType, own: set[str]) -> None:
    if isinstance(node, _NOT_COMPILED):
        raise NotAKernel(f"line {node.lineno} of {function.__name__}: Triton compiles no {_name_of(node)}")
    if isinstance(node, ast.Name) and node.id not in own:
        value = _value(node.id, function)
        if hasattr(value, "fn") and type(value).__module__.startswith("triton."):
            if value.fn is not function:
                refuse_what_is_no_kernel(value.fn)
        elif not _belongs(value):
            raise NotAKernel(
                f"{function.__name__} uses {node.id}: in a kernel there are Triton's operations, numbers, "
                "and other kernels"
            )
    if isinstance(node, ast.Attribute):
        _look_at_attribute(node, function, own)


def _look_at_attribute(node: ast.Attribute, function: FunctionType, own: set[str]) -> None:
    import triton.language as tl

    base = node.value
    value = _value(base.id, function) if isinstance(base, ast.Name) and base.id not in own else None
    if isinstance(value, ModuleType):
        found = getattr(value, node.attr, None)
        known = found is not None and (not isinstance(found, ModuleType) or found in (tl, tl.math))
    else:
        known = hasattr(tl.tensor, node.attr) or node.attr in _OF_TYPES or hasattr(tl.math, node.attr)
    if node.attr.startswith("_") or node.attr in ("handle", "value") or not known:
        raise NotAKernel(f"{function.__name__} asks for `.{node.attr}`, which a kernel has not")


def _value(name: str, function: FunctionType) -> Any:
    closed = inspect.getclosurevars(function).nonlocals
    return closed.get(name, function.__globals__.get(name, getattr(builtins, name, NotAKernel)))


def _belongs(value: Any) -> bool:
    import triton
    import triton.language as tl

    if isinstance(value, ModuleType):
        return value in (triton, tl, tl.math)
    plain = isinstance(value, _CONSTANTS) or type(value).__module__.startswith("triton.language")
    return plain or getattr(value, "__name__", "") in _FUNCTIONS or value is NotImplementedError


def _name_of(node: ast.AST) -> str:
    return type(node).__name__.lower()
