"""Slides hold the whole lesson, in an order in which it can be shown, and need nothing from elsewhere."""

import re

import nbformat
import pytest

from bn_course.course import folder
from bn_course.grading.catalogue import lessons, predictions
from bn_course.workshop import slides


@pytest.fixture(params=lessons())
def lesson(request):
    return nbformat.read(folder("notebooks") / f"{request.param}.ipynb", as_version=4)


def kind(cell):
    return cell.metadata.slideshow.slide_type


def lesson_of(*cells):
    make = {"m": nbformat.v4.new_markdown_cell, "c": nbformat.v4.new_code_cell}
    return nbformat.v4.new_notebook(cells=[make[which](source, **more) for which, source, more in cells])


def output(**data):
    return [nbformat.v4.new_output("display_data", data=data)]


def decked(lesson):
    """The slides, each as the cells that it shows."""
    deck = []
    for cell in slides.slides(lesson).cells:
        if kind(cell) in ("slide", "subslide"):
            deck.append([])
        if kind(cell) != "notes":
            deck[-1].append(cell)
    return deck


def shows_or_asks(slide):
    """A figure, what a cell gave, a prediction, or the question of a section."""
    asks = re.compile(r"What do you predict|^#+ .*\?$|^\*.*\?\*$", re.MULTILINE)
    return any(cell.get("outputs") or asks.search(cell.source) for cell in slide)


def for_a_room(lesson):
    """What is not for a learner alone: a review, the inventory, one's own words."""
    return [cell for cell in lesson.cells if not cell.id.startswith(slides.ALONE)]


def test_a_deck_is_short_and_most_of_it_shows_or_asks(lesson):
    deck = decked(lesson)
    assert len(deck) <= 45
    assert sum(map(shows_or_asks, deck)) > len(deck) / 2


def test_what_a_learner_does_alone_is_on_no_slide(lesson):
    alone = [cell for cell in lesson.cells if cell.id.startswith(slides.ALONE)]
    deck = "\n".join(cell.source for cell in slides.slides(lesson).cells)
    assert alone
    assert [cell.id for cell in alone if cell.source.splitlines()[0] in deck] == []


def test_no_sentence_of_a_lesson_is_lost(lesson):
    deck = " ".join("".join(cell.source.split()) for cell in slides.slides(lesson).cells)
    for cell in for_a_room(lesson):
        if cell.cell_type == "markdown":
            paragraphs = re.split(r"\n\s*\n", cell.source.replace("**Predict.**", "\n\n"))
            assert [p for p in paragraphs if "".join(p.split()) not in deck] == []


def test_every_figure_and_every_output_is_shown_once(lesson):
    shown = [output for cell in slides.slides(lesson).cells for output in cell.get("outputs", ())]
    meant = [
        output
        for cell in for_a_room(lesson)
        if cell.cell_type == "code"
        and not cell.source.startswith("predict(")
        and cell.metadata.get("slide") != ""
        for output in cell.outputs
    ]
    assert shown == meant


def test_a_prediction_is_a_slide_before_its_outcome_and_the_answer_is_for_the_speaker(lesson):
    cells = slides.slides(lesson).cells
    asked = [n for n, cell in enumerate(cells) if "What do you predict?" in cell.source]
    found = re.findall(r'^predict\("([^"]+)"', "\n".join(c.source for c in lesson.cells), re.MULTILINE)
    assert len(asked) == len(found)
    for place, name in zip(asked, found, strict=True):
        asked = predictions()[name]
        choices, note = (cells[place + 1], cells[place + 2]) if asked.texts else (None, cells[place + 1])
        assert kind(cells[place]) in ("subslide", "-")
        assert kind(note) == "notes"
        assert name in note.source
        if choices is None:
            assert f"({asked.answer})" in note.source or f"{asked.answer:g}" in note.source
        else:
            letter = re.search(r"The answer: (\(.\))\.", note.source)[1]
            assert f"- {letter} {asked.said(asked.answer)}" in choices.source.splitlines()
            assert kind(choices) == "-"
        after = (kind(cell) for cell in cells[place + 2 + bool(choices) :])
        assert next(which for which in after if which != "notes") in ("slide", "subslide")


def test_a_heading_begins_a_slide_and_what_follows_says_where_it_belongs():
    full = "\n".join(f"- {n}" for n in range(12))
    said = "# T\n\nA.", f"## *S*\n\n{full}", f"C:\n\n{full}"
    deck = decked(lesson_of(*(("m", text, {}) for text in said)))
    shown = [[cell.source for cell in slide] for slide in deck]
    assert shown == [["# T", "A."], ["## *S*", full], ['<p class="section">S</p>', f"C:\n\n{full}"]]


