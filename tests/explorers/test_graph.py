"""The graph: its numbers against the norms and measured slopes, its steps, its layouts, its JavaScript."""

import itertools
import re
from dataclasses import asdict

import numpy as np
import pytest

from bn_course.explorers.graph import (
    ARROWS,
    BACK,
    NODES,
    STEPS,
    GraphExplorer,
    Params,
    compute,
    describe,
    lines,
    numbers,
    text,
)
from bn_course.explorers.graph_layout import LAYOUTS
from bn_course.live import COLOURS
from bn_course.norms import batch_norm, batch_norm_backward

OTHER = Params(x=(0.3, -1.2, 2.5, 0.9), dy=(0.5, -2.0, 1.1, 0.7), gamma=1.7, beta=-0.4, eps=0.1)
EVERY_STEP = [Params(step=step) for step in range(len(STEPS))]


def forward(**given):
    """y, each node made of those before it, unless `given`."""
    node = {"eps": OTHER.eps, "x": np.array(OTHER.x), "γ": OTHER.gamma, "β": OTHER.beta} | given
    node.setdefault("μ", node["x"].mean())
    node.setdefault("c", node["x"] - node["μ"])
    node.setdefault("σ²", (node["c"] ** 2).mean())
    node.setdefault("s", (node["σ²"] + node["eps"]) ** -0.5)
    node.setdefault("x̂", node["c"] * node["s"])
    return node.setdefault("y", node["γ"] * node["x̂"] + node["β"])


def test_it_is_the_course_s_own_batch_norm_and_its_gradient():
    for params in (Params(), OTHER):
        result = compute(params)
        x, dy = (np.array(values, float)[:, None] for values in (params.x, params.dy))
        gamma, beta = np.array([params.gamma], float), np.array([params.beta], float)
        np.testing.assert_allclose(result.values["y"], batch_norm(x, gamma, beta, params.eps)[:, 0])
        dx, dgamma, dbeta = batch_norm_backward(dy, x, gamma, params.eps)
        np.testing.assert_allclose(result.gradients["x"], dx[:, 0], atol=1e-12)
        assert result.gradients["γ"] == pytest.approx(dgamma[0])
        assert result.gradients["β"] == pytest.approx(dbeta[0])


@pytest.mark.parametrize("node", NODES)
def test_the_gradient_of_every_node_is_a_measured_slope(node):
    """Move the node alone, and let those after it follow."""
    result, dy, h = compute(OTHER), np.array(OTHER.dy), 1e-6
    value = np.atleast_1d(np.array(result.values[node], float))
    for i, gradient in enumerate(np.atleast_1d(result.gradients[node])):
        losses = []
        for sign in (1, -1):
            moved = value + sign * h * (np.arange(len(value)) == i)
            losses.append(dy @ forward(**{node: moved if len(moved) > 1 else moved[0]}))
        assert (losses[0] - losses[1]) / (2 * h) == pytest.approx(gradient, abs=1e-7)


def test_the_numbers_are_those_of_lesson_03():
    result = compute(Params())
    assert text(result.gradients["x"]) == "0.5 −0.5 1 −1"
    assert text(result.values["x̂"]) == "−1 −1 1 1"
    assert text(result.brought["x", "μ"]) == "−0.5 each"


def test_each_number_is_added_once_forwards_and_once_on_the_way_back():
    for back in (False, True):
        steps = [step for step in STEPS if step.back == back]
        assert sorted(node for step in steps for node in step.nodes) == sorted(NODES)
        assert sorted(arrow for step in steps for arrow in step.arrows) == sorted(ARROWS)
    assert [step.back for step in STEPS] == [False] * BACK + [True] * (len(STEPS) - BACK)


def test_a_gradient_is_shown_only_when_all_that_its_node_sent_out_has_come_back():
    known = numbers(compute(Params()))
    when = {name: back for name, *_, back in known["nodes"]}
    for arrow, _, forth, _, back in known["arrows"]:
        start, end = arrow.split(" → ")
        assert when[end] <= back <= when[start]
        assert forth == next(then for name, _, then, *_ in known["nodes"] if name == end)


