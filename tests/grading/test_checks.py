"""What is checked of an answer, in which order, and what each check says, on a question of our own."""

import numpy as np
import pytest

from bn_course.grading.judge import draw_probes, judge_here, show, signature
from bn_course.grading.question import SEED, Misconception, Probe, Property, Question
from bn_course.grading.report import CheckResult, Example, Report
from bn_course.grading.run import Foreign


def reference(x, gamma, shift):
    return gamma * x + shift


def variant(x, gamma, shift, sign=1):
    return sign * gamma * x + shift


def probes(rng):
    x = rng.normal(size=(3, 2))
    return [
        Probe("three rows", (x, 2.0, 0.5)),
        Probe("two rows", (x[:2] + 3, -1.5, 0.25)),
        Probe("a large mean", ((x + 1000).astype(np.float32), 2.0, 0.5), rounding=True),
    ]


def not_flat(args, value):
    return "every entry is the same" if value.size > 1 and np.ptp(value) == 0 else None


X, SMALL = np.array([[1.0, -2.0]]), np.array([[3.0]])
NEGATIVE = Misconception("negative", "You change the sign.", "It is to stay.", ({"sign": -1},))
CHANGES = Misconception("mutates-input", "You change an argument.", "It is the caller's.")


def question(**options):
    parts = {
        "name": "scale",
        "points": 3,
        "level": 1,
        "task": "",
        "reference": reference,
        "variant": variant,
        "returns": ("y",),
        "probes": probes,
        "examples": (Probe("one row", (X, 2.0, 1.0)),),
        "misconceptions": (NEGATIVE, CHANGES),
        "hints": (),
        "properties": (Property("not flat", not_flat),),
    }
    return Question(**parts | options)


def judged(answer, **options):
    return judge_here(question(**options), answer)


def checks(report):
    """name: passed, or what is said where it is not."""
    assert {type(passed) for _, passed, _ in report.checks} <= {bool}
    return {name: passed or message for name, passed, message in report.checks}


DIFFER = "the values differ from the definition, by up to"
ALL = ["it runs", "types and shapes", "not flat", "values", "float32 at a large mean"]


def test_a_right_answer_passes_every_check_in_order():
    report = judged(lambda x, gamma, shift: shift + x * gamma)
    assert report == Report("scale", True, 3, 3, checks=[CheckResult(name, True, "") for name in ALL])


def test_without_properties_and_rounding_there_are_fewer_checks():
    report = judged(reference, probes=lambda rng: probes(rng)[:2], properties=())
    assert [name for name, *_ in report.checks] == ["it runs", "types and shapes", "values"]


def test_a_wrong_answer_is_a_whole_report():
    report = judged(lambda x, gamma, shift: shift - x * gamma)
    assert (report.name, report.passed, report.score, report.points) == ("scale", False, 0, 3)
    assert report.attempted is True
    assert report.diagnosis == ("negative",)
    assert report.explanations == (("You change the sign.", "It is to stay."),)
    assert report.example == Example("x = [[1, -2]], γ = 2, shift = 1", "[[-1, 5]]", "[[3, -3]]")
    first, second, rounded = (probe.args for probe in probes(np.random.default_rng(SEED)))
    gaps = [2 * abs(args[1] * args[0]).max() for args in (first, second, rounded)]
    sizes = [abs(reference(*args)).max() for args in (first, second, rounded)]
    assert gaps[0] / sizes[0] > gaps[1] / sizes[1]  # so the first is worse for its size
    assert checks(report) == {
        "it runs": True,
        "types and shapes": True,
        "not flat": True,
        "values": f"{DIFFER} {gaps[0]:.2g}, where the right ones reach {sizes[0]:.2g} (on three rows)",
        "float32 at a large mean": f"{DIFFER} 4e+03, where the right ones reach 2e+03 (on a large mean)",
    }


# What has not been attempted.


def none_yet(*args):
    raise NotImplementedError


