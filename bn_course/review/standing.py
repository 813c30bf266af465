"""What `progress()` tells of reviews: what is due when, what was gained, what was explained."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from html import escape

from bn_course.review import memory, schedule
from bn_course.review.explanations import kept
from bn_course.review.gain import Gain, gains, to_dicts
from bn_course.review.inventory_forms import FORMS


@dataclass(frozen=True)
class Learned:
    """The state of the review file, as a learner and an instructor read it."""

    due: Mapping[date, int]
    inventory: Mapping[str, Mapping]
    own_words: list[dict]
    warning: str | None = None

    def to_dict(self) -> dict:
        """Everything, ready for JSON."""
        return {
            "due": {day.isoformat(): number for day, number in self.due.items()},
            "inventory": {which: dict(self.inventory[which]) for which in FORMS if which in self.inventory},
            "gain": to_dicts(self.inventory),
            "own_words": self.own_words,
        }

    def lines(self) -> list[str]:
        """The same, to be read; nothing where nothing was begun."""
        lines = schedule.told(self.due)
        rows = gains(self.inventory)
        if rows:
            lines += ["Inventory, right before and after, and the share of what could be gained:"]
            lines += [f"  {row.idea:32} {row.before} {row.after} of {row.of}  {_share(row)}" for row in rows]
        elif self.inventory:
            lines += ["Inventory: its outcome is shown when both forms are done."]
        lines += [f"Explained in your own words: {len(self.own_words)} lessons."] if self.own_words else []
        return lines + ([self.warning] if self.warning else [])

    def html(self) -> str:
        """The lines, in the form that a notebook shows."""
        return f"<pre>{escape(chr(10).join(self.lines()))}</pre>" if self.lines() else ""


def _share(row: Gain) -> str:
    return "nothing to gain" if row.normalised is None else f"{row.normalised:+.2f}".replace("-", "−")


def learned() -> Learned:
    """What is known of this learner now."""
    state = memory.load()
    days = schedule.calendar(state["cards"], schedule.now())
    return Learned(days, state["inventory"], kept(state), memory.word())
