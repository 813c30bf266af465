"""Items as a deck for Anki."""

from html import escape
from pathlib import Path

import genanki

from bn_course.course import write
from bn_course.grading import progress
from bn_course.review import memory
from bn_course.review.bank import bank
from bn_course.review.choosing import met, mistakes
from bn_course.review.ideas import IDEAS
from bn_course.review.item import RIGHT, Asked

_MODEL = genanki.Model(
    1502031670,  # fixed, so that a deck exported again replaces its cards
    "Batch normalisation: a choice",
    fields=[{"name": name} for name in ("Question", "Choices", "Answer")],
    templates=[
        {"name": "Card", "qfmt": "{{Question}}{{Choices}}", "afmt": "{{FrontSide}}<hr id=answer>{{Answer}}"}
    ],
)
_DECK = 1502031671


def export(file: Path) -> int:
    """Write the items of the lessons that were met, or all where none was. Returns how many there are."""
    state, done = memory.load(), progress.load()
    lessons, made, seed = met(state, done), mistakes(state, done), progress.seed()
    chosen = [item for item in bank().values() if not lessons or item.lesson in lessons]
    deck = genanki.Deck(_DECK, "Batch normalisation")
    for item in chosen:
        times = state["cards"].get(item.name, {"times": 0})["times"]
        deck.add_note(_note(item.asked(seed, times, made), seed))
    part = file.with_name(f".{file.name}.part")
    try:
        genanki.Package(deck).write_to_file(part)
        write(file, part.read_bytes())
    finally:
        part.unlink(missing_ok=True)
    return len(chosen)


def _note(asked: Asked, seed: int) -> genanki.Note:
    question = f"<p>{escape(asked.text)}</p>" + (f"<pre>{escape(asked.code)}</pre>" if asked.code else "")
    choices = "".join(f"<li>{escape(asked.choices[key])}</li>" for key in asked.order(seed))
    answer = f"<p><b>{escape(asked.choices[RIGHT])}</b></p><p>{escape(asked.why)}</p>"
    return genanki.Note(
        _MODEL,
        [question, f"<ul>{choices}</ul>", answer],
        tags=[asked.lesson, IDEAS[asked.idea].replace(" ", "-")],
        guid=genanki.guid_for("bn-course", asked.name),
    )
