"""What starts a room agrees with the course: files, versions, limits, figures. `make hub-test` starts one."""

import json
import re
import runpy
from collections import defaultdict
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import parse_qs, urlsplit

import pytest
import yaml
from packaging.requirements import Requirement

import bn_course
from bn_course import lab
from bn_course.room import hub

ROOT = Path(__file__).resolve().parents[1]
DEPLOY = ROOT / "deploy"
README = (DEPLOY / "README.md").read_text(encoding="utf-8")
DOCKERFILE = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
VALUES = yaml.safe_load((DEPLOY / "values.yaml").read_text(encoding="utf-8"))
MEASURED = json.loads((ROOT / "evidence" / "hub.json").read_text(encoding="utf-8"))
LESSON = f"lab/tree/bn-course/{lab.FIRST}"


def settings(monkeypatch, prefix):
    """What course_config.py sets, for a hub in the environment at `prefix`."""
    c = defaultdict(SimpleNamespace)
    spaces = SimpleNamespace(JupyterHub=c["JupyterHub"], Spawner=c["Spawner"])
    monkeypatch.setattr("sys.prefix", str(prefix))
    runpy.run_path(str(DEPLOY / "course_config.py"), {"get_config": lambda: spaces})
    return spaces


@pytest.fixture
def installed(tmp_path):
    folder = tmp_path / "lib/python3.11/site-packages/bn_course/_jupyter"
    folder.mkdir(parents=True)
    return folder


def arrival(url):
    """Where a hub's default address leads: the query of the pull."""
    return {name: value for name, (value,) in parse_qs(urlsplit(url).query).items()}


def test_a_hub_opens_at_the_first_lesson(monkeypatch, tmp_path, installed):
    c = settings(monkeypatch, tmp_path)
    for default, first in (
        (c.Spawner.default_url, c.JupyterHub.default_url),
        (VALUES["singleuser"]["defaultUrl"], VALUES["hub"]["config"]["JupyterHub"]["default_url"]),
    ):
        assert default == f"/{LESSON}"
        assert arrival(first)["urlpath"] == LESSON
        assert arrival(first)["targetpath"] == "bn-course"
        assert urlsplit(first).path == "/hub/user-redirect/git-pull"


def test_a_hub_gives_servers_what_the_courses_own_lab_gives(monkeypatch, tmp_path, installed):
    environment = settings(monkeypatch, tmp_path).Spawner.environment
    assert environment["JUPYTER_CONFIG_PATH"] == environment["JUPYTER_PATH"] == str(installed)
    assert installed.relative_to(tmp_path / "lib/python3.11/site-packages") == lab._DEFAULTS.relative_to(
        Path(bn_course.__file__).parents[1]
    )


def test_a_hub_without_the_course_says_so(monkeypatch, tmp_path):
    with pytest.raises(FileNotFoundError, match="bn-course is not installed"):
        settings(monkeypatch, tmp_path)


def test_both_kinds_of_hub_end_what_is_idle_alike(monkeypatch, tmp_path, installed):
    arguments = settings(monkeypatch, tmp_path).Spawner.args
    kernels = VALUES["singleuser"]["extraFiles"]["kernels"]["data"]["MappingKernelManager"]
    for name, seconds in kernels.items():
        assert f"--MappingKernelManager.{name}={seconds}" in arguments
    hub = (DEPLOY / "jupyterhub_config.py").read_text(encoding="utf-8")
    assert VALUES["cull"]["timeout"] == int(re.search(r"^HOUR = (\d+)", hub, re.MULTILINE)[1])
    assert f'mem_limit = "{VALUES["singleuser"]["memory"]["limit"]}"' in hub


def test_the_dockerfile_copies_what_there_is_and_all_that_the_wheel_holds():
    copied = {
        name.rstrip("/")
        for line in re.findall(r"^COPY (.+) \S+$", DOCKERFILE, re.MULTILINE)
        for name in line.split()
    }
    assert all((ROOT / name).exists() for name in copied)
    build = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    forced = re.findall(r'^"?([\w/.]+)"? = "bn_course/_course/', build, re.MULTILINE)
    assert {*forced, "bn_course", "pyproject.toml", "constraints.txt"} <= copied


def test_the_images_python_is_one_that_the_course_takes():
    version = tuple(map(int, re.search(r"^FROM python:(\d+)\.(\d+)", DOCKERFILE, re.MULTILINE).groups()))
    assert version >= (3, 11)
    binder = yaml.safe_load((ROOT / ".binder" / "environment.yml").read_text(encoding="utf-8"))
    assert f"python={version[0]}.{version[1]}" in binder["dependencies"]  # repo2docker wants one, named


