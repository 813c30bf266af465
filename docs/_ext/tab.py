"""What docs/browser.md tells of the edition for a browser's tab: what runs there, and how soon."""

import json
from functools import cache
from pathlib import Path

import table

EVIDENCE = Path(__file__).resolve().parents[2] / "evidence" / "lite.json"


@cache
def rows():
    """What of each lesson runs, and what does not."""
    return table.rows()


def code(names):
    """Names in a cell of a table."""
    return ", ".join(f"`{name}`" for name in names)


def first_check():
    """How soon the first check is there, in sentences; none before it was measured."""
    if not EVIDENCE.exists():
        return []
    record = json.loads(EVIDENCE.read_text(encoding="utf-8"))
    median, targets = record["median"], record["targets"]
    return [
        f"The first check is there {median['cold_seconds']:.0f} s after a browser that was never here",
        f"has begun, with {median['cold_megabytes']:.1f} MB over the wire, and from then on after",
        f"{median['warm_seconds']:.0f} s: medians of {len(record['runs'])} on {record['machine']}, in",
        f"{record['date'][:7]}. Aimed at were {targets['cold_seconds']} s,",
        f"{targets['cold_megabytes']} MB and {targets['warm_seconds']} s.",
    ]
