"""What happens in JupyterLab: a kernel that ends or was never there, a saved run, cells in any order."""

import json

import nbformat
import pytest

pytestmark = pytest.mark.browser

CELLS = (
    "from bn_course import check, predict\nfrom bn_course.explorers import NoiseExplorer, TransformExplorer",
    "NoiseExplorer()",
    "TransformExplorer()",
    "predict('02-small-deviation')",
    "check(lambda x: 2 * x, 'double')",
)
DRAWN_BY_KERNEL, IN_BROWSER = "The noise of a batch", "Batch normalisation, entry by entry"
PANEL = ".jp-NotebookPanel:not(.lm-mod-hidden)"


@pytest.fixture
def running(lab, server):
    """Two explorers, a prediction and a check; all of it ran."""
    lab.open(server.write("hard.ipynb", *CELLS)).run_all()
    lab.page.get_by_text("double — passed").wait_for()
    lab.explorers()
    assert lab.errors() == []
    return lab


def kernel(lab, does):
    lab.page.evaluate(f"() => window.bnPanel.sessionContext.session.kernel.{does}")


def stored_pictures(lab, count):
    """The alternative texts of the pictures that stand for live figures, once there are `count` of them."""
    pictures = lab.page.locator(f"{PANEL} .jp-RenderedImage img[alt]")
    pictures.nth(count - 1).wait_for()
    assert pictures.evaluate_all("all => all.every(image => image.naturalWidth === 1400)")
    return [picture.get_attribute("alt") for picture in pictures.all()]


def lives(explorer):
    explorer.changes(lambda: explorer.press(explorer.root.get_by_role("slider").first, "Home"))


def test_a_kernel_that_ends_under_an_explorer(running, server):
    """Restarted or dead: figure and prediction say so, and running the cells again mends it."""
    for end in ("restart()", "requestExecute({code: 'import os; os.kill(os.getpid(), 9)'})"):
        explorer = running.explorer(DRAWN_BY_KERNEL)
        before = explorer.alt()
        kernel(running, end)
        explorer.root.get_by_text("no longer moves this figure: run its cell again").wait_for()
        running.page.locator(".bn-prediction").get_by_text("run its cell again").wait_for()
        assert (explorer.root.locator("canvas").is_visible(), explorer.alt()) == (True, before)
        if "kill" in end:  # JupyterLab says that the kernel has died
            running.page.get_by_role("button", name="Ok", exact=True).click()
        lives(running.explorer(IN_BROWSER))  # it draws itself
        state = json.loads((server.home / "progress.json").read_text(encoding="utf-8"))
        assert state["questions"]["double"]["passed"]
        running.run_all()
        explorer.root.get_by_text("run its cell again").wait_for(state="detached")
        lives(running.explorer(DRAWN_BY_KERNEL))
        assert running.errors() == []


def test_a_saved_run_opened_later(running):
    """A page loaded again finds its figures alive; in another kernel their pictures stand there instead."""
    running.page.evaluate("async () => await window.bnPanel.context.save()")
    running.open("hard.ipynb")
    assert len(running.explorers()) == 2
    kernel(running, "restart()")
    running.open("hard.ipynb")
    noise, transform = stored_pictures(running, 2)
    assert "200 batches of 16" in noise
    assert "Whatever μ and σ are" in transform
    running.page.get_by_text("A prediction to make in JupyterLab: a number.").wait_for()
    assert running.errors() == []


def test_a_lesson_untrusted_and_without_a_kernel(lab, server):
    """The file came from elsewhere and names a kernel that is not here: every figure is shown."""
    lesson = nbformat.read(server.root / "notebooks" / "02_forward_pass.ipynb", as_version=4)
    lesson.metadata.kernelspec = {"name": "elsewhere", "display_name": "Elsewhere", "language": "other"}
    lesson.metadata.language_info = {"name": "other"}
    pictures = [
        output.metadata["image/png"]["alt"]
        for cell in lesson.cells
        for output in cell.get("outputs", [])
        if "image/png" in output.get("data", {})
    ]
    nbformat.write(lesson, server.root / "from elsewhere – été.ipynb")
    lab.show("from elsewhere – été.ipynb")
    question = lab.page.get_by_role("dialog")  # which kernel to take; the toolbar has such a button too
    question.get_by_role("button", name="No Kernel", exact=True).click()
    assert stored_pictures(lab, len(pictures)) == pictures
    lab.page.wait_for_function("() => !window.bnPanel.sessionContext.session?.kernel")
    assert lab.page.get_by_text("Loading widget").count() == 0
    assert lab.page_errors == []


def test_cells_out_of_order(lab, server):
    """What is not there yet is named, in one line; in order, the same cells run."""
    double = "def double(x):\n    return 2 * x"
    lab.open(server.write("order.ipynb", *CELLS[:2], "check(double)", double, "predict('a')"))
    for cell in (1, 2):
        lab.run_cell(cell)
    lab.page.wait_for_function("() => window.bnPanel.content.widgets[2].model.executionCount")
    assert lab.errors() == [
        "NameError: name 'NoiseExplorer' is not defined",
        "NameError: name 'check' is not defined",
    ]
    for cell in (0, 2, 4):
        lab.run_cell(cell)
    lab.page.wait_for_function("() => window.bnPanel.content.widgets[4].model.executionCount")
    assert lab.errors()[1] == "NameError: name 'double' is not defined"
    assert lab.errors()[2].startswith("ValueError: there is no prediction called 'a'")
    for cell in (1, 3, 2):
        lab.run_cell(cell)
    lab.page.get_by_text("double — passed").wait_for()
    lab.explorer(DRAWN_BY_KERNEL)
