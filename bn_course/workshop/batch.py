"""Grade a room: many submissions at once, each result kept as soon as there is one."""

import hashlib
import json
import os
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import suppress
from pathlib import Path
from queue import SimpleQueue

import bn_course
from bn_course.grading import progress
from bn_course.workshop import sandbox
from bn_course.workshop.archive import Unreadable
from bn_course.workshop.grading import Result, grade_file
from bn_course.workshop.sandbox import Limits
from bn_course.workshop.submission import content


def grade_all(
    paths: Sequence[Path],
    limits: Limits,
    jobs: int = 2,
    lesson: str | None = None,
    done: Callable[[Result], None] = lambda result: None,
    stopping: Callable[[list[Path]], None] = lambda paths: None,
    deliver: Callable[[list[Result]], bool] = lambda results: True,
) -> list[Result]:
    """Grade every submission and call `done` with each result as it comes. The order is that of `paths`.

    A run that was interrupted goes on where it stopped: give the same files again. What was graded is
    kept in the course's data folder until `deliver` has had all results and says that they are safe.
    An interruption calls `stopping` with what is still being graded, and waits for that.
    """
    journal = _Journal(paths, lesson)
    results = journal.results()
    for result in results.values():
        done(result)

    def keep(result: Result) -> None:
        journal.add(result)
        results[result.path] = result
        done(result)

    _grade([path for path in paths if str(path) not in results], limits, jobs, lesson, keep, stopping)
    found = [results[str(path)] for path in paths]
    if deliver(found):
        journal.finish()
    return found


def _grade(todo: Sequence[Path], limits: Limits, jobs: int, lesson: str | None, keep, stopping) -> None:
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
        running = {pool.submit(one, path): path for path in todo}
        try:
            while running:
                _keep_one(running, keep)
        except KeyboardInterrupt:
            running = {future: path for future, path in running.items() if not future.cancel()}
            stopping([path for future, path in running.items() if not future.done()])
            while running:
                _keep_one(running, keep)
            raise
    finally:
        pool.shutdown(cancel_futures=True)


def _keep_one(running: dict[Future, Path], keep: Callable[[Result], None]) -> None:
    """Wait for one of `running` to be finished, and keep what it gave."""
    (future, *_), _ = wait(running, return_when=FIRST_COMPLETED)
    result = future.result()
    del running[future]
    keep(result)


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
        if result.ours:  # it may be graded another time
            return
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
        return hashlib.sha256(content(path)).hexdigest()
    except Unreadable as error:
        return str(error)
