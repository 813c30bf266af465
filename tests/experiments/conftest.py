"""A catalogue of one small experiment, in a folder of its own."""

from types import SimpleNamespace

import pytest

from bn_course import course
from bn_course.experiments import catalogue, measuring, stored

SOURCE = '''
"""A claim about coins."""

from bn_course.experiments import Effect, Experiment, Scope


def measure(seed, scale):
    """Toss."""
    return {"heads": 3.0 + seed, "tails": 2.0, "curve": [1.0, seed / 3]}


MORE = Effect("heads more", lambda n: n["heads"] - n["tails"], above=0.0, why="none is as many")

EXPERIMENT = Experiment(
    claim="Coins like heads.",
    source="A story that people tell",
    scope=Scope("coins", test=200),
    method="Five coins.",
    measure=measure,
    holds=MORE,
    finding="heads {heads:.1f}, tails {tails:.1f}, at last {curve[1]:.2f}",
)
'''


@pytest.fixture
def coins(tmp_path, monkeypatch):
    """`.file` is the experiment's, `.stored` its evidence's; `load` reads the file anew."""
    file = tmp_path / "experiments" / "98_coins" / "heads.py"
    file.parent.mkdir(parents=True)
    file.write_text(SOURCE)

    def load(name):
        module = {}
        exec(compile(catalogue.files()[name].read_text(), str(file), "exec"), module)
        return module["EXPERIMENT"]

    monkeypatch.setattr(catalogue, "files", lambda: {"heads": file})
    monkeypatch.setattr(stored, "names", lambda lesson="": ["heads"])
    monkeypatch.setattr(course, "folder", lambda name: tmp_path / name)
    monkeypatch.setattr(measuring, "load", load)
    return SimpleNamespace(file=file, stored=tmp_path / "evidence" / "heads.json")
