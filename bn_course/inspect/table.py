"""How an inspection is shown: as text, and as a table in HTML for a light and a dark page."""

import html as markup

import numpy as np

COLUMNS = ("layer", "kind", "mode", "γ, β", "calls", "examples", "mean off", "variance", "|γ|")
NOTHING = "No norm layer: nothing to inspect. A folded network is compared with what it was made from."


def text(seen) -> str:
    """The table, and one line for each sentence, with all layers that it is true of."""
    if not seen.layers:
        return NOTHING
    lines = [f"{mark} {', '.join(names)}: {finding}" for mark, names, finding in _told(seen)]
    return "\n".join([*_table(seen.layers), *([""] if lines else []), *lines])


def html(seen) -> str:
    """The same, with what to do. It takes its colours from the page."""
    if not seen.layers:
        return f"<p>{NOTHING}</p>"
    ill = {name for name, _ in seen.warnings}
    head = "".join(f"<th style='text-align: left'>{name}</th>" for name in COLUMNS)
    rows = "".join(_html_row(layer, layer.name in ill) for layer in seen.layers)
    items = "".join(
        f"<li><strong>{'Warning' if mark == '!' else 'Note'}</strong> {markup.escape(', '.join(names))}: "
        f"{markup.escape(str(finding))}. <em>{markup.escape(finding.do)}</em></li>"
        for mark, names, finding in _told(seen)
    )
    return (
        f"<table><caption style='text-align: left'>{_summary(seen)}</caption><thead><tr>{head}</tr></thead>"
        f"<tbody>{rows}</tbody></table><ul>{items}</ul>"
    )


def advice(seen) -> str:
    """What to do about the warnings, each once."""
    return "\n".join(dict.fromkeys(f"→ {finding.do}" for _, finding in seen.warnings))


def _summary(seen) -> str:
    counts = [(len(seen.layers), "norm layer"), (len(seen.warnings), "warning"), (len(seen.notes), "note")]
    return ", ".join(f"{count} {word}{'' if count == 1 else 's'}" for count, word in counts)


def _table(layers: list) -> list[str]:
    rows = [COLUMNS, *map(_row, layers)]
    widths = [max(len(row[i]) for row in rows) for i in range(len(COLUMNS))]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    ]


def _row(layer) -> tuple[str, ...]:
    far = layer.mean_distance is not None
    return (
        layer.name,
        layer.kind,
        "training" if layer.training else "evaluation",
        layer.parameters,
        str(layer.calls),
        "" if layer.examples is None else str(layer.examples),
        f"{np.median(layer.mean_distance):.2f} σ" if far else "",
        f"× {np.median(layer.var_ratio):.2f}" if far else "",
        "" if layer.gamma is None else f"{layer.gamma[0]:.2f} … {layer.gamma[1]:.2f}",
    )


def _html_row(layer, ill: bool) -> str:
    edge = "3px solid #D55E00" if ill else "3px solid transparent"
    cells = "".join(f"<td style='text-align: left'>{markup.escape(cell)}</td>" for cell in _row(layer))
    return f"<tr style='border-left: {edge}'>{cells}</tr>"


def _told(seen) -> list[tuple[str, list[str], object]]:
    """(mark, names of layers, finding): those with one sentence together."""
    by_text: dict[tuple[str, str], tuple[list[str], object]] = {}
    for mark, found in (("!", seen.warnings), ("·", seen.notes)):
        for name, finding in found:
            by_text.setdefault((mark, str(finding)), ([], finding))[0].append(name)
    return [(mark, names, finding) for (mark, _), (names, finding) in by_text.items()]
