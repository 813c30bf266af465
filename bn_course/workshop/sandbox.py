"""Where a stranger's process runs: in bubblewrap where there is one, else under limits alone."""

import atexit
import compileall
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from bn_course import drivers

_PACKAGE = Path(drivers.__file__).resolve().parent.parent
_INSIDE = "/course"
_FIRST_UID = 64000  # of the users that submissions run as when the instructor is root; nobody's account

UNPROTECTED = (
    "bubblewrap was not found or does not work here, so submissions run under limits of time, memory and "
    "file size ALONE. They can read and write what you can, your home folder, the solutions and other "
    "submissions included, and they can use the network. Grade only notebooks of people whom you trust, or "
    "on Linux install bubblewrap."
)

# What a notebook finds as `bn_course`: the calls of the exercises, which do nothing here.
_SHIM = '''"""The course, as a notebook that is being graded sees it: checks happen elsewhere."""


def check(*args, **kwargs):
    """Grading is done outside this process."""


grade = hint = predict = progress = questions = solution = check
'''


@dataclass(frozen=True)
class Limits:
    """What one submission may use: seconds for a cell, for a call and in all; bytes; processes."""

    cell: float = 20.0
    call: float = 5.0
    total: float = 60.0
    memory: int = 4 * 2**30
    file_size: int = 16 * 2**20
    processes: int = 32

    def message(self, uid: int) -> dict:
        """The limits as the child is told them."""
        return {
            "cell": self.cell,
            "call": self.call,
            "uid": uid,
            "resources": {
                "RLIMIT_DATA": self.memory,
                "RLIMIT_FSIZE": self.file_size,
                "RLIMIT_NPROC": self.processes,
                "RLIMIT_NOFILE": 256,
                "RLIMIT_CORE": 0,
            },
        }


@cache
def bubblewrap() -> str | None:
    """The path of a bubblewrap that works here, with all that a submission is to be kept from."""
    found = shutil.which("bwrap")
    if not found:
        return None
    started = subprocess.run([*_bubblewrap_command(found), "/bin/true"], env={}, capture_output=True)
    return found if started.returncode == 0 else None


@cache
def course_for_strangers() -> Path:
    """A folder with the part of the course that a stranger's process may have: the drivers, and the meter."""
    folder = Path(tempfile.mkdtemp(prefix="bn-course-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    for part in ("drivers", "gpu/meter"):
        shutil.copytree(_PACKAGE / part, folder / "bn_course" / part, ignore=_no_bytecode)
    (folder / "bn_course" / "__init__.py").write_text(_SHIM, encoding="utf-8")
    compileall.compile_dir(folder, quiet=2)  # once, and not for every submission
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    return folder


_no_bytecode = shutil.ignore_patterns("__pycache__")


def prepare() -> None:
    """Do once, before threads ask for it, what every submission needs."""
    bubblewrap()
    course_for_strangers()


def user(slot: int) -> int:
    """The user that the submission in this slot runs as: its own for root, 0 for 'as I am'."""
    return _FIRST_UID + slot if bubblewrap() and hasattr(os, "geteuid") and os.geteuid() == 0 else 0


def command() -> list[str]:
    """The command that starts a stranger's process."""
    python = [sys.executable, "-s", "-B", "-m", "bn_course.drivers.child"]
    found = bubblewrap()
    return [*_bubblewrap_command(found), *python] if found else python


def environment(home: str) -> dict[str, str]:
    """Nothing of the instructor's environment but what Python needs; `home` is the notebook's own folder."""
    kept = {name: os.environ[name] for name in ("LANG", "LC_ALL", "SYSTEMROOT") if name in os.environ}
    return {
        **kept,
        "PATH": "/usr/bin:/bin",
        "HOME": home,
        "IPYTHONDIR": f"{home}/.ipython",
        "MPLBACKEND": "agg",
        "MPLCONFIGDIR": home,
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "PYTHONPATH": _INSIDE if bubblewrap() else str(course_for_strangers()),
        "PYTHONIOENCODING": "utf-8",
    }


def _bubblewrap_command(bwrap: str) -> list[str]:
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    return [
        bwrap,
        *("--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try"),
        *("--die-with-parent", "--new-session", "--hostname", "course"),
        # Root must still be able to become somebody else; bubblewrap takes every other capability away.
        *(("--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID") if root else ()),
        *_system(),
        *("--proc", "/proc", "--dev", "/dev"),
        *_scratch("/tmp"),
        *_scratch("/dev/shm"),  # what processes of a notebook's own share
        *_python(),  # after /tmp, in which the environment may lie
        *("--ro-bind", str(course_for_strangers()), _INSIDE),
        *("--remount-ro", "/", "--chdir", "/tmp"),
    ]


def _scratch(folder: str) -> tuple[str, ...]:
    return ("--size", str(64 * 2**20), "--perms", "1777", "--tmpfs", folder)


def _system() -> list[str]:
    words = ["--ro-bind", "/usr", "/usr"]
    for name in ("/bin", "/sbin", "/lib", "/lib32", "/lib64"):
        path = Path(name)
        if path.is_symlink():
            words += ["--symlink", os.readlink(path), name]
        elif path.exists():
            words += ["--ro-bind", name, name]
    return [*words, "--ro-bind-try", "/etc/ld.so.cache", "/etc/ld.so.cache"]


def _python() -> list[str]:
    """Python and its packages, at their own paths, without this course."""
    words: list[str] = []
    for prefix in dict.fromkeys((sys.base_prefix, sys.prefix)):
        place = Path(prefix).resolve()
        if place.is_relative_to("/usr"):
            continue
        for parent in reversed(place.parents[:-1]):
            if parent != Path("/tmp"):
                words += ["--perms", "0755", "--dir", str(parent)]
        words += ["--ro-bind", str(place), str(place)]
        if _PACKAGE.is_relative_to(place):  # installed there: hide the references and the solutions
            words += ["--tmpfs", str(_PACKAGE)]
    return words
