"""Run the tests that need no browser on another day, in another place, with less: `make anywhere`.

make anywhere                                   under every condition that this machine can give
make anywhere ARGS='--only locale tests/norms'  some conditions, some tests
"""

import argparse
import locale
import os
import shutil
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
TESTS = ["-m", "pytest", "-q", "-n", "2", "--dist", "loadfile", "--no-loadscope-reorder", "-m", "not browser"]
COMMAS = ("de_DE.UTF-8", "fr_FR.UTF-8", "nl_NL.UTF-8", "pl_PL.UTF-8")
GIBIBYTE = 2**30
NOBODY = "nobody"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", action="append", choices=CONDITIONS, help="one condition; may come again")
    asked, tests = parser.parse_known_args()
    found = {}
    for name in asked.only or CONDITIONS:
        print(f"\n{name}: {CONDITIONS[name].__doc__}", flush=True)
        with tempfile.TemporaryDirectory(prefix="bn anywhere é ") as folder:
            try:
                found[name] = CONDITIONS[name](Path(folder), [sys.executable, *TESTS, *tests])
            except FileNotFoundError as missing:
                found[name] = f"not run: there is no {missing.filename} here"
    print("\n".join(f"{name:12} {result or 'green'}" for name, result in found.items()))
    return any(found.values())


def ran(command: list[str], folder: Path = REPOSITORY, without: tuple[str, ...] = (), **variables) -> str:
    """What is to be said of a run: nothing where it was green."""
    kept = {name: value for name, value in os.environ.items() if name not in without}
    status = subprocess.run(command, cwd=folder, env=kept | variables).returncode
    return f"pytest ended with {status}" if status else ""


def copied(folder: Path) -> Path:
    """A copy of what git has or would take, in `folder`, which everybody may read."""
    folder.chmod(0o755)
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=True).stdout
    for name in filter(None, listed.split("\0")):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        with suppress(FileNotFoundError):  # deleted, and not committed yet
            shutil.copy2(REPOSITORY / name, folder / name)
    return folder


def clock(folder, tests):
    """one year on"""
    return ran(["faketime", "-f", "+365d", *tests])


def zone(folder, tests):
    """a time zone that is 5 hours and 45 minutes off"""
    return ran(tests, TZ="Asia/Kathmandu")


def locale_of_commas(folder, tests):
    """decimal commas, wherever the system's language is asked for"""
    for name in COMMAS:
        with suppress(locale.Error):
            locale.setlocale(locale.LC_ALL, name)
            return ran(tests, LC_ALL=name, LANG=name)
    raise FileNotFoundError(2, "", " or ".join(COMMAS))


def path(folder, tests):
    """a checkout in a folder with spaces and an accent in its name"""
    return ran(tests, copied(folder), PYTHONPATH=str(folder))


def user(folder, tests):
    """a user without root, who has an empty home and may write nowhere else"""
    home = folder / "home"
    copied(folder)
    home.mkdir()
    shutil.chown(home, NOBODY)
    variables = {"PYTHONPATH": str(folder), "HOME": str(home), "TMPDIR": str(home)}
    return ran(["runuser", "-u", NOBODY, "--", *tests, "-p", "no:cacheprovider"], folder, **variables)


def readonly(folder, tests):
    """a checkout that cannot be written"""
    bound = ["bwrap", "--dev-bind", "/", "/", "--ro-bind", str(REPOSITORY), str(REPOSITORY), "--"]
    return ran([*bound, *tests, "-p", "no:cacheprovider"])


def homeless(folder, tests):
    """no HOME"""
    return ran(tests, without=("HOME",))


def memory(folder, tests):
    """4 GB for every process"""
    return ran(["prlimit", f"--data={4 * GIBIBYTE}", *tests])


CONDITIONS = {
    "clock": clock,
    "zone": zone,
    "locale": locale_of_commas,
    "path": path,
    "user": user,
    "readonly": readonly,
    "homeless": homeless,
    "memory": memory,
}

if __name__ == "__main__":
    sys.exit(main())
