"""What is made of a notebook for its page, with and without the browser edition beside the site."""

import json
from html.parser import HTMLParser
from types import SimpleNamespace

import moving
import pages
import predicting
import pytest
import stored
from docutils import nodes
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from bn_course.explorers import load
from bn_course.grading.question import Prediction
from bn_course.live import BrowserPlot


class Attributes(HTMLParser):
    """The attributes of a text's first element."""

    def __init__(self, text):
        super().__init__()
        self.found = []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.found.append((tag, dict(attributes)))


@pytest.mark.parametrize(
    ("source", "asked"),
    [
        ('predict("02-variance", choices="abc")', ("02-variance", "abc")),
        ('predict("02-small-deviation")', ("02-small-deviation", "")),
        ('print(predict("02-variance"))', None),
        ("predict(name)", None),
        ('predict("02-variance")\nprint(1)', None),
    ],
)
def test_a_cell_asks_where_it_is_a_prediction_alone(source, asked):
    assert predicting.asks(source) == asked


def test_a_box_shows_no_source_and_what_it_holds_is_no_html(monkeypatch):
    name, texts = '"><script>alert(1)</script>', ("<b>", '"1 & 2"')
    monkeypatch.setattr(predicting, "predictions", lambda: {name: Prediction("a", texts=texts)})
    cell = new_code_cell(f"""predict({name!r}, choices="ab")""")
    predicting.give_boxes(new_notebook(cells=[cell]))
    assert set(cell.metadata["tags"]) == {"bn-asks", "remove-input"}
    box, *others = Attributes(cell.outputs[0].data["text/html"]).found
    assert box[1]["data-name"] == name
    shown = [texts["ab".index(letter)] for letter in box[1]["data-letters"]]
    assert json.loads(box[1]["data-texts"]) == shown
    assert [tag for tag, _ in others] == ["ul", "li", "li", "p"]


def test_an_outcome_ends_with_its_section_and_a_second_one_lies_within_the_first():
    ask, run, inner = (nodes.container(classes=classes) for classes in (["tag_bn-asks"], [], ["tag_bn-asks"]))
    section = nodes.section("", nodes.title(), ask, run, inner, nodes.paragraph(), nodes.section())
    predicting.fold_outcomes(None, nodes.section("", section))
    kinds = [node.astext().partition(" ")[0] if isinstance(node, nodes.raw) else type(node).__name__
             for node in section]  # fmt: skip
    assert kinds == ["title", "container", "<details", "container", "container", "<details", "paragraph",
                     "</details>", "</details>", "section"]  # fmt: skip


def test_every_explorer_of_a_lesson_is_alive_is_offered_or_says_why_not():
    for path in stored.EVERY_LESSON:
        notebook = stored.read(path)
        before = [len(cell.outputs) for cell in stored.code_cells(notebook)]
        moving.offer(notebook)
        for cell, count in zip(stored.code_cells(notebook), before, strict=True):
            shown = moving.explorer(cell.source)
            assert bool(shown) == cell.source.rstrip().split("\n")[-1].partition("(")[0].endswith("Explorer")
            if not shown or issubclass(load(shown[0]), BrowserPlot):
                assert len(cell.outputs) == count
                continue
            (tag, given), *_ = Attributes(cell.outputs[-1].data["text/html"]).found
            assert (tag == "p") == load(shown[0]).needs_torch
            if tag == "div":
                assert (given["data-name"], json.loads(given["data-params"])) == shown


def test_parameters_are_no_html():
    cell = new_code_cell("""RunningExplorer(signal='"><b>', step=3)""")
    moving.offer(new_notebook(cells=[cell]))
    ((_, given),) = Attributes(cell.outputs[0].data["text/html"]).found
    assert json.loads(given["data-params"]) == {"signal": '"><b>', "step": 3}


def test_pyodide_is_found_and_what_a_page_loads_of_it_is_weighed(tmp_path):
    home = tmp_path / "static" / "python-1"
    home.mkdir(parents=True)
    names = ("unused", "numpy", *moving.PACKAGES)
    packages = {name: {"file_name": f"{name}.whl", "depends": []} for name in names}
    packages["matplotlib"]["depends"] = ["numpy"]
    (home / "pyodide-lock.json").write_text(json.dumps({"packages": packages}))
    for name in (*moving.CORE, *(f"{package}.whl" for package in packages)):
        (home / name).write_bytes(bytes(1_000_000))
    assert moving.whereabouts(tmp_path) == {
        "home": "../lite/static/python-1/", "packages": moving.PACKAGES, "megabytes": 8,
    }  # fmt: skip


@pytest.mark.parametrize("lite", ["", "build/lite"])
def test_an_exercise_opens_in_the_browser_only_where_it_is_published(lite):
    notebook = new_notebook(cells=[new_markdown_cell("# 02"), new_code_cell("RunningExplorer()")])
    source = [json.dumps(notebook)]
    app = SimpleNamespace(config=SimpleNamespace(lite=lite))
    pages.read(app, "notebooks/02_forward_pass", source)
    link = pages.OPEN.format("02_forward_pass")
    assert (json.dumps(link)[1:-1] in source[0]) == bool(lite)
    assert ("bn-moves" in source[0]) == bool(lite)
    for page in ("docs/exercises", "docs/index"):
        template = [(pages.ROOT / f"{page}.md").read_text(encoding="utf-8")]
        pages.read(app, page, template)
        assert ("../lite/index.html" in template[0]) == bool(lite)
    assert "transform.gif" not in template[0]
    assert 'id="bn-explorer-1"' in template[0]
