"""The repository agrees with itself: dependencies, README, commands, what is heavy and what is not."""

import contextlib
import re
import subprocess
import sys
import tomllib
from importlib import metadata
from importlib.metadata import PackageNotFoundError
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
NEEDED = [Requirement(text) for text in PROJECT["dependencies"]]
EXTRAS = [Requirement(text) for extra in PROJECT["optional-dependencies"].values() for text in extra]
CONDA = {"pytorch": "torch"}  # where the name on conda-forge is another
PIP_ONLY = {"fsrs", "genanki", "mnist1d"}  # not on conda-forge; pip fetches them with `-e .`
LEFT_TO_TORCH = ("triton", "nvidia-", "cuda-")  # its builds for CUDA name one version of each
PROSE = ["README.md", "CONTRIBUTING.md", "docs/instructors.md", "deploy/README.md"]


def read(name):
    return (ROOT / name).read_text(encoding="utf-8")


def tracked():
    """The files that git has or would take; in a copy without git, all that are not hidden."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    if (ROOT / ".git").exists():
        listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout
        names = listed.decode().split("\0")[:-1]
        return [ROOT / name for name in names if (ROOT / name).is_file()]
    return [
        file
        for file in ROOT.rglob("*")
        if file.is_file() and not any(part.startswith(".") for part in file.relative_to(ROOT).parts)
    ]


def pins():
    lines = [line.split("#")[0].strip() for line in read("constraints.txt").splitlines()]
    return {pin.name: pin.specifier for pin in map(Requirement, filter(None, lines))}


def test_conda_users_get_the_same_dependencies():
    listed = yaml.safe_load(read("environment.yml"))["dependencies"]
    packages = [Requirement(entry) for entry in listed if isinstance(entry, str) and entry != "pip"]
    conda = {CONDA.get(package.name, package.name): package.specifier for package in packages}
    assert conda.pop("python") == SpecifierSet(PROJECT["requires-python"])
    assert conda == {need.name: need.specifier for need in NEEDED if need.name not in PIP_ONLY}
    assert {"pip": ["-e ."]} in listed


def test_every_direct_dependency_is_pinned_within_its_range():
    pinned = pins()
    for requirement in (need for need in NEEDED + EXTRAS if need.name not in LEFT_TO_TORCH):
        (pin,) = pinned[requirement.name]
        assert pin.operator == "=="
        assert requirement.specifier.contains(pin.version), requirement


def test_everything_that_is_installed_is_pinned():
    """A new release of what our dependencies need would else turn a fresh clone red. `make lock` adds it."""
    pinned, found = {canonicalize_name(name) for name in pins()}, {}
    collect(NEEDED + EXTRAS, found)
    assert sorted(name for name in found if name not in pinned and not name.startswith(LEFT_TO_TORCH)) == []


def test_what_is_pinned_installs_on_the_oldest_python_that_the_course_admits():
    """Debian 12 has 3.11.2, on which one package for Python ≥ 3.11.5 leaves pip without an answer."""
    (admitted,) = SpecifierSet(PROJECT["requires-python"])
    said = {name: metadata.metadata(name).get("Requires-Python") for name in pins() if is_installed(name)}
    oldest = f"{admitted.version}.0"
    assert {name: text for name, text in said.items() if oldest not in SpecifierSet(text or "")} == {}


def is_installed(name):
    with contextlib.suppress(PackageNotFoundError):
        return bool(metadata.version(name))
    return False


def collect(requirements, found):
    """Add to `found` what is installed for these requirements, by name, and the extras asked for."""
    for requirement in requirements:
        name, extras = canonicalize_name(requirement.name), {"", *requirement.extras}
        if extras <= found.get(name, set()):
            continue
        with contextlib.suppress(PackageNotFoundError):  # of an extra that is not set up here
            needed = [Requirement(text) for text in metadata.requires(name) or ()]
            found[name] = found.get(name, set()) | extras
            here = [r for r in needed if not r.marker or any(r.marker.evaluate({"extra": e}) for e in extras)]
            collect(here, found)


def test_the_lessons_in_the_readme_are_those_on_disk():
    linked = re.findall(r"^\| \[[^]]+\]\(notebooks/(\w+)\.ipynb\) \|", read("README.md"), re.MULTILINE)
    assert linked == sorted(file.stem for file in (ROOT / "notebooks").glob("*.ipynb"))


def test_the_readme_gives_each_lessons_minutes_and_questions():
    from bn_course import questions

    row = r"^\| \[[^]]+\]\(notebooks/(\w+)\.ipynb\) \| (\d+) \| (\d+) \|"
    said = {stem: numbers for stem, *numbers in re.findall(row, read("README.md"), re.MULTILINE)}
    asked = [question.lesson for question in questions()]
    for stem, (minutes, count) in said.items():
        assert f"**Time** {minutes} minutes" in read(f"notebooks/{stem}.ipynb"), stem
        assert int(count) == asked.count(stem), stem


@pytest.mark.parametrize("name", PROSE)
def test_the_commands_that_are_named_exist(name):
    targets = set(re.findall(r"^([a-z-]+):", read("Makefile"), re.MULTILINE))
    code = " ".join(re.findall(r"```.*?```|`[^`]+`", read(name), re.DOTALL))
    named = set(re.findall(r"\bmake ([a-z-]+)", code))
    assert named
    assert named <= targets
    commands = set(re.findall(r"(?<!opt/)\bbn-course ([a-z]+)\b", code))
    shown = subprocess.run(
        [sys.executable, "-m", "bn_course.cli", "--help"], capture_output=True, text=True
    ).stdout
    assert [name for name in commands if not re.search(rf"^ +{name}\b", shown, re.MULTILINE)] == []


@pytest.mark.parametrize("name", PROSE)
def test_the_files_that_are_linked_exist(name):
    links = re.findall(r"\]\((?!https?:)([^)#]+)\)", read(name))
    assert links
    here = (ROOT / name).parent
    assert [link for link in links if not (here / link).exists()] == []


def test_no_file_holds_the_path_of_a_machine():
    local = re.compile(rb"(?<![\w.])/(?:root|work|home/\w+|Users/\w+)/\w|[A-Z]:\\Users\\\w|/ipykernel_\d")
    holding = [str(file.relative_to(ROOT)) for file in tracked() if local.search(file.read_bytes())]
    assert holding == []


@pytest.mark.parametrize(
    ("module", "unwanted"),
    [
        ("bn_course", {"numpy", "torch", "matplotlib", "ipywidgets", "IPython"}),
        ("bn_course.norms", {"torch", "matplotlib", "ipywidgets", "IPython"}),
    ],
)
def test_importing_is_cheap(module, unwanted):
    code = f"import sys, {module}; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert unwanted & set(done.stdout.split()) == set()


def test_one_version_everywhere():
    import bn_course

    citation = yaml.safe_load(read("CITATION.cff"))
    newest, date = re.search(r"^## (\S+) \((\S+)\)$", read("CHANGELOG.md"), re.MULTILINE).groups()
    assert citation["version"] == bn_course.__version__ == newest
    assert citation["date-released"] == date
