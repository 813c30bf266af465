"""PNG: what is decoded is what was drawn, in few colours where those suffice."""

import io

import numpy as np
import pytest
from PIL import Image

from bn_course.live import COLOURS, figure
from bn_course.live.png import TOLERANCE, Encoder, opaque, still
from bn_course.live.style import CSS_DPI


def canvas_of(scale=2, patch=None):
    """A figure of half an inch's height with a patch of a colour or an image on it."""
    fig = figure(height=0.5)
    fig.set_dpi(CSS_DPI * scale)
    if patch is not None:
        fig.figimage(patch, 10, 10)
    fig.canvas.draw()
    return fig.canvas


def block(colour):
    return np.full((20, 60, 3), colour, dtype=np.uint8)


def decoded(png):
    return Image.open(io.BytesIO(png))


def rgb(image):
    return np.asarray(image.convert("RGB")).astype(int)


@pytest.mark.parametrize("scale", [1, 2])
def test_every_pixel_of_a_plain_figure_comes_back(scale):
    canvas = canvas_of(scale, block((0, 114, 178)))
    canvas.figure.text(0.5, 0.5, "x̂ = (x − μ)/σ", color=COLOURS["none"])
    canvas.draw()
    expected = np.asarray(canvas.buffer_rgba())[..., :3].astype(int)
    for png in (Encoder()(canvas), still(canvas)):
        assert png.startswith(b"\x89PNG\r\n\x1a\n")
        image = decoded(png)
        assert image.size == (700 * scale, 50 * scale)
        assert abs(rgb(image) - expected).max() <= TOLERANCE


def test_frames_have_a_palette_and_are_opaque():
    image = decoded(Encoder()(canvas_of(patch=block((0, 114, 178)))))
    assert image.mode == "P"
    assert "transparency" not in image.info
    assert rgb(image)[0, 0].tolist() == [255, 255, 255]


def test_a_transparent_figure_becomes_opaque_without_changing_size():
    canvas = canvas_of()
    canvas.figure.patch.set_alpha(0)
    canvas.draw()
    image = opaque(canvas)
    assert image.mode == "RGB"
    assert image.size == (1400, 100)


def test_a_new_colour_gets_a_new_palette():
    encode = Encoder()
    for colour in ((0, 114, 178), (213, 94, 0), (0, 158, 115), (0, 114, 178)):
        canvas = canvas_of(patch=block(colour))
        middle = rgb(decoded(encode(canvas)))[-20, 40]
        assert abs(middle - colour).max() <= TOLERANCE, colour


def test_the_palette_is_kept_while_it_fits():
    encode = Encoder()
    first = decoded(encode(canvas_of(patch=block((0, 114, 178)))))
    second = decoded(encode(canvas_of(patch=block((0, 114, 178))[:10])))
    assert first.getpalette() == second.getpalette()


def test_more_colours_than_a_palette_holds_stay_in_full_colour():
    noise = np.random.default_rng(0).integers(0, 256, size=(80, 900, 3), dtype=np.uint8)
    canvas = canvas_of(patch=noise)
    for png in (Encoder()(canvas), still(canvas)):
        image = decoded(png)
        assert image.mode == "RGB"
        np.testing.assert_array_equal(rgb(image), np.asarray(canvas.buffer_rgba())[..., :3])


def test_the_encoder_recovers_after_a_frame_in_full_colour():
    encode = Encoder()
    noise = np.random.default_rng(0).integers(0, 256, size=(80, 900, 3), dtype=np.uint8)
    assert decoded(encode(canvas_of(patch=noise))).mode == "RGB"
    assert decoded(encode(canvas_of(patch=block((0, 114, 178))))).mode == "P"
