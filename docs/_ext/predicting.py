"""Predictions on a lesson's page: a box for each, and the outcome folded away until it is made."""

import ast
import html
import json

import nbformat
from docutils import nodes

from bn_course.grading.catalogue import predictions
from bn_course.grading.predict import in_words
from bn_course.grading.prediction_box import SURE
from bn_course.grading.shuffle import STABLE

TAG = "bn-asks"  # of a cell that asks for a prediction
BOX = """<div class="bn-prediction-place" data-name="{name}" data-letters="{letters}" data-texts="{texts}">
{shown}<p>Make up your mind, then open the outcome. (Recording one needs JavaScript.)</p></div>"""
OPENING = '<details class="bn-outcome"><summary>The outcome</summary>'


def give_boxes(notebook):
    """Change a notebook: its cells that ask for a prediction show a box and not their source."""
    for cell in notebook.cells:
        if cell.cell_type == "code" and (asked := asks(cell.source)):
            box = box_of(*asked)
            cell.outputs = [nbformat.v4.new_output("display_data", data={"text/html": box, "text/plain": ""})]
            cell.metadata["tags"] = [*cell.metadata.get("tags", []), TAG, "remove-input"]


def box_of(name, choices):
    """The box, with its choices in the order of stored outputs; a browser without JavaScript lists them."""
    texts = in_words(name, choices, predictions()[name], STABLE)
    shown = "".join(f"<li>{html.escape(text)}</li>" for text in texts.values())
    return BOX.format(
        name=html.escape(name),
        letters="".join(texts),
        texts=html.escape(json.dumps([*texts.values()], ensure_ascii=False)),
        shown=f"<ul>{shown}</ul>" if shown else "",
    )


def asks(source):
    """The name and the choices where a cell is `predict("name", choices="abc")` alone, else None."""
    match ast.parse(source).body if source.startswith("predict(") else []:
        case [ast.Expr(ast.Call(ast.Name("predict"), [ast.Constant(name)], keywords))]:
            return name, next((word.value.value for word in keywords if word.arg == "choices"), "")


def fold_outcomes(app, doctree):
    """Fold away what follows a prediction, to the end of its section."""
    for cell in list(doctree.findall(nodes.container)):
        if f"tag_{TAG}" in cell["classes"]:
            section, here = cell.parent, cell.parent.index(cell)
            end = next((i for i, node in enumerate(section) if i > here and isinstance(node, nodes.section)),
                       len(section))
            section.insert(end, nodes.raw("", "</details>", format="html"))
            section.insert(here + 1, nodes.raw("", OPENING, format="html"))


def table():
    """What the page's script needs to know: how sure one may be, and the outcomes."""
    return {"sure": SURE, "outcomes": {name: outcome(made) for name, made in predictions().items()}}


def outcome(prediction):
    """A letter, or the bounds between which a number is right."""
    if isinstance(prediction.answer, str):
        return prediction.answer
    return sorted((prediction.answer / prediction.factor, prediction.answer * prediction.factor))