def test_versions_agree():
    pins = {}
    for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            pins[Requirement(line).name] = str(Requirement(line).specifier).removeprefix("==")
    image, hub = re.search(r"^ARG JUPYTERHUB=(\S+)", DOCKERFILE, re.MULTILINE)[1], pins["jupyterhub"]
    assert image == "5.5.0"  # the JupyterHub of the chart that is named
    assert "chart 4.4" in (DEPLOY / "values.yaml").read_text(encoding="utf-8")
    assert "--version 4.4.0" in README
    assert f"JupyterHub {hub.rsplit('.', 1)[0]} " in README
    assert VALUES["singleuser"]["image"]["tag"] == bn_course.__version__
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    proxies = re.findall(r"configurable-http-proxy@(\S+)", README + makefile)
    assert len(proxies) == 2
    assert len(set(proxies)) == 1


def test_the_dev_container_is_the_image():
    text = (ROOT / ".devcontainer" / "devcontainer.json").read_text(encoding="utf-8")
    plain = json.loads(re.sub(r"^\s*//.*$", "", text, flags=re.MULTILINE))
    build = ROOT / ".devcontainer" / plain["build"]["dockerfile"]
    assert build.resolve() == DEPLOY / "Dockerfile"
    assert (ROOT / ".devcontainer" / plain["build"]["context"]).resolve() == ROOT
    for name in plain["customizations"]["codespaces"]["openFiles"]:
        assert (ROOT / name).is_file()


@pytest.mark.parametrize("name", ["postBuild", "start"])
def test_binders_scripts_are_run(name):
    file = ROOT / ".binder" / name
    assert file.read_text(encoding="utf-8").startswith("#!/bin/bash\n")
    named = re.findall(r"(?<![\w/.$])([a-z_]+(?:\.txt|/_jupyter))", file.read_text(encoding="utf-8"))
    assert all((ROOT / path).exists() for path in named)


def test_the_figures_in_the_readme_are_those_that_were_measured():
    lessons = MEASURED["lessons"]
    largest = max(lessons, key=lambda stem: lessons[stem]["at_its_end"])
    smallest = min(lessons, key=lambda stem: lessons[stem]["at_its_end"])
    server = (MEASURED["servers"][-1] - MEASURED["servers"][0]) / (MEASURED["learners"] - 1)
    rows = dict(re.findall(r"^\| ([^|]+) \| (\d+) \|$", README, re.MULTILINE))
    assert list(map(int, rows.values())) == [
        round(number)
        for number in (
            MEASURED["hub_and_proxy"],
            server,
            MEASURED["one_more_learner"],
            lessons[smallest]["at_its_end"],
            lessons[largest]["at_its_end"],
            lessons[largest]["resident_at_its_peak"],
        )
    ]
    said = " ".join(rows)
    assert f"({smallest[:2]})" in said
    assert f"({largest[:2]})" in said
    assert set(lessons) == {file.stem for file in (ROOT / "exercises").glob("*.ipynb")}
    assert MEASURED["learners_in_a_gigabyte"] == 2  # "a gigabyte holds two learners"
    assert server + lessons[largest]["at_its_end"] < 700  # "plan 0.7 GB for each"
    assert max(lesson["resident_at_its_peak"] for lesson in lessons.values()) < 2000  # the limit


def test_the_rooms_of_both_hubs_are_one():
    """Its name, address, group and database are told alike in all places."""
    parts = list(yaml.safe_load_all((DEPLOY / "room.yaml").read_text(encoding="utf-8")))
    made = {part["metadata"]["name"]: part["spec"] for part in parts if "template" in part["spec"]}
    pods = {name: spec["template"]["spec"] for name, spec in made.items()}
    told = {one["name"]: one.get("value") for one in pods["room"]["containers"][0]["env"]}
    services = VALUES["hub"]["services"]
    assert services["room"]["url"] == "http://room:8765"
    assert told["JUPYTERHUB_SERVICE_PREFIX"] == "/services/room/"
    assert told["JUPYTERHUB_OAUTH_CALLBACK_URL"] == "/services/room/oauth_callback"
    assert told["JUPYTERHUB_CLIENT_ID"] == "service-room"
    assert told["BN_COURSE_ROOM_DB"] == "postgresql+psycopg://room:$(PASSWORD)@room-database/room"
    assert pods["room"]["containers"][0]["command"] == ["python", "-m", hub.__name__]
    link = urlsplit(VALUES["singleuser"]["extraEnv"]["BN_COURSE_ROOM"])
    assert link.path == f"/services/room/r/{hub.CODE}"
    config = (DEPLOY / "jupyterhub_config.py").read_text(encoding="utf-8")
    assert f"8000{link.path}" in config
    assert hub.__name__ in config
    assert VALUES["hub"]["loadRoles"]["room"]["groups"] == [hub.GROUP]
    assert f'"{hub.GROUP}": ' in VALUES["hub"]["extraConfig"]["instructors"]


def test_files_that_the_page_links_exist():
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)\)", README)
    assert links
    assert [link for link in links if not (DEPLOY / link).exists()] == []
    headings = {
        re.sub(r"[^\w\- ]", "", line).strip().lower().replace(" ", "-")
        for line in re.findall(r"^#+ (.+)$", README, re.MULTILINE)
    }
    assert set(re.findall(r"\]\(#([^)]+)\)", README)) <= headings
