"""Slides of a lesson, made by nbconvert, that ask no other host for anything.

The lesson is the one source. A heading begins a slide; what is asked, shown and said below it stands there
too where there is room, and what a cell gave comes a step later. No prediction stands beside its outcome,
and no code beside a figure. Of each paragraph the slide shows the first sentence and what is set in bold,
and the speaker's notes (key S) have it whole.

A cell whose metadata have `slide` says what is shown of it instead: of prose, other Markdown; of code that
gives nothing, "code" shows it; and "" shows nothing.
"""

import ast
import re
import shutil
from importlib.util import find_spec
from pathlib import Path

import nbformat
from nbconvert import SlidesExporter
from nbformat import NotebookNode
from traitlets.config import Config

from bn_course import course
from bn_course.grading.catalogue import predictions
from bn_course.grading.predict import in_order
from bn_course.grading.report import MIME
from bn_course.grading.shuffle import STABLE

_TEMPLATES = Path(__file__).parent / "templates"
_ASSETS = {  # file: the package that brings it, and where
    "reveal.js": ("sphinx_revealjs", "_static/revealjs/dist/reveal.js"),
    "reveal.css": ("sphinx_revealjs", "_static/revealjs/dist/reveal.css"),
    "notes.js": ("sphinx_revealjs", "_static/revealjs/plugin/notes/notes.js"),
    "tex-svg.js": ("sphinx-mathjax-offline", "static/mathjax/tex-svg.js"),
}
_NO_CODE = "no-code"
_SHORT = 40  # characters: 'It is (b).' says too little by itself
_LINES = 17  # of prose, a table, mathematics: more go to a second slide
_CODE_LINES = 17  # of a program and what it gave: of more, the program is left out
_CODE_LINE = 0.66  # of a line of prose
_BESIDE = {"picture": 13.4, "card": 10}  # lines of prose that have no room beside it
_PREDICT = "**Predict.**"
_LETTERS = "abcd"
ALONE = ("before-you-go-on", "own-words", "inventory")  # ids of what a learner does alone
_SENTENCE_ENDS = re.compile(r"(?<=[.?!])(?<!\bal\.)(?<!\be\.g\.)(?<!\bi\.e\.)(['’)*]*)\s+(?=[^a-z\s])")


class NoAssets(OSError):  # noqa: N818 - says what to install
    """The packages that bring reveal.js and MathJax are missing."""


def write(stem: str, target: Path) -> Path:
    """Write the slides of one lesson to `target/NN_name.html`, with `target/assets/` beside it."""
    lesson = nbformat.read(course.folder("notebooks") / f"{stem}.ipynb", as_version=4)
    _copy_assets(target / "assets")
    file = target / f"{stem}.html"
    course.write(file, _html(slides(lesson)).encode())
    return file


def slides(lesson: NotebookNode) -> NotebookNode:
    """The lesson's cells, cut and marked as slides for nbconvert."""
    deck = _Deck()
    for cell in lesson.cells:
        own = cell.metadata.get("slide")
        if cell.id.startswith(ALONE):
            continue
        if cell.cell_type == "markdown":
            deck.prose(cell.source, "" if cell.id == "sources" else own)
        elif cell.source.startswith("predict("):
            deck.prediction(ast.parse(cell.source).body[0].value.args[0].value)
        elif own == "code" or (cell.outputs and own != ""):
            deck.code(cell)
    return nbformat.v4.new_notebook(cells=deck.cells, metadata={**lesson.metadata, "title": deck.title})


