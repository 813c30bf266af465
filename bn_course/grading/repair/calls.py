"""Edits of calls: axes, keepdims, ddof, the count, sum for mean, a call dropped, the classes asked for."""

import ast
from collections.abc import Iterator

from bn_course.grading.repair.edit import Proposal, Scope, called, expression, is_name, name

_REDUCTIONS = (
    "mean",
    "sum",
    "var",
    "std",
    "max",
    "min",
    "amax",
    "amin",
    "median",
    "prod",
    "norm",
    "var_mean",
)
_REDUCTIONS += ("average", "nanmean", "argmax", "argmin", "cumsum", "std_mean", "logsumexp")
_AXES = ("0", "1", "-1", "None")
_MORE_AXES = ("(0, 1)", "(0, 2)", "2", "(0, 2, 3)", "(2, 3)", "(1, 2, 3)")  # for three axes and more
_MODULES = ("np", "numpy", "torch", "F", "functional", "linalg", "math")


def of_module(call: ast.Call) -> bool:
    """Is it `np.mean(x, …)`, where the first argument is what is reduced?"""
    function = call.func
    if isinstance(function, ast.Name):
        return True
    return isinstance(function.value, ast.Name) and function.value.id in _MODULES


def _place_of_axis(call: ast.Call) -> int:
    return 1 if of_module(call) else 0


def _axis(call: ast.Call) -> ast.expr | None:
    for keyword in call.keywords:
        if keyword.arg in ("axis", "dim"):
            return keyword.value
    place = _place_of_axis(call)
    return call.args[place] if len(call.args) > place else None


def _with_axis(call: ast.Call, axis: ast.expr) -> ast.Call:
    place = _place_of_axis(call)
    if any(k.arg in ("axis", "dim") for k in call.keywords):
        keywords = [ast.keyword(k.arg, axis if k.arg in ("axis", "dim") else k.value) for k in call.keywords]
        return ast.Call(call.func, call.args, keywords)
    if len(call.args) > place:
        return ast.Call(call.func, [*call.args[:place], axis, *call.args[place + 1 :]], call.keywords)
    return ast.Call(call.func, call.args, [*call.keywords, ast.keyword("axis", axis)])


def _with_keyword(call: ast.Call, keyword: str, value: ast.expr | None, other: str = "") -> ast.Call:
    """The call with this keyword, or without it where `value` is None."""
    kept = [k for k in call.keywords if k.arg not in (keyword, other)]
    return ast.Call(call.func, call.args, kept if value is None else [*kept, ast.keyword(keyword, value)])


def axes(node: ast.AST, scope: Scope) -> Iterator[Proposal]:
    if called(node) not in _REDUCTIONS or (called(node) in ("max", "min", "sum") and is_name(node.func)):
        return
    old = _axis(node)
    before = ast.unparse(old) if old is not None else "none"
    kept = any(k.arg in ("keepdims", "keepdim") for k in node.keywords)
    word = "keepdim" if scope.torch else "keepdims"
    for after in (*_AXES, *(_MORE_AXES if scope.rank > 2 else ()), *scope.axes):
        axis = expression(after)
        if after == before or (old is None and after == "None"):
            continue
        rank = 1 if after in ("0", "1", "-1", "(0, 2, 3)", "(2, 3)") else 3
        yield Proposal(rank, ("axis", before, after), lambda c, a=axis: _with_axis(c, a))
        if not kept and after != "0":
            yield Proposal(
                rank + 1,
                ("axis", before, after, "kept"),
                lambda c, a=axis: _with_keyword(_with_axis(c, a), word, ast.Constant(True)),
            )
    if kept:
        yield Proposal(3, ("not kept",), lambda c: _with_keyword(c, "keepdims", None, "keepdim"))
    elif old is not None:
        yield Proposal(1, ("kept",), lambda c: _with_keyword(c, word, ast.Constant(True)))


