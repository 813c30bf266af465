"""Which norm for which network, batch, data and machine: five questions, an answer, its reasons. (lesson 13)

A guide of rules: each says when it speaks, for or against what, how strongly, why, and who says so. A
reason that the course has measured is filled in from its evidence.
"""
# ruff: noqa: E501 - a rule a line

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar, NamedTuple

from bn_course.live import COLOURS, LivePlot, View, choice, title
from bn_course.live.style import INK

NORMS = {
    "batch": "batch norm",
    "frozen": "frozen batch norm",
    "group": "group norm",
    "layer": "layer or RMS norm",
    "instance": "instance norm",
    "none": "none, scaled branches",
}
SHOWN = 8  # reasons: one for each bar at least
TOP, LINE = 0.495, 0.034  # of the reasons and of one line, in heights of the figure


@dataclass(frozen=True)
class Params:
    network: str = "cnn"
    batch: str = "32 or more"
    data: str = "alike"
    start: str = "scratch"
    device: str = "server"


class Rule(NamedTuple):
    """Speaks when every entry of `when` is among the answers; `weight` is for (+) or against (−) `norm`."""

    when: dict[str, str]
    norm: str
    weight: int
    why: str  # a template over the means of the evidence
    source: str  # a paper, a lesson, or the name of an experiment


@dataclass(frozen=True)
class Result:
    params: Params
    scores: dict[str, int]  # of each of NORMS
    choice: str  # the norm with the highest score
    reasons: tuple[tuple[Rule, str], ...]  # what speaks of each norm, the best norm's first; SHOWN at most

    @property
    def runner_up(self) -> str:
        return max((n for n in self.scores if n != self.choice), key=self.scores.get)


