"""The two commands: `bn-course claims` and `bn-course measure`."""

import subprocess
import sys

import torch

from bn_course.cli import main
from bn_course.experiments import load, measuring, names


def test_the_ledger_shows_claim_verdict_and_numbers(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "300")  # so that nothing is cut into lines
    assert main(["claims", "--lesson", "08"]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert "gradients_explode_with_depth" in shown
    assert "holds" in shown
    assert f"{len(names('08'))} claims" in shown


def test_reading_the_ledger_loads_no_torch():
    code = "import sys; from bn_course.cli import main; main(['claims']); assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)


def test_an_unknown_claim_is_named(capsys):
    assert main(["measure", "phlogiston"]) == 1
    assert "there is no experiment 'phlogiston'" in capsys.readouterr().err


def test_the_same_seed_gives_the_same_numbers_in_another_process():
    """A worker of `measure` is a fresh process; nothing may hang on what ran before in it."""
    code = (
        "import torch; from bn_course.experiments import measuring; torch.set_num_threads(1);"
        "print(measuring.run('gradients_explode_with_depth', 1, 'small')['numbers'])"
    )
    fresh = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout
    torch.set_num_threads(1)
    load("gradients_explode_with_depth").measure(0, "small")
    assert fresh.strip() == str(measuring.run("gradients_explode_with_depth", 1, "small")["numbers"])
