"""Docstrings here are plain text with `code` and indented examples; autodoc reads reStructuredText."""

import re

CODE = re.compile(r"(`[^`]*`)")


def as_rst(app, what, name, obj, options, lines):
    """Rewrite a docstring in place: |γ| and *args mean themselves, a module's indented lines are code."""
    text = "".join(
        part if part.startswith("`") else re.sub(r"([|*])", r"\\\1", part)
        for part in CODE.split("\n".join(lines))
    )
    if what == "module":
        text = re.sub(r"\n\n(?= {4})", "\n\n::\n\n", text)
    lines[:] = text.splitlines()
    if what in ("attribute", "property"):
        lines.insert(0, "")  # or napoleon takes what stands before a colon for a type
