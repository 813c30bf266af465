"""Lesson 11 in JupyterLab: the cube with every norm, the picture and the channels through each."""

import pytest

pytestmark = pytest.mark.browser


def test_lesson_11(lab, tmp_path):
    lab.open("notebooks/11_layer_instance_group.ipynb").run_all()
    assert lab.errors() == []

    cube = lab.explorer("Which cells share a mean and a variance, norm by norm")
    for name in ("batch", "layer", "pointwise layer", "instance", "group"):
        cube.root.get_by_role("radio", name=name, exact=True).check()
        assert cube.alert() == ""
    cells = cube.root.locator("svg[role=application] .bn-cell")
    cube.changes(lambda: cube.root.get_by_role("radio", name="pointwise layer", exact=True).check())
    cells.first.click()
    terms, said = (cube.root.locator(tag).all_inner_texts() for tag in ("dt", "dd"))
    assert dict(zip(terms, said, strict=True))["its peers"] == "x[0, :, 0, 0], 6 cells"
    cube.screenshot(tmp_path / "cube.png")

    picture = lab.explorer("The same picture through each norm")
    picture.changes(lambda: picture.root.get_by_role("radio", name="batch", exact=True).check())
    picture.waits_to_say("batch norm")
    picture.changes(lambda: picture.press(picture.slider("brightness at noon"), "ArrowRight", times=3))
    picture.waits_to_say("brightness +0.3")
    picture.changes(lambda: picture.root.get_by_role("radio", name="group", exact=True).check())
    picture.press(picture.slider("groups (group norm)"), "ArrowLeft")
    picture.root.get_by_text("divides its 3 channels").wait_for()
    picture.changes(lambda: picture.press(picture.slider("groups (group norm)"), "ArrowLeft"))
    assert picture.alert() == ""
    picture.screenshot(tmp_path / "picture.png")

    channels = lab.explorer("A trained network’s channels through each norm")
    before = channels.alt()
    channels.changes(lambda: channels.press(channels.slider("flag: contrast"), "Home"))
    channels.waits_to_say("contrast 0.2")
    deviations = [text.split("Deviations afterwards: ")[1] for text in (before, channels.alt())]
    assert deviations[0] == deviations[1]  # instance norm: the flag comes out as before
    channels.screenshot(tmp_path / "channels.png")
    assert lab.errors() == []
