"""Is a sentence true? Read it, and test what it says, with none of the code that made it."""

import inspect
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from bn_course.grading.compare import as_array, close
from bn_course.grading.question import Probe, Question
from bn_course.grading.run import run_here

_LETTERS = {"γ": "gamma", "β": "beta", "ε": "eps", "−": "-", "·": "*", "²": "**2", "`": ""}


@dataclass
class Sight:
    """What an answer gives on one probe, and what it should."""

    question: Question
    answer: Callable
    probe: Probe

    def __post_init__(self):
        self.right = run_here(self.question.reference, self.probe)
        self.mine = run_here(self.answer, self.probe)

    @property
    def told(self) -> bool:
        return not (self.right.failure or self.mine.failure or self.probe.rounding)

    @property
    def names(self) -> tuple[str, ...]:
        return self.probe.returns or self.question.returns

    @property
    def given(self) -> dict[str, Any]:
        """The arguments of a plain call by name, defaults included; of another use none are known."""
        if self.probe.driver != "call":
            return {}
        bound = inspect.signature(self.question.reference).bind(*self.probe.args)
        bound.apply_defaults()
        return dict(bound.arguments)

    def with_given(self, **changed) -> "Sight":
        args = tuple({**self.given, **changed}.values())
        return Sight(self.question, self.answer, replace(self.probe, args=args))

    def pairs(self, outputs: frozenset[str]) -> Iterator[tuple[Any, Any]]:
        """(right, mine) of the outputs that a sentence speaks of; of all where it names none."""
        right, mine = self.right.value, self.mine.value
        right = right if isinstance(right, tuple) else (right,)
        mine = mine if isinstance(self.right.value, tuple) else (mine,)
        mine = tuple(mine) if isinstance(mine, np.ndarray) else mine
        some = outputs & set(self.names)
        for name, one, other in zip(self.names, right, mine, strict=True):
            if not some or name in some:
                yield one, other


def sights(question: Question, answer: Callable, seed: int) -> list[Sight]:
    """On probes that the statement was not made on."""
    found = [Sight(question, answer, p) for p in question.probes(np.random.default_rng(seed))]
    return [sight for sight in found if sight.told]


def is_true(question: Question, answer: Callable, relation, seed: int = 7) -> bool | None:
    """True or false; None where this reader does not know how to test it."""
    label = re.match(r"On (.*): change", relation.sentence)
    seen = [s for s in sights(question, answer, seed) if not label or s.probe.label == label[1]]
    for pattern, kinds, test in _TESTS:
        found = re.search(pattern, relation.sentence)
        if found and relation.kind in kinds:
            try:
                return test(seen, relation, *found.groups())
            except (KeyError, NameError):  # an argument of a use that is no plain call
                return None
    return None


def value_of(text: str, given: dict[str, Any]) -> Any:
    """A formula of a sentence, worked out."""
    text, _, where = text.partition(", where n is ")
    for letter, word in _LETTERS.items():
        text, where = text.replace(letter, word), where.replace(letter, word)
    text = re.sub(r"\|(.*?)\|", r"abs(\1)", text)
    text = re.sub(r"√(\((?:[^()]|\([^()]*\))*\)|[\w.]+(?:\[\d\])?)", r"np.sqrt(\1)", text)
    scope = {"np": np, **given}
    if where:
        scope["n"] = eval(where, scope)
    return eval(text, scope)


def fits(value: Any, shape: tuple[int, ...]) -> Iterator[np.ndarray]:
    """A value as it may lie along an array of this shape."""
    value = np.asarray(value, dtype=float)
    if value.ndim == 0 or value.shape == shape:
        yield np.broadcast_to(value, shape)
    if value.ndim == 1:
        for axis, size in enumerate(shape):
            if size == value.size:
                yield value.reshape([-1 if k == axis else 1 for k in range(len(shape))]) + np.zeros(shape)


def near(one: Any, other: Any) -> bool:
    one, other = np.asarray(one, dtype=float), np.asarray(other, dtype=float)
    if one.shape != other.shape:
        return False
    size = max(1.0, np.abs(other[np.isfinite(other)]).max(initial=0))
    return np.allclose(one, other, rtol=1e-4, atol=2e-5 * size, equal_nan=True)


def _each(sights, relation, test: Callable) -> bool:
    return all(test(sight, right, mine) for sight in sights for right, mine in sight.pairs(relation.names))


