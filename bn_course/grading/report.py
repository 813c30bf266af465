"""What a learner reads after a check: plain text for terminals, HTML for notebooks, a dict for machines."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from html import escape
from typing import NamedTuple

from bn_course.grading.repair.place import Place, place_sentence

MIME = "application/vnd.bn-course.report+json"
NOT_REACHED = "not reached"  # the message of a check that something else kept from being made


class CheckResult(NamedTuple):
    """One thing that was checked."""

    name: str
    passed: bool
    message: str


class Example(NamedTuple):
    """A case small enough to redo by hand."""

    given: str
    yours: str
    expected: str


@dataclass(frozen=True)
class Report:
    """The result of grading one answer.

    `diagnosis` holds the keys of the misconceptions that were recognised, `message` what a learner reads,
    `checks` what was checked, in order. Where `checked` is false there is no verdict: `note` says why.
    `relation` says how what came is related to what was expected, where no misconception was recognised;
    `place` is the line and the text whose change passes these checks, in the sentence `where`. `fix` says the
    change itself, for a hint: it is not part of the report.
    """

    name: str
    passed: bool
    score: float
    points: int
    attempted: bool = True
    checked: bool = True
    diagnosis: tuple[str, ...] = ()
    checks: list[CheckResult] = field(default_factory=list)
    example: Example | None = None
    explanations: tuple[tuple[str, str], ...] = ()
    relation: str | None = None
    place: tuple[int, str] | None = None
    where: str = ""
    note: str = ""
    fix: str = ""

    def with_places(self, places: Sequence[Place]) -> "Report":
        """The report with the places that were found; the first is `place`.

        Of two that each mend a mistake which has a name, one may well be another's detour: neither is said.
        """
        if not places or (self.diagnosis and places[0].role == "either"):
            return self
        fix = "\n".join(f"Line {place.line}: {place.fix}" for place in places)
        place = (places[0].line, places[0].text)
        return replace(self, place=place, where=place_sentence(places), fix=fix)

    @property
    def headline(self) -> str:
        if self.passed:
            return f"passed, {self.points} of {self.points} points"
        if not self.checked:
            return "not checked"
        if not self.attempted:
            return "not attempted"
        good = sum(check.passed for check in self.checks)
        return f"not yet, {good} of {len(self.checks)} checks"

    @property
    def message(self) -> str:
        return str(self)

    def __str__(self) -> str:
        lines = [f"{self.name} — {self.headline}"]
        lines += [f"  {line}" for line in self._lines()]
        if self.example:
            given, yours, expected = self.example
            lines += ["", f"On {given}:", f"  yours     {yours}", f"  expected  {expected}"]
        for did, why in self.explanations:
            lines += ["", did, why]
        for text in filter(None, (self.relation, self.where, self.note)):
            lines += ["", text]
        return "\n".join(lines)

    def to_dict(self) -> dict:
        """Everything in the report, ready for JSON."""
        return {
            "name": self.name,
            "passed": self.passed,
            "attempted": self.attempted,
            "checked": self.checked,
            "score": self.score,
            "points": self.points,
            "diagnosis": list(self.diagnosis),
            "message": self.message,
            "checks": [check._asdict() for check in self.checks],
            "example": self.example and self.example._asdict(),
            "explanations": [list(pair) for pair in self.explanations],
            "relation": self.relation,
            "place": self.place and list(self.place),
            "where": self.where,
            "note": self.note,
        }

    @classmethod
    def from_dict(cls, kept: dict) -> "Report":
        """A report as `to_dict` wrote it."""
        return cls(
            name=kept["name"],
            passed=kept["passed"],
            score=kept["score"],
            points=kept["points"],
            attempted=kept["attempted"],
            checked=kept["checked"],
            diagnosis=tuple(kept["diagnosis"]),
            checks=[CheckResult(**check) for check in kept["checks"]],
            example=Example(**kept["example"]) if kept["example"] else None,
            explanations=tuple((did, why) for did, why in kept["explanations"]),
            relation=kept["relation"],
            place=kept["place"] and tuple(kept["place"]),
            where=kept["where"],
            note=kept["note"],
        )

    def _lines(self) -> list[str]:
        """What passed; or one cross for one cause, what failed with it, and what was not reached."""
        if self.passed:
            return [f"✓ {check.name}" for check in self.checks]
        failed = [c for c in self.checks if not c.passed and c.message != NOT_REACHED]
        missed = [c.name for c in self.checks if not c.passed and c.message == NOT_REACHED]
        lines = []
        if failed:
            first = next((c for c in failed if c.name in _CAUSES), failed[0])
            lines = ["✗ " + first.message.replace("\n", "\n    ")]
            if others := [c.name for c in failed if c is not first]:
                lines.append(f"· failed with it: {'; '.join(others)}")
        if missed:
            lines.append(f"· {NOT_REACHED}: {', '.join(missed)}")
        return lines

    def _repr_html_(self) -> str:
        state = "passed" if self.passed else "failed" if self.attempted and self.checked else "untouched"
        parts = [f"<p><strong>{escape(self.name)}</strong> — {escape(self.headline)}</p>"]
        rows = "".join(f"<li>{_rich(line)}</li>" for line in self._lines())
        parts += [f"<ul>{rows}</ul>"] if rows else []
        if self.example:
            given, yours, expected = map(escape, self.example)
            parts.append(
                f"<p>On <code>{given}</code>:</p><table>"
                f"<tr><th scope='row'>yours</th><td><code>{yours}</code></td></tr>"
                f"<tr><th scope='row'>expected</th><td><code>{expected}</code></td></tr></table>"
            )
        parts += [f"<p><strong>{_rich(did)}</strong> {_rich(why)}</p>" for did, why in self.explanations]
        parts += [f"<p><strong>{_rich(self.relation)}</strong></p>"] if self.relation else []
        parts += [f"<p>{_rich(self.where)}</p>"] if self.where else []
        parts += [f"<p>{_rich(self.note)}</p>"] if self.note else []
        body = "".join(parts)
        return f"<style>{_CSS}</style><div class='bn-report bn-{state}' role='status'>{body}</div>"

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict:
        return {"text/plain": str(self), "text/html": self._repr_html_(), MIME: self.to_dict()}


_CAUSES = ("it runs", "types and shapes", "values")  # of which the first that failed is the one to read


def _rich(text: str) -> str:
    """Escape, then mark `code` as code and keep line breaks."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(text)).replace("\n", "<br>")


# JupyterLab's variables follow its theme; elsewhere the page's own colours are inherited. Its own rules
# for lists and tables, which indent and align to the right, weigh more than a class.
_CSS = """
.bn-report { border-left: 4px solid #999999; padding: 0.2em 1em; }
.bn-report { color: var(--jp-content-font-color1, inherit); }
.bn-report.bn-passed { border-color: #009E73; }
.bn-report.bn-failed { border-color: #D55E00; }
.bn-report ul { list-style: none; padding-left: 0 !important; margin: 0.4em 0; }
.bn-report p { margin: 0.4em 0; }
.bn-report table { margin: 0.4em 0; border-collapse: collapse; }
.bn-report th, .bn-report td { text-align: left !important; }
.bn-report th { padding-right: 1em; font-weight: normal; white-space: nowrap; vertical-align: top; }
.bn-report code { background: var(--jp-layout-color2, rgba(128, 128, 128, 0.15)); }
.bn-report code { color: inherit; padding: 0 0.2em; }
""".strip().replace("\n", " ")
