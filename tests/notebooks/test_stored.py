"""What must hold of every notebook in the repository, without running it."""

import re
from collections import Counter
from importlib import import_module
from pathlib import Path

import nbformat
import pytest
import stored

from bn_course.grading.catalogue import catalogue, predictions
from bn_course.grading.predict import without_page

EXECUTED = stored.EVERY_LESSON + stored.SOLUTIONS
EVERY = EXECUTED + stored.EXERCISES

every_lesson = pytest.mark.parametrize("path", stored.LESSONS, ids=stored.name)
every_executed = pytest.mark.parametrize("path", EXECUTED, ids=stored.name)
every_notebook = pytest.mark.parametrize("path", EVERY, ids=stored.name)

LINES = 12  # of a lesson's code cell
MEGABYTE = 2**20
GENERATED_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){0,3}(-[0-9a-f]{12})?")
LOCAL = re.compile(
    rf"{re.escape(str(stored.REPOSITORY))}|{re.escape(str(Path.home()))}/"
    r"|/home/|/Users/|/tmp/|\\\\Users\\\\|site-packages|ipykernel_\d|localhost:"
)
AMERICAN = re.compile(
    r"\b(?:normaliz|standardiz|regulariz|optimiz|initializ|generaliz|summariz|recogniz|visualiz|analyz"
    r"|behavior|color|center|favor|neighbor|gray|labeled|modeling)\w*",
    re.IGNORECASE,
)
FILLER = re.compile(r"\b(?:simply|obviously|as we all know)\b", re.IGNORECASE)
NOT_PROSE = re.compile(
    r"```.*?```"  # code
    r"|`[^`]*`"
    r"|\$\$.*?\$\$|\$[^$]*\$"  # mathematics
    r"|\]\([^)]*\)|https?://\S+|<[^>]*>"  # addresses, tags
    r"|(?<![*\w])\*(?!\*)[^*\n]+\*(?!\*)",  # titles of papers are in italics, and are their authors'
    re.DOTALL,
)


def test_there_are_notebooks():
    assert stored.LESSONS
    assert stored.SOLUTIONS
    assert stored.EXERCISES


@every_executed
def test_was_executed_once_in_order(path):
    counts = [cell.execution_count for cell in stored.code_cells(stored.read(path))]
    assert counts == list(range(1, len(counts) + 1))


@every_executed
def test_no_error_and_no_warning_is_stored(path):
    for cell in stored.code_cells(stored.read(path)):
        for output in cell.outputs:
            raised = output.output_type == "error" and "raises-exception" not in stored.tags(cell)
            assert not raised, f"{cell.id}: {output.evalue}"
            assert output.get("name") != "stderr", f"{cell.id}: {output.text}"


@every_notebook
def test_metadata_holds_nothing_of_one_machine(path):
    notebook = stored.read(path)
    expected = stored.tool("execute").METADATA
    assert notebook.metadata == nbformat.from_dict(expected)  # so there is no widgets key either
    assert "widget-view+json" not in stored.text_without_pictures(notebook)
    assert not any("execution" in cell.metadata for cell in notebook.cells)


@every_notebook
def test_no_local_path(path):
    found = LOCAL.search(stored.text_without_pictures(stored.read(path)))
    assert not found, found


@every_notebook
def test_is_small(path):
    assert path.stat().st_size < MEGABYTE


@every_notebook
def test_cell_ids_are_stable_names(path):
    notebook = stored.read(path)
    nbformat.validate(notebook)
    ids = Counter(cell.id for cell in notebook.cells)
    assert [name for name, times in ids.items() if times > 1] == []
    assert [name for name in ids if GENERATED_ID.fullmatch(name)] == []


@every_executed
def test_every_figure_has_alternative_text(path):
    notebook = stored.read(path)
    for cell in stored.code_cells(notebook):
        for output in cell.outputs:
            if "image/png" in output.get("data", {}):
                alt = output.metadata.get("image/png", {}).get("alt", "")
                assert len(alt.split()) > 5, f"{cell.id}: the figure's alternative text is {alt!r}"
                assert output.data["text/plain"] == alt, cell.id  # what JupyterLab has room for
    assert not re.search(r"!\[\s*\]\(", stored.prose(notebook)), "a picture without a description"