@pytest.mark.parametrize("given", [..., (None, None), (...,), (None, ...)])
def test_a_stub_is_not_attempted(given):
    assert judged(lambda *args: given) == Report("scale", False, 0, 3, attempted=False)


def test_a_stub_that_raises_is_not_attempted():
    assert judged(none_yet) == Report("scale", False, 0, 3, attempted=False)


def test_a_missing_return_is_asked_for():
    note = "It returns None. If you have begun, is there a `return`?"
    assert judged(lambda *args: None) == Report("scale", False, 0, 3, attempted=False, note=note)


@pytest.mark.parametrize("given", [(), "…", (None, 1.0), 0.0])
def test_something_is_an_attempt(given):
    assert judged(lambda *args: given).attempted


def test_a_stub_is_known_at_the_first_probe():
    calls = []
    judged(lambda *args: calls.append(args))
    assert len(calls) == 1


# It runs.


def test_what_was_raised_is_said_with_the_line_and_the_probe():
    def answer(x, gamma, shift):
        return x[2] * gamma + shift if len(x) == 2 else gamma * x + shift

    report = judged(answer)
    assert checks(report)["it runs"].startswith("it raised IndexError: index 2 is out of bounds")
    assert checks(report)["it runs"].endswith("\nOn two rows.")
    assert "return x[2] * gamma + shift if len(x) == 2" in checks(report)["it runs"]
    # What the other probes gave is judged; what has to hold on every probe was not reached.
    assert checks(report)["types and shapes"] == "not reached"
    assert checks(report)["not flat"] is True
    assert checks(report)["values"] == "not reached"
    assert checks(report)["float32 at a large mean"] is True
    assert report.diagnosis == ()


def test_what_raises_everywhere_reaches_no_other_check():
    report = judged(lambda x, gamma, shift: x.no_such_thing)
    assert list(checks(report).values())[1:] == ["not reached"] * 4
    assert report.example == Example(
        "x = [[1, -2]], γ = 2, shift = 1",
        report.example.yours,
        "[[3, -3]]",
    )
    assert report.example.yours.startswith("raises AttributeError: 'numpy.ndarray' object has no attribute")


def test_a_call_that_does_not_fit_is_told_how_it_is_called():
    assert checks(judged(lambda x: x))["it runs"].endswith(
        "\nOn three rows.\nIt is called as `scale(x, gamma, shift)`."
    )
    assert checks(judged(lambda x: x, call="Scale(gamma)(x)"))["it runs"].endswith(
        "\nIt is called as `Scale(gamma)(x)`."
    )
    assert signature(question()) == "scale(x, gamma, shift)"


@pytest.mark.parametrize("error", [TypeError, ValueError])
def test_an_error_in_the_learner_s_own_line_is_not_about_the_call(error):
    def answer(x, gamma, shift):
        raise error("of mine")

    assert "It is called as" not in checks(judged(answer))["it runs"]


# Types and shapes.


def test_the_first_fault_is_said_with_its_probe():
    report = judged(lambda x, gamma, shift: (gamma * x + shift)[:2])
    said = "y should have shape (3, 2); it has shape (2, 2) (on three rows)"
    assert checks(report)["types and shapes"] == said
    assert checks(report)["it runs"] is True
    assert checks(report)["values"] == "not reached"
    assert checks(report)["float32 at a large mean"] == "not reached"


def test_a_fault_is_said_before_an_error():
    def answer(x, gamma, shift):
        return gamma * x.no_such_thing if len(x) == 2 else x[0]

    said = "y should have shape (3, 2); it has shape (2,) (on three rows)"
    assert checks(judged(answer))["types and shapes"] == said


def test_an_argument_that_was_changed_is_named():
    def adds_in_place(x, gamma, shift):
        x *= gamma
        x += shift
        return x

    report = judged(adds_in_place)
    assert checks(report)["types and shapes"] == "x was changed in place: work on a copy"
    assert checks(report)["values"] is True
    assert not report.passed
    assert report.diagnosis == ("mutates-input",)
    assert report.explanations == (("You change an argument.", "It is the caller's."),)
    assert report.example is None
    unnamed = judged(adds_in_place, misconceptions=(NEGATIVE,))
    assert unnamed.diagnosis == ()