RULES = (
    Rule({"network": "cnn"}, "batch", 3, "ImageNet, ResNet-50 with 32 images a device: 23.6 % wrong with BN, 24.1 with GN", "Wu & He 2018, arXiv:1803.08494"),
    Rule({"network": "cnn"}, "group", 2, "ImageNet, ResNet-50, from 32 images a device to 2: 24.1 to 24.1 % wrong", "Wu & He 2018, arXiv:1803.08494"),
    Rule({"network": "cnn"}, "none", 1, "NF-nets do without, with scaled branches, standardised weights and clipped gradients", "Brock et al. 2021, arXiv:2102.06171"),
    Rule({"network": "transformer"}, "layer", 4, "one token's norm does not look at the other tokens", "Ba et al. 2016, arXiv:1607.06450"),
    Rule({"network": "transformer"}, "batch", -3, "earlier scores move with later text: by up to {batch_training:.2f}, with LN by 0", "batch_statistics_leak_the_future"),
    Rule({"network": "transformer"}, "none", 2, "dynamic tanh does as well in its authors' transformers; our residual MLP leaves it open", "Zhu et al. 2025, arXiv:2503.10622"),
    Rule({"network": "rnn"}, "layer", 3, "statistics of one example at one step: any length will do", "Ba et al. 2016, arXiv:1607.06450"),
    Rule({"network": "rnn"}, "batch", -1, "needs statistics for each step, and has none beyond the longest training sequence", "Cooijmans et al. 2016, arXiv:1603.09025"),
    Rule({"network": "mlp"}, "batch", 3, "{batch_test:.0f} % over {batch_decades:.1f} decades of learning rates", "rates_without_norm"),
    Rule({"network": "mlp"}, "layer", 2, "{layer_test:.0f} % over {layer_decades:.1f} decades of learning rates", "rates_without_norm"),
    Rule({"network": "mlp"}, "none", 1, "tuned, within two points of batch norm: {scaled_test:.0f} %, over {scaled_decades:.1f} decades of rates", "rates_without_norm"),
    Rule({"network": "discriminator"}, "batch", -3, "digits and digits made worse, in batches of their own: {separate:.0f} % told apart, {mixed:.0f} in one batch, where a generator would train against other statistics", "discriminator_batches"),
    Rule({"network": "discriminator"}, "layer", 2, "no example sees another, so batches may hold what they like", "Gulrajani et al. 2017, arXiv:1704.00028"),
    Rule({"network": "discriminator"}, "none", 2, "{none:.0f} % told apart, in any company", "discriminator_batches"),
    Rule({"network": "style"}, "instance", 5, "takes contrast and tone away from each image, which is what a style is", "Ulyanov et al. 2016, arXiv:1607.08022"),
    Rule({"network": "style"}, "batch", -1, "keeps each image's own contrast", "Ulyanov et al. 2016, arXiv:1607.08022"),
    *(
        rule
        for network in ("mlp", "rnn")  # one value an example, or at a step: N·H·W is N
        for rule in (
            Rule({"network": network, "batch": "1–4"}, "batch", -4, "one value each: wrong in batches of 2 {batch[5]:.0f} %, of 64 {batch[0]:.0f} %", "error_against_batch_size"),
            Rule({"network": network, "batch": "1–4"}, "group", 2, "wrong in batches of 2: {group[5]:.0f} %, of 64: {group[0]:.0f} %", "error_against_batch_size"),
            Rule({"network": network, "batch": "8–16"}, "batch", -1, "wrong in batches of 8: {batch[3]:.1f} %, of 64: {batch[0]:.1f} %", "error_against_batch_size"),
            Rule({"network": network, "batch": "8–16"}, "group", 1, "wrong in batches of 8: {group[3]:.1f} %, of 64: {group[0]:.1f} %", "error_against_batch_size"),
            Rule({"network": network, "batch": "32 or more"}, "batch", 1, "enough values for good statistics: {batch[0]:.0f} % wrong in batches of 64", "error_against_batch_size"),
        )
    ),
    *(
        rule
        for network in ("cnn", "discriminator", "style")  # H·W values an image
        for rule in (
            Rule({"network": network, "batch": "1–4"}, "batch", -2, "ImageNet, ResNet-50: 34.7 % wrong with 2 images a device, 27.3 with 4", "Wu & He 2018, arXiv:1803.08494"),
            Rule({"network": network, "batch": "1–4"}, "batch", -1, "two digits: {batch_4[2]:.1f} % wrong, GN {group_4[2]:.1f}; but {batch_1[2]:.0f} if a norm sees 1×1 positions", "images_in_small_batches"),
            Rule({"network": network, "batch": "1–4"}, "group", 1, "two digits: {group_4[2]:.1f} % wrong, {group_1[2]:.1f} where a norm sees 1×1 positions", "images_in_small_batches"),
            Rule({"network": network, "batch": "8–16"}, "batch", -1, "ImageNet, ResNet-50, 8 images a device: 24.8 % wrong, GN 24.0", "Wu & He 2018, arXiv:1803.08494"),
            Rule({"network": network, "batch": "8–16"}, "batch", 1, "eight digits a batch: {batch_4[1]:.1f} % wrong, GN {group_4[1]:.1f}", "images_in_small_batches"),
            Rule({"network": network, "batch": "8–16"}, "group", 1, "ImageNet, ResNet-50, 8 images a device: 24.0 % wrong, BN 24.8", "Wu & He 2018, arXiv:1803.08494"),
            Rule({"network": network, "batch": "32 or more"}, "batch", 1, "32 digits a batch: {batch_4[0]:.1f} % wrong, GN {group_4[0]:.1f}", "images_in_small_batches"),
        )
    ),
    Rule({"network": "cnn", "start": "fine-tune", "batch": "1–4"}, "frozen", 3, "how detectors are fine-tuned with one or two images a device", "Wu & He 2018, arXiv:1803.08494"),
    Rule({"data": "other light"}, "batch", 2, "its statistics can be measured anew: contrast {source[0]:.0f} → {adapted[0]:.0f} %", "adapted_statistics"),
    Rule({"data": "other light"}, "frozen", 1, "its statistics can be measured anew: contrast {source[0]:.0f} → {adapted[0]:.0f} %", "adapted_statistics"),
    Rule({"data": "other light"}, "instance", 2, "in other light {instance_lit:.0f} % right, batch norm {batch_lit:.0f}, with nothing adapted", "instance_norm_forgives_light"),
    Rule({"data": "one class a batch"}, "batch", -5, "{batch_apart:.0f} % wrong when each batch holds one class, layer norm {layer_apart:.0f}", "one_class_batches"),
    Rule({"data": "one class a batch"}, "group", 2, "its statistics are those of one example", "Wu & He 2018, arXiv:1803.08494"),
    Rule({"data": "one class a batch"}, "frozen", 1, "its statistics do not come from the batch", "Wu & Johnson 2021, arXiv:2105.07576"),
    Rule({"start": "scratch"}, "frozen", -9, "nothing has been learned yet that could be frozen", "lesson 04: statistics start at 0 and 1"),
    Rule({"start": "fine-tune"}, "batch", 4, "the weights were trained with it", "lesson 11: each norm has its own set"),
    Rule({"start": "fine-tune"}, "frozen", 4, "the weights were trained with these statistics", "lesson 04: they are part of the function"),
    Rule({"network": "mlp", "start": "fine-tune", "batch": "1–4"}, "frozen", 3, "in batches of 2: frozen {frozen[0]:.0f} % right, in training mode {training[0]:.0f}", "frozen_fine_tuning"),
    Rule({"network": "mlp", "start": "fine-tune", "batch": "8–16"}, "batch", 2, "in batches of 16 it tunes to {training[1]:.0f} %, frozen to {frozen[1]:.0f}", "frozen_fine_tuning"),
    *(
        Rule({"start": "fine-tune"}, norm, -4, "the weights were trained with batch norm: another norm means training anew", "lesson 11: each norm has its own set")
        for norm in ("group", "layer", "instance", "none")
    ),
    Rule({"device": "small, int8"}, "batch", 2, "folds away: {small:.1f} times as fast in a small network", "folding_speed"),
    Rule({"device": "small, int8"}, "frozen", 2, "folds away: {small:.1f} times as fast in a small network", "folding_speed"),
    Rule({"device": "small, int8"}, "none", 2, "nothing to compute, nothing to fold", "Brock et al. 2021, arXiv:2102.06171"),
    *(
        Rule({"device": "small, int8"}, norm, -1, "its statistics are computed at inference too: it does not fold", "lesson 04: folding takes fixed statistics")
        for norm in ("group", "layer", "instance")
    ),
)  # fmt: skip