def test_what_follows_stands_on_the_same_slide_while_there_is_room():
    text = {"outputs": [nbformat.v4.new_output("stream", text="1\n")]}
    said = "## Is it so?\n\nB.", "It is.\n\n**Predict.** Who?"
    first, second = decked(lesson_of(("m", said[0], {}), ("c", "print(1)", text), ("m", said[1], {})))
    assert [kind(cell) for cell in first] == ["slide", "-", "-", "fragment", "fragment"]
    assert [cell.source for cell in second][1].endswith("Who?")  # never beside what was shown before


@pytest.mark.parametrize(("own", "shown"), [("**Mine.**", ["## S", "**Mine.**"]), ("", [])])
def test_a_cell_says_what_its_slide_shows(own, shown):
    cells = slides.slides(
        lesson_of(("m", "# T\n\nA.", {}), ("m", "## S\n\nB.", {"metadata": {"slide": own}}))
    ).cells
    assert [cell.source for cell in cells if kind(cell) != "notes"] == ["# T", "A.", *shown]
    assert (kind(cells[-1]), cells[-1].source.split()[-1]) == ("notes", "B.")


def test_code_that_gives_nothing_is_shown_where_it_says_so_and_what_it_gives_is_left_out_likewise():
    text = {"outputs": [nbformat.v4.new_output("stream", text="1\n")]}
    own = [{"metadata": {"slide": said}} for said in ("code", "")]
    cells = (
        ("m", "# T\n\nA.", {}),
        ("c", "a = 1", own[0]),
        ("c", "b = 2", {}),
        ("c", "print(1)", text | own[1]),
    )
    (slide,) = decked(lesson_of(*cells))
    assert [cell.source for cell in slide] == ["# T", "A.", "a = 1"]


def test_a_slide_shows_the_beginning_of_a_paragraph_and_what_is_bold():
    prose = "A sentence that is long enough to stand alone. Another one. And **the point** of it."
    prose += "\n\n(Aside.)\n\n**Next:** S."
    _, shown, note = slides.slides(lesson_of(("m", f"## S\n\n{prose}", {}))).cells
    assert shown.source == "A sentence that is long enough to stand alone. And **the point** of it."
    assert (kind(note), note.source) == ("notes", prose)


def test_a_short_beginning_takes_the_next_sentence_along():
    prose = "It is (b). Here is the reason why it has to be. And more."
    _, shown, _ = slides.slides(lesson_of(("m", f"## S\n\n{prose}", {}))).cells
    assert shown.source == "It is (b). Here is the reason why it has to be."


def test_long_prose_goes_on_to_another_slide_and_takes_its_mathematics_along():
    table = "\n".join("| a row | of a table |" for _ in range(14))
    prose = f"A paragraph.\n\n{table}\n\nTogether:\n\n$$x = 1$$\n\n$$y = 2$$"
    first, second = decked(lesson_of(("m", f"## S\n\n{prose}", {})))
    assert [cell.source for cell in first] == ["## S", f"A paragraph.\n\n{table}"]
    assert second[1].source == "Together:\n\n$$x = 1$$\n\n$$y = 2$$"


def test_a_figure_stands_without_the_code_that_drew_it_and_imports_are_left_out():
    picture = {"outputs": output(**{"image/png": "AAAA"})}
    cells = (("c", "import numpy as np\nnp.seterr()", {}), ("c", "d = 1", {}), ("c", "draw(d)", picture))
    section, figure = slides.slides(lesson_of(*cells)).cells
    assert kind(section) == "subslide"
    assert (figure.source, figure.metadata.tags) == ("", ["no-code"])


def test_output_comes_a_step_after_its_code():
    text = {"outputs": [nbformat.v4.new_output("stream", text="1\n")]}
    _, code, result = slides.slides(lesson_of(("c", "print(1)", text))).cells
    assert (code.source, code.outputs, kind(code)) == ("print(1)", [], "-")
    assert kind(result) == "fragment"


def test_the_same_lesson_gives_the_same_file(tmp_path):
    one = slides.write("00_start_here", tmp_path / "one").read_bytes()
    assert slides.write("00_start_here", tmp_path / "two").read_bytes() == one


def test_without_its_packages_it_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setattr(slides, "find_spec", lambda name: None)
    with pytest.raises(OSError, match=r"bn-course\[teach\]"):
        slides.write("00_start_here", tmp_path)
