"""The claims with what was measured of them, ready for docs/claims.md."""

import re
from itertools import groupby

from bn_course.experiments import card, ledger
from bn_course.experiments.experiment import DOES_NOT_HOLD, HOLDS, NOT_TESTED, UNDECIDED

KINDS = {  # the others hold when …
    HOLDS: "holds",
    DOES_NOT_HOLD: "does-not-hold",
    UNDECIDED: "undecided",
    NOT_TESTED: "not-tested",
}
MANY = 16  # numbers under one name: more are in the evidence file alone


def claims():
    """The evidence, by the stem of its lesson."""
    grouped = groupby(ledger(), lambda entry: entry.record["lesson"])
    return {stem: list(entries) for stem, entries in grouped}


def kind(entry):
    """The sort of verdict, as a class for CSS."""
    return KINDS.get(entry.verdict, "holds-when")


def kinds():
    """The sort of every verdict."""
    return [kind(entry) for entry in ledger()]


def tried(entry):
    """What was shown of a claim about another scale, and which scale that is; nothing for the others."""
    return f"{card.scales(entry.record)} " if entry.verdict == NOT_TESTED else ""


def numbers(entry):
    """What was measured: [(name, [(mean, low, high), …]), …], three digits each, the intervals at 95 %."""
    measured = []
    for name, mean in entry.mean.items():
        if mean.size <= MANY:
            columns = ([f"{v:.3g}" for v in side[name].flat] for side in (entry.mean, entry.low, entry.high))
            measured.append((name, list(zip(*columns, strict=True))))
    return measured


def plain(text):
    """Text that Markdown shows as it is, but for the papers on arXiv, which become links."""
    escaped = re.sub(r"([!-,/:-@\[-`{-~])", r"\\\1", text)
    return re.sub(r"arXiv\\:(\d{4}\.\d{5})", r"[arXiv:\1](https://arxiv.org/abs/\1)", escaped)
