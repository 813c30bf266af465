"""Lesson 05 in JupyterLab: the cube of cells, by mouse and by keyboard, in both themes."""

import re

import pytest

pytestmark = pytest.mark.browser

CODE = "from bn_course.explorers import AxesExplorer, NormAxesExplorer"
LABEL = "Which cells share a mean and a variance"


@pytest.fixture
def cube(lab, server):
    path = server.write("cube.ipynb", f"{CODE}\nAxesExplorer()")
    lab.open(path).run_all()
    explorer = lab.explorer(LABEL)
    assert lab.errors() == []
    return explorer


def fact(explorer, term):
    """What the list says of `term`; None where it does not speak of it."""
    terms = explorer.root.locator("dt").all_inner_texts()
    said = explorer.root.locator("dd").all_inner_texts()
    return dict(zip(terms, said, strict=True)).get(term)


def test_every_control_moves_the_cube_by_keyboard(lab, cube):
    cube.visit_controls()
    assert lab.errors() == []


def test_pointing_at_a_cell_lists_its_peers(cube):
    assert fact(cube, "its peers") is None
    cells = cube.root.locator("svg[role=application] .bn-cell")
    cells.nth(9 + 4).hover()  # image 0, channel 1, the middle
    assert fact(cube, "this cell") == "x[0, 1, 1, 1], at address 13"
    assert fact(cube, "its peers") == "x[:, 1, :, :], 27 cells"
    assert cube.root.locator("svg[role=application] .bn-peer").count() == 27
    cube.root.locator("dl").hover()
    assert fact(cube, "its peers") is None


def test_a_click_keeps_the_cell_and_layout_renames_it(cube):
    cells = cube.root.locator("svg[role=application] .bn-cell")
    cells.nth(13).click()
    cube.root.locator("dl").hover()
    assert fact(cube, "its peers") == "x[:, 1, :, :], 27 cells"
    cube.changes(lambda: cube.root.get_by_role("radio", name="NHWC").check())
    assert fact(cube, "its peers") == "x[:, :, :, 1], 27 cells"
    assert fact(cube, "in NumPy") == "x.mean(axis=(0, 1, 2))"
    assert fact(cube, "in memory") == "27 values in 27 pieces of 1"


def test_the_cube_by_keyboard(lab, cube):
    cell = lab.page.evaluate("window.bnPanel.content.activeCellIndex")
    figure = cube.root.get_by_role("application")
    figure.focus()
    lab.page.keyboard.press("ArrowRight")  # the first key chooses the first cell
    assert fact(cube, "this cell") == "x[0, 0, 0, 0], at address 0"
    for key in ("ArrowRight", "ArrowDown", "c", "n", "n", "Shift+N"):
        lab.page.keyboard.press(key)
    assert fact(cube, "this cell") == "x[1, 1, 1, 1], at address 49"
    assert "x[1, 1, 1, 1] has the peers x[:, 1, :, :]" in figure.get_attribute("aria-label")
    lab.page.keyboard.press("Escape")
    assert fact(cube, "this cell") is None
    assert lab.page.evaluate("window.bnPanel.content.activeCellIndex") == cell
    assert lab.errors() == []


def test_groups_that_do_not_divide_are_said(lab, server):
    path = server.write("norms.ipynb", f"{CODE}\nNormAxesExplorer()")
    lab.open(path).run_all()
    cube = lab.explorer(f"{LABEL}, norm by norm")
    groups = cube.slider("groups (group norm)")
    cube.changes(lambda: cube.press(groups))
    cube.press(cube.slider("C, channels"), "ArrowLeft")
    cube.root.get_by_text("3 groups do not divide 4 channels").wait_for()
    cube.changes(lambda: cube.root.get_by_role("radio", name="layer", exact=True).check())
    assert cube.alert() == ""
    assert fact(cube, "in NumPy") == "x.mean(axis=(1, 2, 3))"
    assert lab.errors() == []


def test_labels_are_light_on_a_dark_theme(lab, server):
    lab.open(server.write("dark.ipynb", f"{CODE}\nAxesExplorer()"), dark=True).run_all()
    cube = lab.explorer(LABEL)
    fill = cube.root.locator("svg text").first.evaluate("text => getComputedStyle(text).fill")
    assert min(int(part) for part in re.findall(r"\d+", fill)[:3]) > 180


def test_it_fits_a_narrow_window(cube):
    cube.fits(700)


def test_the_lesson_runs(lab):
    lab.open("notebooks/05_convolutions.ipynb").run_all()
    cube = lab.explorer(LABEL)
    cube.changes(lambda: cube.press(cube.slider("N, images"), "Home"))
    assert fact(cube, "mean and variance") == "one for each channel: shape (4,), 9 values each"
    channels = lab.explorer("A trained network’s channels through each norm")
    channels.visit_controls()
    channels.root.get_by_role("radio", name="instance", exact=True).check()
    channels.waits_to_say("instance norm")
    lab.page.wait_for_function(
        "() => window.bnPanel.content.widgets.filter(c => c.model.type === 'code').at(-1)"
        ".model.executionState === 'idle'"
    )
    assert lab.errors() == []
