"""Edits of arithmetic: operators, parentheses, terms, roots and ε, numbers, comparisons, sequences."""

import ast
from collections.abc import Iterator
from itertools import permutations

from bn_course.grading.repair.edit import Proposal, Scope, called, name

_OTHER = {
    ast.Add: (ast.Sub, ast.Mult),
    ast.Sub: (ast.Add,),
    ast.Mult: (ast.Div, ast.Add),
    ast.Div: (ast.Mult,),
    ast.Pow: (ast.Mult,),
    ast.FloorDiv: (ast.Div,),
    ast.MatMult: (ast.Mult,),
}


def operators(node: ast.AST, scope: Scope) -> Iterator[Proposal]:
    if not isinstance(node, ast.BinOp):
        return
    old = type(node.op)
    for new in _OTHER.get(old, ()):
        yield Proposal(2, (), lambda b, new=new: ast.BinOp(b.left, new(), b.right))
    if old in (ast.Sub, ast.Div, ast.MatMult):
        yield Proposal(2, (), lambda b: ast.BinOp(b.right, b.op, b.left))
    yield Proposal(2, (), lambda b: b.left)
    yield Proposal(2, (), lambda b: b.right)


def parentheses(node: ast.AST, scope: Scope) -> Iterator[Proposal]:
    """(a ∘ b) • c to a ∘ (b • c) and back: `/ 2 * h`, `** 1 / 2`, `a - b / c`."""
    if not isinstance(node, ast.BinOp):
        return
    if isinstance(node.left, ast.BinOp):
        yield Proposal(1, (), _to_the_right)
        yield Proposal(3, (), _exchanged)
        if isinstance(node.left.right, ast.BinOp) and isinstance(node.left.right.op, ast.Pow):
            yield Proposal(2, (), _into_the_power)
    if isinstance(node.right, ast.BinOp):
        yield Proposal(1, (), _to_the_left)
        yield Proposal(3, (), _taken_out)
    if isinstance(node.left, ast.BinOp) and isinstance(node.right, ast.BinOp):
        yield Proposal(1, (), _in_the_middle)
    if isinstance(node.right, ast.Call) and node.right.args:
        yield Proposal(4, (), _into_the_call)


def _to_the_right(b: ast.BinOp) -> ast.BinOp:
    inner = b.left
    return ast.BinOp(inner.left, inner.op, ast.BinOp(inner.right, b.op, b.right))


def _to_the_left(b: ast.BinOp) -> ast.BinOp:
    inner = b.right
    return ast.BinOp(ast.BinOp(b.left, b.op, inner.left), inner.op, inner.right)


def _into_the_power(b: ast.BinOp) -> ast.BinOp:
    """a ∘ b ** c • d to a ∘ b ** (c • d): `x / v ** 1 / 2`."""
    power = b.left.right
    exponent = ast.BinOp(power.right, b.op, b.right)
    return ast.BinOp(b.left.left, b.left.op, ast.BinOp(power.left, power.op, exponent))


def _in_the_middle(b: ast.BinOp) -> ast.BinOp:
    """a ∘ b • c ∘ d to a ∘ (b • c) ∘ d: `gamma * x - mean / std`."""
    middle = ast.BinOp(b.left.right, b.op, b.right.left)
    return ast.BinOp(ast.BinOp(b.left.left, b.left.op, middle), b.right.op, b.right.right)


def _exchanged(b: ast.BinOp) -> ast.BinOp:
    """(a ∘ b) • c to (a • c) ∘ b: `x * mask - mean`."""
    inner = b.left
    return ast.BinOp(ast.BinOp(inner.left, b.op, b.right), inner.op, inner.right)


def _taken_out(b: ast.BinOp) -> ast.BinOp:
    """a • (b ∘ c) to b ∘ (a • c): `bias - scale * mean`."""
    inner = b.right
    return ast.BinOp(inner.left, inner.op, ast.BinOp(b.left, b.op, inner.right))


def _into_the_call(b: ast.BinOp) -> ast.Call:
    """a • f(b) to f(a • b): `alpha * np.tanh(x)`."""
    call = b.right
    return ast.Call(call.func, [ast.BinOp(b.left, b.op, call.args[0]), *call.args[1:]], call.keywords)


