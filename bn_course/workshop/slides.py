"""Slides of a lesson, made by nbconvert, that ask no other host for anything.

The lesson is the one source. A heading begins a slide; a prediction is a slide of its own, and what came
of it is a step further; a figure stands alone, without the code that drew it. Of each paragraph the slide
shows the first sentence and what is set in bold, and the speaker's notes (key S) have it whole.
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
    for cell, following in zip(lesson.cells, [*lesson.cells[1:], None], strict=True):
        if cell.id.startswith(ALONE):
            continue
        if cell.cell_type == "markdown":
            deck.prose(cell.source)
        elif cell.source.startswith("predict("):
            deck.prediction(ast.parse(cell.source).body[0].value.args[0].value)
        elif not _only_sets_up(cell) and not _only_prepares_a_figure(cell, following):
            deck.code(cell)
    return nbformat.v4.new_notebook(cells=deck.cells, metadata={**lesson.metadata, "title": deck.title})


class _Deck:
    """The cells of the slides, as they are laid down one after another."""

    def __init__(self):
        self.cells: list[NotebookNode] = []
        self.title = ""
        self.section = ""  # the heading of the slides that follow

    def prose(self, source: str) -> None:
        text, _, question = source.partition(_PREDICT)
        heading, text = _heading(text)
        pages, said = _outline(text)
        if heading:
            self._begin(heading, pages.pop(0) if pages else "")
        if said and (heading or not pages):
            self._add(said, "notes")
        for page in pages:
            self._next(page)
            if said:
                self._add(said, "notes")
        if question:
            self._next(f'<p class="asked">What do you predict?</p>\n\n{question.strip()}')

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

    def code(self, cell: NotebookNode) -> None:
        data = [output.get("data", {}) for output in cell.outputs]
        pictures = any("image/png" in d for d in data)
        hidden = pictures or any("text/html" in d and MIME not in d for d in data)
        self._next("")
        if not hidden:
            self._add_code(cell.source, [])
        if cell.outputs:
            self._add_code("", cell.outputs, slide_type="-" if hidden else "fragment")

    def _begin(self, heading: str, shown: str) -> None:
        level, words = heading.split(" ", 1)
        if level == "#":
            self.title = words
        if level != "###":
            self.section = words
        self._add(f"{heading}\n\n{shown}", "subslide" if level == "###" else "slide")

    def _next(self, shown: str) -> None:
        self._add(f'<p class="section">{self.section}</p>\n\n{shown}', "subslide")

    def _add(self, source: str, slide_type: str) -> None:
        cell = nbformat.v4.new_markdown_cell(source)
        self._append(cell, slide_type)

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


def _outline(source: str) -> tuple[list[str], str]:
    """What of a piece of prose is shown, slide by slide, and the whole of it, where that is more."""
    blocks = re.split(r"\n\s*\n", re.sub(r"(?s)<details>.*?</details>", "", source).strip())
    shown = [block for block in map(_shown, blocks) if block]
    pages: list[list[str]] = [[]]
    for block in shown:
        if pages[-1] and sum(map(_lines, pages[-1])) + _lines(block) > _LINES:
            last = pages[-1].pop() if len(pages[-1]) > 1 and pages[-1][-1].rstrip("*").endswith(":") else None
            pages.append([last] if last else [])
        pages[-1].append(block)
    said = source.strip() if "\n\n".join(shown) != source.strip() else ""
    return ["\n\n".join(page) for page in pages if page], said


def _lines(block: str) -> float:
    """About how many lines of a slide a block takes."""
    if block.startswith("$$"):
        return 3
    columns = 100 if block.startswith("|") else 72
    return sum(1 + len(line) // columns for line in block.splitlines()) + 0.5


def _shown(block: str) -> str:
    if re.match(r"[-|#$<`]|\d+\. |\*[^*].*\*$", block):  # a list, a table, mathematics, code, a question
        return block
    if block.startswith("("):  # an aside
        return ""
    keep: list[str] = []
    for sentence in _sentences(block):
        if len(" ".join(keep)) < _SHORT or "**" in sentence or sentence.endswith(":"):
            keep.append(sentence)
    return " ".join(keep)


def _sentences(paragraph: str) -> list[str]:
    return [s.strip() for s in re.sub(_SENTENCE_ENDS, "\\1\0", paragraph).split("\0")]


def _only_sets_up(cell: NotebookNode) -> bool:
    """Imports, and perhaps a call or two that show nothing: `torch.set_num_threads(1)`."""
    quiet = (ast.Import, ast.ImportFrom, ast.Expr)
    return not cell.outputs and all(isinstance(line, quiet) for line in ast.parse(cell.source).body)


def _only_prepares_a_figure(cell: NotebookNode, following: NotebookNode | None) -> bool:
    return not cell.outputs and any(
        "image/png" in output.get("data", {}) for output in (following or {}).get("outputs", ())
    )


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
