"""What a room of learners costs in memory: a real JupyterHub, real learners, real lessons.

    make bench-hub

Writes evidence/hub.json. Memory is proportional set size: a page that several processes share counts once,
split among them. Each learner signs in, opens one lesson, runs it whole, and leaves it open; what one more
such learner adds is the difference. Then one learner runs every lesson, each in a kernel of its own.
"""

import json
import os
import platform
import sys
import time
from datetime import date
from pathlib import Path

import nbformat
import psutil
from jupyter_client import BlockingKernelClient

REPOSITORY = Path(__file__).resolve().parent.parent
EVIDENCE = REPOSITORY / "evidence" / "hub.json"
sys.path[:0] = [str(REPOSITORY / "deploy"), str(REPOSITORY / "tests" / "browser")]

import room as rooms  # noqa: E402

NAMES = ("bn-one", "bn-two", "bn-three", "bn-four")
LESSON = "02_forward_pass"
SETTLES = 5  # seconds
MEGABYTE = 1e6


def main() -> None:
    with rooms.room(*NAMES) as room:
        hub = megabytes(hub_processes(room))
        servers, learners = [0.0], [0.0]
        for learner in room.learners:
            sign_in(room, learner)
            servers.append(megabytes(everyone(room)))
        for learner in room.learners:
            run_lesson(room, learner, LESSON)
            learners.append(megabytes(everyone(room)))
        first = room.learners[0]
        lessons = {}
        for file in sorted((REPOSITORY / "notebooks").glob("*.ipynb")):
            lessons[file.stem] = run_lesson(room, first, file.stem, stay=False)
            print(file.stem, lessons[file.stem], flush=True)
        versions = packages(room)
    one_more = round((learners[-1] - servers[-1]) / len(NAMES) + servers[-1] - servers[-2], 1)
    report = {
        "what": "a hub on one machine and its idle learners: proportional set size, megabytes of 10^6 bytes",
        "hub_and_proxy": hub,
        "servers": [round(total, 1) for total in servers[1:]],
        "servers_with_one_lesson_open": [round(total, 1) for total in learners[1:]],
        "one_more_learner": one_more,
        "learners_in_a_gigabyte": int(1000 // one_more),
        "lessons": lessons,
        "learners": len(NAMES),
        "lesson": LESSON,
        "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores",
        "versions": versions,
        "date": date.today().isoformat(),
    }
    EVIDENCE.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    print(f"hub and proxy {hub} MB; one more learner {one_more} MB, with one lesson open")


def sign_in(room: rooms.Room, learner: rooms.Learner) -> None:
    """Start the learner's server, and copy the room's repository, as the link does."""
    room.ask(f"/hub/api/users/{learner.name}", {}, "POST")
    room.ask(f"/hub/api/users/{learner.name}/server", {}, "POST")
    rooms.until(lambda: room.is_ready(learner), "the server does not start")
    learner.run("git", "clone", "-q", f"file://{room.repository}", str(learner.work), env=room.git)
    time.sleep(SETTLES)


def run_lesson(room: rooms.Room, learner: rooms.Learner, stem: str, stay: bool = True) -> dict[str, float]:
    """Run a lesson in a kernel; returns what that takes at its end and at its peak."""
    where = f"/user/{learner.name}/api/kernels"
    kernel = room.ask(where, {"name": "python3", "path": "bn-course/notebooks"})["id"]
    file = learner.home / f".local/share/jupyter/runtime/kernel-{kernel}.json"
    rooms.until(file.exists, "the kernel does not start", 60)
    client = BlockingKernelClient(connection_file=str(file))
    client.load_connection_file()
    client.start_channels(hb=False)  # a kernel that starts late is not dead
    try:
        client.wait_for_ready(60)
        client.allow_stdin = False
        notebook = nbformat.read(REPOSITORY / "notebooks" / f"{stem}.ipynb", as_version=4)
        for cell in notebook.cells:
            if cell.cell_type == "code":
                reply = client.execute_interactive(cell.source, output_hook=lambda _: None, timeout=120)
                assert reply["content"]["status"] == "ok", (stem, cell.id, reply["content"])
        time.sleep(SETTLES)
        process = next(p for p in learner.processes() if kernel in " ".join(p.cmdline()))
        status = Path(f"/proc/{process.pid}/status").read_text(encoding="utf-8")
        peak = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM"))
        return {"at_its_end": megabytes([process]), "resident_at_its_peak": round(peak * 1024 / MEGABYTE, 1)}
    finally:
        client.stop_channels()
        if not stay:
            room.ask(f"{where}/{kernel}", method="DELETE")


def everyone(room: rooms.Room) -> list[psutil.Process]:
    return [process for learner in room.learners for process in learner.processes()]


def hub_processes(room: rooms.Room) -> list[psutil.Process]:
    """The hub, its proxy and its culler."""
    hub = psutil.Process(room.process.pid)
    return [hub, *hub.children(recursive=True)]


def megabytes(processes: list[psutil.Process]) -> float:
    return round(sum(process.memory_full_info().pss for process in processes) / MEGABYTE, 1)


def packages(room: rooms.Room) -> dict[str, str]:
    names = ("jupyterhub", "jupyter-server", "jupyterlab", "ipykernel", "numpy", "torch")
    code = f"import importlib.metadata as m, json; print(json.dumps({{n: m.version(n) for n in {names}}}))"
    return json.loads(rooms.run(str(room.environment / "bin/python"), "-c", code)) | {
        "python": rooms.run(str(room.environment / "bin/python"), "-V").split()[1]
    }


if __name__ == "__main__":
    main()
