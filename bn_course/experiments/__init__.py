"""What the course claims of normalisation, one file a claim: how it is measured, and the verdict.

    evidence("depth_plain")            what was measured, stored in evidence/depth_plain.json
    load("depth_plain").measure(0, "small")     measure it again, for one seed

`evidence` loads no torch; `load` does.
"""

from bn_course.experiments.catalogue import load, names
from bn_course.experiments.effects import Effect
from bn_course.experiments.experiment import (
    DOES_NOT_HOLD,
    HOLDS,
    NOT_TESTED,
    UNDECIDED,
    Experiment,
    Scope,
    Table,
    holds_when,
)
from bn_course.experiments.stored import Evidence, evidence, ledger

__all__ = [
    "DOES_NOT_HOLD",
    "HOLDS",
    "NOT_TESTED",
    "UNDECIDED",
    "Effect",
    "Evidence",
    "Experiment",
    "Scope",
    "Table",
    "evidence",
    "holds_when",
    "ledger",
    "load",
    "names",
]
