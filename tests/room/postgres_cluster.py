"""A PostgreSQL of one's own in a scratch folder, as Debian installs it; never as root, which it refuses."""

import contextlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import create_engine, text

ACCOUNT = "nobody"  # runs the server where root asks for it


def programs() -> Path | None:
    """The folder of initdb and pg_ctl, which Debian keeps off the PATH; None where there is none."""
    found = shutil.which("initdb")
    folders = [Path(found).parent] if found else sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    return next((folder for folder in reversed(folders) if (folder / "initdb").exists()), None)


@contextlib.contextmanager
def cluster(durable: bool = False) -> Iterator[str]:
    """A server on a socket in a scratch folder; gives its URL. `durable`: as one keeps data."""
    with tempfile.TemporaryDirectory(prefix="bn-room-") as name:
        folder, data = Path(name), Path(name, "data")
        if os.getuid() == 0:
            shutil.chown(folder, ACCOUNT)
        _run("initdb", "-D", data, "-U", "course", "--auth=trust", "-N", "-E", "UTF8", "--locale=C")
        options = f"-c listen_addresses='' -k {folder} -c max_connections=60" + ("" if durable else " -F")
        _run("pg_ctl", "-D", data, "-w", "-l", folder / "log", "-o", options, "start")
        try:
            yield f"postgresql://course@/postgres?host={folder}"
        finally:
            _run("pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")


@contextlib.contextmanager
def database(server: str, name: str) -> Iterator[str]:
    """A database of this name in the cluster; gives its URL, and drops it."""
    engine = create_engine(server.replace("postgresql:", "postgresql+psycopg:"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f'CREATE DATABASE "{name}"'))
        yield server.replace("/postgres?", f"/{name}?")
        connection.execute(text(f'DROP DATABASE "{name}" WITH (FORCE)'))
    engine.dispose()


def _run(program: str, *arguments: object) -> None:
    account = {}
    if os.getuid() == 0:
        import pwd  # Windows has none, nor a root

        entry = pwd.getpwnam(ACCOUNT)
        account = {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
    command = [programs() / program, *map(str, arguments)]
    done = subprocess.run(command, cwd="/", stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, **account)
    if done.returncode:
        raise RuntimeError(f"{program} ended with {done.returncode}")
