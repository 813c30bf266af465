"""Sources that must not be edited, and edits that run for ever: the budget at most, and nothing outside."""

import numpy as np
import pytest

from bn_course.drivers.edited import run_edited
from bn_course.grading.catalogue import catalogue
from bn_course.grading.question import SEED
from bn_course.grading.repair import find_place
from bn_course.grading.repair.here import find_place_here, run_edited_here
from bn_course.grading.repair.source import NotUnderstood, definitions
from bn_course.grading.run import run_here

HEAD = "import numpy as np\nimport os\nimport threading\nimport subprocess\nSEEN = []\n"

LEFT_ALONE = {
    "open": "open('trace', 'w').write('x')",
    "a path": "os.remove('trace')",
    "a process": "subprocess.run(['true'])",
    "a thread": "threading.Thread(target=print).start()",
    "exec": "exec('x = 1')",
    "eval": "eval('x')",
    "compile": "compile('x', 'x', 'eval')",
    "import": "__import__('os').system('true')",
    "an import of its own": "import socket",
    "global": "global SEEN; SEEN = 1",
    "input": "input()",
    "saved": "np.save('trace', x)",
    "to a file": "x.tofile('trace')",
    "classes": "().__class__.__bases__[0].__subclasses__()",
    "getattr": "getattr(np, 'save')('trace', x)",
    "getattr of a private name": "getattr(x, '__reduce__')()",
    "a seed": "np.random.seed(0)",
    "settings": "np.seterr(all='raise')",
    "globals": "globals()['SEEN'].append(1)",
}


@pytest.mark.parametrize("line", [pytest.param(line, id=name) for name, line in LEFT_ALONE.items()])
def test_what_reaches_outside_is_not_edited(line, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    source = f"{HEAD}\ndef double(x):\n    {line}\n    return 3 * x\n"
    question, probes, expected = asked("double")
    with pytest.raises(NotUnderstood):
        definitions(source, "double")
    assert find_place(question, source, probes, expected, run_edited_here, 5.0) == ()
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "source",
    [
        "def double(x):\n    return " + "(" * 150 + "x" + ")" * 150,
        "def double(x):\n    return " + "-" * 90 + "x",
        "def double(x):\n    return " + " + ".join(["x"] * 5000),
        "def double(x):\n" + "    x = x + 1\n" * 3000 + "    return x",
        "def double(x):\n    return 2 *\n",
        "x = 1\n",
        "",
        "\0",
        "def double(x):\n" + "".join("    " * n + "if x:\n" for n in range(1, 80)) + "    " * 80 + "pass\n",
    ],
    ids=["parentheses", "signs", "terms", "statements", "no Python", "nothing", "empty", "nul", "indented"],
)
def test_a_source_that_is_huge_or_deep_or_none_is_left_alone(source):
    question, probes, expected = asked("double")
    assert find_place(question, source, probes, expected, run_edited_here, 0.0) == ()


ENDLESS = {
    "while": "n = 3\n    while n > 0:\n        n -= 1\n    return 3 * x",
    "while not": "n = 0\n    while not n:\n        n = n + 1\n    return 3 * x",
    "caught": (
        "n = 3\n    while n > 0:\n        try:\n            n -= 1\n        except:\n            pass\n"
        "    return 3 * x"
    ),
    "recursion": "def again(n):\n        return 0 if n == 0 else again(n - 1)\n    return (3 + again(5)) * x",
    "caught recursion": (
        "def again(n):\n        try:\n            return 0 if n == 0 else again(n - 1)\n"
        "        except RecursionError:\n            return again(n - 1)\n    return (3 + again(5)) * x"
    ),
    "for": "a = [1]\n    for i in a:\n        if i < 1:\n            a.append(i)\n    return 3 * x",
}


@pytest.mark.parametrize("body", [pytest.param(body, id=name) for name, body in ENDLESS.items()])
def test_an_edit_that_never_ends_costs_a_part_of_the_budget(body):
    question, probes, expected = asked("double")
    places = find_place(question, f"def double(x):\n    {body}\n", probes, expected, run_edited_here, 3.0)
    assert places or "recursion" in body or "again" in body  # one of the others mends it


def test_a_loop_is_cut_off_and_the_other_edits_are_tried():
    program = "def f(x):\n    while 1 in __on__:\n        __tick__()\n    return x\n"
    jobs = [((), 0), ((1,), 0), ((), 0)]
    done = run_edited(program, "f", [("call", (1.0,))], jobs, seconds=20.0, longest=0.05)
    assert [outcome.failure and outcome.failure.type_name for outcome, _ in done] == [None, "OutOfTime", None]


def test_no_more_is_asked_for_than_the_budget():
    question, probes, expected = asked("double")
    asked_for = []

    def run(request):
        asked_for.append(request["seconds"])
        return run_edited_here(request)

    source = "def double(x):\n    return 3 * x\n"
    assert find_place(question, source, probes, expected, run, 7.0)
    assert max(asked_for) <= 7.0
    asked_for.clear()
    assert find_place(question, source, probes, expected, run, 0.0) == ()
    assert asked_for == []


def test_nothing_is_printed(capsys):
    question, probes, expected = asked("double")
    source = "def double(x):\n    print('again')\n    return 3 * x\n"
    assert find_place(question, source, probes, expected, run_edited_here, 5.0)
    assert capsys.readouterr().out == ""


STATE = np.arange(3.0)


def scaled(x):
    return 3 * x


def double(x):
    print("again")
    return scaled(x)


def test_the_learners_namespace_stays_as_it_was():
    question, probes, expected = asked("double")
    random = np.random.get_state()[1].copy()  # noqa: NPY002
    before = dict(globals())
    (place,) = find_place_here(question, double, probes, expected, 20.0)
    assert place.text == "3 * x"
    assert place.within == "scaled"
    assert place.line == scaled.__code__.co_firstlineno + 1
    assert {k: v for k, v in globals().items() if before.get(k) is not v} == {}
    assert (np.arange(3.0) == STATE).all()
    assert (np.random.get_state()[1] == random).all()  # noqa: NPY002


def asked(name):
    question = catalogue()[name]
    probes = question.probes(np.random.default_rng(SEED))
    return question, probes, [run_here(question.reference, probe) for probe in probes]
