"""The shell in JupyterLab: keyboard, error box, alternative text, narrow windows, an untrusted file."""

from pathlib import Path

import pytest
from lab import Lab, new_context

pytestmark = pytest.mark.browser

DEMO = Path(__file__).with_name("demo.py").read_text(encoding="utf-8")


@pytest.fixture
def demo(lab, server):
    path = server.write("demo.ipynb", DEMO, "explorer = Descent()\nexplorer")
    lab.open(path).run_all()
    assert lab.errors() == []
    return lab.explorer("Descent")


def test_every_control_moves_the_figure_by_keyboard(lab, demo):
    demo.visit_controls()
    assert lab.errors() == []


def test_arrow_up_moves_the_slider_and_not_the_notebook(lab, demo):
    slider = demo.slider("learning rate")
    cell = lab.page.evaluate("window.bnPanel.content.activeCellIndex")
    before = int(slider.input_value())
    demo.changes(lambda: demo.press(slider, "ArrowUp"))
    assert int(slider.input_value()) == before + 1
    assert lab.page.evaluate("window.bnPanel.content.activeCellIndex") == cell


def test_a_refused_value_is_said_and_gone_at_the_next_good_one(demo):
    slider = demo.slider("learning rate")
    demo.press(slider, "End")
    demo.root.get_by_text("must be below 2").wait_for()
    assert demo.alert() == "the learning rate must be below 2; it is 2"
    demo.press(slider, "ArrowLeft")
    demo.root.get_by_text("must be below 2").wait_for(state="detached")


def test_alternative_text_follows_the_state(demo):
    demo.changes(lambda: demo.press(demo.slider("learning rate"), "ArrowRight"))
    demo.waits_to_say("0.6")


def test_a_burst_of_keys_ends_in_its_last_state(demo):
    demo.press(demo.slider("learning rate"), "Home")
    demo.press(demo.slider("learning rate"), "ArrowRight", times=14)
    demo.waits_to_say("1.5")


def test_play_runs_to_the_last_step(lab, demo):
    step = demo.slider("step shown")
    demo.changes(lambda: demo.root.get_by_role("button", name="Play").press("Enter"))
    lab.page.wait_for_function("s => s.value === s.max", arg=step.element_handle())
    demo.root.get_by_role("button", name="Play").get_by_text("Play").wait_for()


def test_a_click_on_the_figure_is_a_choice(demo):
    left_panel = {"x": 100, "y": 150}
    demo.changes(lambda: demo.root.locator("canvas").click(position=left_panel))
    assert 0 < int(demo.slider("step shown").input_value()) < 20


def test_fits_a_narrow_window(demo):
    demo.fits(800)
    frame = demo.root.evaluate("root => root.closest('.jp-OutputArea-output').clientWidth")
    assert demo.root.locator("canvas").bounding_box()["width"] <= frame


def test_high_density_screens_get_twice_the_pixels(chromium, server):
    context = new_context(chromium, device_scale_factor=2)
    lab = Lab(context.new_page(), server)
    path = server.write("dense.ipynb", DEMO, "Descent()")
    lab.open(path).run_all()
    explorer = lab.explorer("Descent")
    assert explorer.root.locator("canvas").evaluate("canvas => canvas.width") == 1400
    assert lab.errors() == []
    context.close()


def test_a_stored_file_shows_the_figure_without_a_kernel_run(lab, server):
    """Saved on another machine, so not trusted: the PNG of the output is shown."""
    import nbformat

    path = server.write("stored.ipynb", DEMO, "Descent()")
    lab.open(path).run_all()
    lab.explorer("Descent")
    stored = lab.page.evaluate("window.bnPanel.content.model.toJSON()")
    stored["metadata"].pop("widgets", None)
    stored["cells"][1]["id"] = "from-elsewhere"  # another file for the signature
    nbformat.write(nbformat.from_dict(stored), server.root / "elsewhere.ipynb")
    lab.page.evaluate("window.jupyterapp.commands.execute('docmanager:save')")
    lab.open("elsewhere.ipynb")
    image = lab.page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-OutputArea img").first
    image.wait_for()
    assert image.evaluate("image => image.naturalWidth") == 1400
    assert image.bounding_box()["width"] <= 700
    assert lab.errors() == []
