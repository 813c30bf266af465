"""What is returned is the right thing times, plus or rounded to something known, or another known thing."""

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import chain

import numpy as np

from bn_course.grading.relations.case import Case, Finding, Part, Trial, explains
from bn_course.grading.relations.known import Quantity, arrays, counts, placed
from bn_course.grading.relations.words import number, right, sentence, verb, yours

Predict = Callable[[Trial, Part], np.ndarray | None]


def findings(case: Case, outputs: Sequence[str]) -> Iterator[Finding]:
    """Roundings, factors, other outputs, functions, and what is added."""
    for kind, text, mentions, predict in chain(
        _roundings(case, outputs),
        _factors(case, outputs),
        _others(case, outputs),
        _functions(),
        _constants(case, outputs),
        _arguments(case, outputs),
        _combined(case, outputs),
    ):
        if _fits(case, outputs, predict):
            yield _finding(case, outputs, kind, text, mentions, predict)


def _fits(case: Case, outputs: Sequence[str], predict: Predict) -> bool:
    """A first look, at the first wrong trial alone."""
    wrong = [trial for trial in case.wrong if trial.wrong(outputs)]
    return bool(wrong) and _holds(wrong[0], outputs, predict)


def _holds(trial: Trial, outputs: Sequence[str], predict: Predict) -> bool:
    parts = trial.parts
    if parts is None:
        return False
    with np.errstate(all="ignore"):
        return all(explains(predict(trial, part), part) for part in parts if part.name in outputs)


def _finding(case, outputs, kind, text, mentions, predict) -> Finding:
    subject, be = yours(outputs, case.outputs), verb(outputs, case.outputs)
    told = sentence(f"{subject} {be} {text.format(right(outputs, case.outputs))}.")
    return Finding(told, kind, True, tuple(outputs), lambda t: _holds(t, outputs, predict), mentions)


def _shown(case: Case, outputs: Sequence[str]) -> tuple[Trial, Part]:
    """A trial and a part on which a factor can be seen."""
    for trial in case.wrong:
        for part in trial.parts:
            if part.name in outputs and part.wrong:
                return trial, part
    raise LookupError("no output is wrong")


def _ratio(part: Part) -> float | None:
    """What `part` is a multiple of the expected one by."""
    size = np.abs(part.expected)
    if not size.size or not size.max() or not np.isfinite(part.value).all():
        return None
    return float(part.value.flat[size.argmax()] / part.expected.flat[size.argmax()])


# ---- numbers -----------------------------------------------------------------------------------------


def _factors(case: Case, outputs: Sequence[str]) -> Iterator:
    trial, part = _shown(case, outputs)
    ratio = _ratio(part)
    if ratio is None or not ratio or not explains(ratio * part.expected, part):
        return
    if np.isclose(ratio, -1.0):
        yield "factor", "minus {}", (), lambda _, part: -part.expected
    known = case.arguments(trial)
    named = list(counts(known))
    named = [*named, *_quotients([one for one in named if not one.mentions], known)]
    for quantity in named:
        for form, of in _OF_COUNTS:
            if not _is_near(quantity, of, known, ratio):
                continue

            def predict(trial, part, quantity=quantity, of=of):
                count = quantity.get(case.arguments(trial))
                return None if count is None else of(count) * part.expected

            yield "factor", f"{{}} {_counted(form, quantity.text)}", quantity.mentions, predict
    plain = _plain(ratio)
    if plain:
        yield "factor", f"{{}} times {plain}", (), lambda _, part: ratio * part.expected


def _counted(form: str, text: str) -> str:
    """A form in n, of a number with this name: short where n or the name is short."""
    if form.count("n") == 1 and form[-1] == "n":
        return form[:-1] + text
    return f"{form}, where n is {text}" if "`" in text else re.sub(r"(?<![a-z])n(?![a-z])", text, form)


def _is_near(quantity: Quantity, of: Callable, known: dict, ratio: float) -> bool:
    count = quantity.get(known)
    with np.errstate(all="ignore"):
        return count is not None and bool(np.isclose(of(count), ratio, rtol=1e-3))


