"""The generator of right answers: it changes programs, keeps their meaning, and there is no end of them."""

import ast
import itertools
import math
import random

import numpy as np
import pytest
import torch
from programs import Program, text_of
from rewriting import HELPERS, LETTERS, RULES, STATEMENTS, observe, rewrite
from ways import FAMILIES, REWRITTEN, right_ways

from bn_course.grading.catalogue import catalogue

RNG = np.random.default_rng(0)
MODEL = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.BatchNorm1d(3))
# What a letter of a rule stands for here; a rule has its own where it needs it.
GIVEN = {
    **{letter: RNG.uniform(0.5, 2.0, (3, 4)) for letter in "XY"},
    **dict(zip("NM", (RNG.uniform(0.5, 2.0, (3, 4)), 0.7), strict=True)),
    "T": torch.tensor(RNG.uniform(0.5, 2.0, (3, 4))),
    **dict(zip("RQ", (torch.tensor(RNG.uniform(0.5, 2.0, (3, 4))), 0.7), strict=True)),
    "V": RNG.uniform(0.5, 2.0, 4),
    "Z": MODEL,
    **dict(zip("EFG", ([2.0, 1.0], [3.0, 4.0], 5), strict=True)),
}
OWN = {
    "X @ Y": {"Y": RNG.normal(size=(4, 2))},
    "X.mean(axis=A, keepdims=True)": {"A": 0},
    "X.var(axis=A, keepdims=True)": {"A": (0, 1)},
    "X.sum(axis=A, keepdims=True)": {"A": -1},
    "X.sum(axis=E, *ARGS)": {"E": 1},
    **{
        pattern: {"X": RNG.normal(size=(2, 3, 4)), "E": 0, "F": 1, "G": 2}
        for pattern in (
            *("X.mean(axis=(E, F, G), keepdims=True)", "X.var(axis=(E, F, G), keepdims=True)"),
            "X.sum(axis=(E, F, G))",
        )
    },
    "X.reshape(E)": {"E": (2, 6)},
    "np.zeros(E)": {"E": (2, 3)},
    "np.ones(E)": {"E": 3},
    "torch.zeros(N)": {"N": 3},
    "torch.ones(N)": {"N": 3},
    "np.concatenate(E)": {"E": (np.ones((1, 2)), np.zeros((2, 2)))},
    "np.clip(X, E, F)": {"E": 0.8, "F": 1.2},
    "np.where(E, N, M)": {"E": RNG.normal(size=(3, 4)) > 0},
    "T.view(*ARGS)": {"ARGS": "2, 6"},
    "T.flatten(*ARGS)": {"ARGS": "0"},
    "T.transpose(E, F)": {"E": 0, "F": 1},
    "torch.stack(E)": {"E": [torch.ones(2), torch.zeros(2)]},
    "nn.init.zeros_(E)": {"E": torch.ones(3)},
    "range(E)": {"E": 4},
    "isinstance(E, (F, G))": {"E": 1.5, "F": int, "G": float},
    "isinstance(E, F)": {"E": 1.5, "F": int},
    "math.sqrt(N)": {"N": 2.0},
    "hasattr(E, F)": {"E": MODEL, "F": "training"},
    **{f"N {sign} M": {"N": 1.5, "M": 1.5} for sign in ("<", "<=", ">", ">=", "==")},
}
# Along some axes, and over all: those that the rule says it can do.
ARGUMENTS = ("", "axis=0", "axis=1, keepdims=True", "axis=(0, 1)")
OF_TENSORS = ("0", "1, keepdim=True")


def written(rule):
    """The rule's left side with everything in its place, as one function for each list of arguments."""
    given = {**GIVEN, **OWN.get(rule.pattern, {})}
    lists = (
        [given["ARGS"]] if "ARGS" in given else OF_TENSORS if "T" in rule.pattern.split(".")[0] else ARGUMENTS
    )
    for args in lists if "*ARGS" in rule.pattern else [""]:
        if "axis=E" in rule.pattern and "axis" in args:
            continue
        left = rule.pattern.replace("*ARGS", args).replace(", )", ")").replace("(, ", "(")
        tree = ast.parse(f"def f():\n    return {left}")
        yield Program(left, "f", tree, {**given, "np": np, "math": math, "torch": torch, "nn": torch.nn})


