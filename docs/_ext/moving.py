"""Figures on a lesson's page that Python draws: a reader asks for it, and Pyodide starts in the page."""

import ast
import html
import json

import nbformat

from bn_course.explorers import EXPLORERS, load
from bn_course.live import BrowserPlot

PLACE = '<div class="bn-moves" data-name="{}" data-params="{}"></div>'
TRAINS = """<p class="bn-offer">This figure trains networks with PyTorch, which no browser runs:
it moves where the course is installed.</p>"""
NAMES = {place.rpartition(":")[2]: name for name, place in EXPLORERS.items()}


def offer(notebook):
    """Change a notebook: below each explorer that Python draws, a place to move it."""
    for cell in notebook.cells:
        if cell.cell_type == "code" and (shown := explorer(cell.source)):
            name, params = shown
            if not issubclass(load(name), BrowserPlot):
                place = PLACE.format(name, html.escape(json.dumps(params)))
                data = {"text/html": TRAINS if load(name).needs_torch else place, "text/plain": ""}
                cell.outputs.append(nbformat.v4.new_output("display_data", data=data))


def explorer(source):
    """The name and the parameters where a cell ends with `SomeExplorer(key=value)`, else None."""
    match ast.parse(source).body[-1:] if "Explorer" in source else []:
        case [ast.Expr(ast.Call(ast.Name(called), [], keywords))] if called in NAMES:
            return NAMES[called], {word.arg: ast.literal_eval(word.value) for word in keywords}


def whereabouts(lite):
    """What the page's script needs to know of the browser edition's folder: Pyodide's place and size."""
    (home,) = {file.parent for file in lite.rglob("pyodide.mjs")}
    size = sum(file.stat().st_size for file in home.iterdir())
    return {"home": f"../lite/{home.relative_to(lite).as_posix()}/", "megabytes": round(size / 1e6)}
