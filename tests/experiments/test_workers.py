"""Measuring on a cluster: a real scheduler and two workers on this machine, one of which dies."""

import json
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from types import SimpleNamespace

import pytest

from bn_course import course
from bn_course.cli import main
from bn_course.experiments import evidence, measuring, workers

pytest.importorskip("distributed")

DASK = str(Path(sys.executable).with_name("dask"))
QUICK, QUICKER = "explosion_whatever_the_activation", "adain_is_exact"
SEEDS = 3


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    """A scheduler with an `.address`, and `.workers`: two processes of one thread that nobody replaces."""
    folder = tmp_path_factory.mktemp("cluster")
    where = folder / "scheduler.json"
    plain = ["--no-dashboard", "--scheduler-file", str(where)]
    begin = {"cwd": folder, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with ExitStack() as started:

        def start(*command):
            process = started.enter_context(subprocess.Popen([DASK, *command, *plain], **begin))
            started.callback(process.kill)
            return process

        start("scheduler", "--port", "0", "--host", "127.0.0.1")
        two = [start("worker", "--no-nanny", "--nthreads", "1", "--name", name) for name in ("one", "two")]
        while not where.exists():
            time.sleep(0.1)
        yield SimpleNamespace(address=json.loads(where.read_text())["address"], workers=two)


@pytest.fixture(autouse=True)
def nothing_stored(tmp_path, monkeypatch):
    monkeypatch.setattr(course, "folder", lambda name: tmp_path / name)


def test_a_worker_that_dies_loses_nothing_and_nothing_is_measured_twice(cluster, monkeypatch):
    store, stored = measuring.store, []

    def kill_at_the_first(name, runs):
        store(name, runs)
        stored.append(name)
        if len(stored) == 1:
            cluster.workers[0].kill()

    monkeypatch.setattr(measuring, "store", kill_at_the_first)
    with workers.workers(1, cluster.address) as pool:  # both are there before anything is measured
        pool._client.wait_for_workers(2, timeout=120)
    assert main(["measure", QUICK, QUICKER, "--seeds", str(SEEDS), "--on", cluster.address]) == 0
    assert cluster.workers[0].wait() != 0
    assert sorted(stored) == sorted([QUICK, QUICKER] * SEEDS)  # each run came back once
    assert [evidence(name).seeds for name in (QUICK, QUICKER)] == [list(range(SEEDS))] * 2


def test_a_cluster_measures_what_this_process_does(cluster):
    measuring.measure_all([QUICK], seeds=1, jobs=1, on=cluster.address)
    here = workers.measured(QUICK, 0)[1]["numbers"]
    assert evidence(QUICK).record["runs"][0]["numbers"] == here


def test_a_worker_with_another_recipe_is_refused(cluster, monkeypatch, tmp_path):
    monkeypatch.setattr(measuring, "recipe", lambda name: "of another day")
    with pytest.raises(ValueError, match=f"{QUICKER}: a worker measures by another recipe"):
        measuring.measure_all([QUICKER], seeds=1, jobs=1, on=cluster.address)
    assert not (tmp_path / "evidence").exists()


def test_where_nobody_schedules_the_command_says_so(capsys, monkeypatch):
    monkeypatch.setattr(workers, "SECONDS", 0.2)
    assert main(["measure", QUICKER, "--on", "tcp://127.0.0.1:9"]) == 1
    assert "no Dask scheduler answers at tcp://127.0.0.1:9" in capsys.readouterr().err