def plain(value):
    if isinstance(value, range | zip | enumerate | itertools.chain) or hasattr(value, "__next__"):
        value = list(value)
    if isinstance(value, torch.nn.Module):
        return [module.training for module in value.modules()]
    if isinstance(value, list | tuple) or type(value).__name__ in ("dict_items", "odict_items"):
        return [plain(item) for item in value]
    return value.detach().numpy() if isinstance(value, torch.Tensor) else value


def alike(one, other):
    one, other = plain(one), plain(other)
    if isinstance(one, list):
        return len(one) == len(other) and all(map(alike, one, other))
    if isinstance(one, str | bool) or not isinstance(one, np.ndarray | np.generic | float):
        return one is other or one == other
    return np.shape(one) == np.shape(other) and np.allclose(one, other, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("rule", RULES, ids=str)
def test_a_rule_changes_the_program_and_keeps_its_meaning(rule):
    programs = list(written(rule))
    assert programs
    for program in programs:
        observe(program, [lambda f: f()])
        before = text_of(program.tree)
        (returned,) = (n for n in ast.walk(program.tree) if isinstance(n, ast.Return))
        wanted = program.build(**HELPERS)()
        new = rule.apply(returned.value)
        assert new is not None, f"{rule} does not fit {before}"
        returned.value = new
        assert text_of(program.tree) != before
        assert alike(wanted, program.build(**HELPERS)()), text_of(program.tree)


def test_a_rule_needs_what_it_says():
    """Lists are not turned round, nor two calls that may change something."""
    turn = next(rule for rule in RULES if str(rule) == "N + M → M + N")
    for text, fits in (("[1] + [2]", False), ("1 + 2", True), ("draw() + draw()", False)):
        program = Program(
            text, "f", ast.parse(f"def f():\n    return {text}"), {"draw": iter(range(9)).__next__}
        )
        observe(program, [lambda f: f()])
        node = next(n for n in ast.walk(program.tree) if isinstance(n, ast.BinOp))
        assert (turn.apply(node) is not None) == fits


STATEMENT_EXAMPLES = """
def f(x, many=(1.0, 2.0, 3.0)):
    a, b = x + 1, x * 2
    c = x - 3
    e = x * 4
    if x > 0:
        d = (a * b) - (c + 1)
    else:
        d = c
    values = [e + w * d for w in many if w != 2.0]
    for v in many:
        values.append(v + a)
    return sum(values), (a + b) / (c * c + 1)
"""


@pytest.mark.parametrize("change", STATEMENTS, ids=lambda change: change.__name__)
def test_a_change_of_statements_keeps_the_meaning(change):
    applied = 0
    before = text_of(ast.parse(STATEMENT_EXAMPLES))
    for where in range(40):
        program = Program("f", "f", ast.parse(STATEMENT_EXAMPLES), {})
        observe(program, [lambda f: f(1.5)])
        function = program.tree.body[0]
        blocks = [b for n in ast.walk(function) for b in (getattr(n, "body", 0), getattr(n, "orelse", 0))]
        places = [(b, i) for b in blocks if isinstance(b, list) for i in range(len(b))]
        if where >= len(places):
            break
        block, at = places[where]
        new = change(function, block, at)
        if not new:
            continue
        block[at : at + (2 if change.__name__ == "other_order" else 1)] = new
        applied += 1
        assert text_of(program.tree) != before
        for x in (1.5, -2.0):
            assert program.build()(x) == Program("f", "f", ast.parse(before), {}).build()(x)
    assert applied


def test_many_changes_one_after_the_other_keep_the_meaning():
    program = Program("f", "f", ast.parse(STATEMENT_EXAMPLES), {})
    wanted = program.build()(1.5)
    texts = set()
    for seed in range(30):
        again = Program("f", "f", ast.parse(STATEMENT_EXAMPLES), {})
        observe(again, [lambda f: f(1.5)])
        rng = random.Random(seed)
        assert any([rewrite(again.tree, rng) for _ in range(6)])
        assert again.build(**HELPERS)(1.5) == pytest.approx(wanted, rel=1e-12)
        texts.add(text_of(again.tree))
    assert len(texts) > 25


@pytest.mark.parametrize("family", REWRITTEN)
def test_one_question_of_each_family_has_two_hundred_right_answers_already(family):
    ways = right_ways(catalogue()[FAMILIES[family][0]], 200)
    assert len({way.text for way in ways}) == 200
    assert len({way.steps for way in ways}) > 150


def test_every_letter_is_used():
    assert set(LETTERS) <= {
        n.id for r in RULES for n in ast.walk(ast.parse(r.pattern)) if isinstance(n, ast.Name)
    }
