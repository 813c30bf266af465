"""The command `bn-course`, as a learner types it."""

import os
import subprocess
import sys
import tomllib
from importlib import import_module
from pathlib import Path

import pytest

from bn_course import cli, course, lab
from bn_course.grading import progress

REPOSITORY = Path(__file__).resolve().parents[1]


def run(*arguments, **options):
    command = [sys.executable, "-m", "bn_course.cli", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=6000, **options)


def test_help_names_every_command(capsys):
    with pytest.raises(SystemExit) as stop:
        cli.main(["--help"])
    assert stop.value.code == 0
    shown = capsys.readouterr().out
    assert all(command in shown for command in ("lab", "doctor", "progress", "check", "reset"))


@pytest.mark.parametrize("arguments", [[], ["nonsense"], ["reset"], ["check"], ["doctor", "now"]])
def test_wrong_use_is_exit_code_two(arguments, capsys):
    with pytest.raises(SystemExit) as stop:
        cli.main(arguments)
    assert stop.value.code == 2
    assert "usage: bn-course" in capsys.readouterr().err


def test_the_installed_command_is_this_one():
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    module, function = project["scripts"]["bn-course"].split(":")
    assert getattr(import_module(module), function) is cli.main


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["reset", "77"], "there is no exercise called '77'"),
        (["check", "no such file.ipynb"], "no such file.ipynb"),
    ],
)
def test_a_users_error_is_one_line(arguments, complaint):
    done = run(*arguments)
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.startswith("bn-course: ")
    assert complaint in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_file_that_is_no_notebook_is_one_line(tmp_path):
    file = tmp_path / "é.ipynb"
    file.write_text("{}", encoding="utf-8")
    done = run("check", str(file))
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "Traceback" not in done.stderr


def test_a_console_without_our_letters_gets_question_marks():
    environment = os.environ | {"PYTHONIOENCODING": "ascii"}
    done = run("reset", "β", env=environment)
    assert done.returncode == 1
    assert "?" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_interrupt_is_no_traceback(monkeypatch, capsys):
    def interrupted(name):
        raise KeyboardInterrupt

    monkeypatch.setattr(course, "reset", interrupted)
    assert cli.main(["reset", "02"]) == 130
    assert capsys.readouterr().err == ""


def test_a_disk_that_cannot_be_written_is_one_line(monkeypatch, capsys):
    def refused(name):
        raise PermissionError(13, "Permission denied", "02_forward_pass.ipynb")

    monkeypatch.setattr(course, "reset", refused)
    assert cli.main(["reset", "02"]) == 1
    message = "bn-course: [Errno 13] Permission denied: '02_forward_pass.ipynb'\n"
    assert capsys.readouterr().err == message


def test_reset_says_what_it_did_and_where_the_answer_is(monkeypatch, capsys, tmp_path):
    monkeypatch.setattr(course, "reset", lambda name: (tmp_path / "a.ipynb", tmp_path / "a.2026.ipynb"))
    assert cli.main(["reset", "02"]) == 0
    assert "What you had is in a.2026.ipynb" in capsys.readouterr().out


def test_progress_is_what_the_learner_has_done(capsys):
    def passed(state):
        entry = {"passed": True, "attempts": 1, "hints": 0, "diagnoses": {}}
        state["questions"]["double"] = entry

    assert cli.main(["progress"]) == 0
    before = capsys.readouterr().out
    assert progress.change(passed) is None
    assert cli.main(["progress"]) == 0
    assert capsys.readouterr().out != before


def test_check_fails_on_an_untouched_exercise_and_passes_on_its_solution():
    assert run("check", str(REPOSITORY / "solutions" / "00_start_here.ipynb")).returncode == 0
    stub = REPOSITORY / "bn_course" / "_course" / "exercises" / "00_start_here.ipynb"
    done = run("check", str(stub))
    assert done.returncode == 1
    assert "double" in done.stdout


def test_what_follows_two_dashes_goes_to_jupyter(monkeypatch):
    called = {}
    monkeypatch.setattr(lab, "open_lab", lambda **options: called.update(options))
    assert cli.main(["lab", "--no-browser", "--", "--port", "9000", "--", "x"]) == 0
    assert called == {"browser": False, "extra": ["--port", "9000", "--", "x"]}
    assert cli.main(["lab"]) == 0
    assert called == {"browser": True, "extra": []}


def test_a_command_that_needs_no_torch_loads_none():
    heavy = "{'torch', 'matplotlib', 'ipywidgets', 'jupyterlab', 'rich'}"
    code = f"import sys, bn_course.cli; sys.exit(', '.join({heavy} & set(sys.modules)) or 0)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=600)
    assert (done.returncode, done.stderr) == (0, "")
