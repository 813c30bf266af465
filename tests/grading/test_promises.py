"""What a task promises, sentence by sentence: each promise names what fails without it."""

import pytest

from bn_course.grading import words
from bn_course.grading.catalogue import catalogue

KEPT = {name: words.read(question.lesson)[name].get("promises", {}) for name, question in catalogue().items()}
PROMISES = [
    pytest.param(name, promise, keeper, id=f"{name}-{promise}")
    for name, promises in KEPT.items()
    for promise, keeper in promises.items()
]


def keepers(question):
    """What a promise may name: the label of a probe, a property, or the key of a mistake that breaks it."""
    return (
        {probe.label for probe in (*question.fixed_probes, *question.examples)}
        | {prop.name for prop in question.properties}
        | {mistake.key for mistake in question.misconceptions}
    )


@pytest.mark.parametrize(("name", "promise", "keeper"), PROMISES)
def test_a_promise_names_what_fails_without_it(name, promise, keeper):
    assert keeper in keepers(catalogue()[name])


@pytest.mark.parametrize("name", [name for name, promises in KEPT.items() if promises])
def test_a_question_s_promises_are_several(name):
    assert len(KEPT[name]) >= 3
