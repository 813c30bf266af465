"""The notebooks as they are stored, and the tools that make them."""

import importlib.util
import json
from pathlib import Path
from types import ModuleType

import nbformat
from nbformat import NotebookNode

from bn_course.course import appendices

REPOSITORY = Path(__file__).resolve().parents[2]
EVERY_LESSON, SOLUTIONS, EXERCISES = (
    sorted((REPOSITORY / folder).glob("*.ipynb")) for folder in ("notebooks", "solutions", "exercises")
)
APPENDICES = [path for path in EVERY_LESSON if path.stem in appendices()]  # ask no questions
LESSONS = [path for path in EVERY_LESSON if path not in APPENDICES]


def name(path: Path) -> str:
    """How a test calls a notebook: `notebooks/02_forward_pass`."""
    return f"{path.parent.name}/{path.stem}"


def read(path: Path) -> NotebookNode:
    return nbformat.read(path, as_version=4)


def code_cells(notebook: NotebookNode) -> list[NotebookNode]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def prose(notebook: NotebookNode) -> str:
    return "\n\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")


def tags(cell: NotebookNode) -> list[str]:
    return cell.metadata.get("tags", [])


def text_without_pictures(notebook: NotebookNode) -> str:
    """All that a notebook's file says, but for pictures, in which any letters may follow each other."""
    copy = nbformat.from_dict(notebook)
    for cell in code_cells(copy):
        for output in cell.outputs:
            output.get("data", {}).pop("image/png", None)
    return json.dumps(copy, ensure_ascii=False)


def tool(stem: str) -> ModuleType:
    """A script of tools/, as a module."""
    spec = importlib.util.spec_from_file_location(stem, REPOSITORY / "tools" / f"{stem}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
