"""The course in a browser's tab: what its kernel does otherwise. IPython loads this as an extension there.

PyTorch and the like run in no browser. An import of them binds names that say so when they are used, so that
the rest of a cell runs; and `%%stored LESSON CELL` on top of a lesson's cell shows what the cell showed where
the course was made.
"""

import ast
import base64
import json
from typing import Any

from bn_course import course

# What these need besides NumPy and matplotlib is not here.
HEAVY = (
    *("torch", "sklearn", "scipy", "mnist1d", "keras", "onnx"),
    *("bn_course.nets", "bn_course.gpu", "bn_course.inspect", "bn_course.capstone"),
)
SAID = "This cell needs PyTorch, which no browser runs. Where the course was made, it showed what is below."
NOTHING = "This cell needs PyTorch, which no browser runs. It prepares cells like it and shows nothing."
LOST = (
    "This browser keeps nothing for this page: it is an old one, or a private window. "
    "Before you close it, download your work: my_work.ipynb."
)


class NeedsTorch(RuntimeError):  # noqa: N818 - about this edition, no error of the learner's
    """Raised where something is used that comes from PyTorch."""

    def _render_traceback_(self) -> list[str]:
        return [f"NeedsTorch: {self}"]


class Missing:
    """Stands for a name that comes from what is not here."""

    def __init__(self, name: str):
        self.__name = name

    def _say(self, *_: Any, **__: Any) -> Any:
        raise NeedsTorch(f"{self.__name} needs PyTorch, which no browser runs: use the installed course")

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):  # whoever looks at it, IPython say, is told that there is nothing
            raise AttributeError(name)
        self._say()

    __call__ = __iter__ = __enter__ = __mro_entries__ = _say


def heavy(module: str | None) -> bool:
    """Whether a module is one of those that are not here."""
    return any(f"{module}.".startswith(f"{name}.") for name in HEAVY)


class Imports(ast.NodeTransformer):
    """At the top of a cell, what is imported from a heavy module is bound to `Missing` instead."""

    def visit_Module(self, cell: ast.Module) -> ast.Module:
        cell.body = [new for old in cell.body for new in self._instead(old)]
        return ast.fix_missing_locations(cell)

    def _instead(self, statement: ast.stmt) -> list[ast.stmt]:
        if isinstance(statement, ast.ImportFrom) and heavy(statement.module):
            names = [alias.asname or alias.name for alias in statement.names]
        elif isinstance(statement, ast.ImportFrom) and len(statement.names) > 1:
            each = [ast.ImportFrom(statement.module, [alias], statement.level) for alias in statement.names]
            return [new for old in each for new in self._instead(ast.copy_location(old, statement))]
        elif isinstance(statement, ast.ImportFrom) and heavy(f"{statement.module}.{statement.names[0].name}"):
            names = [statement.names[0].asname or statement.names[0].name]
        elif isinstance(statement, ast.Import) and any(heavy(alias.name) for alias in statement.names):
            names = [alias.asname or alias.name.partition(".")[0] for alias in statement.names]
        else:
            return [statement]
        text = "".join(f"{name} = __import__('bn_course.tab').tab.Missing({name!r})\n" for name in names)
        return [ast.copy_location(ast.parse(line).body[0], statement) for line in text.splitlines()]


def load_ipython_extension(shell: Any) -> None:
    """Called by IPython when the kernel starts."""
    shell.Completer.use_jedi = False  # it would be 5 MB: IPython completes without it
    shell.ast_transformers.append(Imports())
    shell.register_magic_function(stored, "cell")
    take_predictions()
    if not course.DRIVE.is_dir():
        shell.events.register("pre_run_cell", _warn_once)


def take_predictions() -> None:
    """Bring in what was predicted on the site's pages, which the page around this kernel lays beside."""
    from bn_course import joining
    from bn_course.grading import progress, progress_file

    file = progress.home() / "pages.json"
    theirs, _ = progress_file.read(file.read_text(encoding="utf-8") if file.exists() else "{}")
    if theirs["predictions"].keys() - progress.load()["predictions"].keys():
        progress.change(lambda mine: joining.progress(mine, theirs))


