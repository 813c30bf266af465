"""What the course says in this process, as JSON: `said.py claims`, `claims:NAME`, `explorers`.

`portable.py` runs it in a process that plays another machine.
"""

import json
import os
import runpy
import sys
from collections.abc import Iterator

Said = Iterator[tuple[str, str]]


def main(what: str) -> None:
    if first := os.environ.get("PYTHONSTARTUP"):  # as Jupyter's kernels do
        runpy.run_path(first)
    kind, _, name = what.partition(":")
    print("\n" + json.dumps(dict({"claims": claims, "explorers": explorers}[kind](name))))


def claims(only: str) -> Said:
    """What one seed at small scale shows of every claim, or of one, judged by its numbers."""
    from bn_course.experiments import load, measuring, names
    from bn_course.experiments.experiment import stack

    for name in [only] if only else names():
        numbers = measuring.run(name, seed=0, scale="small")["numbers"]
        experiment = load(name)
        yield f"claims:{name}", experiment.judge(experiment.sample(stack([numbers])))


def explorers(only: str) -> Said:
    """The alternative text of every explorer, or of one, with each control at each of its ends."""
    from bn_course.explorers import EXPLORERS, load

    for name in [only] if only else EXPLORERS:
        explorer = load(name)()
        for control, value in [(c, v) for c, by in explorer.controls.items() for v in by.corners()]:
            explorer.reset()
            explorer.set(**{control: value})
            yield (
                f"explorers:{name}, {control} = {value}",
                explorer.alert or explorer.describe(explorer.result),
            )


if __name__ == "__main__":
    main(sys.argv[1])