def _factor(sights, relation, how: str, formula: str) -> bool:
    def test(sight, right, mine):
        squared = formula.endswith(", squared")
        value = np.asarray(value_of(formula.removesuffix(", squared"), sight.given), dtype=float)
        value = value**2 if squared else value
        made = (right * v if how == "times" else right / v for v in fits(value, np.shape(right)))
        return any(near(one, mine) for one in made)

    return _each(sights, relation, test)


def _minus(sights, relation) -> bool:
    return _each(sights, relation, lambda _, right, mine: near(-right, mine))


def _added(sights, relation, sign: str, formula: str) -> bool:
    def test(sight, right, mine):
        step = 1 if sign == "plus" else -1
        made = fits(value_of(formula, sight.given), np.shape(right))
        return any(near(right + step * value, mine) for value in made)

    return _each(sights, relation, test)


def _rounded(sights, relation, decimals: str) -> bool:
    return _each(sights, relation, lambda _, r, m: near(np.round(m, int(decimals)), m))


def _whatever(sights, relation, name: str, value: str) -> bool:
    key = _word(name)
    return all(_same_as(s.with_given(**{key: type(s.given[key])(float(value))}), s, relation) for s in sights)


def _left_out(sights, relation, name: str, value: str) -> bool:
    key, changed = _word(name), float(value)
    for sight in sights:
        if key not in sight.given:
            raise KeyError(key)
        out = len(sight.probe.args) <= list(sight.given).index(key)
        if not _same_as(sight.with_given(**{key: changed}) if out else sight, sight, relation):
            return False
    return True


def _exchanged(sights, relation, one: str, other: str) -> bool:
    one, other = _word(one), _word(other)
    swapped = [(s.with_given(**{one: s.given[other], other: s.given[one]}), s) for s in sights]
    return all(_same_as(changed, sight, relation) for changed, sight in swapped)


def _in_place(sights, relation, formula: str, name: str) -> bool | None:
    key = _word(name)
    for sight in sights:
        old = sight.given[key]
        if old is None:
            continue
        words = {"ones": lambda a: np.ones_like(a), "zeros": lambda a: np.zeros_like(a)}
        try:
            new = words[formula](old) if formula in words else value_of(formula, sight.given)
        except SyntaxError:
            return None  # told in words
        if np.ndim(old) == 0:
            news = [type(old)(new)]
        elif np.ndim(new) == 0 or np.ndim(old) == 1:
            news = [np.broadcast_to(new, old.shape).copy()]
        else:
            news = [np.asarray(new)]
        if not any(_same_as(sight.with_given(**{key: one}), sight, relation) for one in news):
            return False
    return True


def _same_as(changed: Sight, sight: Sight, relation) -> bool:
    """Does the reference, with other arguments, give what the answer gives?"""
    if changed.right.failure:
        return False
    wanted = changed.right.value if isinstance(changed.right.value, tuple) else (changed.right.value,)
    some = relation.names & set(sight.names)
    mine = [m for _, m in sight.pairs(frozenset())]
    return all(
        near(np.squeeze(w), np.squeeze(as_array(m)))
        for name, w, m in zip(sight.names, wanted, mine, strict=True)
        if not some or name in some
    )


def _word(symbol: str) -> str:
    return _LETTERS.get(symbol, symbol.strip("`"))


def _unmoved(sights, relation, which: str) -> bool:
    """Other values, drawn at random, change nothing."""
    rng = np.random.default_rng(3)
    for name in (_word(one) for one in re.split(r", | or ", which)):
        for sight in sights:
            old = sight.given[name]
            if isinstance(old, np.ndarray) and old.dtype.kind == "f":
                other = sight.with_given(**{name: old * rng.uniform(0.5, 2, old.shape)})
                pairs = zip(sight.pairs(relation.names), other.pairs(relation.names), strict=True)
                if not all(close(b[1], a[1], sight.probe) for b, a in pairs):
                    return False
    return True