def test_a_change_is_seen_on_any_probe():
    def sometimes(x, gamma, shift):
        y = gamma * x + shift
        if len(x) == 2:
            x += 1
        return y

    assert judged(sometimes).diagnosis == ("mutates-input",)


def test_the_name_of_what_a_probe_returns():
    def two(rng):
        return [Probe("three rows", (rng.normal(size=(3, 2)), 2.0, 0.5), returns=("grad",))]

    report = judged(lambda x, gamma, shift: x[0], probes=two)
    assert checks(report)["types and shapes"].startswith("grad should have shape (3, 2)")


# Properties.


def test_a_property_that_fails_is_said_with_its_probe():
    report = judged(lambda x, gamma, shift: np.zeros(x.shape))
    assert checks(report)["not flat"] == "every entry is the same (on three rows)"


def test_a_property_sees_the_arguments_and_the_value():
    def first_is(args, value):
        x, gamma, shift = args
        return None if value[0, 0] == gamma * x[0, 0] + shift else "no"

    report = judged(reference, properties=(Property("first", first_is), Property("not flat", not_flat)))
    assert report.passed
    assert [name for name, *_ in report.checks][2:4] == ["first", "not flat"]


def test_rounding_is_no_matter_for_properties():
    rounded = Property("exact", lambda args, value: "float32" if args[0].dtype == np.float32 else None)
    assert judged(reference, properties=(rounded,)).passed


# Values.


def test_a_difference_where_rounding_shows():
    report = judged(lambda x, gamma, shift: gamma * x + shift + (x > 500) * 100)
    assert checks(report)["values"] is True
    said = f"{DIFFER} 1e+02, where the right ones reach 2e+03 (on a large mean)"
    assert checks(report)["float32 at a large mean"] == said
    assert report.example is not None


def test_a_difference_on_the_fresh_probe_alone_is_found():
    seen = {probe.args[0].tobytes() for probe in probes(np.random.default_rng(SEED))}
    report = judged(lambda x, g, s: g * x + s + (x.tobytes() not in seen and x.shape == (3, 2)))
    said = checks(report)["values"]
    assert said.startswith(f"{DIFFER} 1, where the right ones reach ")
    assert said.endswith(" (on three rows)")


def test_a_report_stays_the_same_from_check_to_check():
    fixed = np.random.default_rng(SEED).bit_generator.state

    def larger_when_fresh(rng):
        scale = 1 if rng.bit_generator.state == fixed else 1000
        return [Probe("one row", (scale * np.array([[1.0, 3.0]]), 1.0, 0.0))]

    reports = [judged(lambda x, gamma, shift: -x, probes=larger_when_fresh) for _ in range(2)]
    assert reports[0] == reports[1]
    assert checks(reports[0])["values"] == f"{DIFFER} 6, where the right ones reach 3 (on one row)"


def test_the_probes_are_the_question_s_and_a_fresh_one_like_the_first():
    drawn, again = draw_probes(question()), draw_probes(question())
    assert [p.label for p in drawn] == ["three rows", "two rows", "a large mean", "three rows"]
    for one, other in zip(drawn[:3], again[:3], strict=True):
        np.testing.assert_array_equal(one.args[0], other.args[0])
    assert (drawn[3].args[0] != drawn[0].args[0]).all()
    assert (drawn[3].args[0] != again[3].args[0]).all()


# An answer that has to raise.


def refuses(x, gamma, shift):
    if gamma < 0:
        raise ValueError("gamma")
    return gamma * x + shift


def test_an_answer_that_should_raise_and_does_passes():
    assert judged(refuses, reference=refuses).passed