def degrees_of_freedom(node: ast.AST, scope: Scope) -> Iterator[Proposal]:
    if called(node) not in ("var", "std", "var_mean", "std_mean", "cov", "nanvar", "nanstd"):
        return
    given = {k.arg: k.value for k in node.keywords}
    words = [word for word in ("ddof", "correction", "unbiased") if word in given]
    if words:
        yield Proposal(0, ("ddof dropped",), lambda c: _with_keyword(c, words[0], None))
        value = given[words[0]]
        if isinstance(value, ast.Constant):
            other = ast.Constant(not value.value if isinstance(value.value, bool) else 1 - value.value)
            yield Proposal(0, ("ddof",), lambda c: _with_keyword(c, words[0], other))
    else:
        yield Proposal(0, ("ddof",), lambda c: _with_keyword(c, "ddof", ast.Constant(1)))
        if scope.torch:
            yield Proposal(0, ("correction",), lambda c: _with_keyword(c, "correction", ast.Constant(0)))


_SWAPS = {
    "mean": ("sum",),
    "sum": ("mean",),
    "var": ("std",),
    "std": ("var",),
    "max": ("min",),
    "min": ("max",),
    "amax": ("amin",),
    "amin": ("amax",),
    "zeros": ("ones",),
    "ones": ("zeros",),
    "zeros_like": ("ones_like",),
    "ones_like": ("zeros_like",),
    "train": ("eval",),
    "eval": ("train",),
    "sqrt": ("square",),
    "square": ("sqrt",),
    "prod": ("sum",),
    "log": ("exp", "log2"),
    "log2": ("log",),
    "log10": ("log",),
    "all": ("any",),
    "any": ("all",),
    "floor": ("ceil", "round"),
    "eigvalsh": ("eigvals",),
    "std_mean": ("var_mean",),
    "maximum": ("minimum",),
    "minimum": ("maximum",),
    "children": ("modules",),
    "modules": ("children",),
    "matmul": ("multiply",),
    "normal_": ("zeros_",),
    "ones_": ("zeros_",),
    "parameters": ("buffers",),
    "empty": ("zeros",),
}


def other_function(node: ast.AST, scope: Scope) -> Iterator[Proposal]:
    for other in _SWAPS.get(called(node), ()):
        yield Proposal(2, ("call", called(node), other), lambda c, o=other: _renamed(c, o))


def _renamed(call: ast.Call, other: str) -> ast.Call:
    function = call.func
    if isinstance(function, ast.Attribute):
        return ast.Call(ast.Attribute(function.value, other, ast.Load()), call.args, call.keywords)
    return ast.Call(name(other), call.args, call.keywords)


def dropped_call(node: ast.AST, scope: Scope) -> Iterator[Proposal]:
    """`f(x)` to `x`, `x.f()` to `x`, `x.T` to `x`, and an argument with a name left out."""
    if isinstance(node, ast.Attribute) and node.attr in ("T", "mT", "data"):
        yield Proposal(3, ("dropped", node.attr), lambda a: a.value)
    if not isinstance(node, ast.Call):
        return
    if isinstance(node.func, ast.Attribute) and not of_module(node):
        yield Proposal(3, ("dropped", called(node)), lambda c: c.func.value)
    elif node.args and not isinstance(node.args[0], ast.Starred):
        yield Proposal(3, ("dropped", called(node)), lambda c: c.args[0])
    for keyword in node.keywords:
        if keyword.arg not in (None, "axis", "dim", "keepdims", "keepdim", "ddof", "correction", "unbiased"):
            yield Proposal(4, ("argument", keyword.arg), lambda c, w=keyword.arg: _with_keyword(c, w, None))
        if is_name(keyword.value):
            yield Proposal(
                2,
                (),
                lambda c, k=keyword: _with_keyword(c, k.arg, ast.UnaryOp(ast.Not(), k.value)),
            )
    plain = [i for i, arg in enumerate(node.args) if not isinstance(arg, ast.Starred)]
    if len(plain) == len(node.args) >= 2:
        for i in range(len(plain) - 1):
            yield Proposal(4, ("swapped",), lambda c, i=i: ast.Call(c.func, _swapped(c.args, i), c.keywords))


def _swapped(items: list, i: int) -> list:
    return [*items[:i], items[i + 1], items[i], *items[i + 2 :]]


