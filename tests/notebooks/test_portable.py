"""What is printed does not depend on the machine: tools/portable.py, and a small part of what it does."""

import re

import machines
import nbformat
import portable
import pytest
import stored
from machines import MACHINES, Machine
from nbformat.v4 import new_code_cell, new_notebook, new_output

CLOCK = re.compile(r"perf_counter|process_time|Timer\(|median_seconds")
WRITES_THE_FIRST_DIGITS = """
import numpy as np
x = np.random.default_rng(0).normal()
print(f"{x:.4f}")
"""
ADDS_PIXELS = """
from bn_course.nets import digits
print(digits().train.x.double().sum().item())
"""


@pytest.fixture
def notebook(tmp_path):
    """Its outputs are those of this machine: two hang on rounding, one does not, and one is not compared."""
    cells = [
        new_code_cell(WRITES_THE_FIRST_DIGITS, id="rounded"),
        new_code_cell("print(x)", id="all-digits"),
        new_code_cell(ADDS_PIXELS, id="data-set"),
        new_code_cell("print(2 * x)", id="ignored", metadata={"tags": [portable.IGNORED]}),
    ]
    path = tmp_path / "digits.ipynb"
    executed = portable.execute(new_notebook(cells=cells), tmp_path)
    nbformat.write(executed, path)
    return path


def test_what_hangs_on_rounding_is_found_and_said(notebook, capsys):
    assert portable.main([str(notebook), "--on", "moved 1"]) == 1
    printed = capsys.readouterr().out
    assert "2 different" in printed
    assert re.findall(r"^  (\S+)$", printed, re.MULTILINE) == ["all-digits", "data-set"]
    assert re.search(r"- stdout: 0\.1257\d+\n +\+ stdout: 0\.1257\d+", printed)


def test_where_nothing_differs_that_is_said(monkeypatch, capsys):
    monkeypatch.setattr(portable, "differences", lambda what, machine: iter(()))
    assert portable.main(["claims", "--on", "moved 1"]) == 0
    assert "none different" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("oldest", "notebooks/01_why_normalise.ipynb"),
        ("oldest", "claims:zero_gamma"),
        ("oldest", "explorers:descent"),
    ],
)
def test_another_machine_prints_and_judges_the_same(name, what, monkeypatch):
    """A small part of `make portable`."""
    monkeypatch.chdir(stored.REPOSITORY)
    if reason := machines.played(MACHINES[name]):
        pytest.skip(reason)
    assert list(portable.differences(what, MACHINES[name])) == []


def test_a_switch_that_does_not_take_is_an_error(monkeypatch):
    forgotten = Machine("forgotten", {}, expected=machines.OLDEST.expected)
    answer = {"openblas": ["Haswell"], "aten": "AVX2", "mkl": "OFF", "onednn": "Intel AVX2"}
    monkeypatch.setattr(machines, "ask", lambda machine: answer)
    with pytest.raises(RuntimeError, match="AVX2"):
        machines.played(forgotten)


def test_a_processor_that_cannot_be_played_is_said_to_be_so(monkeypatch, capsys):
    monkeypatch.setitem(machines.FEATURES, "X86_V4", False)
    assert portable.main(["claims", "--on", "avx512"]) == 0
    assert "avx512: cannot be emulated here" in capsys.readouterr().out


def test_machines_do_not_inherit_from_each_other(monkeypatch):
    monkeypatch.setenv("MKL_CBWR", "COMPATIBLE")
    assert "MKL_CBWR" not in machines.environment(MACHINES["two threads"])
    assert machines.environment(MACHINES["two threads"])["OMP_NUM_THREADS"] == "2"
    assert machines.environment(machines.HERE)["OMP_NUM_THREADS"] == "1"


def test_outputs_are_compared_kind_by_kind_and_pictures_are_not():
    cell = new_code_cell("")
    cell.outputs = [
        new_output("stream", name="stdout", text="4\n"),
        new_output(
            "display_data", data={"image/png": "aaaa", "text/plain": "a line", "application/json": {"b": 1}}
        ),
    ]
    said = portable.outputs(cell)
    cell.outputs[1].data["image/png"] = "bbbb"
    assert portable.outputs(cell) == said
    cell.outputs.reverse()  # nbval does not compare the order of unlike outputs
    assert portable.outputs(cell) == said
    cell.outputs[0].data["application/json"] = {"b": 2}
    assert portable.outputs(cell) != said


@pytest.mark.parametrize("path", stored.EVERY_LESSON, ids=stored.name)
def test_only_cells_that_print_a_time_are_not_compared(path):
    free = [cell for cell in stored.code_cells(stored.read(path)) if portable.IGNORED in stored.tags(cell)]
    assert [cell.id for cell in free if not CLOCK.search(cell.source)] == []
