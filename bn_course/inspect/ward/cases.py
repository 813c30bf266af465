"""One case of the ward at a time: what the kit says of it, and whether that is right."""

import re
from collections.abc import Iterable
from itertools import product

from bn_course.inspect import inspect_batch_norm
from bn_course.inspect.report import Inspection
from bn_course.inspect.ward.register import FAULTS
from bn_course.inspect.ward.roster import HEALTHY
from bn_course.nets import seeded

SIZES = 1, 2, 4, 8, 32
BATCHES = 2


def inspected(name: str, mode: str, size: int, seed: int) -> Inspection:
    """A healthy model, made from `seed` and inspected in one mode on two batches of one size."""
    with seeded(seed):
        case = HEALTHY[name]()
    return _inspected(case, mode, size, seed)


def _inspected(case, mode: str, size: int, seed: int) -> Inspection:
    for module in case.model.modules():
        module.training = mode == "training"
    with seeded(seed):
        return inspect_batch_norm(case.model, case.batches(size, BATCHES, mode, seed), case.call)


def complaints(name: str, sizes: Iterable[int], seed: int) -> list[str]:
    """All warnings on a healthy model in its modes. That batch norm refuses one value in training is none."""
    with seeded(seed):
        case = HEALTHY[name]()
    said = []
    for mode, size in product(case.modes, sizes):
        found = [str(finding) for _, finding in _inspected(case, mode, size, seed).warnings]
        refused = size == 1 and mode == "training"
        said += [f"{mode}, {size}: {text}" for text in found if not (refused and "a single value" in text)]
    return said


def missed(name: str, seed: int) -> tuple[bool, list[str]]:
    """Of a planted fault: was it found, and what wrong things were said of it?"""
    fault = FAULTS[name]
    with seeded(seed):
        seen = fault.plant()
    warnings = [str(finding) for _, finding in seen.warnings]
    said = warnings + [str(finding) for _, finding in seen.notes] * fault.note
    wrong = [text for text in warnings if not re.search(f"{fault.said}|{fault.besides}", text)]
    return any(re.search(fault.said, text) for text in said), wrong
