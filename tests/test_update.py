"""An update brings what is new and loses nothing that a learner wrote."""

import json
import subprocess

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from nbgrader.utils import compute_checksum

from bn_course import course
from bn_course.update import UpdateFailed, carry_over, sources, update

STUB = "def double(x):\n    # YOUR CODE HERE\n    raise NotImplementedError()"
ANSWER = "def double(x):\n    return 2 * x"


def answer_cell(name, source):
    about = {"grade_id": name, "solution": True, "grade": False, "locked": False, "schema_version": 3}
    cell = new_code_cell(source, id=name, metadata={"nbgrader": about})
    about["checksum"] = compute_checksum(nbformat.from_dict(cell))
    cell.metadata["nbgrader"] = about
    return cell


def exercise(*names, title="# Exercises", stub=STUB):
    cells = [new_markdown_cell(title, id="title"), new_code_cell("import numpy as np", id="imports")]
    for name in names:
        cells.append(new_markdown_cell(f"## {name}", id=f"{name}-task"))
        cells.append(answer_cell(name, stub))
        about = {"grade_id": f"check_{name}", "grade": True, "locked": True, "solution": False}
        cells.append(new_code_cell(f"check({name})", id=f"check_{name}", metadata={"nbgrader": about}))
    return new_notebook(cells=cells)


def set_source(notebook, cell_id, source):
    next(cell for cell in notebook.cells if cell.id == cell_id).source = source


def test_answers_move_to_the_new_notebook_wherever_their_cells_are():
    mine = exercise("double", "halve")
    set_source(mine, "halve", ANSWER)
    new = exercise("square", "halve", "double", title="# Better words", stub=STUB + "  # new")
    before = sources(new)
    merged = carry_over(mine, new)
    assert merged.cells[0].source == "# Better words"
    by_id = {cell.id: cell.source for cell in merged.cells}
    assert by_id["halve"] == ANSWER
    assert by_id["double"] == by_id["square"] == STUB + "  # new"  # not begun: the new stub stands
    assert sources(new) == before


def test_the_learners_own_cells_stay_after_those_they_followed():
    mine = exercise("double")
    mine.cells.insert(4, new_code_cell("double(3)", id="scratch-2"))
    mine.cells.insert(4, new_markdown_cell("my note", id="scratch-1"))
    mine.cells.insert(0, new_markdown_cell("on top", id="scratch-0"))
    merged = carry_over(mine, exercise("square", "double"))
    ids = [cell.id for cell in merged.cells]
    assert ids[0] == "scratch-0"
    assert ids[ids.index("double") + 1 :][:2] == ["scratch-1", "scratch-2"]


def test_imports_that_the_learner_added_are_run_too():
    mine = exercise("double")
    set_source(mine, "imports", "import math")
    merged = carry_over(mine, exercise("double"))
    assert [cell.source for cell in merged.cells[1:3]] == ["import numpy as np", "import math"]
    nbformat.validate(merged)  # no two cells with one id


def test_an_answer_to_a_question_that_is_gone_is_kept():
    mine = exercise("double")
    set_source(mine, "double", ANSWER)
    merged = carry_over(mine, exercise("square"))
    assert ANSWER in sources(merged)
    assert "check(double)" not in sources(merged)


def git(folder, *words):
    identity = ["-c", "user.name=A", "-c", "user.email=a@example.org"]
    subprocess.run(["git", "-C", folder, *identity, *words], check=True, capture_output=True)


@pytest.fixture
def checkouts(tmp_path, monkeypatch):
    """The author's repository, and a learner's clone of it in which the course believes to be."""
    author, learner = tmp_path / "the author's", tmp_path / "une élève"
    for folder in ("exercises", "notebooks"):
        (author / folder).mkdir(parents=True)
    publish(author, exercise("double"), init=True)
    subprocess.run(["git", "clone", "-q", author, learner], check=True)
    monkeypatch.setattr(course, "_REPOSITORY", learner)
    (learner / "pyproject.toml").touch()
    return author, learner


def publish(author, notebook, init=False, **files):
    if init:
        git(author, "init", "-q", "-b", "main")
        files = {"README.md": "first"}
    for name, text in files.items():
        (author / name).write_text(text)
    for folder in ("exercises", "notebooks"):
        nbformat.write(notebook, author / folder / "00_start_here.ipynb")
    git(author, "add", ".")
    git(author, "commit", "-q", "-m", "an update")