def as_elsewhere(node: ast.AST, scope: Scope) -> Iterator[Proposal]:
    """An argument with a name that another call of the same function has."""
    if not isinstance(node, ast.Call) or scope.function is None:
        return
    own = {k.arg for k in node.keywords}
    for other in ast.walk(scope.function):
        if isinstance(other, ast.Call) and other is not node and called(other) == called(node):
            for k in other.keywords:
                if k.arg and k.arg not in own:
                    value = ast.unparse(k.value)
                    yield Proposal(3, (), lambda c, w=k.arg, v=value: _with_keyword(c, w, expression(v)))


def known_already(node: ast.AST, scope: Scope) -> Iterator[Proposal]:
    """A statistic that is computed where one in scope belongs."""
    if called(node) in ("mean", "var", "std", "sum"):
        for other in scope.names:
            yield Proposal(4, (), lambda c, o=other: name(o))
        for attribute in scope.attributes:
            yield Proposal(3, (), lambda c, a=attribute: ast.Attribute(name("self"), a, ast.Load()))


def whole_numbers(node: ast.AST, scope: Scope) -> Iterator[Proposal]:
    """An array of x's type, which whole numbers cannot fill with others, to one of floats."""
    if called(node) in ("zeros_like", "empty_like", "ones_like", "array", "asarray", "copy") and (
        not isinstance(node.func, ast.Attribute) or of_module(node)
    ):
        kind = "array" if called(node) == "copy" else called(node)
        yield Proposal(
            3,
            ("float",),
            lambda c: _with_keyword(_renamed(c, kind), "dtype", name("float")),
        )
    elif called(node) == "copy" and not node.args:
        yield Proposal(
            3,
            ("float",),
            lambda c: ast.Call(ast.Attribute(c.func.value, "astype", ast.Load()), [name("float")], []),
        )


_SHAPES = ("(1, -1)", "(-1, 1)", "(1, -1, 1, 1)", "(-1, 1, 1, 1)", "(1, 1, -1)", "(-1, 1, 1)")


def reshaped(node: ast.AST, scope: Scope) -> Iterator[Proposal]:
    if called(node) not in ("reshape", "view") or not node.args:
        return
    for shape in _SHAPES:
        yield Proposal(
            4,
            ("reshape", shape),
            lambda c, s=shape: ast.Call(
                c.func, [*(c.args[:1] if of_module(c) else []), expression(s)], c.keywords
            ),
        )


_CLASSES = (
    ("BatchNorm1d",),
    ("BatchNorm2d",),
    ("BatchNorm1d", "BatchNorm2d", "BatchNorm3d"),
    ("BatchNorm1d", "BatchNorm2d", "BatchNorm3d", "LayerNorm", "GroupNorm"),
    (
        "BatchNorm1d",
        "BatchNorm2d",
        "BatchNorm3d",
        "LayerNorm",
        "GroupNorm",
        "InstanceNorm1d",
        "InstanceNorm2d",
    ),
    ("Linear",),
    ("Linear", "Conv1d", "Conv2d", "Conv3d"),
    ("Dropout", "Dropout1d", "Dropout2d"),
    ("modules.batchnorm._BatchNorm",),
)


def classes(node: ast.AST, scope: Scope) -> Iterator[Proposal]:
    """The classes of an `isinstance`, where their module is written: `nn.Linear`."""
    if called(node) != "isinstance" or len(node.args) != 2:
        return
    first = (
        node.args[1].elts[0] if isinstance(node.args[1], ast.Tuple) and node.args[1].elts else node.args[1]
    )
    if not isinstance(first, ast.Attribute):
        return
    module = ast.unparse(first.value)
    module = module.removesuffix(".modules.batchnorm")
    for group in _CLASSES:
        text = ", ".join(f"{module}.{one}" for one in group)
        yield Proposal(
            1,
            ("classes", group),
            lambda c, t=text: ast.Call(c.func, [c.args[0], expression(f"({t})")], []),
        )


RULES = (
    axes,
    degrees_of_freedom,
    other_function,
    dropped_call,
    as_elsewhere,
    known_already,
    whole_numbers,
    reshaped,
    classes,
)