def _warn_once(_info: Any) -> None:
    from IPython import get_ipython

    get_ipython().events.unregister("pre_run_cell", _warn_once)
    print(LOST)


def stored(line: str, cell: str) -> None:
    """%%stored LESSON CELL: what the cell showed where the course was made.

    Those of its statements that need no PyTorch run, in silence, for the cells that follow.
    """
    from IPython import get_ipython
    from IPython.display import display
    from IPython.utils.capture import capture_output

    with capture_output():
        _run_what_runs(cell, get_ipython().user_ns)

    stem, cell_id = line.split()
    outputs = _outputs(stem, cell_id)
    print(SAID if outputs else NOTHING)
    for output in outputs:
        if output["output_type"] == "stream":
            print("".join(output["text"]), end="")
        elif "data" in output:
            data = {mime: _joined(content) for mime, content in output["data"].items()}
            display(data, metadata=output.get("metadata"), raw=True)


def _run_what_runs(cell: str, names: dict) -> None:
    for statement in Imports().visit(ast.parse(cell)).body:
        used = {node.id for node in ast.walk(statement) if isinstance(node, ast.Name)} - set(bound(statement))
        try:
            if not any(isinstance(names.get(name), Missing) for name in used):
                exec(compile(ast.Module([statement], []), "<a cell that needs PyTorch>", "exec"), names)
                continue
        except Exception:  # whatever comes of a function that needs PyTorch inside
            pass
        names.update({name: Missing(name) for name in bound(statement)})


def bound(statement: ast.stmt) -> list[str]:
    """The names that a statement binds, or whose entries it sets."""
    if isinstance(statement, ast.FunctionDef | ast.ClassDef):
        return [statement.name]
    nodes = list(ast.walk(statement))
    entries = [n.value for n in nodes if isinstance(n, ast.Subscript) and isinstance(n.ctx, ast.Store)]
    names = [n for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)]
    return [n.id for n in (*names, *entries) if isinstance(n, ast.Name)]


def _joined(content: Any) -> Any:
    return "".join(content) if isinstance(content, list) else content


def _outputs(stem: str, cell_id: str) -> list[dict]:
    cells = json.loads(fetch(f"notebooks/{stem}.ipynb"))["cells"]
    return next(cell["outputs"] for cell in cells if cell["id"] == cell_id)


def fetch(name: str) -> str:
    """A file as the site has it, not as the learner has left it."""
    import pyodide_js
    from pyodide.http import open_url

    return open_url(f"{pyodide_js._api.config.indexURL}../../files/{name}").read()


def download() -> Any:
    """A link under which the browser saves the learner's answers and progress."""
    from IPython.display import HTML

    from bn_course import work

    content = base64.b64encode(work.pack()).decode()
    link = f'<a download="{work.NAME}" href="data:application/zip;base64,{content}">{work.NAME}</a>'
    return HTML(f"<p>{link}: your answers and your progress.</p>")


def upload() -> Any:
    """A button that takes such a file and brings in what it holds."""
    from ipywidgets import FileUpload, Output, VBox

    from bn_course import work

    button, told = FileUpload(accept=".zip", description="Upload"), Output()

    def take(change: dict) -> None:
        for file in change["new"]:
            with told:
                try:
                    work.unpack(bytes(file["content"]))
                except (work.NoWork, OSError) as error:
                    print(error)

    button.observe(take, "value")
    return VBox([button, told])


def update() -> None:
    """Bring new notebooks where older ones were kept, with the answers; as `bn-course update` does."""
    from bn_course.update import update as carried

    folder = course.folder("notebooks")
    folder.mkdir(parents=True, exist_ok=True)
    for stem in course.exercises():
        (folder / f"{stem}.ipynb").write_text(fetch(f"notebooks/{stem}.ipynb"), encoding="utf-8")
    carried()