@pytest.mark.parametrize("step", range(len(STEPS)))
def test_the_arithmetic_can_be_redone_from_the_numbers_shown(step):
    redone = 0
    for line in lines(compute(Params(step=step))):
        plain = [part for part in line.split(" = ") if re.fullmatch(r"[\d .+−·/()√½]+", part)]
        python = [part.replace("−", "-").replace("·", "*").replace("√", "np.sqrt") for part in plain]
        values = [eval(part.replace("½", " 0.5"), {"np": np}) for part in python]
        assert values == pytest.approx([values[-1]] * len(values) if values else [])
        redone += len(values) > 1
    assert redone >= (step in (1, 3, 4, 8, 9, 10, 12))


def test_other_batches_of_four_and_what_cannot_be():
    assert text(compute(OTHER).values["x"]) == "0.3 −1.2 2.5 0.9"
    with pytest.raises(ValueError, match="four numbers each"):
        Params(x=(1, 2, 3))
    with pytest.raises(ValueError, match="s would be 1/0"):
        Params(x=(2, 2, 2, 2))
    assert compute(Params(x=(2, 2, 2, 2), eps=0.25)).values["s"] == 2


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
def test_cards_lie_apart_and_arrows_run_from_one_to_the_other(layout):
    width, height = layout["size"]
    assert set(layout["cards"]) == set(NODES)
    assert set(layout["arrows"]) == {" → ".join(arrow) for arrow in ARROWS}
    for (x, y, wide, high), (x2, y2, wide2, high2) in itertools.combinations(layout["cards"].values(), 2):
        assert abs(x - x2) > (wide + wide2) / 2 or abs(y - y2) > (high + high2) / 2
    for x, y, wide, high in layout["cards"].values():
        assert wide / 2 <= x <= width - wide / 2
        assert high / 2 <= y <= height - high / 2
    for arrow, (start, end, (x, y, _)) in layout["arrows"].items():
        for node, (px, py) in zip(arrow.split(" → "), (start, end), strict=True):
            cx, cy, wide, high = layout["cards"][node]
            outside = max(abs(px - cx) - wide / 2, abs(py - cy) - high / 2)
            assert 0 < outside < 5
        assert 0 < x < width
        assert 0 < y < height


def test_artists_show_what_is_known():
    explorer = GraphExplorer()
    for step in (0, BACK, len(STEPS) - 1):
        explorer.set(step=step)
        view = explorer.view
        view.update(explorer.result)
        assert view.heading.get_text().endswith(STEPS[step].heading)
        shown = [words.get_text() for *_, words in view.arrows.values()]
        assert shown.count("") == {0: len(ARROWS)}.get(step, 0)
        assert bool(view.cards["x"][2].get_text()) == (step == len(STEPS) - 1)
    assert view.arrows["x → μ"][-1].get_text() == "−0.5 each"
    assert view.arrows["x → μ"][-1].get_color() == COLOURS["batch"]


def test_the_alternative_text_has_the_numbers_that_are_known():
    said = describe(compute(Params(step=len(STEPS) - 1)))
    assert "dx = 0.5 −0.5 1 −1" in said
    assert "dγ" not in describe(compute(Params()))


def test_javascript_shows_and_says_the_same(javascript):
    data, module = GraphExplorer().shared(), GraphExplorer._esm
    answers = javascript(module, [["compute", asdict(params), data] for params in EVERY_STEP])
    said = javascript(module, [["describe", answer] for answer in answers])
    assert said == [describe(compute(params)) for params in EVERY_STEP]
    known = numbers(compute(Params()))
    for step, answer in enumerate(answers):
        for kind in ("nodes", "arrows"):
            for found, (name, value, forth, gradient, back) in zip(answer[kind], known[kind], strict=True):
                assert found == {
                    "name": name,
                    "value": value if forth <= step else "",
                    "gradient": gradient if back <= step else "",
                    "now": step in (forth, back),
                }
