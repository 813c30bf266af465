"""Which cells of the lessons need PyTorch, and what of a cell runs without it."""

import ast
import json
import re
from pathlib import Path

import lessons
import pytest
from IPython.core.interactiveshell import InteractiveShell

from bn_course import course, tab
from bn_course.tab import Imports, Missing, NeedsTorch

ROOT = Path(__file__).resolve().parents[2]


def marks(*cells):
    missing = set()
    return [lessons._needs_torch(cell, missing) for cell in cells]


@pytest.mark.parametrize(
    ("cells", "marked"),
    [
        (["import numpy as np", "np.ones(2)"], [False, False]),
        (["import numpy as np\nimport torch", "x = np.ones(2)", "torch.ones(2)"], [False, False, True]),
        (
            ["from torch import nn", "class A(nn.Module): ...", "A()", "A = 1", "A"],
            [False, True, True, False, False],
        ),
        (["import torch", "x = 1\ny = torch.ones(x)\nprint(x)", "x", "y"], [False, True, False, True]),
        (["from bn_course.nets import digits", "digits()"], [False, True]),
        (["from bn_course.explorers import ShiftExplorer", "ShiftExplorer()"], [False, True]),
        (["from bn_course.explorers import TransformExplorer", "TransformExplorer()"], [False, False]),
        (["def f():\n    import torch", "f()"], [True, True]),
        (["from bn_course import nets, norms", "norms.batch_norm", "nets.mlp"], [False, False, True]),
        (["import torch", "d = {}", "d[0] = torch.ones(1)", "d[0]"], [False, False, True, True]),
        (["load('filter_energies_are_forgotten').measure(0)"], [True]),
        (["import torch", "for x in torch.ones(2): y = x", "y", "%time 1"], [False, True, True, False]),
    ],
)
def test_a_cell_needs_torch_where_it_uses_what_comes_from_it(cells, marked):
    assert marks(*cells) == marked


@pytest.mark.parametrize("stem", course.exercises() + course.appendices())
def test_a_lesson_changes_in_its_marks_alone(stem):
    given = json.loads((ROOT / "notebooks" / f"{stem}.ipynb").read_text(encoding="utf-8"))
    made, marked = lessons.for_the_tab(stem)
    assert [cell["id"] for cell in made["cells"]] == [cell["id"] for cell in given["cells"]]
    for cell, old in zip(made["cells"], given["cells"], strict=True):
        asks = re.search(r"^from bn_course import .*\bpredict\b", "".join(old["source"]), re.M)
        assert ("import bn_course.live\n" in cell["source"]) == bool(asks)
        assert cell.get("outputs") == old.get("outputs")
        mark = f"%%stored {stem} {cell['id']}\n"
        assert (cell["id"] in marked) == "".join(cell["source"]).startswith(mark)


@pytest.mark.parametrize("stem", ["00_start_here", "01_why_normalise"])
def test_these_lessons_run_whole(stem):
    assert lessons.for_the_tab(stem)[1] == []


@pytest.mark.parametrize("stem", ["05_convolutions", "11_layer_instance_group"])
def test_these_lessons_begin_although_their_imports_name_torch(stem):
    made, marked = lessons.for_the_tab(stem)
    code = [cell["id"] for cell in made["cells"] if cell["cell_type"] == "code"]
    assert code[0] not in marked
    assert len(marked) < len(code)


def run(*cells):
    names = {}
    for cell in cells:
        tree = Imports().visit(ast.parse(cell))
        exec(compile(tree, "cell", "exec"), names)
    return names


def test_an_import_that_no_browser_has_binds_names_that_say_so():
    names = run(
        "import torch\nimport torch.nn.functional as F\nfrom torch import nn, Tensor as T\nimport math"
    )
    assert names["math"].pi > 3
    assert all(isinstance(names[name], Missing) for name in ("torch", "F", "nn", "T"))
    for use in ("torch.ones(2)", "nn.Module", "F()", "list(T)", "class A(T): ..."):
        with pytest.raises(NeedsTorch, match="needs PyTorch, which no browser runs"):
            exec(use, names)
    assert not hasattr(names["torch"], "__wrapped__")
    names = run("from bn_course import nets, norms")
    assert isinstance(names["nets"], Missing)
    assert names["norms"].batch_norm


def test_a_marked_cell_runs_what_runs_and_shows_what_is_stored(monkeypatch, capsys):
    outputs = [
        {"output_type": "stream", "text": ["as it ", "was\n"]},
        {"output_type": "display_data", "data": {"text/plain": ["a figure"]}, "metadata": {}},
    ]
    notebook = {"cells": [{"id": "one", "outputs": outputs}, {"id": "two", "outputs": []}]}
    monkeypatch.setattr(tab, "fetch", lambda name: json.dumps(notebook))
    shell = InteractiveShell.instance()
    try:
        tab.stored("05_convolutions one", "import torch\nx = 2\ny = torch.ones(x)\nz = y + x\nprint('no')")
        said = capsys.readouterr().out
        assert said == f"{tab.SAID}\nas it was\na figure\n"
        assert shell.user_ns["x"] == 2
        assert isinstance(shell.user_ns["y"], Missing)
        assert isinstance(shell.user_ns["z"], Missing)
        tab.stored("05_convolutions two", "torch.set_num_threads(1)")
        assert capsys.readouterr().out == f"{tab.NOTHING}\n"
    finally:
        InteractiveShell.clear_instance()