def beside(file):
    return sorted(path.name for path in file.parent.glob(f"{file.stem}.2*.ipynb"))


def test_a_checkout_is_pulled_and_the_answers_are_carried_over(checkouts):
    author, learner = checkouts
    file = learner / "exercises" / "00_start_here.ipynb"
    mine = nbformat.read(file, as_version=4)
    set_source(mine, "double", ANSWER)
    nbformat.write(mine, file)
    before = file.read_bytes()
    publish(author, exercise("double", "square"))

    said = []
    update(said.append)
    found = nbformat.read(file, as_version=4)
    assert ANSWER in sources(found)
    assert "## square" in sources(found)
    (kept,) = beside(file)
    assert (file.parent / kept).read_bytes() == before
    assert kept in said[-1]
    assert "## square" in sources(nbformat.read(learner / "notebooks" / file.name, as_version=4))

    update(said.append)  # again at once: nothing is new, and nothing more is kept
    assert sources(nbformat.read(file, as_version=4)) == sources(found)
    assert beside(file) == [kept]


def test_a_lesson_that_was_only_run_leaves_no_copy(checkouts):
    author, learner = checkouts
    file = learner / "notebooks" / "00_start_here.ipynb"
    run = nbformat.read(file, as_version=4)
    run.cells[1].execution_count = 7
    nbformat.write(run, file)
    publish(author, exercise("square"))
    update(lambda line: None)
    assert "## square" in sources(nbformat.read(file, as_version=4))
    assert beside(file) == []


def answered(file):
    """Answer the exercise; returns the file as it is then."""
    mine = nbformat.read(file, as_version=4)
    set_source(mine, "double", ANSWER)
    nbformat.write(mine, file)
    return file.read_bytes()


def out(folder, *words):
    return subprocess.run(["git", "-C", folder, *words], check=True, capture_output=True, text=True).stdout


def state(learner):
    """Every file of the learner's, and what is committed."""
    files = (path for path in learner.rglob("*") if path.is_file() and ".git" not in path.parts)
    return {path: path.read_bytes() for path in files}, out(learner, "rev-parse", "HEAD")


def scribble(learner, *words):
    (learner / "README.md").write_text("mine")
    if words:
        git(learner, *words)


# name → what is wrong in the learner's copy, and a part of what is said
TROUBLE = {
    "no network": (
        lambda me: git(me, "remote", "set-url", "origin", str(me / "gone")),
        "is there a network?",
    ),
    "a lock": (lambda me: (me / ".git" / "index.lock").touch(), "type rm '"),
    "no branch": (lambda me: git(me, "checkout", "-q", "--detach"), "type git switch main"),
    "no upstream": (lambda me: git(me, "branch", "--unset-upstream"), "type git branch --set-upstream-to="),
    "a merge": (lambda me: (me / ".git" / "MERGE_HEAD").write_text("0" * 40), "type git merge --abort"),
    "a changed file": (
        scribble,
        "changed README.md, which is newer as well: type git stash, then bn-course update",
    ),
    "a staged file": (lambda me: scribble(me, "add", "README.md"), "type git stash, then bn-course update"),
    "a commit": (lambda me: scribble(me, "commit", "-qam", "mine"), "your own commits change README.md"),
    "no repository": (lambda me: (me / ".git").rename(me / "git"), "get the course again with git clone"),
}


@pytest.mark.parametrize("trouble", TROUBLE)
def test_where_nothing_newer_can_be_had_all_is_as_it_was_and_what_to_type_is_said(checkouts, trouble):
    author, learner = checkouts
    publish(author, exercise("double", "square"), **{"README.md": "newer"})
    answered(learner / "exercises" / "00_start_here.ipynb")
    (learner / "notebooks" / "00_start_here.ipynb").write_text("not even a notebook")
    make, said = TROUBLE[trouble]
    before = state(learner)[0]
    make(learner)
    if trouble != "no repository":
        before = state(learner)
    with pytest.raises(UpdateFailed) as raised:
        update(lambda line: None)
    assert said in str(raised.value)
    assert str(raised.value).endswith("(your files are as they were)")
    assert "fatal" not in str(raised.value)
    if trouble != "no repository":
        assert state(learner) == before


