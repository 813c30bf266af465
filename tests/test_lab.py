"""`bn-course lab` starts a real JupyterLab that opens at the first lesson."""

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from bn_course import course, lab

REPOSITORY = Path(__file__).resolve().parents[1]
NOTIFICATION = "@jupyterlab/apputils-extension:notification"


class Server:
    """A running lab: its address, and the folder that holds the user's Jupyter configuration."""

    def __init__(self, address, config):
        self.address, self.config = address, config

    def get(self, path):
        request = urllib.request.Request(f"{self.address}{path}", headers={"Authorization": "token t"})
        return urllib.request.urlopen(request, timeout=300)

    def json(self, path):
        with self.get(path) as answer:
            return json.load(answer)


@pytest.fixture(autouse=True)
def own_jupyter(tmp_path, monkeypatch):
    """Nobody's own Jupyter is touched, and what a lab sets is gone after the test."""
    for place in ("CONFIG", "DATA", "RUNTIME"):
        monkeypatch.setenv(f"JUPYTER_{place}_DIR", str(tmp_path / place))
    for name in ("JUPYTER_CONFIG_PATH", "JUPYTER_PATH", "IPYTHONDIR"):
        monkeypatch.setenv(name, "")


def running(folder):
    """The address that the server in this runtime folder wrote down; None before it has."""
    for file in folder.glob("jpserver-*.json"):
        with contextlib.suppress(ValueError):  # half written
            return json.loads(file.read_text(encoding="utf-8"))["url"]
    return None


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    home = tmp_path_factory.mktemp("jupyter")
    places = ("CONFIG_DIR", "DATA_DIR", "RUNTIME_DIR")
    environment = os.environ | {f"JUPYTER_{place}": str(home / place) for place in places}
    with socket.socket() as taken, (home / "log").open("w") as log:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        extra = [f"--port={port}", "--IdentityProvider.token=t"]
        process = subprocess.Popen(
            [sys.executable, "-m", "bn_course.cli", "lab", "--no-browser", "--", *extra],
            env=environment,
            cwd=home,
            stdout=log,
            stderr=log,
        )
        try:
            deadline = time.monotonic() + 300
            while (address := running(home / "RUNTIME_DIR")) is None:
                assert process.poll() is None, (home / "log").read_text()
                assert time.monotonic() < deadline, (home / "log").read_text()
                time.sleep(0.1)
            assert f":{port}/" not in address  # that one was taken: it found another
            yield Server(address, home / "CONFIG_DIR")
        finally:
            process.terminate()
            process.wait(30)


def test_it_opens_at_the_first_lesson(server):
    with server.get("") as page:
        assert page.status == 200
        assert page.url.endswith(f"/lab/tree/{lab.FIRST}")


def test_it_serves_the_course(server):
    names = {entry["name"] for entry in server.json("api/contents")["content"]}
    assert {"notebooks", "exercises"} <= names


def test_figures_get_what_jupyterlab_leaves_out(server):
    """A text alternative, and their picture where their kernel is gone."""
    with server.get("lab") as page:
        assert '"name": "bn-course"' in page.read().decode()
    with server.get("lab/extensions/bn-course/static/figures.js") as script:
        assert "alternative text" in script.read().decode()


def test_nobody_is_asked_about_news(server):
    settings = server.json(f"lab/api/settings/{NOTIFICATION}")["schema"]["properties"]
    assert settings["fetchNews"]["default"] == "false"
    assert settings["checkForUpdates"]["default"] is False


def test_the_users_own_configuration_is_as_it_was(server):
    assert [file for file in server.config.rglob("*") if NOTIFICATION.split(":")[1] in file.name] == []


def test_the_first_lesson_is_there():
    assert (course.folder("notebooks").parent / lab.FIRST).is_file()


@pytest.mark.parametrize(("user", "allowed"), [(0, ["--allow-root"]), (1000, [])])
def test_what_jupyter_is_given(monkeypatch, user, allowed):
    started = []
    monkeypatch.setattr(os, "geteuid", lambda: user, raising=False)
    monkeypatch.setenv("JUPYTER_CONFIG_PATH", "mine")
    monkeypatch.setenv("JUPYTER_PATH", "mine")
    monkeypatch.setattr("jupyterlab.labapp.LabApp.launch_instance", lambda argv: started.extend(argv))
    lab.open_lab(browser=False, extra=["--port", "9000"])
    for name in ("JUPYTER_CONFIG_PATH", "JUPYTER_PATH"):
        assert os.environ[name].split(os.pathsep)[1:] == ["mine"]
    assert started[2:] == ["--no-browser", *allowed, "--port", "9000"]


def test_without_a_repository_the_learner_gets_a_copy(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(course, "in_checkout", lambda: False)
    monkeypatch.setattr(course, "folder", lambda name: REPOSITORY / name)
    started = []
    monkeypatch.setattr("jupyterlab.labapp.LabApp.launch_instance", lambda argv: started.extend(argv))
    monkeypatch.chdir(tmp_path)
    lab.open_lab()
    assert f"--ServerApp.root_dir={tmp_path / 'bn-course'}" in started
    assert (tmp_path / "bn-course" / "exercises" / "00_start_here.ipynb").is_file()
    assert str(tmp_path / "bn-course") in capsys.readouterr().out


def test_a_home_that_cannot_be_written_has_a_lab_too(monkeypatch, tmp_path, capsys):
    (tmp_path / "file").touch()
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(tmp_path / "file" / "config"))
    monkeypatch.setattr("jupyterlab.labapp.LabApp.launch_instance", lambda argv: None)
    lab.open_lab()
    said = capsys.readouterr().out
    assert f"{tmp_path / 'file' / 'config'} cannot be written (" in said
    for place in ("CONFIG", "DATA", "RUNTIME"):
        kept = Path(os.environ[f"JUPYTER_{place}_DIR"])
        assert f"Jupyter keeps its own files in {kept.parent}." in said
        kept.mkdir()
    shutil.rmtree(kept.parent)
