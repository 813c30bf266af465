"""The guide: every reason has a source that exists, and the advice is what its rules say."""

import itertools
import re

import pytest

from bn_course.experiments import names
from bn_course.explorers.guide import NORMS, RULES, SHOWN, GuideExplorer, Params, cited, compute, sentence

ANSWERS = {name: control.values for name, control in GuideExplorer.controls.items()}


def every_set_of_answers():
    return [Params(*answers) for answers in itertools.product(*ANSWERS.values())]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: f"{rule.norm}-{'-'.join(rule.when.values())}")
def test_every_reason_is_backed_and_filled_in(rule):
    paper = re.search(r"\d{4}, arXiv:\d{4}\.\d{5}$", rule.source)
    lesson = re.match(r"lesson \d\d: ", rule.source)
    assert paper or lesson or rule.source in names()
    assert "{" not in sentence(rule)
    if "{" in rule.why:
        assert rule.source in names()  # numbers of ours come from the evidence
        assert cited(rule) == f"measured: {rule.source}"
    assert rule.norm in NORMS
    assert all(answer in ANSWERS[question] for question, answer in rule.when.items())


def test_every_answer_matters_to_some_rule():
    asked = {(question, answer) for rule in RULES for question, answer in rule.when.items()}
    neutral = {("data", "alike"), ("device", "server")}  # what nothing speaks for or against
    assert asked | neutral == {(q, answer) for q, answers in ANSWERS.items() for answer in answers}


def test_the_advice_has_the_highest_score_and_gives_reasons():
    for params in every_set_of_answers():
        result = compute(params)
        assert result.scores[result.choice] == max(result.scores.values())
        assert any(rule.norm == result.choice and rule.weight > 0 for rule, _ in result.reasons)


def test_no_bar_is_without_its_reason():
    for params in every_set_of_answers():
        result = compute(params)
        bars = {norm for norm, score in result.scores.items() if score}
        assert bars <= {rule.norm for rule, _ in result.reasons}
        assert len(result.reasons) <= SHOWN


@pytest.mark.parametrize(
    ("answers", "advice"),
    [
        ({"network": "cnn", "batch": "32 or more"}, "batch"),
        ({"network": "cnn", "batch": "1–4"}, "group"),
        ({"network": "transformer"}, "layer"),
        ({"network": "rnn", "batch": "8–16"}, "layer"),
        ({"network": "style"}, "instance"),
        ({"network": "cnn", "batch": "1–4", "start": "fine-tune"}, "frozen"),
        ({"network": "mlp", "device": "small, int8"}, "batch"),
        ({"network": "cnn", "data": "one class a batch"}, "group"),
    ],
)
def test_known_cases(answers, advice):
    assert compute(Params(**answers)).choice == advice


def test_nothing_is_frozen_that_was_never_trained():
    for params in every_set_of_answers():
        assert params.start == "fine-tune" or compute(params).choice != "frozen"


@pytest.mark.parametrize("network", ["cnn", "discriminator", "style"])
def test_advice_on_images_does_not_rest_on_an_mlp_of_one_value_an_example(network):
    of_mlps = {"error_against_batch_size", "frozen_fine_tuning", "rates_without_norm"}
    for params in every_set_of_answers():
        if params.network == network:
            assert of_mlps.isdisjoint(rule.source for rule, _ in compute(params).reasons)


def test_bars_and_texts_show_the_result():
    explorer = GuideExplorer(network="transformer")
    assert explorer.error is None
    widths = [bar.get_width() for bar in explorer.view.bars]
    assert widths == list(explorer.result.scores.values())
    assert "layer or RMS norm" in explorer.view.title.get_text()
    shown = [text.get_text() for text in explorer.view.texts if text.get_text()]
    marks = [int(mark.get_text().replace("−", "-")) for mark in explorer.view.marks if mark.get_text()]
    for text, mark, (rule, why) in zip(shown, marks, explorer.result.reasons, strict=True):
        assert " ".join(text.split()) == f"{NORMS[rule.norm]}: {why} [{cited(rule)}]"
        assert mark == rule.weight
    assert "For transformer" in explorer.alt


def test_all_reasons_lie_inside_the_figure():
    explorer = GuideExplorer()
    for params in every_set_of_answers()[::7]:
        result = compute(params)
        explorer.view.update(result)
        renderer = explorer.view.fig.canvas.get_renderer()
        for text in explorer.view.texts:
            box = text.get_window_extent(renderer)
            assert box.x1 <= explorer.view.fig.bbox.x1
            assert box.y0 >= 0
        last = explorer.view.texts[len(result.reasons) - 1].get_window_extent(renderer)
        assert last.y0 < 0.2 * explorer.view.fig.bbox.y1  # no empty third below
