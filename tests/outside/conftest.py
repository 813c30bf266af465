"""Tests that others wrote, run on what the course wrote, and a table of how many there were.

A case of a suite is run, or left out for a reason that the test file gives; either way it is counted.
"""

from collections import Counter

import pytest

RUN = "run"


def pytest_configure(config):
    config.addinivalue_line("markers", "requires_trainable_backend: Keras marks its own tests with it")


@pytest.fixture
def count(record_property):
    """(suite, reason=None) → None: one more case of `suite` was run, or left out for `reason`."""

    def count(suite, reason=RUN):
        record_property("outside", (suite, reason))

    return count


def pytest_terminal_summary(terminalreporter):
    reports = [r for outcome in ("passed", "failed") for r in terminalreporter.getreports(outcome)]
    counted = Counter(
        tuple(value) for report in reports for name, value in report.user_properties if name == "outside"
    )
    suites = sorted({suite for suite, _ in counted})
    if not suites:
        return
    width = max(map(len, [*suites, "all"]))
    write = terminalreporter.write_line
    terminalreporter.section("what others' tests say of ours")
    write(f"{'suite':{width}}  cases   run  left out")
    for suite in [*suites, "all"]:
        reasons = Counter()
        for (name, reason), number in counted.items():
            if suite in (name, "all"):
                reasons[reason] += number
        ran = reasons.pop(RUN, 0)
        left_out = reasons.total()
        why = "; ".join(f"{number} {reason}" for reason, number in sorted(reasons.items()))
        why = f" ({why})" if why and suite != "all" else ""
        write(f"{suite:{width}}  {ran + left_out:5}  {ran:4}  {left_out:8}{why}")
