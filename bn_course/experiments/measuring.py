"""Run experiments over several seeds, and store what they give: `bn-course measure`.

Each seed is stored when it is done, so an interrupted run goes on where it was.
"""

import json
import os
import platform
import time
from concurrent.futures import as_completed
from datetime import date
from importlib.metadata import version
from pathlib import Path

import numpy as np

from bn_course.experiments import robust
from bn_course.experiments.catalogue import is_large, lesson_of, load, recipe
from bn_course.experiments.experiment import NOT_TESTED, Experiment, Scale, stack
from bn_course.experiments.stored import path_of
from bn_course.experiments.summary import means, rows, students_t, table

DIGITS = 5  # significant ones that are stored
PACKAGES = ("numpy", "scikit-learn", "torch")


def measure_all(names: list[str], seeds: int, jobs: int, again: bool = False, on: str = "") -> None:
    """Measure the experiments `names` for the seeds 0 … seeds − 1, with a bar.

    `jobs` at a time on this machine, or on the Dask cluster whose scheduler has the address `on`.

    Seeds that are stored, by the same recipe and versions, are not run again, unless `again`. An
    interrupt ends it; what is done is kept.

    Raises ValueError where a worker has another recipe than this process.
    """
    from rich.progress import Progress, TimeElapsedColumn

    from bn_course.experiments.workers import measured, workers

    kept = {name: [] if again else stored_runs(name) for name in names}
    for name in names:
        if kept[name]:
            store(name, kept[name])  # its words, or its verdict, may have changed
    done = {(name, run["seed"]) for name in names for run in kept[name]}
    todo = [(name, seed) for seed in range(seeds) for name in names if (name, seed) not in done]
    columns = (*Progress.get_default_columns(), TimeElapsedColumn())
    with Progress(*columns) as progress, workers(jobs, on) as pool:
        bar = progress.add_task("measuring", total=len(todo))
        running = {pool.submit(measured, name, seed): name for name, seed in todo}
        for future in as_completed(running):
            name, (made_by, made) = running[future], future.result()
            if made_by != recipe(name):
                raise ValueError(
                    f"{name}: a worker measures by another recipe; give it this version of the course"
                )
            kept[name].append(made)
            store(name, kept[name])
            progress.update(bar, advance=1, description=name)


def run(name: str, seed: int, scale: Scale) -> dict:
    """One seed of one experiment: its numbers, when and on what they were measured, and the seconds of
    processor time that took."""
    machine = graphics() if is_large(name) else f"{processor()}, one thread"
    experiment = load(name)
    begin = time.process_time()
    numbers = experiment.measure(seed, scale)
    seconds = time.process_time() - begin
    return {
        "seed": seed,
        "date": date.today().isoformat(),
        "machine": machine,
        "versions": versions(),
        "seconds": round(seconds, 1),
        "numbers": _rounded(numbers),
    }


def stored_runs(name: str) -> list[dict]:
    """The runs in the evidence that were made by the recipe and the versions of today."""
    try:
        record = json.loads(path_of(name).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return []
    if record["recipe"] != recipe(name):
        return []
    return [run for run in record["runs"] if run["versions"] == versions()]


def store(name: str, runs: list[dict]) -> None:
    """Write the evidence of an experiment, all of it at once, in place of what was there.

    What a run says of itself was written when it was made, and stays.
    """
    runs = sorted(runs, key=lambda run: run["seed"])
    record = {
        "name": name,
        "lesson": lesson_of(name),
        **told(load(name), runs),
        "recipe": recipe(name),
        "runs": runs,
    }
    path = path_of(name)
    path.parent.mkdir(exist_ok=True, parents=True)
    partial = path.with_suffix(f".{os.getpid()}.tmp")
    partial.write_text(as_json(record), encoding="utf-8")
    os.replace(partial, path)


def told(experiment: Experiment, runs: list[dict]) -> dict:
    """What the ledger says of these runs: claim, source, scope, method, verdict, what it rests on, finding,
    and Student's t. `tried` is what was shown of a claim about another scale.

    Raises ValueError where the runs do not fit together.
    """
    values = stack([run["numbers"] for run in runs])
    sample = experiment.sample(values, students_t(len(runs)))
    shown, effects = robust.verdict(experiment, sample), rows(experiment.effects, sample)
    found = experiment.finding.format(**means(sample), effects=effects)
    return {
        "claim": experiment.claim,
        "source": experiment.source,
        "scope": experiment.scope.fields(),
        "method": experiment.method,
        "verdict": NOT_TESTED if experiment.beyond else shown,
        **({"beyond": experiment.beyond, "tried": shown} if experiment.beyond else {}),
        "finding": "; ".join(filter(None, (found, robust.doubt(experiment, sample)))),
        **({"table": table(experiment.table, sample)} if experiment.table else {}),
        "effects": effects,
        "t": round(sample.t, 4),
    }


def versions() -> dict[str, str]:
    """Of Python and the packages that the numbers depend on."""
    return {"python": platform.python_version()} | {name: version(name) for name in PACKAGES}


def processor() -> str:
    """What the processor is called, and how many of it there are."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    named = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return f"{named[0] if named else platform.processor() or platform.machine()}, {os.cpu_count()} cores"


def graphics() -> str:
    """What the GPU is called. Raises ValueError where there is none: what is stored was really run on one."""
    import torch

    if not torch.cuda.is_available():
        raise ValueError("the larger scale needs a GPU, and PyTorch finds none here")
    return torch.cuda.get_device_name()


def as_json(record: dict) -> str:
    """JSON with a line for each seed: a small file, and a readable diff."""
    runs = ",\n".join(f"  {json.dumps(run)}" for run in record["runs"])
    told = json.dumps({**record, "runs": []}, indent=1, ensure_ascii=False)
    return told.removesuffix("[]\n}") + f"[\n{runs}\n ]\n}}\n"


def _rounded(value):
    """What is stored, and what everything that is said of it is computed from."""
    match value:
        case dict():
            return {key: _rounded(entry) for key, entry in value.items()}
        case list() | tuple() | np.ndarray():
            return [_rounded(entry) for entry in value]
        case float() | np.floating():
            return float(f"{value:.{DIGITS}g}")
        case _:
            return value
