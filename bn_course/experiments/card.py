"""How a claim looks in a lesson: what is said, whether it holds, in which scope, and what decides."""

import html
from collections.abc import Iterable

from bn_course.experiments.experiment import NOT_TESTED, Scope

BOX = "border-left: 4px solid #0072B2; padding: 0.2em 0.8em; max-width: 700px"
SHOWN = {True: "yes", False: "no", None: "open"}


def as_html(record: dict) -> str:
    """The card of a claim, from what is stored of it."""
    r = {key: html.escape(str(record[key])) for key in ("claim", "source", "finding", "method")}
    verdict = html.escape(sentence(verdict_in_full(record)))
    return (
        f'<div style="{BOX}"><p>“{r["claim"]}” <em>({r["source"]})</em></p>'
        f"<p><strong>{verdict}</strong> {r['finding']}.</p>{table(record)}{deciding(record['effects'])}"
        f"<p style='font-size: 90%'>{html.escape(_scope(record))}{_seeds(record)} {r['method']}</p></div>"
    )


def as_text(record: dict) -> str:
    """The same in a few lines of text."""
    said = f"“{record['claim']}” ({record['source']})"
    verdict = f"{sentence(verdict_in_full(record))} {record['finding']}."
    return f"{said}\n{verdict}\n{_scope(record)}{_seeds(record)}"


def verdict_in_full(record: dict) -> str:
    """The verdict; for a claim about another scale with that scale, and what was shown of the mechanism."""
    if record["verdict"] != NOT_TESTED:
        return record["verdict"]
    return f"{NOT_TESTED}. {scales(record)}".removesuffix(".")


def scales(record: dict) -> str:
    """Of a claim about another scale: which that is, and what was shown at the one that was tried."""
    return f"It speaks of {record['beyond']}. Tried on a smaller scale: {record['tried']}."


def sentence(words: str) -> str:
    return f"{words[0].upper()}{words[1:]}."


def deciding(effects: list[dict]) -> str:
    """A table, folded, of the intervals that decide and the bounds they must pass; "" where there is none."""
    if not effects:
        return ""
    heads = ("what decides", "mean (95 % interval)", "must be", "is it", "because")
    cells = [(e["what"], interval(e), bound(e), SHOWN[e["shown"]], e["why"]) for e in effects]
    return f"<details><summary>What decides</summary>{_table(heads, cells)}</details>"


def table(record: dict) -> str:
    """The numbers that are too many for the finding; "" where they are not."""
    if "table" not in record:
        return ""
    return _table(("", *record["table"]["columns"]), record["table"]["rows"])


def _table(heads: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    first = "".join(f'<th scope="col">{html.escape(head)}</th>' for head in heads)
    others = ("".join(f"<td>{html.escape(cell)}</td>" for cell in row) for row in rows)
    rows = "".join(f"<tr>{row}</tr>" for row in others)
    return f'<div tabindex="0" style="overflow-x: auto"><table><tr>{first}</tr>{rows}</table></div>'


def interval(effect: dict) -> str:
    """'1.3 (0.9 to 1.7)'; where some runs never arrived, '3.4 or more (2.9 to ∞)'."""
    low = "−∞" if effect["low"] is None else _number(effect["low"])
    high = "∞" if effect["high"] is None else _number(effect["high"])
    open_above = " or more" if effect["high"] is None else ""
    return f"{_number(effect['mean'])}{open_above} ({low} to {high})"


def bound(effect: dict) -> str:
    """'above 1.5'."""
    side = "above" if "above" in effect else "below"
    return f"{side} {_number(effect[side])}"


def _number(value: float) -> str:
    return f"{value:.3g}".replace("-", "−")


def _scope(record: dict) -> str:
    return f"{sentence(str(Scope(**record['scope'])))} "


def _seeds(record: dict) -> str:
    return f"Means of {len(record['runs'])} seeds."
