"""Explorers in a page without a kernel: the site's pages, an export to HTML."""

from __future__ import annotations

import copy
import html
import json
from typing import Any

from bn_course.explorers import load
from bn_course.live.plot import STATE_MIME


def static_html(data: dict[str, Any], metadata: dict[str, Any], box: str) -> str:
    """HTML for one output of a `BrowserPlot`: its picture, which a script then brings to life.

    `data` and `metadata` are the stored output's; `box` is an id that the page has only once.
    Nothing is loaded from elsewhere. Without scripts, the picture stays.
    """
    state = data[STATE_MIME]
    explorer = load(state["module"])
    png = metadata["image/png"]
    picture = (
        f'<img src="data:image/png;base64,{data["image/png"].strip()}" '
        f'alt="{html.escape(png["alt"])}" width="{png["width"]}">'
    )
    # A "</script>" or "<!--" inside the JSON would end the script, so every < is written \u003c.
    state_json = json.dumps(state, ensure_ascii=False).replace("<", "\\u003c")
    return (
        f"<style>{explorer._css}</style>\n"
        f'<div id="{box}">{picture}</div>\n'
        f'<script type="module">\n{explorer._esm}\n'
        f'render({{ model: still({state_json}), el: document.getElementById("{box}") }});\n'
        "</script>"
    )


def with_live_figures(notebook: Any) -> Any:
    """A copy of a notebook whose browser explorers have a text/html output that works alone."""
    notebook = copy.deepcopy(notebook)
    serial = 0
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            if STATE_MIME in output.get("data", {}):
                serial += 1
                page = static_html(output["data"], output["metadata"], f"bn-explorer-{serial}")
                output["data"] = {"text/html": page, "text/plain": output["data"]["text/plain"]}
    return notebook