def compute(params: Params) -> Result:
    """Add up what speaks for and against each norm."""
    spoken = [
        rule for rule in RULES if all(getattr(params, ask) == answer for ask, answer in rule.when.items())
    ]
    scores = {norm: sum(rule.weight for rule in spoken if rule.norm == norm) for norm in NORMS}
    ranked = sorted(NORMS, key=scores.get, reverse=True)
    spoken.sort(key=lambda rule: (ranked.index(rule.norm), -abs(rule.weight)))
    return Result(params, scores, ranked[0], tuple((rule, sentence(rule)) for rule in chosen(spoken)))


def chosen(spoken: list[Rule]) -> list[Rule]:
    """Of rules in order the strongest of each norm, and others from the front, SHOWN in all."""
    strongest = [rule for i, rule in enumerate(spoken) if rule.norm not in {r.norm for r in spoken[:i]}]
    others = [rule for rule in spoken if rule not in strongest][: SHOWN - len(strongest)]
    return [rule for rule in spoken if rule in strongest + others]


@lru_cache(maxsize=256)
def _filled(why: str, source: str) -> str:
    if "{" not in why:
        return why
    from bn_course.experiments import evidence

    return why.format(**evidence(source).mean)


def sentence(rule: Rule) -> str:
    """The reason with its numbers."""
    return _filled(rule.why, rule.source)