def test_an_answer_that_should_raise_and_does_not():
    report = judged(reference, reference=refuses)
    assert checks(report)["it runs"] is True
    assert checks(report)["types and shapes"] == "it should raise ValueError (on two rows)"
    assert checks(report)["values"] == "not reached"
    assert report.example is not None
    shown = judged(reference, reference=refuses, examples=(Probe("one", (SMALL, -1.0, 0.5)),))
    assert shown.example == Example("x = [[3]], γ = -1, shift = 0.5", "[[-2.5]]", "raises ValueError")


# The example.


def test_the_first_example_that_fails_is_shown():
    examples = (Probe("a", (0 * SMALL, 1.0, 1.0)), Probe("b", (SMALL, 1.0, 1.0)), Probe("c", (X, 1.0, 1.0)))
    report = judged(lambda x, gamma, shift: -gamma * x + shift, examples=examples)
    assert report.example == Example("x = [[3]], γ = 1, shift = 1", "[[-2]]", "[[4]]")


def test_without_examples_a_small_probe_is_shown():
    report = judged(lambda x, gamma, shift: -gamma * x + shift, examples=())
    assert report.example.given.startswith("x = [[")
    assert report.example.given.endswith("], γ = 2, shift = 0.5")


@pytest.mark.parametrize(("size", "shown"), [(12, True), (13, False)])
def test_a_probe_of_more_than_twelve_numbers_is_not_shown(size, shown):
    def of_size(rng):
        return [Probe("numbers", (rng.normal(size=size), 2.0, 0.5))]

    report = judged(lambda x, gamma, shift: -x, examples=(), probes=of_size)
    assert (report.example is not None) is shown


def test_numbers_are_shown_as_few_as_tell_them_apart():
    probe = (Probe("one", (np.array([1.0]), 1.0, 0.0), rtol=0, atol=0),)

    def example(error):
        def answer(x, gamma, shift):
            return x + error

        given, yours, expected = judged(answer, examples=probe).example
        assert given == "x = [1], γ = 1, shift = 0"
        return yours, expected

    # With γ and shift left out it is wrong on the probes, however small the error of the example.
    assert example(1e-4) == ("[1.0001]", "[1]")
    assert example(1.234e-5) == ("[1.0000123]", "[1]")
    assert example(1.234e-8) == ("[1.0000000123]", "[1]")
    assert example(1e-12) == ("[1]", "[1]")


def test_what_an_example_shows_of_its_arguments():
    shown = (Probe("one", (SMALL, 1.0, 1.0), shown="a row of one"),)
    assert judged(lambda x, g, s: -x, examples=shown).example.given == "a row of one"
    beta = question(reference=lambda x, beta, eps: x + beta + eps)
    wrong = judge_here(beta, lambda x, beta, eps: -x)
    assert wrong.example.given == "x = [[1, -2]], β = 2, ε = 1"


def test_arguments_beyond_those_with_a_name_are_counted():
    def gathers(x, *rest):
        return x + sum(rest)

    wrong = judge_here(question(reference=gathers), lambda x, *rest: -x)
    assert wrong.example.given.endswith(", argument 3 = 1")


def test_what_is_driven_otherwise_has_arguments_without_names():
    class Scale:
        def __init__(self, gamma):
            self.gamma = gamma

        def __call__(self, x):
            return self.gamma * x

    class Wrong(Scale):
        def __call__(self, x):
            return x

    steps = (("call", "__call__", SMALL),)
    driven = Probe("a step", ((2.0,), steps), driver="history")
    report = judge_here(
        question(reference=Scale, probes=lambda rng: [driven], examples=(driven,), properties=()), Wrong
    )
    assert report.example.given == "argument 1 = (2), argument 2 = (('call', '__call__', [[3]]))"


# An answer of several values.


def both(x, gamma, shift):
    return gamma * x, x + shift


TWO = {"reference": both, "variant": both, "returns": ("dx", "dgamma")}
TWO |= {"properties": (), "misconceptions": ()}


