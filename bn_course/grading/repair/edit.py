"""One edit of a syntax tree, and what the rules that propose edits know about a place."""

import ast
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

Build = Callable[[ast.AST], "ast.AST | list[ast.stmt]"]


class Proposal(NamedTuple):
    """What a rule proposes for a node.

    `build` is given a copy of the node whose parts may have been edited already, and returns what stands
    there instead: an expression for an expression; a statement, several or none ([]) for a statement.
    `rank` is low for what often mends an answer. Proposals of one `kind` say the same thing of different
    places: they are also made everywhere at once. `shown` is the node to show, where it is another one.
    """

    rank: int
    kind: tuple
    build: Build
    shown: ast.AST | None = None


@dataclass(frozen=True, eq=False)
class Edit:
    """A proposal for a node. `span` has the node's number in the tree and that of the last node inside."""

    number: int
    node: ast.AST
    span: tuple[int, int]
    rank: int
    kind: tuple
    build: Build = field(repr=False)
    shown: ast.AST

    def inside(self, other: "Edit") -> bool:
        """Does it lie in the other's node, or change the same one?"""
        return other.span[0] <= self.span[0] <= other.span[1]


@dataclass(frozen=True)
class Scope:
    """What can be said at a place: the function around it, the names, the defaults that are asked for."""

    function: ast.FunctionDef | ast.Lambda | None = None
    parameters: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    attributes: tuple[str, ...] = ()  # of self
    defaults: tuple[tuple[str, object], ...] = ()
    variances: tuple[tuple[str, ast.Call], ...] = ()  # names that hold what `var` returned
    rank: int = 4  # axes of the largest array that the answer is given
    axes: tuple[str, ...] = ()  # names that hold axes
    torch: bool = False


def name(text: str) -> ast.Name:
    return ast.Name(text, ast.Load())


def expression(text: str) -> ast.expr:
    """The tree of an expression that is written here."""
    return ast.parse(text, mode="eval").body


def is_name(node: ast.AST) -> bool:
    return isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)


def called(node: ast.AST) -> str:
    """The last name of what a call calls: `mean` for `x.mean(0)` and for `np.mean(x, 0)`."""
    if not isinstance(node, ast.Call):
        return ""
    function = node.func
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
