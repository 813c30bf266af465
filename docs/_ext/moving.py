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
CORE = ("pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm", "python_stdlib.zip")
PACKAGES = ("bn-course", "matplotlib", "traitlets")  # no widgets: the page is the widget
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
    """What the page's script needs to know of the browser edition's folder: where Pyodide is, and how big."""
    (lock,) = lite.rglob("pyodide-lock.json")
    home = lock.parent
    packages = json.loads(lock.read_text(encoding="utf-8"))["packages"]
    needed, waiting = set(CORE), list(PACKAGES)
    while waiting:
        package = packages[waiting.pop()]
        needed.add(package["file_name"])
        waiting += package["depends"]
    size = sum((home / name).stat().st_size for name in needed)
    place = f"../lite/{home.relative_to(lite).as_posix()}/"
    return {"home": place, "packages": PACKAGES, "megabytes": round(size / 1e6)}