class _Deck:
    """The cells of the slides, as they are laid down one after another."""

    def __init__(self):
        self.cells: list[NotebookNode] = []
        self.title = ""
        self.section = ""  # the heading of the slides that follow
        self.left = 0.0  # lines for which the slide has room
        self.outcome = False  # is the slide showing what a cell gave?

    def prose(self, source: str, own: str | None = None) -> None:
        text, _, question = source.partition(_PREDICT)
        heading, text = _heading(text)
        shown = _beginnings(text) if own is None else [own] if own else []
        if heading and (own != "" or question):
            self._begin(heading)
        elif heading:
            text = source
        said = text.strip() if "\n\n".join(shown) != text.strip() else ""
        for number, page in enumerate(_pages(shown, self.left)):
            if number:
                self._next()
            if page:
                self._step("\n\n".join(page), sum(map(_lines, page)))
            if said and (page or len(shown) == 0):
                self._add(said, "notes")
        if question:
            self._question(question.strip())

    def _question(self, text: str) -> None:
        lines = _lines(text) + 7  # with its choices
        if self.left < lines or self.outcome:
            self._next()
        self._step(f'<p class="asked">What do you predict?</p>\n\n{text}', lines)

    def prediction(self, name: str) -> None:
        asked = predictions()[name]
        answer = f"({asked.answer})"
        if not isinstance(asked.answer, str):
            answer = f"{asked.answer:g}, right within a factor of {asked.factor:g}"
        elif asked.texts:
            letters = in_order(name, _LETTERS[: len(asked.texts)], asked, STABLE)
            shown = [f"- ({x}) {asked.said(letter)}" for x, letter in zip(_LETTERS, letters, strict=False)]
            self._add("\n".join(shown), "-")
            answer = f"({_LETTERS[letters.index(asked.answer)]})"
        self._add(f"Prediction `{name}`. Collect before you go on. The answer: {answer}.", "notes")
        self.left = 0

    def code(self, cell: NotebookNode) -> None:
        beside = _kind(cell.outputs)
        program = len(cell.source.splitlines())
        given = sum(len(output.get("text", "").splitlines()) for output in cell.outputs)
        if beside or (given and program + given > _CODE_LINES):
            program = 0
        lines = _BESIDE.get(beside, 1 + _CODE_LINE * (program + given))
        if self.left < lines or self.outcome:
            self._next()
        if program:
            self._add_code(cell.source, [])
        if cell.outputs:
            self._add_code("", cell.outputs, "-" if beside else "fragment")
        self.left, self.outcome = self.left - lines, True

    def _begin(self, heading: str) -> None:
        level, words = heading.split(" ", 1)
        if level == "#":
            self.title = words
        if level != "###":
            self.section = re.sub(r"[*`]", "", words)  # it stands in HTML
        self._add(heading, "subslide" if level == "###" else "slide")
        self.left, self.outcome = _LINES, False

    def _next(self) -> None:
        self._add(f'<p class="section">{self.section}</p>', "subslide")
        self.left, self.outcome = _LINES, False

    def _step(self, shown: str, lines: float) -> None:
        """Show something more on this slide; below an outcome it comes a step later."""
        self._add(shown, "fragment" if self.outcome else "-")
        self.left -= lines

    def _add(self, source: str, slide_type: str) -> None:
        self._append(nbformat.v4.new_markdown_cell(source), slide_type)

    def _add_code(self, source: str, outputs: list, slide_type: str = "-") -> None:
        cell = nbformat.v4.new_code_cell(source, outputs=outputs)
        cell.metadata.tags = [] if source else [_NO_CODE]
        self._append(cell, slide_type)

    def _append(self, cell: NotebookNode, slide_type: str) -> None:
        cell.metadata.slideshow = {"slide_type": slide_type}
        cell.id = f"cell-{len(self.cells)}"  # the same at every run
        self.cells.append(cell)


def _heading(source: str) -> tuple[str, str]:
    first, _, rest = source.partition("\n")
    return (first, rest) if first.startswith("#") else ("", source)


def _beginnings(text: str) -> list[str]:
    """What of each block of a piece of prose is shown."""
    blocks = re.split(r"\n\s*\n", re.sub(r"(?s)<details>.*?</details>", "", text).strip())
    return [block for block in map(_shown, blocks) if block]


def _pages(blocks: list[str], room: float) -> list[list[str]]:
    """The blocks slide by slide: the first has that much room, and may get none of them."""
    pages: list[list[str]] = [[]]
    for block in blocks:
        if sum(map(_lines, pages[-1])) + _lines(block) > (_LINES if len(pages) > 1 else room):
            last = [pages[-1].pop()] if pages[-1] and re.search(r"^#|:\**$", pages[-1][-1]) else []
            if pages[-1] or (len(pages) == 1 and room < _LINES):
                pages.append([])
            pages[-1] += last
        pages[-1].append(block)
    return pages


def _lines(block: str) -> float:
    """About how many lines of a slide a block takes."""
    if block.startswith("$$"):
        return 3
    columns = 100 if block.startswith("|") else 72
    return sum(1 + len(line) // columns for line in block.splitlines()) + 0.5


def _shown(block: str) -> str:
    if re.match(r"[-|#$<`]|\d+\. |\*[^*].*\*$", block):  # a list, a table, mathematics, code, a question
        return block
    if block.startswith(("(", "**Next:**")):  # an aside; where a reader goes on
        return ""
    keep: list[str] = []
    for sentence in _sentences(block):
        if len(" ".join(keep)) < _SHORT or "**" in sentence or sentence.endswith(":"):
            keep.append(sentence)
    return " ".join(keep)


def _sentences(paragraph: str) -> list[str]:
    return [s.strip() for s in re.sub(_SENTENCE_ENDS, "\\1\0", paragraph).split("\0")]


def _kind(outputs: list) -> str:
    """What a cell shows: a picture, a card, or "" for letters."""
    data = [output.get("data", {}) for output in outputs]
    if any("image/png" in d for d in data):
        return "picture"
    return "card" if any("text/html" in d and MIME not in d for d in data) else ""


def _html(deck: NotebookNode) -> str:
    exporter = SlidesExporter(
        template_name="slides",
        extra_template_basedirs=[str(_TEMPLATES)],
        exclude_input_prompt=True,
        exclude_output_prompt=True,
        config=Config(
            {
                "CSSHTMLHeaderPreprocessor": {"style": "xcode"},
                "TagRemovePreprocessor": {"enabled": True, "remove_input_tags": {_NO_CODE}},
            }
        ),
    )
    return exporter.from_notebook_node(deck)[0]


def _copy_assets(target: Path) -> None:
    target.mkdir(parents=True, exist_ok=True)
    for name, (package, path) in _ASSETS.items():
        spec = find_spec(package)
        if spec is None:
            raise NoAssets(f"slides need {name}: pip install 'bn-course[teach]'")
        shutil.copyfile(Path(spec.origin).parent / path, target / name)
    for name in ("slides.css", "slides.js"):
        shutil.copyfile(_TEMPLATES / "slides" / name, target / name)