@every_notebook
def test_spelling_is_british_and_prose_has_no_filler(path):
    words = NOT_PROSE.sub(" ", stored.prose(stored.read(path)))
    assert AMERICAN.findall(words) == []
    assert FILLER.findall(words) == []


@pytest.mark.parametrize("path", stored.EVERY_LESSON, ids=stored.name)
def test_code_cells_are_short(path):
    lengths = {c.id: len(c.source.splitlines()) for c in stored.code_cells(stored.read(path))}
    assert {name: n for name, n in lengths.items() if n > LINES} == {}


@every_lesson
def test_predictions_are_those_of_the_checks(path):
    code = "\n".join(cell.source for cell in stored.code_cells(stored.read(path)))
    asked = re.findall(r'\bpredict\(\s*"([^"]+)"', code)
    known = import_module(f"bn_course.checks.{path.stem}.predictions").PREDICTIONS
    assert sorted(asked) == sorted(known)  # each once, none too many, none too few
    assert all(name.startswith(path.stem[:3].replace("_", "-")) for name in known)


@every_lesson
def test_choices_stand_in_the_box_of_a_prediction_and_in_one_order_for_everybody(path):
    notebook = stored.read(path)
    assert re.findall(r"^- \([a-d]\) ", stored.prose(notebook), re.MULTILINE) == []
    for cell in stored.code_cells(notebook):
        if asked := re.fullmatch(r'predict\("([^"]+)", choices="(\w+)"\)', cell.source):
            prediction = predictions()[asked[1]]
            assert len(prediction.texts) == len(set(prediction.texts)) == len(asked[2])
            assert cell.outputs[0].data["text/plain"] == without_page(asked[1], asked[2], prediction)


@every_lesson
def test_lesson_begins_with_what_came_before_and_ends_in_own_words(path):
    code = [cell.source.splitlines()[-1] for cell in stored.code_cells(stored.read(path))]
    number = path.stem[:2]
    assert (code[0] == f'review(before="{number}")') == (number >= "03")
    assert ('inventory("before")' in code, 'inventory("after")' in code) == (number == "01", number == "14")
    assert f'own_words("{number}")' in code[-2:]


@every_lesson
def test_lesson_says_where_to_practise(path):
    text = stored.prose(stored.read(path))
    assert f"exercises/{path.name}" in text
    names = [q.name for q in catalogue().values() if q.lesson == path.stem]
    assert names
    assert [name for name in names if f"`{name}`" not in text] == []


@every_lesson
def test_lesson_has_its_parts(path):
    notebook = stored.read(path)
    text = stored.prose(notebook)
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    parts = ["Practise", "Summary"] + ["What people get wrong"] * (path.stem > "01")
    assert [part for part in parts if part not in headings] == []
    assert "minutes" in text
    assert "**Next:**" in text
    explorers = [c.id for c in stored.code_cells(notebook) if re.search(r"\w+Explorer\(", c.source)]
    assert explorers, "a lesson has at least one explorer"


@pytest.mark.parametrize("path", stored.APPENDICES, ids=stored.name)
def test_an_appendix_asks_nothing_and_its_lesson_leads_to_it(path):
    notebook = stored.read(path)
    asked = r"\b(predict|check|review|own_words)\("
    assert [cell.id for cell in stored.code_cells(notebook) if re.search(asked, cell.source)] == []
    (lesson,) = (lesson for lesson in stored.LESSONS if lesson.stem.startswith(f"{path.stem[:2]}_"))
    assert f"({path.name})" in stored.prose(stored.read(lesson))
    assert f"({lesson.name})" in stored.prose(notebook)


def test_lessons_solutions_and_exercises_go_together():
    stems = [[path.stem for path in p] for p in (stored.LESSONS, stored.SOLUTIONS, stored.EXERCISES)]
    assert stems[0] == stems[1] == stems[2]
