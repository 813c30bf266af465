"""`bn-course inspect` and the fixture, on a model file of one's own."""

import json
import subprocess
import sys
import tomllib
from importlib.metadata import entry_points
from pathlib import Path

import pytest

from bn_course.cli import main

NET = """
import torch
from torch import nn

def make_model():
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(8, 8), nn.BatchNorm1d(8), nn.Linear(8, 2))

sick = make_model().eval()
loader = [(torch.randn(32, 8), torch.zeros(32, dtype=torch.int64)) for _ in range(3)]
"""
TEST = """
import pytest
import {module} as net

def test_healthy(batch_norm_is_healthy):
    assert batch_norm_is_healthy(net.make_model(), net.loader)["1"].calls == 3

def test_ill(batch_norm_is_healthy):
    with pytest.raises(pytest.fail.Exception, match="never recorded"):
        batch_norm_is_healthy(net.sick, net.loader)
"""


@pytest.fixture
def net(tmp_path, monkeypatch, request):
    """The name of a module of one's own in the working folder."""
    name = f"net_{abs(hash(request.node.name)) % 10**8}"
    (tmp_path / f"{name}.py").write_text(NET, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    yield name
    sys.modules.pop(name, None)


def test_a_function_that_makes_the_model_and_no_warning(net, capsys):
    assert main(["inspect", f"{net}:make_model", "--batches", f"{net}:loader"]) == 0
    shown = capsys.readouterr().out
    assert "BatchNorm1d" in shown
    assert "· 1: the bias of 0" in shown


def test_warnings_end_with_1_and_with_what_to_do(net, capsys):
    assert main(["inspect", f"{net}:sick", "--batches", f"{net}:loader"]) == 1
    shown = capsys.readouterr().out
    assert "! 1: " in shown
    assert "→ Load the buffers" in shown


def test_json_is_all_that_is_printed(net, capsys):
    assert main(["inspect", f"{net}:sick", "--batches", f"{net}:loader", "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert told["layers"][0]["name"] == "1"
    assert "never recorded" in told["warnings"][0]["text"]


@pytest.mark.parametrize(
    ("model", "batches", "said"),
    [
        ("nowhere_at_all:make_model", "{net}:loader", "no module 'nowhere_at_all'"),
        ("{net}:made", "{net}:loader", "no 'made'"),
        ("{net}:loader", "{net}:loader", "is list; it must be a torch module"),
        ("{net}.py", "{net}:loader", "net:make_model for net.py"),
        ("{net}:sick", "{net}", "write the module and a name"),
    ],
)
def test_a_name_that_leads_nowhere_is_wrong_use(net, capsys, model, batches, said):
    assert main(["inspect", model.format(net=net), "--batches", batches.format(net=net)]) == 2
    assert said in capsys.readouterr().err


def test_the_fixture_fails_with_the_findings(net, tmp_path):
    (tmp_path / "test_net.py").write_text(TEST.format(module=net), encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist"]
    installed = entry_points(group="pytest11", name="bn_course")
    plugin = [] if installed else ["-p", "bn_course.inspect.fixture"]
    done = subprocess.run([*command, *plugin], cwd=tmp_path, capture_output=True, text=True)
    assert "2 passed" in done.stdout, done.stdout + done.stderr


def test_pytest_finds_the_fixture_and_its_start_loads_nothing_heavy():
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8"))[
        "project"
    ]
    assert project["entry-points"]["pytest11"] == {"bn_course": "bn_course.inspect.fixture"}
    code = "import sys, bn_course.inspect.fixture; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert not {"torch", "numpy", "matplotlib"} & set(loaded.split())