def test_only_the_values_that_are_wrong_are_shown():
    assert judged(both, **TWO).passed
    report = judged(lambda x, gamma, shift: (gamma * x, x - shift), **TWO)
    given = "x = [[1, -2]], γ = 2, shift = 1"
    assert report.example == Example(given, "dgamma = [[0, -3]]", "dgamma = [[2, -1]]")
    report = judged(lambda x, gamma, shift: (-gamma * x, x - shift), **TWO)
    yours, expected = "dx = [[-2, 4]], dgamma = [[0, -3]]", "dx = [[2, -4]], dgamma = [[2, -1]]"
    assert report.example == Example(given, yours, expected)


def test_each_of_several_values_has_the_decimals_that_tell_them_apart():
    thirds = (Probe("a third", (np.array([1 / 3]), 1.0, 1.0)),)
    report = judged(lambda x, gamma, shift: (x + 1e-5, x + shift), **TWO | {"examples": thirds})
    assert report.example == Example("x = [0.3333], γ = 1, shift = 1", "dx = [0.3333433]", "dx = [0.3333333]")
    report = judged(lambda x, gamma, shift: x.no_such_thing, **TWO | {"examples": thirds})
    assert report.example.expected == "dx = [0.3333], dgamma = [1.3333]"


def test_an_array_of_the_values_is_shown_part_by_part():
    report = judged(lambda x, gamma, shift: np.array([gamma * x, x - shift]), **TWO)
    assert report.example.yours == "dgamma = [[0, -3]]"


def test_a_value_too_few_is_shown_as_it_is():
    report = judged(lambda x, gamma, shift: gamma * x, **TWO)
    assert report.example == Example(
        "x = [[1, -2]], γ = 2, shift = 1", "[[2, -4]]", "dx = [[2, -4]], dgamma = [[2, -1]]"
    )
    raised = judged(lambda x, gamma, shift: x.no_such_thing, **TWO)
    assert raised.example.expected == "dx = [[2, -4]], dgamma = [[2, -1]]"


def test_the_worst_of_several_values_is_said():
    report = judged(lambda x, gamma, shift: (gamma * x + 5, x + shift - 7), **TWO)
    assert checks(report)["values"].startswith(f"{DIFFER} 7, where the right ones reach ")


# A value as one would write it down.


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (np.float64(1 / 3), "0.3333"),
        (1 / 3, "0.3333"),
        (12345.678, "1.235e+04"),
        (7, "7"),
        (True, "True"),
        (np.array([1, -2, 30]), "[1, -2, 30]"),
        (np.array([True, False]), "[1, 0]"),
        (np.array([0.25, 10.0, -3.14159]), "[0.25, 10, -3.1416]"),
        (np.array([1e-9, -1e-9]), "[0, 0]"),
        (np.array([1 + 2j]), "[1.+2.j]"),
        (np.array(2.5), "2.5"),
        (np.array([np.nan, np.inf]), "[nan, inf]"),
        (np.zeros((2, 0)), "[]"),
        (np.arange(60.0).reshape(2, 30)[:, :2], "[[0, 1], [30, 31]]"),
        ((1 / 3, np.array([2.0])), "(0.3333, [2])"),
        (Foreign("dict"), "a value of type dict"),
        (..., "..."),
        (None, "None"),
        ("train", "'train'"),
        ("x" * 81, repr("x" * 80)),
    ],
)
def test_values_are_shown(value, text):
    assert show(value) == text


def test_long_arrays_are_shortened():
    assert show(np.arange(12.0).reshape(4, 3)).endswith("[9, 10, 11]]")
    assert show(np.arange(14.0).reshape(2, 7)) == (
        "[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, …], of shape (2, 7)"
    )


def test_the_decimals_hold_for_what_is_inside():
    assert show((1 / 3, np.array([1 / 3])), 7) == "(0.3333333, [0.3333333])"


def test_how_the_learner_prints_arrays_does_not_show():
    with np.printoptions(precision=1, floatmode="fixed", threshold=3):
        assert show(np.array([0.25, 10.0, -3.14159, 1.0])) == "[0.25, 10, -3.1416, 1]"
