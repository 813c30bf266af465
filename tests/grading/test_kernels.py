"""Kernels as learners and cheats write them: each mistake is named, and what is no kernel is refused."""

import json
import tomllib
from pathlib import Path

import numpy as np
import pytest
import torch
from programs import readable

from bn_course.course import folder
from bn_course.grading.catalogue import catalogue
from bn_course.grading.judge import judge_here
from bn_course.grading.solutions import source

HEAD = """import numpy as np
import torch
import triton
import triton.language as tl
"""
with (Path(__file__).parent / "kernel_mutants.toml").open("rb") as file:
    MUTANTS = tomllib.load(file)["mutant"]


def built(name, text):
    """The kernel that `text` defines, as a notebook's cell would."""
    file = f"<{name}, {hash(text)}>"
    namespace = {"__name__": "cell"}
    exec(compile(readable(HEAD + text, file), file, "exec"), namespace)
    return namespace[name]


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda m: f"{m['question']}-{m['mistake']}")
def test_a_mutant_of_the_solution_is_named(mutant):
    name, text = mutant["question"], source(catalogue()[mutant["question"]])
    assert mutant["old"] in text
    report = judge_here(catalogue()[name], built(name, text.replace(mutant["old"], mutant["new"])))
    assert not report.passed
    assert report.diagnosis == (mutant["mistake"],), str(report)


SIGNATURE = "def layer_norm_kernel(x_ptr, y_ptr, gamma_ptr, beta_ptr, eps, D, stride, BLOCK: tl.constexpr):\n"
STORES = "@triton.jit\n" + SIGNATURE + "    tl.store(y_ptr, {})"
HELPER = "def f(x):\n    return torch.ones(1)\n"
CHEATS = {
    "torch within": (STORES.format("torch.ones(1)"), "uses torch"),
    "NumPy within": (STORES.format("np.ones(1)"), "uses np"),
    "an import": (STORES.format("0.0") + "\n    import bn_course", "compiles no import"),
    "a cached output": ("KEPT = {}\n" + STORES.format("KEPT[0]"), "uses KEPT"),
    "the raw handle": (STORES.format("x_ptr.handle"), "asks for `.handle`"),
    "the interpreter": (STORES.format("triton.runtime"), "asks for `.runtime`"),
    "a file": (STORES.format("open('x')"), "uses open"),
    "a helper in Python": (HELPER + STORES.format("f(x_ptr)"), "uses f"),
    "a helper that does it": ("@triton.jit\n" + HELPER + STORES.format("f(x_ptr)"), "f uses torch"),
    "a plain function": (
        "def layer_norm_kernel(x, y, *rest):\n    y.copy_(torch.layer_norm(x, x.shape[1:]))",
        "it is no kernel",
    ),
    "something dressed as one": (
        "class K:\n    fn = staticmethod(lambda *args: torch.ones(1))\nlayer_norm_kernel = K()",
        "no source that can be read",
    ),
}


@pytest.mark.parametrize("cheat", CHEATS)
def test_a_cheat_is_refused_and_told_why(cheat):
    text, why = CHEATS[cheat]
    report = judge_here(catalogue()["layer_norm_kernel"], built("layer_norm_kernel", text))
    assert report.attempted
    assert not report.passed
    assert why in {c.name: c.message for c in report.checks}["it runs"]


def test_an_output_remembered_from_the_last_check_does_not_pass():
    """A table of answers by shape: the probe drawn afresh has other numbers."""
    text = source(catalogue()["layer_norm_kernel"])
    constant = text.replace("x = tl.load(x_ptr + row * stride + d, there, 0.0)", "x = (d * 0.5)")
    assert not judge_here(catalogue()["layer_norm_kernel"], built("layer_norm_kernel", constant)).passed


def test_a_stub_is_not_attempted():
    text = "@triton.jit\n" + SIGNATURE + "    raise NotImplementedError()"
    assert not judge_here(catalogue()["layer_norm_kernel"], built("layer_norm_kernel", text)).attempted
    silent = "@triton.jit\n" + SIGNATURE + "    row = tl.program_id(0)"
    report = judge_here(catalogue()["layer_norm_kernel"], built("layer_norm_kernel", silent))
    assert not report.attempted
    assert report.note == "Nothing has changed in what it was given."


def test_right_numbers_by_too_many_bytes_are_said_to_be_just_that():
    question = catalogue()["fused_relu_kernel"]
    said = {c.name: c.message for c in judge_here(question, question.with_knobs({"LANES": "apart"})).checks}
    assert said["whole sectors"].startswith("neighbouring lanes ask for numbers that lie apart")
    assert said["values"] == "the numbers are right; what is said beside them is not (on channels first)"


def test_helpers_of_ones_own_may_be_used():
    text = source(catalogue()["layer_norm_kernel"])
    helper = "@triton.jit\ndef average(x, D):\n    total = tl.sum(x, 0)\n    return total / D\n\n\n"
    helped = helper + text.replace("tl.sum(x, 0) / D", "average(x, D)")
    assert judge_here(catalogue()["layer_norm_kernel"], built("layer_norm_kernel", helped)).passed


def test_the_exercise_imports_where_there_is_no_triton(monkeypatch):
    notebook = json.loads((folder("solutions") / "06_pytorch_and_gpu.ipynb").read_text(encoding="utf-8"))
    cells = {cell["id"]: "".join(cell["source"]) for cell in notebook["cells"]}
    monkeypatch.setitem(__import__("sys").modules, "triton", None)
    names = {"np": np, "torch": torch}
    exec(cells["imports"] + "\n" + cells["layer_norm_kernel"], names)
    assert callable(names["layer_norm_kernel"])
