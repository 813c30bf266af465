"""PNG: what is decoded is what was drawn, in few colours where those suffice."""

import io

import numpy as np
import pytest
from PIL import Image

from bn_course.live import COLOURS, figure
from bn_course.live.png import FARTHEST, RARE, TOLERANCE, Encoder, opaque, pixels_of, still
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


def framed(encode, canvas):
    """A frame over a white background, as the browser shows it."""
    white = Image.new("RGBA", canvas.get_width_height(), "white")
    png = encode(canvas, np.full_like(pixels_of(canvas), 0xFFFFFFFF))
    return Image.alpha_composite(white, decoded(png).convert("RGBA")), decoded(png)


def rgb(image):
    return np.asarray(image.convert("RGB")).astype(int)


@pytest.mark.parametrize("scale", [1, 2])
def test_every_pixel_of_a_plain_figure_comes_back(scale):
    canvas = canvas_of(scale, block((0, 114, 178)))
    canvas.figure.text(0.5, 0.5, "x̂ = (x − μ)/σ", color=COLOURS["none"])
    canvas.draw()
    expected = np.asarray(canvas.buffer_rgba())[..., :3].astype(int)
    assert still(canvas).startswith(b"\x89PNG\r\n\x1a\n")
    for image in (framed(Encoder(), canvas)[0], decoded(still(canvas))):
        assert image.size == (700 * scale, 50 * scale)
        assert abs(rgb(image) - expected).max() <= TOLERANCE


def test_a_frame_holds_what_differs_from_the_background_and_is_clear_elsewhere():
    canvas = canvas_of(patch=block((0, 114, 178)))
    _, frame = framed(Encoder(), canvas)
    assert frame.mode == "P"
    drawn = np.asarray(frame.convert("RGBA"))[..., 3] == 255
    expected = np.asarray(canvas.buffer_rgba())[..., :3] != 255
    np.testing.assert_array_equal(drawn, expected.any(axis=2))


def test_a_frame_like_its_background_is_clear():
    canvas = canvas_of()
    frame = decoded(Encoder()(canvas, pixels_of(canvas).copy()))
    assert not np.asarray(frame.convert("RGBA"))[..., 3].any()


def test_white_over_a_picture_is_white():
    """As behind a label that crosses a line."""
    canvas = canvas_of(patch=block((0, 114, 178)))
    before = pixels_of(canvas).copy()
    canvas.figure.figimage(block((255, 255, 255)), 10, 10)
    canvas.draw()
    frame = np.asarray(decoded(Encoder()(canvas, before)).convert("RGBA"))
    assert (frame[frame[..., 3] > 0] == 255).all()
    assert (frame[..., 3] > 0).sum() == 20 * 60


def test_stored_pictures_have_a_palette_and_are_opaque():
    image = decoded(still(canvas_of(patch=block((0, 114, 178)))))
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
        image, _ = framed(encode, canvas_of(patch=block(colour)))
        assert abs(rgb(image)[-20, 40] - colour).max() <= TOLERANCE, colour


def test_the_palette_is_kept_while_it_fits():
    encode = Encoder()
    _, first = framed(encode, canvas_of(patch=block((0, 114, 178))))
    _, second = framed(encode, canvas_of(patch=block((0, 114, 178))[:10]))
    assert first.getpalette() == second.getpalette()


def noise():
    return np.random.default_rng(0).integers(0, 256, size=(80, 900, 3), dtype=np.uint8)


def test_more_colours_than_a_palette_holds_stay_in_full_colour():
    canvas = canvas_of(patch=noise())
    for image in (framed(Encoder(), canvas)[1], decoded(still(canvas))):
        assert image.mode == "RGB"
        np.testing.assert_array_equal(rgb(image), np.asarray(canvas.buffer_rgba())[..., :3])


def test_the_encoder_recovers_after_a_frame_in_full_colour():
    encode = Encoder()
    assert framed(encode, canvas_of(patch=noise()))[1].mode == "RGB"
    assert framed(encode, canvas_of(patch=block((0, 114, 178))))[1].mode == "P"


def test_a_photograph_is_in_few_colours_though_its_rarest_are_not_among_them():
    smooth = np.add.outer(np.linspace(0, 200, 80), np.linspace(0, 55, 900))
    photograph = np.stack([smooth, 255 - smooth, 0.5 * smooth], -1).astype(np.uint8)
    canvas = canvas_of(patch=photograph)
    image, frame = framed(Encoder(), canvas)
    assert frame.mode == "P"
    off = abs(rgb(image) - np.asarray(canvas.buffer_rgba())[..., :3].astype(int)).max(axis=2)
    assert off.max() <= FARTHEST
    assert (off > TOLERANCE).mean() <= RARE
