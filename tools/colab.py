"""Write the lessons and exercises for Google Colab: the same, under a cell that installs the course there.

    python tools/colab.py OWNER/REPOSITORY

writes build/colab/, which the workflow `colab` publishes as the branch of that name. Links from one
notebook to another lead to Colab again.
"""

import argparse
import re
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell

REPOSITORY = Path(__file__).resolve().parent.parent
TARGET = REPOSITORY / "build" / "colab"
LINK = re.compile(r"\]\((?:\.\./(?P<folder>\w+)/)?(?P<file>\w+\.ipynb)\)")
INSTALL = """\
# Run this first: it installs the course in this runtime, which takes about a minute.
# Your progress lasts as long as the runtime. To keep it, mount your Drive and name a folder there:
# %env BN_COURSE_HOME=/content/drive/MyDrive/bn-course
%pip install -q "bn-course @ git+https://github.com/{repository}"
from google.colab import output

output.enable_custom_widget_manager()  # for the figures that are drawn in the browser"""


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("repository", metavar="OWNER/REPOSITORY")
    parser.add_argument("--to", type=Path, default=TARGET, metavar="DIR", help="build/colab")
    chosen = parser.parse_args(arguments)
    for folder in ("notebooks", "exercises"):
        (chosen.to / folder).mkdir(parents=True, exist_ok=True)
        for file in sorted((REPOSITORY / folder).glob("*.ipynb")):
            notebook = nbformat.read(file, as_version=4)
            nbformat.write(for_colab(notebook, folder, chosen.repository), chosen.to / folder / file.name)


def for_colab(notebook: NotebookNode, folder: str, repository: str) -> NotebookNode:
    """A notebook of `folder` with the installing cell on top and links to the others on Colab."""
    address = f"https://colab.research.google.com/github/{repository}/blob/colab"
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = LINK.sub(lambda m: f"]({address}/{m['folder'] or folder}/{m['file']})", cell.source)
    notebook.cells.insert(0, new_code_cell(INSTALL.format(repository=repository), id="install-on-colab"))
    return notebook


if __name__ == "__main__":
    main()
