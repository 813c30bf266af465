"""Does everything that the course prints come out the same on other machines?

    python tools/portable.py                                    all that prints, on every machine
    python tools/portable.py notebooks/02_forward_pass.ipynb claims:zero_gamma explorers --on oldest

Lessons and solutions are run and compared with the outputs stored in them, as nbval does; claims are measured
at small scale, and what they show is compared with the evidence where that is decided; what explorers say of
their pictures is compared with what they say on this machine. All that differs is printed, and the exit code
is then 1.
"""

import argparse
import difflib
import json
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import nbformat
from execute import CellError, all_notebooks, execute
from machines import HERE, MACHINES, Machine, environment, played
from nbformat import NotebookNode

from bn_course.experiments import UNDECIDED, evidence

IGNORED = "nbval-ignore-output"
NOT_COMPARED = ("image/png", "image/jpeg")  # nor does nbval
WIDTH = 200  # of a line of the report

Differences = Iterator[tuple[str, str, str]]  # where, what is expected, what came out


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Compare what is printed with what other machines print.")
    parser.add_argument("what", nargs="*", help="NOTEBOOK.ipynb, claims, claims:NAME, explorers, …:NAME")
    parser.add_argument("--on", action="append", choices=MACHINES, help="a machine; all of them by default")
    chosen = parser.parse_args(arguments)
    everything = chosen.what or [*map(str, all_notebooks()), "claims", "explorers"]
    return int(sum(report(MACHINES[name], everything) for name in chosen.on or MACHINES) > 0)


def report(machine: Machine, everything: list[str]) -> int:
    """Print all that differs on `machine`; returns how much it is."""
    if reason := played(machine):
        print(f"{machine.name}: {reason}", flush=True)
        return 0
    different = 0
    for what in everything:
        found = list(differences(what, machine))
        print(f"{machine.name}: {what}: {len(found) or 'none'} different", flush=True)
        for place, expected, came in found:
            print(f"  {place}", *changed_lines(expected, came), sep="\n    ", flush=True)
        different += len(found)
    return different


def differences(what: str, machine: Machine) -> Differences:
    """All that is not on `machine` what it should be."""
    if what.endswith(".ipynb"):
        yield from in_notebook(Path(what), machine)
        return
    came = said(what, machine)
    if what.startswith("claims"):
        shown = {place: evidence(place.removeprefix("claims:")).shown for place in came}
        expected = {place: came[place] if said == UNDECIDED else said for place, said in shown.items()}
    else:
        expected = said(what, HERE)
    yield from ((place, expected[place], came[place]) for place in came if came[place] != expected[place])


def in_notebook(path: Path, machine: Machine) -> Differences:
    """The cells that do not give on `machine` the outputs that are stored."""
    stored = nbformat.read(path, as_version=4)
    try:
        ran = execute(stored, path.resolve().parent, environment(machine))
    except CellError as error:
        yield "it does not run through", "", str(error)
        return
    for cell, again in zip(stored.cells, ran.cells, strict=True):
        if cell.cell_type == "code" and IGNORED not in cell.metadata.get("tags", ()):
            expected, came = outputs(cell), outputs(again)
            if came != expected:
                yield cell.id, expected, came


def outputs(cell: NotebookNode) -> str:
    """What nbval compares of a cell's outputs: all texts, kind by kind, and no picture."""
    kinds: dict[str, list[str]] = {}
    for output in cell.outputs:
        said = {**output.get("data", {}), output.get("name"): output.get("text")}
        said |= {key: output.get(key) for key in ("ename", "evalue")}
        for kind, value in said.items():
            if value is not None and kind not in NOT_COMPARED:
                text = value if isinstance(value, str) else json.dumps(value, sort_keys=True)
                kinds.setdefault(kind, []).append(text)
    return "\n".join(f"{kind}: {text}" for kind in sorted(kinds) for text in kinds[kind])


@cache
def said(what: str, machine: Machine) -> dict[str, str]:
    """What `said.py` says in a process of that machine, place by place."""
    command = [sys.executable, str(Path(__file__).with_name("said.py")), what]
    done = subprocess.run(
        command, env=environment(machine), stdout=subprocess.PIPE, encoding="utf-8", check=True
    )
    return json.loads(done.stdout.splitlines()[-1])


def changed_lines(expected: str, came: str) -> list[str]:
    """The lines that differ, as they should be (−) and as they came (+)."""
    lines = difflib.ndiff(expected.splitlines(), came.splitlines())
    return [line[:WIDTH] for line in lines if line[0] in "+-"]


if __name__ == "__main__":
    sys.exit(main())
