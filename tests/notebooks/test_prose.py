"""Numbers in prose that come from evidence are the stored ones; `evidence_in_prose.toml` names them."""

import tomllib

import pytest
from stored import REPOSITORY, read

from bn_course.experiments import evidence

MARKED = tomllib.loads((REPOSITORY / "tests/notebooks/evidence_in_prose.toml").read_text(encoding="utf-8"))


def filled_in(place: str) -> str:
    """'depth_plain {plain[3]:.0%} at last' with the mean that is stored: '12 % at last'."""
    name, _, template = place.partition(" ")
    return template.format(**evidence(name).mean).replace("%", " %")


@pytest.mark.parametrize("cell", MARKED)
def test_a_number_in_prose_is_the_one_that_was_measured(cell):
    lesson, _, cell_id = cell.partition(" ")
    (source,) = (c.source for c in read(REPOSITORY / f"notebooks/{lesson}.ipynb").cells if c.id == cell_id)
    for said, place in MARKED[cell].items():
        assert said in source
        assert filled_in(place) == said


def test_what_is_filled_in_follows_the_evidence():
    stored = evidence("depth_plain").mean["plain"]
    assert filled_in("depth_plain {plain[0]:.0%} and {plain[3]:.0%}") == (
        f"{100 * stored[0]:.0f} % and {100 * stored[3]:.0f} %"
    )
