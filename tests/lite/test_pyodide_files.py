"""Pyodide's files are the ones that were asked for, or nothing is built."""

import hashlib
import io
import json
import re
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pyodide_files as pyodide
import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[2]
WHEEL = b"a wheel"


@pytest.fixture
def store(tmp_path, monkeypatch):
    """An empty store, from which nothing can be fetched, with a lock file of two packages."""
    lock = {
        "info": {},
        "packages": {
            name: {
                "name": name,
                "file_name": f"{name}-1-py3-none-any.whl",
                "sha256": hashlib.sha256(WHEEL).hexdigest(),
                "depends": depends,
                "imports": [name],
            }
            for name, depends in (("numpy", []), ("matplotlib", ["numpy", "numpy"]))
        },
    }

    def refuse(*_, **__):
        raise OSError("no network")

    monkeypatch.setattr(pyodide, "store", lambda: tmp_path)
    monkeypatch.setattr(pyodide, "pyodide_lock", lambda: lock)
    monkeypatch.setattr(pyodide.urllib.request, "urlopen", refuse)
    monkeypatch.setattr(pyodide, "_pip", refuse)
    return tmp_path


def carry(monkeypatch, content):
    """Let pip bring a carrier whose wheels hold `content`."""

    def download(*words):
        folder = Path(words[words.index("-d") + 1])
        with zipfile.ZipFile(folder / "carrier.whl", "w") as carrier:
            for name in ("numpy", "matplotlib"):
                carrier.writestr(f"{pyodide.CARRIED}{name}-1-py3-none-any.whl", content)

    monkeypatch.setattr(pyodide, "_pip", download)


def test_a_package_brings_what_it_depends_on(store):
    assert pyodide.closure(["matplotlib"]) == ["matplotlib", "numpy"]


def test_wheels_come_from_the_carrier_where_the_distribution_is_not_reached(store, monkeypatch):
    carry(monkeypatch, WHEEL)
    found = pyodide.wheels(["matplotlib"])
    assert [file.read_bytes() for file in found] == [WHEEL, WHEEL]
    monkeypatch.setattr(pyodide, "_pip", None)  # what is there is not fetched again
    assert pyodide.wheels(["matplotlib"]) == found


def test_wheels_come_from_the_distribution_first(store, monkeypatch):
    asked = []

    def answer(address, timeout):
        asked.append(address)
        return io.BytesIO(WHEEL)

    monkeypatch.setattr(pyodide.urllib.request, "urlopen", answer)
    pyodide.wheels(["numpy"])
    assert asked == [f"{pyodide.DISTRIBUTION}numpy-1-py3-none-any.whl"]


def test_another_wheel_stops_everything_and_is_not_kept(store, monkeypatch):
    carry(monkeypatch, b"another")
    with pytest.raises(pyodide.Differs, match=r"numpy-1-py3-none-any\.whl has the SHA-256"):
        pyodide.wheels(["numpy"])
    assert list(store.glob("*.whl")) == []


def test_a_wheel_that_changed_in_the_store_stops_everything(store):
    (store / "numpy-1-py3-none-any.whl").write_bytes(b"changed")
    with pytest.raises(pyodide.Differs):
        pyodide.wheels(["numpy"])


def test_another_core_stops_everything(store):
    with tarfile.open(store / f"pyodide-{pyodide.VERSION}.tgz", "w:gz"):
        pass
    with pytest.raises(pyodide.Differs, match="SHA-512"):
        pyodide.core()


def test_without_npm_it_says_what_is_missing(store, monkeypatch):
    monkeypatch.setattr(pyodide.shutil, "which", lambda name: None)
    with pytest.raises(FileNotFoundError, match=r"Node\.js"):
        pyodide.core()


def test_an_entry_tells_what_the_wheel_says(tmp_path):
    wheel = tmp_path / "thing-2-py3-none-any.whl"
    needs = ("numpy", "pexpect; sys_platform != 'emscripten'", "x; extra == 'y'")
    needs = "".join(f"Requires-Dist: {need}\n" for need in needs)
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("thing/__init__.py", "")
        archive.writestr(
            "thing-2.dist-info/METADATA", f"Metadata-Version: 2.1\nName: Thing\nVersion: 2\n{needs}"
        )
    entry = pyodide.entry_of(wheel, tmp_path)
    assert (entry["name"], entry["version"], entry["depends"]) == ("thing", "2", ["numpy"])
    assert entry["imports"] == ["thing"]
    assert entry["sha256"] == hashlib.sha256(wheel.read_bytes()).hexdigest()


def test_what_pip_fetches_is_pinned_as_the_course_pins_it_and_has_a_digest():
    constraints = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    lines = (ROOT / "lite" / "wheels.txt").read_text(encoding="utf-8").splitlines()
    wanted = [line for line in lines if not line.startswith("#")]
    for line in wanted:
        pin, _, digest = line.partition(" --hash=sha256:")
        assert pin in constraints
        assert str(Requirement(pin).specifier).startswith("==")
        assert re.fullmatch(r"[0-9a-f]{64}", digest)


def test_the_course_s_wheel_needs_little(tmp_path):
    wheel = tmp_path / "bn_course-1-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr(
            "bn_course-1.dist-info/METADATA",
            "Metadata-Version: 2.1\nName: bn-course\nVersion: 1\nRequires-Dist: torch\n",
        )
    assert json.dumps(pyodide.entry_of(wheel, tmp_path)["depends"]) == '["numpy", "fsrs"]'


def test_a_wheel_is_lighter_by_what_is_left_out_and_nothing_else(tmp_path):
    wheel = tmp_path / "pygments-2-py3-none-any.whl"
    kept = ["pygments/lexers/__init__.py", "pygments/lexers/python.py", "pygments/lexer.py"]
    with zipfile.ZipFile(wheel, "w") as archive:
        for name in (*kept, "pygments/lexers/python2.py", "pygments/lexers/_lua_builtins.py"):
            archive.writestr(name, "x" * 100)
    (tmp_path / "there").mkdir()
    with zipfile.ZipFile(pyodide.lighter(wheel, tmp_path / "there")) as archive:
        assert archive.namelist() == kept
        assert archive.read(kept[0]) == b"x" * 100


def test_the_lexers_that_stay_are_those_that_ipython_imports():
    said = "import sys, ipython_pygments_lexers; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", said], capture_output=True, text=True, check=True)
    loaded = {name.rpartition(".")[2] for name in done.stdout.split() if name.startswith("pygments.lexers.")}
    assert loaded == {*pyodide.LEXERS} - {"__init__"}
