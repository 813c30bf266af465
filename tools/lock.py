"""Write constraints.txt: one version of everything that the course and its extras install, on every system.

make lock                   what is installed stays as it is; what an extra needs besides is added
make lock ARGS=--newest     the newest of everything, for a new release
"""

import argparse
import json
import subprocess
import sys
import tempfile
import tomllib
from importlib.metadata import distributions
from itertools import product
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

REPOSITORY = Path(__file__).resolve().parent.parent
FILE = REPOSITORY / "constraints.txt"
HEAD = """\
# The versions with which the stored outputs were made. `make lab` and `make test` install these; `make lock`
# writes this file. For the versions that are newest today, leave out `-c constraints.txt`.
"""
SYSTEMS = (
    {"sys_platform": "linux", "platform_system": "Linux", "os_name": "posix"},
    {"sys_platform": "darwin", "platform_system": "Darwin", "os_name": "posix"},
    {"sys_platform": "win32", "platform_system": "Windows", "os_name": "nt"},
)
PYTHONS = [{"python_version": f"3.{minor}", "python_full_version": f"3.{minor}.0"} for minor in range(11, 15)]
LEFT_TO_TORCH = ("triton", "nvidia-", "cuda-")  # its builds for CUDA name one version of each
PLATFORMS = {"darwin": "macosx_14_0_arm64", "win32": "win_amd64"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--newest", action="store_true", help="whatever is installed here")
    newest = parser.parse_args().newest
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    everything = f"{REPOSITORY}[{','.join(project['optional-dependencies'])}]"
    here = resolve({} if newest else installed(), everything)
    pins = versions(here) | elsewhere(here)
    del pins[canonicalize_name(project["name"])]
    pinned = sorted(name for name in pins if not name.startswith(LEFT_TO_TORCH))
    lines = [f"{name}=={pins[name]}\n" for name in pinned]
    FILE.write_text(HEAD + "".join(lines), encoding="utf-8")


def installed() -> dict[str, str]:
    """The versions of this environment, but of the course itself."""
    return {d.name: public(d.version) for d in distributions() if d.name != "bn-course"}


def public(version: str) -> str:
    """Without what says for which hardware it was built: 2.13.0+cpu is 2.13.0."""
    return version.partition("+")[0]


def resolve(kept: dict[str, str], *wanted: str) -> list[dict]:
    """What pip would install of what is `wanted` where nothing was, with the versions in `kept`."""
    with tempfile.TemporaryDirectory() as folder:
        constraints, report = Path(folder, "constraints.txt"), Path(folder, "report.json")
        constraints.write_text("".join(f"{name}=={version}\n" for name, version in kept.items()))
        options = ["--dry-run", "--ignore-installed", "-qq", "--report", report, "-c", constraints]
        subprocess.run([sys.executable, "-m", "pip", "install", *options, *wanted], check=True)
        return json.loads(report.read_text(encoding="utf-8"))["install"]


def versions(resolved: list[dict]) -> dict[str, str]:
    found = (entry["metadata"] for entry in resolved)
    return {canonicalize_name(entry["name"]): public(entry["version"]) for entry in found}


def elsewhere(resolved: list[dict]) -> dict[str, str]:
    """The newest of what the same packages need on other systems, or with other Pythons, alone."""
    here, found = versions(resolved), {}
    for entry in resolved:
        extras = ("", *entry.get("requested_extras", ()))
        for requirement in map(Requirement, entry["metadata"].get("requires_dist", ())):
            name = canonicalize_name(requirement.name)
            if name in here or name in found:
                continue
            for system, python, extra in product(SYSTEMS, PYTHONS, extras):
                if requirement.marker.evaluate({**system, **python, "extra": extra}):
                    found |= newest_for(requirement, system["sys_platform"], python["python_version"])
                    break
    return found


def newest_for(requirement: Requirement, system: str, python: str) -> dict[str, str]:
    """The newest version that has a wheel for this system and Python; of what it needs, nothing."""
    # The Python that runs this is not the one that is asked about.
    target = ["--only-binary", ":all:", "--no-deps", "--target", "unused", "--ignore-requires-python"]
    target += ["--python-version", python]
    target += ["--platform", PLATFORMS[system]] if system in PLATFORMS else []
    return versions(resolve({}, *target, f"{requirement.name}{requirement.specifier}"))


if __name__ == "__main__":
    main()
