"""Grade a room: many submissions at once, each result kept as soon as there is one."""

import hashlib
import json
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from contextlib import suppress
from pathlib import Path
from queue import SimpleQueue

import bn_course
from bn_course.grading import progress
from bn_course.workshop import sandbox
from bn_course.workshop.grading import Result, grade_file
from bn_course.workshop.sandbox import Limits


def find(paths: Sequence[Path]) -> list[Path]:
    """The notebooks among `paths` and in the folders among them, each once, in order."""
    found: dict[Path, None] = {}
    for path in paths:
        if path.is_dir() and not path.is_symlink() and path.suffix != ".ipynb":
            inside = (p for p in sorted(path.rglob("*.ipynb")) if ".ipynb_checkpoints" not in p.parts)
            found.update(dict.fromkeys(inside))
        else:
            found[path] = None
    return list(found)


def grade_all(
    paths: Sequence[Path],
    limits: Limits,
    jobs: int = 2,
    lesson: str | None = None,
    done: Callable[[Result], None] = lambda result: None,
) -> list[Result]:
    """Grade every submission and call `done` with each result as it comes. The order is that of `paths`.

    A run that was interrupted goes on where it stopped: give the same files again. What was graded is
    kept in the course's data folder until the run is whole.
    """
    journal = _Journal(paths, lesson)
    results = journal.results()
    for result in results.values():
        done(result)
    todo = [path for path in paths if str(path) not in results]
    for result in _graded(todo, limits, jobs, lesson):
        journal.add(result)
        results[result.path] = result
        done(result)
    journal.finish()
    return [results[str(path)] for path in paths]


def _graded(todo: Sequence[Path], limits: Limits, jobs: int, lesson: str | None) -> Iterator[Result]:
    slots: SimpleQueue[int] = SimpleQueue()
    for slot in range(jobs):
        slots.put(slot)

    def one(path: Path) -> Result:
        slot = slots.get()
        try:
            return grade_file(path, limits, slot, lesson)
        finally:
            slots.put(slot)

    sandbox.prepare()
    pool = ThreadPoolExecutor(jobs)  # the work is in other processes; threads wait for them
    try:
        running = {pool.submit(one, path) for path in todo}
        while running:
            finished, running = wait(running, return_when=FIRST_COMPLETED)
            for future in finished:
                yield future.result()
    finally:
        pool.shutdown(cancel_futures=True)


class _Journal:
    """The results so far, a line each. A line that power or a full disk cut short is graded again."""

    def __init__(self, paths: Sequence[Path], lesson: str | None):
        what = [bn_course.__version__, lesson, *((str(path), _fingerprint(path)) for path in paths)]
        name = hashlib.sha256(json.dumps(what).encode()).hexdigest()[:16]
        self.path = progress.home() / "grading" / f"{name}.jsonl"

    def results(self) -> dict[str, Result]:
        found = {}
        with suppress(OSError):
            for line in self.path.read_text(encoding="utf-8").splitlines():
                with suppress(ValueError, KeyError, TypeError):
                    result = Result.from_dict(json.loads(line))
                    found[result.path] = result
        return found

    def add(self, result: Result) -> None:
        with suppress(OSError):  # then an interrupted run begins again; the grades themselves are not lost
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self.path.open("a", encoding="utf-8") as file:
                file.write("\n" + json.dumps(result.to_dict()))
                file.flush()
                os.fsync(file.fileno())

    def finish(self) -> None:
        with suppress(OSError):
            self.path.unlink(missing_ok=True)


def _fingerprint(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        return type(error).__name__
