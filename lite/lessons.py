"""The lessons as the browser edition has them: what needs PyTorch is marked, and shows what is stored.

A statement needs PyTorch when it uses a name that came from PyTorch, or from a statement that needs it. A
cell with such a statement gets `%%stored LESSON CELL` as its first line and keeps its output; its other
statements run. All of this is found here: the lessons in notebooks/ know nothing of it.
"""

import ast
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path

from bn_course.explorers import EXPLORERS
from bn_course.tab import HEAVY, bound, heavy

REPOSITORY = Path(__file__).resolve().parent.parent
THREADS = "torch.set_num_threads(1)"
PREDICTS = re.compile(r"^(?=from bn_course import .*\bpredict\b)", re.M)
WIDGETS = "import bn_course.live\n"  # what a cell imports, the kernel loads: a prediction's box is a widget
ASK = """
import sys

class Hidden:
    def find_spec(self, name, path=None, target=None):
        if name in sys.argv[1:]:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Hidden())
from bn_course import grade
from bn_course.grading.catalogue import catalogue

def raises(*args):
    raise ZeroDivisionError

print(*(name for name in catalogue() if not grade(name, raises).checked))
"""


def for_the_tab(stem: str) -> tuple[dict, list[str]]:
    """A lesson for the browser, and the ids of its marked cells."""
    lesson = json.loads((REPOSITORY / "notebooks" / f"{stem}.ipynb").read_text(encoding="utf-8"))
    missing, marked = set(), []
    for cell in lesson["cells"]:
        if cell["cell_type"] != "code":
            continue
        source = _without_threads("".join(cell["source"]))
        if _needs_torch(source, missing):
            marked.append(cell["id"])
            source = f"%%stored {stem} {cell['id']}\n{source}"
        cell["source"] = PREDICTS.sub(WIDGETS, source).splitlines(keepends=True)
    return lesson, marked


def _without_threads(source: str) -> str:
    """A cell of imports may end in this line, and is nothing that needs PyTorch for its own sake."""
    lines = source.rstrip().split("\n")
    rest = "\n".join(lines[:-1]).rstrip()
    return rest if rest and lines[-1].partition("  #")[0] == THREADS else source


def _needs_torch(source: str, missing: set[str]) -> bool:
    """Whether a cell does, after the cells that have left `missing`; brings `missing` up to date."""
    if source.startswith("%"):
        return False
    statements = ast.parse(source).body
    imports = [s for s in statements if isinstance(s, ast.Import | ast.ImportFrom)]
    others = [s for s in statements if s not in imports]
    for statement in imports:
        for name, absent in _imported(statement):
            (missing.add if absent else missing.discard)(name)
    needed = False
    for statement in others:
        absent = _uses(statement, missing)
        needed |= absent
        for name in bound(statement):
            (missing.add if absent else missing.discard)(name)
    return needed


def _imported(statement: ast.Import | ast.ImportFrom) -> Iterator[tuple[str, bool]]:
    for alias in statement.names:
        module = getattr(statement, "module", None) or alias.name
        name = alias.asname or alias.name.partition(".")[0]
        yield (
            name,
            heavy(module)
            or heavy(f"{module}.{alias.name}")
            or (module == "bn_course.explorers" and _trains(alias.name)),
        )


def _trains(explorer: str) -> bool:
    """Whether an explorer runs a network."""
    module = next(place.split(":")[0] for place in EXPLORERS.values() if place.endswith(f":{explorer}"))
    return _imports_heavy(Path(import_module(module).__file__))


def _measures(claim: str) -> bool:
    """Whether to measure a claim again takes a network."""
    return any(map(_imports_heavy, (REPOSITORY / "bn_course" / "experiments").glob(f"*/{claim}.py")))


def _imports_heavy(file: Path) -> bool:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    found = [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]
    beside = [file.with_name(f"{n.module}.py") for n in found if getattr(n, "level", 0) == 1 and n.module]
    if any(_imports_heavy(other) for other in beside if other.exists()):
        return True
    return any(heavy(getattr(n, "module", None)) or any(heavy(a.name) for a in n.names) for n in found)


def _uses(statement: ast.stmt, missing: set[str]) -> bool:
    nodes = list(ast.walk(statement))
    inner = [n for n in nodes if isinstance(n, ast.Import | ast.ImportFrom)]
    if any(absent for node in inner for _, absent in _imported(node)):
        return True
    calls = [n for n in nodes if isinstance(n, ast.Call) and isinstance(n.func, ast.Name) and n.args]
    named = [c.args[0].value for c in calls if c.func.id == "load" and isinstance(c.args[0], ast.Constant)]
    if any(map(_measures, named)):
        return True
    return any(isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load) and n.id in missing for n in nodes)


@cache
def _unchecked() -> frozenset[str]:
    """The questions that cannot be checked without what a browser lacks, asked of the grader itself."""
    done = subprocess.run([sys.executable, "-c", ASK, *HEAVY], capture_output=True, text=True, check=True)
    return frozenset(done.stdout.split())


def runs_in_a_tab(question: str) -> bool:
    """Whether the grader can check a question with NumPy alone."""
    return question not in _unchecked()
