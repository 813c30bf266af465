"""A newer course, with the learner's answers carried over.

An answer belongs to the cell that nbgrader's `grade_id` names, so it survives whatever else its notebook
gains, loses or says in other words. What was there before stays beside the new file, under a dated name.
"""

import hashlib
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path

from bn_course import course, notebook_file
from bn_course.checkout import OURS, Checkout, UpdateFailed

__all__ = ["UpdateFailed", "carry_over", "sources", "update"]


def update(said: Callable[[str], None] = print) -> None:
    """Bring the learner's notebooks up to the newest: by git in a checkout, else to what the wheel has.

    `said` is told, a line each, which files changed and where the old ones are.
    Raises UpdateFailed where there is no newer course to be had.
    """
    if course.in_checkout():
        _from_git(course.workspace(), said)
    else:
        _from_wheel(course.workspace(), said)


def carry_over(mine: dict, new: dict) -> dict:
    """`new`, with the answers of `mine` in their cells and the learner's own cells after those they followed.

    An untouched stub is no answer: there the new stub stands. A given code cell that the learner changed, the
    imports say, is kept after the new one.
    """
    merged = deepcopy(new)
    there = {_key(cell): cell for cell in merged["cells"]}
    after = None  # the cell of the new notebook after which the learner's own cells go
    for cell in mine["cells"]:
        given = there.get(_key(cell))
        if given is None:
            if _grade_id(cell) is None or _answered(cell):
                after = _insert(merged, cell, after)
            continue
        if _answered(cell):
            given["source"] = cell["source"]
        elif _own_version(cell, given):
            given = _insert(merged, cell, given, anew=True)
        after = given
    return merged


def sources(notebook: dict) -> list[str]:
    """What a notebook says, without what came of it."""
    return [cell["source"] for cell in notebook["cells"]]


def _from_git(folder: Path, said: Callable[[str], None]) -> None:
    checkout = Checkout(folder)
    if not checkout.fetch():
        said("This is the newest.")
        return
    checkout.refuse_what_git_would()
    changed, way = checkout.changed(), checkout.in_the_way()
    given = {name: checkout.given(name) for name in changed}
    mine = {name: (folder / name).read_bytes() for name in (*changed, *way)}
    kept = {name: course.keep(folder / name, content) for name, content in mine.items()}
    missing = checkout.missing()
    try:
        checkout.set_back([*mine, *missing])
        checkout.merge()
    except BaseException:
        for name, content in mine.items():
            course.write(folder / name, content)
            kept[name].unlink()
        for name in missing:
            (folder / name).unlink(missing_ok=True)
        raise
    said("The newest course is here.")
    for name, content in mine.items():
        file = folder / name
        if file.suffix == ".ipynb" and Path(name).parts[0] in OURS:
            new = file.read_bytes() if file.exists() else b""
            _renew(file, content, new, kept[name], said, given.get(name, ""))
        else:
            said(f"{name}: the course has a file of that name now. Yours is in {kept[name].name}, beside it.")
    for name in missing:
        if (folder / name).exists():
            said(f"{name}: it is there again.")


def _from_wheel(home: Path, said: Callable[[str], None]) -> None:
    course.start(home)
    for name in ("exercises", "notebooks"):
        for given in sorted(course.folder(name).glob("*.ipynb")):
            file = home / name / given.name
            mine, new = file.read_bytes(), given.read_bytes()
            if mine != new:
                _renew(file, mine, new, course.keep(file, mine), said)
    said(f"The notebooks in {home} are this version's. For a newer: pip install --upgrade bn-course, first.")


def _renew(
    file: Path, mine: bytes, new: bytes, kept: Path, said: Callable[[str], None], base: str = ""
) -> None:
    """Write what `file` is now; `kept`, what it was, goes where nothing of it would be missed."""
    old, fresh, given = map(notebook_file.read, (mine, new, base.encode()))
    if old is None or fresh is None:
        if fresh is not None:
            course.write(file, new)
        said(f"{file.name}: what you had is in {kept.name}, beside it.")
        return
    result = carry_over(old, fresh) if file.parent.name == "exercises" else fresh
    if sources(result) == sources(old):
        course.write(file, mine)  # nothing new for it: your outputs stay too
        kept.unlink()
        return
    course.write(file, notebook_file.write(result))
    if given is not None and sources(given) == sources(old):
        kept.unlink()  # it was run, and nothing in it was written
        said(f"{file.name}: new.")
    else:
        said(f"{file.name}: new, with your answers. What you had is in {kept.name}, beside it.")


def _grade_id(cell: dict) -> str | None:
    return cell["metadata"].get("nbgrader", {}).get("grade_id")


def _key(cell: dict) -> str:
    return _grade_id(cell) or f"id {cell.get('id')}"


def _answered(cell: dict) -> bool:
    """Whether this is a cell for an answer and holds something else than its stub (nbgrader's checksum)."""
    about = cell["metadata"].get("nbgrader", {})
    if not about.get("solution") or about.get("locked"):
        return False
    kind, graded = cell["cell_type"], str(bool(about.get("grade")))
    words = (cell["source"], kind, graded, "True", "False", about["grade_id"])
    return hashlib.md5("".join(words).encode(), usedforsecurity=False).hexdigest() != about.get("checksum")


def _own_version(cell: dict, given: dict) -> bool:
    return _grade_id(cell) is None and cell["cell_type"] == "code" and cell["source"] != given["source"]


def _insert(notebook: dict, cell: dict, after: dict | None, anew: bool = False) -> dict:
    """Put a copy of the learner's cell after `after`, or on top; `anew`, with an id of its own."""
    copy = deepcopy(cell)
    if anew:
        copy["id"] = f"{copy['id']}-yours"
    at = next((i for i, other in enumerate(notebook["cells"]) if other is after), -1) + 1
    notebook["cells"].insert(at, copy)
    return copy
