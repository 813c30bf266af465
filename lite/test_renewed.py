"""A learner comes back to a site that was renewed, or the storage is full: the course goes on."""

import json

import pytest
from lab import new_context
from serving import served
from tab_page import Tab, shown
from test_tab import CHECK, EXERCISE, PASSED, RIGHT, WORK, answer, standing

OLDER = "# 02 · The forward pass, in older words"


# It takes a while until Chromium goes by another quota.
FULL = """() => new Promise((resolve) => {
    const asked = indexedDB.open("probe");
    asked.onupgradeneeded = () => asked.result.createObjectStore("some");
    asked.onerror = () => resolve(true);
    asked.onsuccess = () => {
        const change = asked.result.transaction("some", "readwrite");
        const end = (full) => { asked.result.close(); resolve(full); };
        change.objectStore("some").put("x".repeat(9999), 1);
        change.oncomplete = () => end(false);
        change.onabort = () => end(true);
    };
})"""


@pytest.fixture
def older(site, tmp_path):
    """The site as an older edition had it: another first page, and other words in an exercise."""
    for entry in site.iterdir():
        (tmp_path / entry.name).symlink_to(entry)
    (tmp_path / "files").unlink()
    (tmp_path / "index.html").unlink()
    for entry in (site / "files").rglob("*.*"):
        copy = tmp_path / entry.relative_to(site)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(entry.read_bytes())
    page = (site / "index.html").read_text(encoding="utf-8")
    (tmp_path / "index.html").write_text(page.replace('edition = "', 'edition = "older '), encoding="utf-8")
    exercise = tmp_path / "files" / EXERCISE
    notebook = json.loads(exercise.read_text(encoding="utf-8"))
    notebook["cells"][0]["source"] = [OLDER]
    exercise.write_text(json.dumps(notebook), encoding="utf-8")
    return tmp_path


def renew(older, site):
    for name in ("index.html", f"files/{EXERCISE}"):
        (older / name).write_bytes((site / name).read_bytes())


def test_a_renewed_site_says_so_keeps_answers_and_brings_the_new_notebook_when_asked(chromium, site, older):
    with served(older) as server, new_context(chromium) as context:
        tab = Tab(context.new_page(), server)
        tab.page.goto(f"{server.address}/index.html")
        tab.page.wait_for_function("navigator.serviceWorker.controller")
        answer(tab, RIGHT)
        tab.save()
        renew(older, site)
        tab.page.goto(f"{server.address}/index.html")
        tab.page.get_by_text("The course has been renewed since you were here").wait_for()
        tab.open(EXERCISE)
        first = tab.cells()[0]
        assert (tab.source(first), tab.source("batch_stats")) == (OLDER, RIGHT)
        tab.open(WORK)
        said = shown(tab.run("download", "update"))
        assert "02_forward_pass.ipynb: new, with your answers. What you had is in 02_forward_pass." in said
        tab.open(EXERCISE)
        assert tab.source(first) != OLDER
        assert tab.source("batch_stats") == RIGHT
        assert PASSED in standing(tab)


def test_where_the_storage_is_full_the_check_goes_on(tab):
    answer(tab, RIGHT)
    devtools = tab.page.context.new_cdp_session(tab.page)
    devtools.send("Storage.overrideQuotaForOrigin", {"origin": tab.server.address, "quotaSize": 1})
    tab.page.wait_for_function(FULL, polling=1000)
    assert "bn-passed" in shown(tab.run(*CHECK))