@pytest.mark.parametrize("way", ["staged", "committed", "committed in part", "committed by nobody"])
def test_answers_are_carried_over_staged_or_committed(checkouts, way, monkeypatch):
    author, learner = checkouts
    publish(author, exercise("double", "square"))
    file = learner / "exercises" / "00_start_here.ipynb"
    before = answered(file)
    (learner / "notes.md").write_text("my own")
    git(learner, "add", ".")
    if way != "staged":
        git(learner, "commit", "-q", "-m", "my answers")
    if way == "committed in part":
        (learner / "notebooks" / file.name).write_text("scribbled")
    if way == "committed by nobody":  # git knows no name of the learner's
        monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
        monkeypatch.setenv("GIT_CONFIG_SYSTEM", "/dev/null")
    said, again = [], []
    update(said.append)
    assert {ANSWER, "## square"} <= set(sources(nbformat.read(file, as_version=4)))
    assert "## square" in (learner / "notebooks" / file.name).read_text()
    assert before in [(file.parent / kept).read_bytes() for kept in beside(file)]
    assert (learner / "notes.md").read_text() == "my own"
    assert said[0] == "The newest course is here."
    assert ("my answers" in out(learner, "log", "--format=%s")) == (way != "staged")
    update(again.append)
    assert again == ["This is the newest."]


@pytest.mark.parametrize("staged", [False, True])
def test_files_in_the_way_are_kept_beside_the_new(checkouts, staged):
    author, learner = checkouts
    new = {"exercises/01_new.ipynb": nbformat.writes(exercise("double", "square")), "HINT.md": "x"}
    publish(author, exercise("double"), **new)
    nbformat.write(exercise("double"), learner / "exercises" / "01_new.ipynb")
    answered(learner / "exercises" / "01_new.ipynb")
    (learner / "HINT.md").write_text("mine")
    if staged:
        git(learner, "add", ".")
    said = []
    update(said.append)
    found = sources(nbformat.read(learner / "exercises" / "01_new.ipynb", as_version=4))
    assert {ANSWER, "## square"} <= set(found)
    assert (learner / "HINT.md").read_text() == "x"
    (kept,) = learner.glob("HINT.2*.md")
    assert kept.read_text() == "mine"
    assert any(kept.name in line for line in said)


@pytest.mark.parametrize("how", ["mv", "rm"])
def test_a_notebook_that_was_moved_or_deleted_is_there_again(checkouts, how):
    author, learner = checkouts
    publish(author, exercise("double", "square"))
    file = learner / "exercises" / "00_start_here.ipynb"
    before, said = answered(file), []
    git(learner, "add", ".")
    git(learner, *(("mv", file, file.with_name("mine.ipynb")) if how == "mv" else ("rm", "-qf", file)))
    update(said.append)
    assert "## square" in sources(nbformat.read(file, as_version=4))
    assert "exercises/00_start_here.ipynb: it is there again." in said
    if how == "mv":
        assert file.with_name("mine.ipynb").read_bytes() == before


def test_a_wheel_renews_the_learners_folder(tmp_path, monkeypatch):
    packaged = tmp_path / "site-packages" / "bn_course" / "_course"
    home = tmp_path / "home" / "bn-course"
    for folder in ("exercises", "notebooks"):
        (packaged / folder).mkdir(parents=True)
        (home / folder).mkdir(parents=True)
        nbformat.write(exercise("double", "square"), packaged / folder / "00_start_here.ipynb")
        nbformat.write(exercise("double"), home / folder / "00_start_here.ipynb")
    monkeypatch.setattr(course, "_PACKAGED", packaged)
    monkeypatch.setattr(course, "_REPOSITORY", packaged.parent.parent)
    monkeypatch.chdir(home)
    file = home / "exercises" / "00_start_here.ipynb"
    mine = nbformat.read(file, as_version=4)
    set_source(mine, "double", ANSWER)
    nbformat.write(mine, file)

    update(lambda line: None)
    assert {ANSWER, "## square"} <= set(sources(nbformat.read(file, as_version=4)))
    assert len(beside(file)) == 1
    state = json.loads(file.read_text(encoding="utf-8"))
    update(lambda line: None)
    assert json.loads(file.read_text(encoding="utf-8")) == state
    assert len(beside(file)) == 1
