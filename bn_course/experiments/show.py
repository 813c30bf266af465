"""The ledger in a terminal: what is true of normalisation, what is folklore, and how we know."""

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from bn_course.experiments.card import verdict_in_full
from bn_course.experiments.experiment import DOES_NOT_HOLD, HOLDS, NOT_TESTED, UNDECIDED
from bn_course.experiments.stored import ledger

# what holds when … is yellow
COLOURS = {HOLDS: "green", DOES_NOT_HOLD: "red", UNDECIDED: "blue", NOT_TESTED: "blue"}


def show_ledger(lesson: str = "") -> None:
    """Print every claim that was measured with its verdict and its numbers."""
    entries = ledger(lesson)
    table = Table("", "claim", "verdict", box=box.SIMPLE, pad_edge=False)
    table.add_column("measured", overflow="fold")
    for entry in entries:
        said = Text(f"{entry.claim}\n").append(entry.record["source"], style="dim")
        verdict = Text(verdict_in_full(entry.record), style=COLOURS.get(entry.verdict, "yellow"))
        below = " · ".join((str(entry.scope), f"{len(entry.seeds)} seeds", entry.name))
        finding = Text(f"{entry.finding}. {entry.larger}\n").append(below, style="dim")
        table.add_row(entry.record["lesson"][:2], said, verdict, finding, end_section=True)
    console = Console()
    console.print(table)
    console.print(f"{len(entries)} claims. `bn-course measure NAME` measures one again.")
