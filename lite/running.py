"""Run a lesson of the browser edition in Pyodide without a browser: which cells fail, and how."""

import json
from pathlib import Path

import pyodide_js
from IPython.core.interactiveshell import InteractiveShell

from bn_course import tab

WORK = Path("/course")


async def run(stem: str) -> None:
    """Run every code cell of a lesson; write the failures to failed.json, by the cells' ids.

    As the kernel does, each cell first loads what it imports, and nothing else.
    """
    tab.fetch = lambda name: (WORK / Path(name).name).read_text(encoding="utf-8")
    shell = InteractiveShell.instance()
    tab.load_ipython_extension(shell)
    lesson = json.loads((WORK / f"{stem}.ipynb").read_text(encoding="utf-8"))
    failed = {}
    for cell in lesson["cells"]:
        if cell["cell_type"] == "code":
            source = "".join(cell["source"])
            await pyodide_js.loadPackagesFromImports(source)
            done = shell.run_cell(source)
            error = done.error_before_exec or done.error_in_exec
            if error and "raises-exception" not in cell["metadata"].get("tags", []):
                failed[cell["id"]] = repr(error)
    (WORK / "failed.json").write_text(json.dumps(failed), encoding="utf-8")
