"""How a statement names things: in the question's own words, and in no other's."""

from collections.abc import Sequence

_SYMBOLS = {"gamma": "γ", "beta": "β", "eps": "ε", "dgamma": "dγ", "dbeta": "dβ"}


def symbol(name: str) -> str:
    """A parameter or an output as the course writes it."""
    if name in _SYMBOLS:
        return _SYMBOLS[name]
    return f"`{name}`" if "_" in name else name


def listed(names: Sequence[str]) -> str:
    """'a', 'a and b', 'a, b and c'."""
    *most, last = names
    return f"{', '.join(most)} and {last}" if most else last


def yours(outputs: Sequence[str], every: Sequence[str]) -> str:
    """What the sentence is about: all that is returned, or some of it."""
    if not outputs or (len(every) > 1 and tuple(outputs) == tuple(every)):
        return "what you return"
    return "your " + listed([_bare(name) for name in outputs])


def right(outputs: Sequence[str], every: Sequence[str]) -> str:
    """The same, as it should be."""
    if len(every) > 1 and tuple(outputs) == tuple(every):
        return "what is right"
    return f"the right {_bare(outputs[0])}" if len(outputs) == 1 else "the right ones"


def _bare(name: str) -> str:
    return symbol(name.removeprefix("the "))


def verb(outputs: Sequence[str], every: Sequence[str], one: str = "is", several: str = "are") -> str:
    """'is' or 'are', as `yours` needs it."""
    if not outputs or (len(every) > 1 and tuple(outputs) == tuple(every)):
        return one  # 'what you return'
    return several if len(outputs) > 1 or is_plural(outputs[0]) else one


def is_plural(name: str) -> bool:
    """Does the name of an output, such as 'modes afterwards' or 'the bias', speak of several?"""
    first = name.removeprefix("the ").partition(" ")[0]
    return " " in name and first.endswith("s") and first not in ("bias", "loss")


def sentence(text: str) -> str:
    """`text` with a capital; what begins a sentence is a word, never a name."""
    return text[0].upper() + text[1:]


def along(ndim: int, axes: Sequence[int]) -> str:
    """'In other rows': where else, along these axes of an array."""
    if ndim == 1:
        return "in other entries"
    if ndim == 2:
        return listed([("in other rows", "in other columns")[axis] for axis in axes])
    return f"along {'axis' if len(axes) == 1 else 'axes'} {listed([str(axis) for axis in axes])}"


def each(ndim: int, axis: int) -> str:
    """'In each column': one index of an axis after the other."""
    if ndim == 2:
        return ("in each row", "in each column")[axis]
    return "at each entry" if ndim == 1 else f"at each index of axis {axis}"


def number(value: float) -> str:
    """To six digits, which is what a solution is good for."""
    return f"{value:.6g}"