def _power(base: ast.expr, exponent: float) -> ast.BinOp:
    return ast.BinOp(base, ast.Pow(), ast.Constant(exponent))


def _plus(a: ast.expr, b: ast.expr) -> ast.BinOp:
    return ast.BinOp(a, ast.Add(), b)


def _is_root(node: ast.AST) -> bool:
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow):
        exponent = node.right.operand if isinstance(node.right, ast.UnaryOp) else node.right
        return isinstance(exponent, ast.Constant) and exponent.value in (0.5, 1.5)
    return called(node) in ("sqrt", "rsqrt")


def _under(root: ast.expr) -> ast.expr | None:
    if isinstance(root, ast.BinOp):
        return root.left
    return root.args[0] if root.args else getattr(root.func, "value", None)


def _out_of_root(root: ast.expr) -> ast.BinOp:
    return _plus(_under_root(root, lambda under: under.left), _under(root).right)


def _under_root(node: ast.expr, change) -> ast.expr:
    """The root with what stands under it changed."""
    if isinstance(node, ast.BinOp):
        return ast.BinOp(change(node.left), node.op, node.right)
    if node.args:
        return ast.Call(node.func, [change(node.args[0]), *node.args[1:]], node.keywords)
    return ast.Call(ast.Attribute(change(node.func.value), node.func.attr, ast.Load()), [], node.keywords)


def epsilon(node: ast.AST, scope: Scope) -> Iterator[Proposal]:
    """ε into the root, out of it, added under one that lacks it, and not squared."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        if _is_root(node.left):
            yield Proposal(0, ("ε in",), lambda b: _under_root(b.left, lambda v: _plus(v, b.right)))
        else:
            yield Proposal(1, ("ε in",), lambda b: _power(_plus(_power(b.left, 2), b.right), 0.5))
    if _is_root(node):
        under = _under(node)
        if isinstance(under, ast.BinOp) and isinstance(under.op, ast.Add):
            yield Proposal(2, ("ε out",), _out_of_root)
        for eps in _epsilons(scope):
            yield Proposal(1, ("ε added",), lambda r, e=eps: _under_root(r, lambda v: _plus(v, e)))
    if called(node) == "std":
        for eps in _epsilons(scope):
            yield Proposal(1, ("ε added",), lambda c, e=eps: _power(_plus(_power(c, 2), e), 0.5))


def _epsilons(scope: Scope) -> list[ast.expr]:
    found = [name(n) for n in scope.names if n.lower().startswith("eps")]
    if scope.function is not None and scope.attributes:
        found += [
            ast.Attribute(name("self"), a, ast.Load())
            for a in scope.attributes
            if a.lower().startswith("eps")
        ]
    return found


def roots(node: ast.AST, scope: Scope) -> Iterator[Proposal]:
    """A root where one divides, and none where there is one (`dropped` has the calls)."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
        yield Proposal(2, (), lambda b: ast.BinOp(b.left, b.op, _power(b.right, 0.5)))
        yield Proposal(4, (), lambda b: ast.BinOp(b.left, b.op, _power(b.right, 2)))
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
        for exponent in (0.5, -0.5, 2, -1):
            yield Proposal(4, (), lambda b, e=exponent: ast.BinOp(b.left, b.op, _power(b.right, e)))
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        yield Proposal(3, (), lambda b: _power(b, 0.5))
    if called(node) in ("var", "std"):
        yield Proposal(3, (), lambda c: _power(c, 0.5 if called(c) == "var" else 2))