def cited(rule: Rule) -> str:
    """Who says so: a paper, a lesson, or an experiment of the course."""
    return rule.source if " " in rule.source else f"measured: {rule.source}"


def describe(result: Result) -> str:
    """The alternative text."""
    p = result.params
    answers = f"{p.network}, batches of {p.batch}, test data {p.data}, {p.start}, {p.device}"
    reasons = "; ".join(
        f"{NORMS[rule.norm]} {rule.weight:+d}: {why} ({cited(rule)})" for rule, why in result.reasons
    )
    return f"For {answers}: {NORMS[result.choice]}. {reasons}."


class GuideView(View):
    def __init__(self, fig):
        super().__init__(fig)
        fig.set_layout_engine("none")  # text has no axes whose size a layout could find
        bars = fig.add_axes((0.235, 0.61, 0.745, 0.31))
        bars.set(xlim=(-13, 13), ylim=(5.6, -0.6), yticks=range(6), xlabel="points for and against")
        bars.set_yticklabels(NORMS.values())
        bars.axvline(0, color=INK, lw=1)
        colours = [COLOURS["batch"], "#56B4E9", *(COLOURS[n] for n in ("group", "layer", "instance", "none"))]
        self.bars = self.moving(bars.barh(range(6), [0] * 6, color=colours, height=0.65))
        self.title = self.moving(title(bars, ""))
        self.marks, self.texts = (
            [self.moving(fig.text(x, 0, "", fontsize=8.5, va="top", weight=weight)) for _ in range(SHOWN)]
            for x, weight in ((0.015, "bold"), (0.055, "normal"))
        )

    def update(self, result):
        for bar, score in zip(self.bars, result.scores.values(), strict=True):
            bar.set_width(score)
        second = result.runner_up
        close = result.scores[result.choice] - result.scores[second] <= 1
        beside = f", or nearly as well {NORMS[second]}" if close else f"; next {NORMS[second]}"
        self.title.set_text(f"Take {NORMS[result.choice]}{beside}")
        lines = [_lines(rule, why) for rule, why in result.reasons]
        gap = min(0.05, (TOP - LINE * sum(map(len, lines))) / len(lines))
        place = TOP
        for mark, text in zip(self.marks, self.texts, strict=True):
            mark.set_text("")
            text.set_text("")
        for mark, text, (rule, _), words in zip(self.marks, self.texts, result.reasons, lines, strict=False):
            colour = INK if rule.weight > 0 else COLOURS["none"]
            mark.set(text=f"{rule.weight:+d}".replace("-", "−"), y=place, color=colour)
            text.set(text="\n".join(words), y=place)
            place -= LINE * len(words) + gap


def _lines(rule: Rule, why: str) -> list[str]:
    return textwrap.wrap(f"{NORMS[rule.norm]}: {why} [{cited(rule)}]", 98)


class GuideExplorer(LivePlot):
    label = "Which norm?"
    Params = Params
    View = GuideView
    compute = staticmethod(compute)
    describe = staticmethod(describe)
    height = 4.9
    controls: ClassVar = {
        "network": choice(
            "network",
            {
                "CNN": "cnn",
                "transformer": "transformer",
                "recurrent": "rnn",
                "MLP, tables": "mlp",
                "GAN discriminator": "discriminator",
                "style transfer": "style",
            },
        ),
        "batch": choice("examples that share statistics, on one device", ["1–4", "8–16", "32 or more"]),
        "data": choice(
            "test or training data",
            {
                "like the training data, mixed": "alike",
                "other light at test": "other light",
                "one class a batch": "one class a batch",
            },
        ),
        "start": choice("training", {"from scratch": "scratch", "fine-tuning a net with BN": "fine-tune"}),
        "device": choice("runs on", {"a server": "server", "a small device, int8": "small, int8"}),
    }
