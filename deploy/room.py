"""A real room, for its test and its benchmark: accounts of this machine, a repository, a hub on loopback.

It takes root, since a hub starts servers as other accounts, and an environment that every account may read:
`make hub-test` sets one up. Accounts, files and processes are gone at the end.
"""

from __future__ import annotations

import contextlib
import grp
import json
import os
import pwd
import secrets
import shutil
import socket
import subprocess
import tempfile
import time
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path

import psutil
from lab import SETTINGS

REPOSITORY = Path(__file__).resolve().parent.parent
CONFIG = REPOSITORY / "deploy" / "jupyterhub_config.py"
GROUP = "learners"  # that of the configuration
AUTHOR = ["-c", "user.name=Instructor", "-c", "user.email=instructor@localhost"]
PATIENCE, STOPS = 300, 30  # seconds; the first only ends what hangs


def environment() -> Path:
    """The environment with JupyterHub and the course. Raises RuntimeError where a room cannot be."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        raise RuntimeError("a hub starts servers as other accounts, so this needs root")
    folder = Path(os.environ.get("HUB", "/opt/bn-course"))
    if not (folder / "bin" / "jupyterhub").exists():
        raise RuntimeError(f"no JupyterHub in {folder}: make hub-test sets it up, HUB=… says where")
    return folder


@dataclass
class Learner:
    """An account of this machine, with a password."""

    name: str
    password: str = field(default_factory=secrets.token_urlsafe)

    def __post_init__(self):
        run("useradd", "--create-home", "--shell", "/bin/bash", "--groups", GROUP, self.name)
        run("chpasswd", input=f"{self.name}:{self.password}\n")
        self.home = Path(pwd.getpwnam(self.name).pw_dir)
        self.uid = pwd.getpwnam(self.name).pw_uid
        for name, values in SETTINGS.items():
            file = self.home / ".jupyter/lab/user-settings/@jupyterlab" / f"{name}.jupyterlab-settings"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(json.dumps(values), encoding="utf-8")
        run("chown", "--recursive", self.name, str(self.home / ".jupyter"))

    @property
    def work(self) -> Path:
        return self.home / "bn-course"

    def progress(self) -> dict:
        """The questions that this learner has answered, as the course remembers them."""
        file = self.home / ".local/share/bn-course/progress.json"
        return json.loads(file.read_text(encoding="utf-8"))["questions"]

    def run(self, *command: str, **options) -> str:
        """Run a command as this learner."""
        return run(shutil.which("runuser"), "--user", self.name, "--", *command, **options)

    def processes(self) -> list[psutil.Process]:
        """Everything that runs as this learner; what has ended and was not collected does not run."""
        found = []
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.NoSuchProcess):
                if process.uids().real == self.uid and process.status() != psutil.STATUS_ZOMBIE:
                    found.append(process)
        return found

    def server(self) -> psutil.Process:
        """The learner's own Jupyter server."""
        return next(p for p in self.processes() if "jupyterhub-singleuser" in " ".join(p.cmdline()))

    def leave(self) -> None:
        for process in self.processes():
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        psutil.wait_procs(self.processes(), timeout=STOPS)
        run("userdel", "--remove", self.name)