def factors(node: ast.AST, scope: Scope) -> Iterator[Proposal]:
    """Twice a product or a quotient, and half of it."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Mult, ast.Div)):
        yield Proposal(3, (), lambda b: ast.BinOp(ast.Constant(2), ast.Mult(), b))
        yield Proposal(3, (), lambda b: ast.BinOp(b, ast.Div(), ast.Constant(2)))


_NUMBERS = {
    0: (1, -1),
    1: (0, 2, -1, 0.5),
    2: (1, 3, 4, 0.5),
    3: (2, 1, 4, 5),
    4: (2, 3, 5),
    5: (4, 3),
    0.5: (-0.5, 1, 2, 1.5, 0.25),
    1.5: (0.5, 1, -0.5),
    0.1: (0.9,),
    0.9: (0.1,),
    0.99: (0.01,),
    0.01: (0.99,),
}


def numbers(node: ast.AST, scope: Scope) -> Iterator[Proposal]:
    if not isinstance(node, ast.Constant) or isinstance(node.value, (str, bytes, complex)):
        return
    value = node.value
    if isinstance(value, bool):
        yield Proposal(2, (), lambda c: ast.Constant(not c.value))
        for attribute in scope.attributes:
            yield Proposal(3, (), lambda c, a=attribute: ast.Attribute(name("self"), a, ast.Load()))
        return
    if value is None or value is ...:
        return
    for other in _NUMBERS.get(value, ()):
        yield Proposal(2, ("number", value, other), lambda c, o=other: ast.Constant(o))
    if scope.function is not None and 0 < abs(value) < 1:
        for parameter in scope.parameters:
            yield Proposal(1, ("number", value, parameter), lambda c, p=parameter: name(p))
        for attribute in scope.attributes:
            yield Proposal(
                1,
                ("number", value, attribute),
                lambda c, a=attribute: ast.Attribute(name("self"), a, ast.Load()),
            )


def signs(node: ast.AST, scope: Scope) -> Iterator[Proposal]:
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, (ast.USub, ast.Not)):
        yield Proposal(2, (), lambda u: u.operand)
        if isinstance(node.op, ast.USub):
            yield Proposal(4, (), lambda u: ast.BinOp(ast.Constant(1), ast.Div(), u.operand))
    if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Mult, ast.Div)):
        yield Proposal(3, (), lambda b: ast.UnaryOp(ast.USub(), b))


_COMPARED = {
    ast.Lt: (ast.LtE, ast.Gt, ast.GtE),
    ast.LtE: (ast.Lt, ast.GtE, ast.Gt),
    ast.Gt: (ast.GtE, ast.Lt, ast.LtE),
    ast.GtE: (ast.Gt, ast.LtE, ast.Lt),
    ast.Eq: (ast.NotEq, ast.LtE, ast.GtE),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}


def comparisons(node: ast.AST, scope: Scope) -> Iterator[Proposal]:
    if isinstance(node, ast.Compare) and len(node.ops) == 1:
        for other in _COMPARED[type(node.ops[0])]:
            yield Proposal(2, (), lambda c, o=other: ast.Compare(c.left, [o()], c.comparators))
    if isinstance(node, ast.BoolOp):
        other = ast.Or if isinstance(node.op, ast.And) else ast.And
        yield Proposal(2, (), lambda b: ast.BoolOp(other(), b.values))
        for i in range(len(node.values)):
            yield Proposal(2, (), lambda b, i=i: _joined(b.op, [v for j, v in enumerate(b.values) if j != i]))
    if isinstance(node, ast.IfExp):
        yield Proposal(3, (), lambda c: ast.IfExp(c.test, c.orelse, c.body))
        yield Proposal(3, (), lambda c: c.body)
        yield Proposal(3, (), lambda c: c.orelse)


def _joined(op: ast.boolop, values: list) -> ast.expr:
    return ast.BoolOp(op, values) if len(values) > 1 else values[0]


def sequences(node: ast.AST, scope: Scope) -> Iterator[Proposal]:
    """The order of a tuple, one of its items alone, a comma too many, an index."""
    if isinstance(node, (ast.Tuple, ast.List)) and isinstance(node.ctx, ast.Load):
        if not 1 <= len(node.elts) <= 4 or any(isinstance(e, (ast.Starred, ast.Slice)) for e in node.elts):
            return
        if len(node.elts) <= 3:
            for order in list(permutations(range(len(node.elts))))[1:]:
                yield Proposal(1, (), lambda t, o=order: type(t)([t.elts[i] for i in o], t.ctx))
        for i in range(len(node.elts)):
            yield Proposal(3, (), lambda t, i=i: t.elts[i])
    if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load):
        yield Proposal(3, ("index",), lambda s: s.value)


RULES = (epsilon, operators, parentheses, roots, factors, numbers, signs, comparisons, sequences)