def _quotients(named: list[Quantity], known: dict) -> Iterator[Quantity]:
    """One number of entries over another."""
    for above in named:
        for below in named:
            if above.text != below.text and above.get(known) != below.get(known):
                text = f"{above.text} / {below.text}".replace("` / `", " / ")
                yield Quantity(text, lambda args, a=above, b=below: a.of(args) / b.of(args))


def _plain(ratio: float) -> str | None:
    """A number that somebody may have written: 3, 1/2, 0.01. Any other hangs on the probes."""
    for below in range(1, 7):
        above = ratio * below
        if 0.5 < abs(above) < 1e4 and abs(above - round(above)) < 1e-6 * abs(above):
            return f"{round(above)}/{below}" if below > 1 else f"{round(above)}"
    return number(ratio) if abs(float(f"{ratio:.2g}") - ratio) < 1e-4 * abs(ratio) else None


_OF_COUNTS: tuple[tuple[str, Callable], ...] = (
    ("times n", lambda n: n),
    ("divided by n", lambda n: 1 / n),
    ("times n − 1", lambda n: n - 1),
    ("divided by n − 1", lambda n: 1 / (n - 1)),
    ("times n/(n − 1)", lambda n: n / (n - 1)),
    ("times (n − 1)/n", lambda n: (n - 1) / n),
    ("times √n", np.sqrt),
    ("divided by √n", lambda n: 1 / np.sqrt(n)),
    ("times √(n/(n − 1))", lambda n: np.sqrt(n / (n - 1))),
    ("times √((n − 1)/n)", lambda n: np.sqrt((n - 1) / n)),
    ("times (n/(n − 1))²", lambda n: (n / (n - 1)) ** 2),
    ("times ((n − 1)/n)²", lambda n: ((n - 1) / n) ** 2),
    ("times n²", lambda n: n * n),
    ("divided by n²", lambda n: 1 / (n * n)),
    ("times 2·n", lambda n: 2 * n),
    ("times n/2", lambda n: n / 2),
    ("divided by 2·n", lambda n: 1 / (2 * n)),
    ("times 2 and divided by n", lambda n: 2 / n),
    ("times (2n)²", lambda n: 4 * n * n),
    ("times 1 − n", lambda n: 1 - n),
    ("times −n", lambda n: -n),
    ("divided by −n", lambda n: -1 / n),
)


def _roundings(case: Case, outputs: Sequence[str]) -> Iterator:
    for decimals in range(9):
        what = f"{decimals} decimals" if decimals > 1 else ("whole numbers", "1 decimal")[decimals]
        yield "rounded", f"{{}} rounded to {what}", (), _rounded(decimals)
    yield "rounded", "{} cut to whole numbers", (), lambda _, part: np.trunc(part.expected)
    yield (
        "rounded",
        "{} in half precision",
        (),
        lambda _, part: part.expected.astype(np.float16).astype(float),
    )


def _rounded(decimals: int) -> Predict:
    def predict(trial, part):
        nearest = np.round(part.value, decimals)
        off = np.abs(part.value - part.expected)
        fits = np.allclose(nearest, part.value, rtol=0, atol=1e-9) and off.max() <= 0.5001 * 10.0**-decimals
        return (
            part.value
            if fits and np.allclose(nearest, np.round(part.expected, decimals), atol=1.01 * 10.0**-decimals)
            else None
        )

    return predict


# ---- other quantities --------------------------------------------------------------------------------


def _others(case: Case, outputs: Sequence[str]) -> Iterator:
    for name in case.outputs:
        if name not in outputs:
            yield "substitution", right((name,), case.outputs), (name,), _output(name)


def _output(name: str) -> Predict:
    return lambda trial, part: next((p.expected for p in trial.parts if p.name == name), None)


