"""One batch through every node of batch norm's graph, and its gradient back. (lesson 03)

Python computes every number; the browser shows those of the step that the reader has come to (`graph.js`).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

import numpy as np
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from bn_course.explorers.graph_layout import LAYOUTS
from bn_course.live import COLOURS, BrowserPlot, View, player
from bn_course.live.plot import SHELL_CSS, module_text
from bn_course.live.style import INK, MUTED

HERE = Path(__file__)
NODES = ("x", "μ", "c", "σ²", "s", "x̂", "γ", "β", "y")


class Step(NamedTuple):
    """What a step adds: nodes whose value, or, on the way back, gradient is then known, and arrows."""

    heading: str
    nodes: tuple[str, ...]
    arrows: tuple[tuple[str, str], ...] = ()
    back: bool = False


STEPS = (
    Step("A batch of four examples, one feature", ("x", "γ", "β")),
    Step("The mean: one number for all four", ("μ",), (("x", "μ"),)),
    Step("Centre: the two arrows that left x meet again", ("c",), (("x", "c"), ("μ", "c"))),
    Step("The variance: the mean of the squares", ("σ²",), (("c", "σ²"),)),
    Step("One over the root", ("s",), (("σ²", "s"),)),
    Step("Multiply: the batch is standardised", ("x̂",), (("c", "x̂"), ("s", "x̂"))),
    Step("Scale and shift", ("y",), (("x̂", "y"), ("γ", "y"), ("β", "y"))),
    Step("Now back: dy arrives from the layers above", ("y",), (), True),
    Step(
        "γ and β serve all four, so their gradients are sums",
        ("x̂", "γ", "β"),
        (("x̂", "y"), ("γ", "y"), ("β", "y")),
        True,
    ),
    Step("A product: each factor is the other's derivative", ("s",), (("c", "x̂"), ("s", "x̂")), True),
    Step("A power: the exponent comes down", ("σ²",), (("σ²", "s"),), True),
    Step("Two arrows leave c: it adds up two contributions", ("c",), (("c", "σ²"),), True),
    Step("One unit of μ moves every c by −1", ("μ",), (("μ", "c"),), True),
    Step("Two arrows leave x: their sum is dx", ("x",), (("x", "c"), ("x", "μ")), True),
)
ARROWS = tuple(dict.fromkeys(arrow for step in STEPS for arrow in step.arrows))
BACK = next(index for index, step in enumerate(STEPS) if step.back)


@dataclass(frozen=True)
class Params:
    step: int = BACK
    x: tuple[float, ...] = (1, 1, 5, 5)
    dy: tuple[float, ...] = (3, 1, 2, -2)
    gamma: float = 1
    beta: float = 0
    eps: float = 0

    def __post_init__(self):
        if len(self.x) != 4 or len(self.dy) != 4:
            raise ValueError("x and dy need four numbers each")
        if self.eps == 0 and len(set(self.x)) == 1:
            raise ValueError("All four are the same: with ε = 0, s would be 1/0")


@dataclass(frozen=True)
class Result:
    params: Params
    values: dict[str, np.ndarray]  # of each node: (4,) or a number
    brought: dict[tuple[str, str], np.ndarray]  # what comes back along each arrow, shaped like its start
    gradients: dict[str, np.ndarray]  # of each node: the sum over the arrows that leave it


def compute(params: Params) -> Result:
    """Forwards and backwards, a node at a time."""
    x, dy, gamma = np.array(params.x, float), np.array(params.dy, float), params.gamma
    mean = x.mean()
    c = x - mean
    var = (c**2).mean()
    s = (var + params.eps) ** -0.5
    x_hat = c * s
    y = gamma * x_hat + params.beta
    values = dict(zip(NODES, (x, mean, c, var, s, x_hat, gamma, params.beta, y), strict=True))
    dx_hat = gamma * dy
    ds = (dx_hat * c).sum()
    dvar = -0.5 * s**3 * ds
    dc = dx_hat * s + dvar * 2 * c / 4
    brought = {
        ("x̂", "y"): dx_hat,
        ("γ", "y"): (dy * x_hat).sum(),
        ("β", "y"): dy.sum(),
        ("c", "x̂"): dx_hat * s,
        ("s", "x̂"): ds,
        ("σ²", "s"): dvar,
        ("c", "σ²"): dvar * 2 * c / 4,
        ("μ", "c"): -dc.sum(),
        ("x", "c"): dc,
        ("x", "μ"): np.full(4, -dc.sum() / 4),
    }
    gradients = {node: sum(v for (start, _), v in brought.items() if start == node) for node in NODES}
    return Result(params, values, brought, gradients | {"y": dy})


def text(value: Any, between: str = " ") -> str:
    """Three digits and a true minus: '1 0 1.5 −0.5', '3', and '−0.5 each' for four that are the same."""
    numbers = np.atleast_1d(np.round(value, 12)) + 0.0
    said = [f"{number:.3g}".replace("-", "−") for number in numbers]
    return f"{said[0]} each" if len(said) > 1 and len(set(said)) == 1 else between.join(said)


def added(values: np.ndarray) -> str:
    """'3 + 1 + 2 − 2'."""
    return " + ".join(text(value) for value in values).replace("+ −", "− ")


def lines(result: Result) -> list[str]:
    """The arithmetic of the step."""
    p, v, g, brought = result.params, result.values, result.gradients, result.brought
    say = {name: text(value, ", ") for name, value in v.items()}
    d = {name: text(value, ", ") for name, value in g.items()}
    dx_x_hat = text((g["x"] * v["x̂"]).sum())
    return [
        [f"x = {say['x']}", f"γ = {say['γ']}, β = {say['β']}, ε = {text(p.eps)}"],
        [f"μ = Σx / N = ({added(v['x'])}) / 4 = {say['μ']}"],
        [f"c = x − μ = {say['c']}"],
        [f"σ² = Σc² / N = ({added(v['c'] ** 2)}) / 4 = {say['σ²']}"],
        [f"s = 1 / √(σ² + ε) = 1 / √({say['σ²']} + {text(p.eps)}) = {say['s']}"],
        [f"x̂ = c · s = {say['x̂']}"],
        [f"y = γ · x̂ + β = {say['y']}"],
        [f"dy = {d['y']}"],
        [
            f"dγ = Σ dy · x̂ = {added(g['y'] * v['x̂'])} = {d['γ']}",
            f"dβ = Σ dy = {added(g['y'])} = {d['β']}",
            f"dx̂ = γ · dy = {d['x̂']}",
        ],
        [
            f"ds = Σ dx̂ · c = {added(g['x̂'] * v['c'])} = {d['s']}",
            f"to c, for now: dx̂ · s = {text(brought['c', 'x̂'], ', ')}",
        ],
        [f"dσ² = −½ · s³ · ds = −½ · {text(v['s'] ** 3)} · ({d['s']}) = {d['σ²']}"],
        [
            f"to c, from σ²: dσ² · 2c / N = {text(brought['c', 'σ²'], ', ')}",
            f"dc = both together = {d['c']}",
        ],
        [f"dμ = −Σ dc = −({added(g['c'])}) = {d['μ']}"],
        [
            f"dx = dc + dμ / N = dc + ({text(g['μ'] / 4)}) = {d['x']}",
            f"Σ dx = {text(g['x'].sum())}, Σ dx · x̂ = {dx_x_hat}",
        ],
    ][p.step]


def since(what: str, back: bool) -> int:
    """The step at which a node's or an arrow's number is known, going back or not."""
    return next(
        i for i, step in enumerate(STEPS) if step.back == back and what in (*step.nodes, *step.arrows)
    )


def numbers(result: Result) -> dict[str, list]:
    """Every number with the step that adds it: [name, value, since, gradient, since]; arrows likewise."""
    nodes = [
        [name, text(result.values[name]), since(name, False), text(result.gradients[name]), since(name, True)]
        for name in NODES
    ]
    arrows = [
        [
            " → ".join(arrow),
            text(result.values[arrow[0]]),
            since(arrow, False),
            text(result.brought[arrow]),
            since(arrow, True),
        ]
        for arrow in ARROWS
    ]
    return {"nodes": nodes, "arrows": arrows}


def describe(result: Result) -> str:
    """The step in words, and every number that is known by then."""
    step = result.params.step
    nodes = numbers(result)["nodes"]
    known = [f"{name} = {value}" for name, value, when, *_ in nodes if when <= step]
    known += [f"d{name} = {gradient}" for name, *_, gradient, when in nodes if when <= step]
    return (
        f"Step {step} of {len(STEPS) - 1} through the graph of batch norm. {STEPS[step].heading}: "
        f"{'; '.join(lines(result))}. Known: {'; '.join(known)}."
    )


class GraphView(View):
    """The picture of a reader without a kernel."""

    def __init__(self, fig):
        super().__init__(fig)
        fig.set_layout_engine("none")
        width, height = LAYOUTS["wide"]["size"]
        ax = fig.add_axes((0, 0, 1, 1))
        ax.set(xlim=(0, width), ylim=(height + 72, -34))
        ax.axis("off")
        self.heading = self.moving(ax.text(8, -16, "", weight="bold", size=12, va="center"))
        self.lines = self.moving(ax.text(8, height + 8, "", size=10, va="top", linespacing=1.5))
        self.cards, self.arrows = {}, {}
        for node, (x, y, wide, high) in LAYOUTS["wide"]["cards"].items():
            box = FancyBboxPatch(
                (x - wide / 2, y - high / 2), wide, high, boxstyle="round,pad=0,rounding_size=6"
            )
            box.set(facecolor="white", edgecolor=MUTED)
            words = {"ha": "center", "va": "center", "size": 9}
            self.cards[node] = [
                self.moving(ax.add_patch(box)),
                self.moving(ax.text(x, y - 9, "", color=INK, **words)),
                self.moving(ax.text(x, y + 11, "", color=COLOURS["batch"], **words)),
            ]
            ax.text(x, y + (-32 if y < 100 else 34), node, weight="bold", **words | {"size": 10.5})
        for arrow, (start, end, (x, y, anchor)) in LAYOUTS["wide"]["arrows"].items():
            side = {"start": "left", "middle": "center", "end": "right"}[anchor]
            patch = FancyArrowPatch(start, end, mutation_scale=11, shrinkA=0, shrinkB=0)
            words = ax.text(x, y, "", ha=side, va="center", size=9)
            self.arrows[arrow] = [start, end, *self.moving([ax.add_patch(patch), words])]

    def update(self, result):
        step, known = result.params.step, numbers(result)
        self.heading.set_text(f"{step} of {len(STEPS) - 1}. {STEPS[step].heading}")
        self.lines.set_text("\n".join(lines(result)))
        for node, value, forth, gradient, back in known["nodes"]:
            box, *texts = self.cards[node]
            box.set_linewidth(2.5 if step in (forth, back) else 0.8)
            for words, number, when in zip(texts, (value, gradient), (forth, back), strict=True):
                words.set_text(number.replace(" ", "\N{EN SPACE}") if when <= step else "")
        for arrow, value, forth, gradient, back in known["arrows"]:
            start, end, patch, words = self.arrows[arrow]
            came_back = back <= step
            patch.set_positions(*((end, start) if came_back else (start, end)))
            colour = COLOURS["batch"] if came_back else INK if forth <= step else "#C4C4C4"
            patch.set(color=colour, linewidth=2.4 if step in (forth, back) else 1, arrowstyle="-|>")
            words.set(text=gradient if came_back else value if forth <= step else "", color=colour)


class GraphExplorer(BrowserPlot):
    """Four numbers through the graph, and four back; `GraphExplorer(step=0)` begins at the beginning."""

    label = "One batch through every node"
    Params = Params
    View = GraphView
    compute = staticmethod(compute)
    describe = staticmethod(describe)
    height = 3.5
    controls: ClassVar = {"step": player("step", len(STEPS) - 1, interval=2500)}
    _esm = module_text(HERE.with_suffix(".js"))
    _css = SHELL_CSS + HERE.with_suffix(".css").read_text(encoding="utf-8")

    def shared(self):
        stages = [compute(Params(**{**vars(self._given), "step": step})) for step in range(len(STEPS))]
        return {
            **numbers(stages[0]),
            "steps": [[step.heading, lines(stage)] for step, stage in zip(STEPS, stages, strict=True)],
            "layouts": LAYOUTS,
        }