def _reached(sights, relation, text: str, told: str) -> bool | None:
    """Move an entry in the middle: does the answer change where it is said to, and not where it is not?"""
    name, _, index = text.strip("`").partition("[")
    more, _, less = told.partition(", and not ")
    checked = 0
    for sight in sights:
        whole = sight.given[_word(name)]
        i = int(index.rstrip("]")) if index else None
        if whole is None or (i is not None and i >= len(whole)):
            continue
        array = np.array(whole if i is None else whole[i], dtype=float)
        array[tuple(n // 2 for n in array.shape)] += 0.5 * (np.abs(array).mean() + array.std())
        new = array if i is None else [*whole[:i], array, *whole[i + 1 :]]
        other = sight.with_given(**{_word(name): new})
        both = zip(sight.pairs(relation.names), other.pairs(relation.names), strict=True)
        for (right, mine), (right_after, mine_after) in both:
            should, does = _hits(right, right_after), _hits(mine, mine_after)
            if "at all" in told:
                checked += 1
                if any(does) or not any(should):
                    return False
                continue
            one = "does not change" in told or "one place alone" in told
            for axis in _axes(less if less else told) if one or less else ():
                checked += should[axis] > 1
                if should[axis] > 1 and does[axis] > 1:
                    return False
            for axis in () if one else _axes(more):
                checked += does[axis] > 1  # on equal values nothing may change
                if should[axis] > 1:
                    return False
    return bool(checked)


def _axes(told: str) -> list[int]:
    named = [axis for word, axis in (("rows", 0), ("columns", 1), ("entries", 0)) if word in told]
    return named or [int(digit) for digit in re.findall(r"\d", told)]


def _hits(before, after) -> list[int]:
    """How many indices along each axis change."""
    moved = np.abs(np.asarray(after) - before) > 1e-9 * max(1e-9, np.abs(before).max(initial=0))
    return [int(np.moveaxis(moved, k, 0).reshape(n, -1).any(axis=1).sum()) for k, n in enumerate(moved.shape)]


def _model(sights, relation, where: str | None, text: str) -> bool | None:
    """By least squares of its own: is what is left over nothing?"""
    where = (where or "").lower()
    digit = re.search(r"\d", where)
    axis = {"in each row, ": 0, "in each column, ": 1, "at each entry, ": 0}.get(where)
    axis = int(digit[0]) if digit else axis
    terms = re.findall(r"multiple of (\S+?)(?:,| and|$)", text)
    less = re.search(r"less (\S+), it is a multiple", text)

    def test(sight, right, mine):
        if isinstance(right, str):
            return right == mine
        columns = [np.ones(np.shape(right))] if "constant" in text else []
        columns += [sight.given[_word(t)] for t in terms if not less]
        for part in [slice(None)] if axis is None else range(np.shape(right)[axis]):
            take = (
                (lambda a: np.ravel(a)) if axis is None else (lambda a, k=part: np.ravel(np.take(a, k, axis)))
            )
            off = sight.given[_word(less[1])][part] if less else 0.0
            base, value = take(right) - off, take(mine) - off
            table = [take(c) for c in columns]
            table += [base] if "factor" in text else []
            rest = value if "factor" in text else value - base
            weights, *_ = np.linalg.lstsq(np.stack(table, 1), rest, rcond=None)
            if not np.allclose(
                np.stack(table, 1) @ weights, rest, rtol=0, atol=1e-6 * (1 + np.abs(value).max())
            ):
                return False
        return True

    return _each(sights, relation, test)


def _only(sights, relation) -> bool:
    """The outputs that it does not speak of are right."""
    for sight in sights:
        for name, (right, mine) in zip(sight.names, sight.pairs(frozenset()), strict=True):
            if name not in relation.names and not close(right, mine, sight.probe):
                return False
    return True


_FUNCTIONS = {"root": np.sqrt, "square": np.square, "logarithm": np.log, "exponential": np.exp}


def _function(sights, relation, name: str) -> bool:
    return _each(sights, relation, lambda _, r, m: near(_FUNCTIONS[name](r), m))


_TESTS = (
    (r"is minus|are minus", ("factor",), _minus),
    (r"(times|divided by) (?:the size of )?((?:`|√|\(|n|−|h|γ|β|ε|g|\d|2|x|dy).*)\.$", ("factor",), _factor),
    (r"(plus|less) (\S+)\.$", ("added",), _added),
    (r"rounded to (\d) decimal", ("rounded",), _rounded),
    (r"Whatever (\S+) is given, .* what \S+ = (\S+) would give", ("constant", "zero"), _whatever),
    (r"Where (\S+) is left out, .* what \S+ = (\S+) would give", ("default",), _left_out),
    (r"what (\S+) and (\S+) in each other's place", ("substitution",), _exchanged),
    (r"what (.+) in place of (\S+) would give", ("substitution", "square"), _in_place),
    (r"the (root|square|logarithm|exponential) of", ("substitution",), _function),
    (r"not change with (.+?)\. ", ("no-effect",), _unmoved),
    (r"hange one entry of (\S+): (.*?It must.*)", ("reach",), _reached),
    (r"^((?:In|At) each .*?, )?(.*)\.$", ("scale", "shift", "affine", "span"), _model),
    (r"", ("outputs",), _only),
)
