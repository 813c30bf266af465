"""The course in a real tab of a real browser, from a static server on loopback."""

import re

import pytest
from lab import new_context
from serving import unplug
from tab_page import Tab, shown

EXERCISE, LESSON, WORK = "exercises/02_forward_pass.ipynb", "notebooks/00_start_here.ipynb", "my_work.ipynb"
WRONG = "def batch_stats(x):\n    return x.mean(axis=0), x.var(axis=0, ddof=1)"
RIGHT = "def batch_stats(x):\n    return x.mean(axis=0), x.var(axis=0)"
CHECK = ("imports", "batch_stats", "check_batch_stats")
PASSED = "✓ batch_stats"


def answer(tab, source):
    """Open the exercise, answer its first question, and return what the check shows."""
    tab.open(EXERCISE)
    tab.write("batch_stats", source)
    return shown(tab.run(*CHECK))


def standing(tab):
    """What `progress()` says, asked of the kernel."""
    return tab.page.evaluate(
        """async () => {
            let said = "";
            const code = "from bn_course import progress; print(progress())";
            const done = window.bnPanel.sessionContext.session.kernel.requestExecute({code});
            done.onIOPub = message => { said += message.content.text ?? ""; };
            await done.done;
            return said;
        }"""
    )


def test_a_wrong_answer_is_named_a_right_one_passes_and_a_reload_keeps_both(tab):
    said = answer(tab, WRONG)
    assert "divide" in said
    assert "bn-failed" in said  # the report is HTML
    tab.write("batch_stats", RIGHT)
    said = shown(tab.run(*CHECK))
    assert "bn-passed" in said
    assert "could not be saved" not in said
    assert PASSED in standing(tab)
    tab.save()
    tab.open(EXERCISE)
    assert tab.source("batch_stats") == RIGHT
    assert PASSED in standing(tab)
    tab.page.evaluate("window.bnPanel.sessionContext.session.kernel.restart()")
    assert "bn-passed" in shown(tab.run(*CHECK))
    other = Tab(tab.page.context.new_page(), tab.server).open(EXERCISE)
    assert other.source("batch_stats") == RIGHT
    assert PASSED in standing(other)


def test_a_lesson_runs_its_explorer_is_dragged_and_a_prediction_stays(tab):
    tab.open(LESSON)
    tab.run_all()
    assert tab.errors() == []
    explorer = tab.explorers()[0]
    explorer.changes(lambda: explorer.press(explorer.controls()[0]))
    box = tab.page.locator(".bn-predict, .bn-prediction").first
    choice = box.get_by_role("radio").nth(1)
    choice.check()
    words = choice.locator("xpath=..").inner_text().strip()
    box.get_by_role("button").first.click()
    tab.page.get_by_text(f"Recorded: {words}").wait_for()
    tab.open(LESSON)
    tab.run("imports", "predict-slide-mean")
    tab.page.get_by_text(f"Recorded: {words}").wait_for()


PAGES = "JSON.parse(localStorage.getItem('bn-course.predictions'))"


def test_a_prediction_of_a_page_is_known_here_and_one_of_here_on_the_pages(tab):
    tab.page.evaluate(
        """localStorage.setItem("bn-course.predictions",
            JSON.stringify({"00-slide-mean": {answer: "b", sure: 95}}))"""
    )
    tab.open(LESSON)
    tab.run("imports", "predict-slide-mean")
    tab.page.get_by_text("95 % sure. Now run on.").wait_for()
    tab.open("notebooks/02_forward_pass.ipynb")
    asks = next(cell for cell in tab.cells() if cell.startswith("predict-"))
    tab.run("imports", asks)
    box = tab.page.locator(".bn-prediction").first
    box.get_by_role("radio").first.check()
    box.get_by_role("button").first.click()
    tab.page.get_by_text("75 % sure. Now run on.").wait_for()
    tab.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    tab.page.wait_for_function(f"Object.keys({PAGES}).length === 2")
    assert tab.page.evaluate(f"{PAGES}['00-slide-mean'].sure") == 95


def test_what_needs_pytorch_shows_what_is_stored(tab):
    tab.open("notebooks/02_forward_pass.ipynb")
    said = shown(tab.run("imports", "two-features"))
    assert "This cell needs PyTorch, which no browser runs" in said
    assert len(said.splitlines()) > 1
    tab.open("exercises/06_pytorch_and_gpu.ipynb")
    said = shown(tab.run("imports", "bytes_moved", "check_bytes_moved"))
    assert "this question needs PyTorch, which no browser runs" in said
    assert "nn needs PyTorch, which no browser runs" in shown(tab.run("BatchNorm2d"))


def test_without_a_network_after_the_first_load(tab, server):
    answer(tab, RIGHT)
    tab.save()
    unplug(server)
    tab.page.goto(f"{server.address}/index.html")
    assert "bn-passed" in answer(tab, RIGHT)


def test_work_goes_out_and_comes_in(tab, chromium, server, tmp_path):
    answer(tab, RIGHT)
    tab.save()
    tab.open(WORK)
    tab.run("download")
    with tab.page.expect_download() as download:
        tab.page.get_by_role("link", name="my-work.zip").click()
    packed = tmp_path / "my-work.zip"
    download.value.save_as(packed)
    elsewhere = Tab(new_context(chromium).new_page(), server)
    elsewhere.open(WORK)
    elsewhere.run("download", "upload")
    with elsewhere.page.expect_file_chooser() as chooser:
        elsewhere.page.locator(".jupyter-widgets.widget-upload").click()
    chooser.value.set_files(packed)
    elsewhere.page.get_by_text("Your progress is joined").wait_for()
    elsewhere.open(EXERCISE)
    assert elsewhere.source("batch_stats") == RIGHT
    assert PASSED in standing(elsewhere)


def test_an_update_keeps_answers(tab):
    answer(tab, RIGHT)
    tab.save()
    tab.open(WORK)
    said = shown(tab.run("download", "update"))
    assert "The notebooks in /drive are this version's" in said
    tab.open(EXERCISE)
    assert tab.source("batch_stats") == RIGHT


REFUSED = """
Object.defineProperty(window, "indexedDB", {get() { throw new DOMException("no", "SecurityError"); }});
"""


def test_where_the_browser_keeps_nothing_it_says_so_and_the_course_runs(context, server):
    context.add_init_script(REFUSED)
    page = context.new_page()
    page.goto(f"{server.address}/index.html")
    page.get_by_text("This browser keeps nothing for this page").wait_for()
    assert "bn-passed" in answer(Tab(page, server), RIGHT)


@pytest.mark.parametrize("script", ["delete window.WebAssembly;", "window.Worker = class {};"])
def test_an_old_browser_is_told(context, server, script):
    context.add_init_script(script)
    page = context.new_page()
    page.goto(f"{server.address}/index.html")
    page.get_by_text(re.compile("This browser is too old")).wait_for()
