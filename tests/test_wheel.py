"""The course installed from a wheel, with no repository around it, where the path has a space and accents."""

import json
import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).resolve().parents[1]


class Installed:
    """A virtual environment with the wheel in it. What the course needs it borrows from this one."""

    def __init__(self, folder, wheel):
        self.work = folder / "work"
        self.home = folder / "state"
        self.work.mkdir(parents=True)
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder / "env"], check=True)
        places = {"base": str(folder / "env"), "platbase": str(folder / "env")}
        self.packages = Path(sysconfig.get_path("purelib", "venv", places))
        scripts = Path(sysconfig.get_path("scripts", "venv", places))
        (self.packages / "borrowed.pth").write_text(sysconfig.get_path("purelib"), encoding="utf-8")
        pip = [sys.executable, "-m", "pip", "--python", folder / "env", "install", "-q"]
        subprocess.run([*pip, "--no-index", "--no-deps", "--ignore-installed", wheel], check=True)
        self.command = shutil.which("bn-course", path=str(scripts))

    def run(self, *arguments, home=None, timeout=600):
        unwanted = ("PYTHONPATH", "VIRTUAL_ENV")
        environment = {name: value for name, value in os.environ.items() if name not in unwanted}
        environment |= {"BN_COURSE_HOME": str(home or self.home), "PYTHONUTF8": "1"}
        return subprocess.run(
            [self.command, *arguments],
            cwd=self.work,
            env=environment,
            capture_output=True,
            encoding="utf-8",
            timeout=timeout,
        )

    def notebook(self, name, *cells):
        """A notebook of code cells in the working folder; returns its name."""
        made = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in cells])
        nbformat.write(made, self.work / name)
        return name


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel") / "a course – été"
    pip = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation"]
    subprocess.run([*pip, "-w", folder, ROOT], check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    return Installed(folder, wheel)


def test_it_runs_from_the_wheel_and_knows_all_lessons(installed):
    done = installed.run("doctor")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "The course can run here." in done.stdout
    lessons = len(list((ROOT / "notebooks").glob("*.ipynb")))
    assert f"{lessons} notebooks" in done.stdout


def test_everything_of_the_package_is_in_the_wheel(installed):
    def files(folder):
        return {f.relative_to(folder) for f in folder.rglob("*") if f.is_file() and f.suffix != ".pyc"}

    assert files(ROOT / "bn_course") - files(installed.packages / "bn_course") == set()


def test_lab_copies_the_lessons_to_where_one_is(installed):
    done = installed.run("lab", "--no-browser", "--", "--version")
    assert done.returncode == 0, done.stderr
    course = installed.work / "bn-course"
    assert str(course) in done.stdout
    for folder in ("notebooks", "exercises"):
        names = sorted(file.name for file in (ROOT / folder).glob("*.ipynb"))
        assert sorted(file.name for file in (course / folder).glob("*.ipynb")) == names


def test_claims_come_with_it(installed):
    done = installed.run("claims", "--lesson", "02")
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.splitlines()) > 3


def test_check_and_progress(installed):
    name = installed.notebook(
        "my answers – été.ipynb",
        "import bn_course\nassert 'été' in bn_course.__file__",
        "if 'été' in bn_course.__file__:\n    bn_course.check(lambda x: 2 * x, name='double')",
    )
    done = installed.run("check", name)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 of 1 questions passed" in done.stdout
    kept = json.loads((installed.home / "progress.json").read_text(encoding="utf-8"))
    assert kept["questions"]["double"]["passed"]
    assert "✓ double" in installed.run("progress").stdout


def test_a_home_that_cannot_be_written_stops_nobody(installed):
    blocked = installed.work / "a file, no folder"
    blocked.touch()
    answer = "from bn_course import check\ncheck(lambda x: x, name='double')"
    done = installed.run("check", installed.notebook("unsaved.ipynb", answer), home=blocked / "state")
    assert (done.returncode, done.stderr) == (1, "")
    assert "You return x as it was" in done.stdout


def test_grade(installed, monkeypatch):
    # What is borrowed is not seen inside a sandbox: none is to be found, and on stderr it may warn of that.
    monkeypatch.setenv("PATH", str(Path(installed.command).parent))
    name = installed.notebook("submission – é.ipynb", "def double(x):\n    return 2 * x")
    done = installed.run("grade", name, "--json")
    (graded,) = json.loads(done.stdout)["submissions"]
    assert (graded["ours"], graded["problem"], graded["score"], graded["points"]) == (None, None, 1, 1)
