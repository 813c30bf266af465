"""`bn-course doctor`: what it finds, on machines that lack something."""

import importlib.metadata
import sys
from types import SimpleNamespace

import psutil
import pytest
import torch
from packaging.requirements import Requirement

import bn_course
from bn_course import cli, course, doctor

GIB = 2**30


def found(what):
    return next(finding for finding in doctor.examine() if finding.what == what)


@pytest.fixture
def without(monkeypatch):
    """Hide an installed package from its metadata, as if it were not there."""
    real = importlib.metadata.version

    def hide(hidden):
        def version(name):
            if name == hidden:
                raise importlib.metadata.PackageNotFoundError(name)
            return real(name)

        monkeypatch.setattr(importlib.metadata, "version", version)

    return hide


def test_where_the_tests_run_the_course_runs():
    findings = doctor.examine()
    assert [finding for finding in findings if finding.state == "missing"] == []
    assert doctor.can_run(findings)


def test_every_dependency_is_looked_at_with_its_version():
    needed = [Requirement(text) for text in importlib.metadata.requires("bn-course")]
    names = {requirement.name for requirement in needed if requirement.marker is None}
    details = {finding.what: finding.detail for finding in doctor.examine()}
    assert {name: importlib.metadata.version(name) for name in names}.items() <= details.items()


def test_a_missing_package_stops_the_course_and_has_a_remedy(without, capsys):
    without("nbclient")
    finding = found("nbclient")
    assert finding.state == "missing"
    assert "pip install" in finding.remedy
    assert cli.main(["doctor"]) == 1
    shown = capsys.readouterr().out
    assert "Missing: nbclient." in shown
    assert finding.remedy in shown.replace("\n", " ")


def test_a_missing_extra_does_not(without):
    without("nbgrader")
    finding = found("extra 'teach', to run a workshop")
    assert (finding.state, finding.detail) == ("note", "not here: nbgrader")


def test_an_old_package_is_missing():
    finding = doctor._package(Requirement("numpy>=999"))
    assert finding.state == "missing"
    assert "the course needs >=999" in finding.detail


def test_a_course_that_is_not_installed_is_said_to_be(monkeypatch):
    def requires(name):
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(importlib.metadata, "requires", requires)
    assert found("bn-course").state == "missing"


def test_a_torch_that_does_not_load_is_said_to_be(monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)  # import torch raises ImportError
    assert found("torch runs").state == "missing"


def test_no_gpu_is_no_failure(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert found("GPU").state == "note"


def test_a_gpu_is_named(monkeypatch):
    device = SimpleNamespace(name="Some GPU", total_memory=24 * GIB)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "get_device_properties", lambda index: device)
    ones = torch.ones
    monkeypatch.setattr(torch, "ones", lambda size, device=None: ones(size))
    assert found("GPU") == doctor.Finding("GPU", "ok", "Some GPU, 24 GiB")


def test_a_gpu_that_fails_is_a_note(monkeypatch):
    device = SimpleNamespace(name="Some GPU", total_memory=24 * GIB)
    ones = torch.ones

    def fails(size, device=None):
        if device:
            raise RuntimeError("CUDA error: no kernel image is available\nmore")
        return ones(size)

    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "get_device_properties", lambda index: device)
    monkeypatch.setattr(torch, "ones", fails)
    finding = found("GPU")
    assert finding.state == "note"
    assert finding.detail.endswith("unusable: CUDA error: no kernel image is available")


@pytest.mark.parametrize(("free", "state"), [(1 * GIB, "note"), (8 * GIB, "ok")])
def test_memory(monkeypatch, free, state):
    monkeypatch.setattr(psutil, "virtual_memory", lambda: SimpleNamespace(available=free))
    assert found("memory").state == state


def test_a_disk_that_cannot_be_written_is_a_note(monkeypatch, tmp_path):
    (tmp_path / "file").touch()
    monkeypatch.setenv("BN_COURSE_HOME", str(tmp_path / "file" / "home"))  # root may write anywhere else
    finding = found("progress")
    assert finding.state == "note"
    assert "BN_COURSE_HOME" in finding.remedy


@pytest.fixture
def homeless(monkeypatch):
    """No HOME, and a number that no user has, as in some containers."""

    def getpwuid(number):
        raise KeyError(number)

    for name in ("HOME", "XDG_DATA_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(pytest.importorskip("pwd"), "getpwuid", getpwuid)


def test_without_a_home_the_course_runs_and_says_what_is_not_kept(homeless, monkeypatch, capsys):
    monkeypatch.delenv("BN_COURSE_HOME")
    finding = found("progress")
    assert (finding.state, finding.detail) == ("note", "cannot be saved: you have no home folder here")
    assert "BN_COURSE_HOME" in finding.remedy
    bn_course.check(lambda x: x + x, name="double")
    assert "could not be saved" in capsys.readouterr().out


def test_without_a_home_a_chosen_folder_is_enough(homeless, tmp_path, monkeypatch):
    monkeypatch.setenv("BN_COURSE_HOME", str(tmp_path / "state"))
    assert found("progress") == doctor.Finding("progress", "ok", f"saved in {tmp_path / 'state'}")


def test_looking_leaves_nothing_behind(monkeypatch, tmp_path):
    monkeypatch.setenv("BN_COURSE_HOME", str(tmp_path / "home"))
    assert found("progress").state == "ok"
    assert list((tmp_path / "home").iterdir()) == []


def test_no_lessons_stops_the_course(monkeypatch, tmp_path):
    monkeypatch.setattr(course, "folder", lambda name: tmp_path / name)
    assert found("lessons").state == "missing"


def test_in_a_browser_it_looks_at_what_a_browser_has(monkeypatch, tmp_path):
    monkeypatch.setattr(course, "in_browser", lambda: True)
    monkeypatch.setattr(course, "DRIVE", tmp_path / "drive")
    findings = doctor.examine()
    assert [finding.what for finding in findings] == ["Python", "PyTorch", "progress"]
    assert doctor.can_run(findings)
    assert found("progress").detail == "is lost when this page is closed"
    course.DRIVE.mkdir()
    assert found("progress").state == "ok"