def _functions() -> Iterator:
    yield "substitution", "the root of {}", (), lambda _, part: np.sqrt(part.expected)
    yield "substitution", "the square of {}", (), lambda _, part: part.expected**2
    yield "substitution", "1 divided by {}", (), lambda _, part: 1 / part.expected
    yield "substitution", "1 less {}", (), lambda _, part: 1 - part.expected
    yield "substitution", "the size of {}, without its sign", (), lambda _, part: np.abs(part.expected)
    yield "substitution", "{} where that is positive, and 0 elsewhere", (), _positive
    yield "substitution", "the logarithm of {}", (), lambda _, part: np.log(part.expected)
    yield "substitution", "the exponential of {}", (), lambda _, part: np.exp(part.expected)
    yield (
        "substitution",
        "the mean of {}, everywhere",
        (),
        lambda _, part: 0 * part.expected + part.expected.mean(),
    )
    yield "substitution", "0 everywhere", (), lambda _, part: 0 * part.expected
    yield "substitution", "1 everywhere", (), lambda _, part: 0 * part.expected + 1


def _positive(_, part: Part) -> np.ndarray:
    return np.maximum(part.expected, 0)


def _constants(case: Case, outputs: Sequence[str]) -> Iterator:
    """Plus a constant, or a constant times a power: the same constant on every probe."""
    _, part = _shown(case, outputs)
    if not part.value.size:
        return
    first, right_one = part.value.flat[0], part.expected.flat[0]
    more = first - right_one
    sign, size = ("plus", more) if more > 0 else ("less", -more)
    if plain := _plain(size):
        yield "added", f"{{}} {sign} {plain}", (), lambda _, part: part.expected + more
    for text, power in _POWERS:
        with np.errstate(all="ignore"):
            factor = first / power(right_one)
        if np.isfinite(factor) and not np.isclose(factor, 1):
            yield (
                "power",
                text.format(_plain(factor)),
                (),
                lambda _, p, f=factor, of=power: f * of(p.expected),
            )


_POWERS: tuple[tuple[str, Callable], ...] = (
    ("{0} divided by {{}}", lambda e: 1 / e),
    ("{0} times the square of {{}}", np.square),
    ("{0} times the root of {{}}", np.sqrt),
)


def _arguments(case: Case, outputs: Sequence[str]) -> Iterator:
    """An argument, or a mean or deviation of one, where it lies along what is returned."""
    trial, part = _shown(case, outputs)
    known = case.arguments(trial)
    for quantity in arrays(known):
        for axis, _ in placed(quantity.get(known), part.value.shape):
            yield (
                "substitution",
                quantity.text,
                quantity.mentions,
                _along(case, quantity, axis, lambda _, q: q),
            )


def _combined(case: Case, outputs: Sequence[str]) -> Iterator:
    """The right thing, times, over, plus or minus a quantity that lies along it."""
    trial, part = _shown(case, outputs)
    if part.value.ndim == 0 and part.expected.ndim:
        return
    known = case.arguments(trial)
    numbers = (q for q in counts(known) if q.mentions)
    for quantity in chain(arrays(known), numbers):
        found = quantity.get(known)
        for axis, _ in placed(found, part.value.shape):
            for kind, text, combine in _COMBINE:
                yield (
                    kind,
                    text.format("{}", quantity.text),
                    quantity.mentions,
                    _along(case, quantity, axis, combine),
                )


def _along(case: Case, quantity: Quantity, axis: int | None, combine: Callable) -> Predict:
    def predict(trial, part):
        found = quantity.get(case.arguments(trial))
        for place, array in placed(found, part.value.shape):
            if place == axis:
                return np.broadcast_to(combine(part.expected, array), part.value.shape)
        return None

    return predict


_COMBINE: tuple[tuple[str, str, Callable], ...] = (
    ("factor", "{0} times {1}", lambda e, q: e * q),
    ("factor", "{0} divided by {1}", lambda e, q: e / q),
    ("added", "{0} plus {1}", lambda e, q: e + q),
    ("added", "{0} less {1}", lambda e, q: e - q),
    ("added", "{1} less {0}", lambda e, q: q - e),
    ("factor", "{0} times the size of {1}", lambda e, q: e * np.abs(q)),
    ("factor", "{0} times {1}, squared", lambda e, q: e * q * q),
    ("factor", "{0} divided by the square of {1}", lambda e, q: e / (q * q)),
)
