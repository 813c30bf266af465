"""The place of the mistake in a submission: as in a notebook, and no edit harms what comes after it."""

import numpy as np
import pytest
from repaired import ANSWERS, parameters

from bn_course.grading.catalogue import catalogue
from bn_course.workshop.repairing import find_place_in
from bn_course.workshop.sandbox import Limits
from bn_course.workshop.session import Session

AMPLE = 60.0
LIMITS = Limits(call=30.0, total=600.0)
SOME = [
    answer
    for answer in ANSWERS
    if (answer.question, answer.title)
    in {
        ("batch_stats", "sample variance by hand"),
        ("batch_norm_forward", "eps outside"),
        ("batch_norm_forward", "axis one keepdims"),
        ("batch_norm_forward", "helper with the mistake"),
        ("batch_norm_forward", "in place"),
        ("batch_norm_backward", "sign"),
        ("numerical_gradient", "parentheses"),
        ("BatchNorm", "variance starts at zero"),
        ("batch_norm_2d", "variance over space"),
        ("steps_to_target", "strictly above"),
        ("BatchNormFunction", "a sign"),
        ("clinic_detached", "no_grad"),
        ("zero_init_residual", "the first norm"),
    }
]


@pytest.mark.parametrize("answer", parameters(SOME))
def test_the_same_places_as_in_a_notebook(answer):
    question, probes, expected = answer.asked()
    with Session([answer.above, answer.text], [question.name], LIMITS) as session:
        session.start()
        places = find_place_in(session, question, probes, expected, AMPLE)
        assert answer.found_by(places), places
        assert session.defined == (question.name,)


def request(program, jobs, seconds=5.0):
    return {
        "program": program,
        "name": "double",
        "probes": (("call", (np.ones(2),)),),
        "jobs": jobs,
        "seconds": seconds,
        "longest": seconds,
    }


def test_an_edit_that_ends_its_process_costs_its_batch_alone():
    crash = "import os\ndef double(x):\n    return os._exit(3) if 1 in __on__ else 2 * x\n"
    change = "import numpy as np\nnp.add = None\ndef double(x):\n    return 2 * x\n"
    question = catalogue()["double"]
    with Session(["def double(x):\n    return 2 * x"], ["double"], LIMITS) as session:
        session.start()
        first = session.process.pid
        assert session.try_edited(request(crash, (((), 0), ((1,), 0)))) == []
        assert len(session.try_edited(request(crash, (((), 0),)))) == 1
        assert len(session.try_edited(request(change, (((), 0),)))) == 1
        outcome = session.call("double", question.examples[0])
        assert outcome.failure is None
        assert session.process.pid == first


def test_an_edit_that_never_ends_is_cut_off():
    endless = "def double(x):\n    while True:\n        __tick__()\n"
    with Session(["double = 1"], [], LIMITS) as session:
        session.start()
        ((outcome, took),) = session.try_edited(request(endless, (((), 0),), seconds=0.2))
        assert outcome.failure.type_name == "OutOfTime"
        assert took >= 0.2


def test_a_loop_that_nothing_counts_is_ended_by_the_limit_of_a_call():
    endless = "def double(x):\n    while True:\n        pass\n"
    with Session(["double = 1"], [], Limits(call=1.0)) as session:
        session.start()
        first = session.process.pid
        session.try_edited(request(endless, (((), 0),)))
        assert session.process.pid == first


def test_the_process_is_told_no_expected_value():
    answer = SOME[0]
    question, probes, expected = answer.asked()
    sent = []
    with Session([answer.above, answer.text], [question.name], LIMITS) as session:
        session.start()
        ask = session.try_edited
        session.try_edited = lambda message: sent.append(message) or ask(message)
        assert find_place_in(session, question, probes, expected, AMPLE)
    given = {id(probe.args) for probe in probes}
    assert {key for message in sent for key in message} == set(request("", ()))
    assert any(id(args) in given for message in sent for _, args in message["probes"])
