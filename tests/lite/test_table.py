"""What is said to run in a tab is what runs there, on every page that says it."""

import json
import re
from pathlib import Path

import pytest
import tab
import table

from bn_course.grading.catalogue import catalogue

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def rows():
    return table.rows()


def test_every_question_is_in_one_column(rows):
    names = [name for row in rows for name in (*row["checked"], *row["unchecked"])]
    assert sorted(names) == sorted(catalogue())
    assert all(len(row["marked"]) < row["cells"] for row in rows)


def test_the_readme_counts_the_questions_that_run(rows):
    said = re.search(r"(\d+) of the (\d+) questions", (ROOT / "README.md").read_text(encoding="utf-8"))
    assert [int(said[1]), int(said[2])] == [sum(len(row["checked"]) for row in rows), len(catalogue())]


def test_how_soon_is_told_when_it_was_measured(tmp_path, monkeypatch):
    monkeypatch.setattr(tab, "EVIDENCE", tmp_path / "lite.json")
    assert tab.first_check() == []
    median = {"cold_seconds": 11.4, "cold_megabytes": 14.86, "warm_seconds": 5.2}
    targets = {"cold_seconds": 12, "cold_megabytes": 15, "warm_seconds": 6}
    record = {
        "median": median,
        "targets": targets,
        "runs": [1, 2, 3],
        "machine": "Linux",
        "date": "2030-05-06",
    }
    tab.EVIDENCE.write_text(json.dumps(record | {"date": "2030-05-06"}), encoding="utf-8")
    said = " ".join(tab.first_check())
    assert "there 11 s after" in said
    assert "14.9 MB" in said
    assert "after 5 s: medians of 3 on Linux, in 2030-05." in said