class Room:
    """A hub, started as README.md says, but on free ports and in a folder of its own."""

    def __init__(self, folder: Path, learners: list[Learner]):
        self.folder, self.learners = folder, learners
        self.environment = environment()
        self.token = secrets.token_hex()
        self.process: subprocess.Popen | None = None
        self.source, self.repository = folder / "room", folder / "bn-course.git"
        self.publish_course()

    def publish_course(self) -> None:
        self.source.mkdir()
        run("git", "init", "--quiet", "--initial-branch=main", str(self.source))
        for name in ("notebooks", "exercises", ".gitattributes"):
            run("cp", "-r", str(REPOSITORY / name), str(self.source))
        self.commit("The course")
        run("git", "clone", "--quiet", "--bare", str(self.source), str(self.repository))
        run("chmod", "-R", "a+rX", str(self.repository))
        # `git config --system --add safe.directory`, in a file that is not the system's
        self.git = os.environ | {"GIT_CONFIG_SYSTEM": str(self.folder / "gitconfig")}
        run("git", "config", "--system", "--add", "safe.directory", str(self.repository), env=self.git)

    def commit(self, message: str) -> None:
        run("git", "-C", str(self.source), "add", ".")
        run("git", "-C", str(self.source), *AUTHOR, "commit", "--quiet", "-m", message)

    def update(self, message: str) -> None:
        """What the instructor does between two sessions."""
        self.commit(message)
        run("git", "-C", str(self.source), "push", "--quiet", str(self.repository), "main")

    def start(self, cull_after: int = 3600) -> None:
        """Run the hub with the configuration as it is; `cull_after` is in seconds."""
        port, hub, proxy = free_ports(3)
        self.url = f"http://127.0.0.1:{port}"
        own = self.folder / "hub"
        own.mkdir(mode=0o700, exist_ok=True)
        (own / "config.py").write_text(
            f"""load_subconfig({str(CONFIG)!r})
c = get_config()
c.JupyterHub.bind_url = {self.url!r}
c.JupyterHub.hub_port = {hub}
c.ConfigurableHTTPProxy.api_url = "http://127.0.0.1:{proxy}"
c.Spawner.environment["GIT_CONFIG_SYSTEM"] = {self.git["GIT_CONFIG_SYSTEM"]!r}
c.Spawner.args.append("--LabApp.expose_app_in_browser=True")
c.JupyterHub.services[0]["command"][-1] = "--timeout={cull_after}"
c.JupyterHub.services.append({{"name": "instructor", "api_token": {self.token!r}}})
c.JupyterHub.load_roles.append({{
    "name": "instructor",
    "services": ["instructor"],
    "scopes": ["admin:users", "admin:servers", "access:servers"],
}})
""",
            encoding="utf-8",
        )
        with (self.folder / "hub.log").open("a") as log:
            self.process = subprocess.Popen(
                [str(self.environment / "bin" / "jupyterhub"), "-f", "config.py"],
                cwd=own,
                env=os.environ | {"BN_COURSE_REPOSITORY": f"file://{self.repository}"},
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        until(self._answers, "the hub does not answer")

    def _answers(self) -> bool:
        if self.process.poll() is not None:
            raise RuntimeError(f"the hub stopped:\n{self.log()}")
        with contextlib.suppress(OSError):
            urllib.request.urlopen(f"{self.url}/hub/health", timeout=30).close()
            return True
        return False

    def log(self) -> str:
        return (self.folder / "hub.log").read_text(encoding="utf-8", errors="replace")[-4000:]

    def stop(self) -> None:
        """End the hub, which ends the servers and the proxy."""
        if self.process is None or self.process.poll() is not None:
            return
        started = psutil.Process(self.process.pid).children(recursive=True)
        self.process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(STOPS)
        for process in (*started, self.process):  # where it could not
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        self.process.wait()

    def ask(self, path: str, data: dict | None = None, method: str | None = None):
        """The hub's or a server's answer to the instructor's service."""
        request = urllib.request.Request(
            f"{self.url}{path}",
            data=None if data is None else json.dumps(data).encode(),
            method=method,
            headers={"Authorization": f"token {self.token}", "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.loads(answer.read() or "null")

    def is_ready(self, learner: Learner) -> bool:
        """Whether the learner's server answers."""
        servers = self.ask(f"/hub/api/users/{learner.name}")["servers"]
        return any(server["ready"] for server in servers.values())


@contextlib.contextmanager
def room(*names: str):
    """A `Room` with these learners in it, started; nothing of it is left."""
    environment()
    with contextlib.ExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix="bn-room-"))
        folder.chmod(0o755)  # the learners' servers clone from here
        stack.callback(shutil.rmtree, folder)
        if GROUP not in {group.gr_name for group in grp.getgrall()}:
            run("groupadd", GROUP)
            stack.callback(run, "groupdel", GROUP)
        learners = []
        for name in names:
            learners.append(Learner(name))
            stack.callback(learners[-1].leave)
        running = Room(folder, learners)
        stack.callback(running.stop)
        running.start()
        yield running


def run(*command: str, **options) -> str:
    """Run a command to its end; RuntimeError with what it said where it fails."""
    done = subprocess.run(command, capture_output=True, text=True, **options)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)}: {done.stderr or done.stdout}")
    return done.stdout


def free_ports(count: int) -> list[int]:
    with contextlib.ExitStack() as stack:
        probes = [stack.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]


def until(true, otherwise: str) -> None:
    """Wait until `true()`; RuntimeError where it never is."""
    deadline = time.monotonic() + PATIENCE
    while not true():
        if time.monotonic() > deadline:
            raise RuntimeError(f"{otherwise} within {PATIENCE} s")
        time.sleep(0.2)
