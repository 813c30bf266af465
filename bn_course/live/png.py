"""PNG fast enough for a slider: what moved, over a background that the browser has, in few colours.

A frame of 1400 × 640 pixels takes about 13 ms to encode whole and in full colour. Of it the pixels that
differ from the background are a tenth; the others are one transparent colour. 255 colours are
chosen for them and kept while they fit. A frame that 255 colours cannot show is sent whole.
"""

from __future__ import annotations

import io

import numpy as np
from PIL import Image, ImageChops

TOLERANCE = 24  # of 255, in any channel; smaller differences pass unseen beside anti-aliasing
RARE = 0.01  # of the pixels, as in a photograph, may differ by more,
FARTHEST = 64  # up to this
CLEAR = 255  # the transparent colour's place in the palette


class Encoder:
    """Turns the frames of one figure into PNG, to be laid over its background."""

    def __init__(self):
        self._palette: Image.Image | None = None

    def __call__(self, canvas, background: np.ndarray) -> bytes:
        pixels = pixels_of(canvas)
        moved = pixels != background
        colours = _row(np.append(background[0], pixels[moved]))
        if self._palette is None or not _fits(self._palette, colours):
            self._palette = _palette(colours)
        if self._palette is None:
            return _png(opaque(canvas))
        frame = np.full(pixels.shape, CLEAR, np.uint8)
        frame[moved] = np.asarray(_reduced(colours, self._palette))[0, 1:]
        image = Image.frombytes("P", canvas.get_width_height(), frame.tobytes())
        image.putpalette((self._palette.getpalette() + 768 * [255])[:768])
        return _png(image, transparency=CLEAR)


def pixels_of(canvas) -> np.ndarray:
    """The canvas as it stands, a number for each pixel."""
    return np.frombuffer(canvas.buffer_rgba(), np.uint32)


def opaque(canvas) -> Image.Image:
    """The canvas as it stands, without transparency: figures are opaque white."""
    return Image.frombytes("RGB", canvas.get_width_height(), canvas.buffer_rgba(), "raw", "RGBX")


def still(canvas, compress_level: int = 9) -> bytes:
    """The canvas as it stands, to be kept: in few colours where those suffice, and small."""
    image = opaque(canvas)
    return _png(_reduced(image, _palette(image)), compress_level=compress_level)


def _row(pixels: np.ndarray) -> Image.Image:
    return Image.frombytes("RGB", (len(pixels), 1), pixels.tobytes(), "raw", "RGBX")


def _palette(image: Image.Image) -> Image.Image | None:
    """The image in 255 colours of its own; None where they do not show it."""
    reduced = image.quantize(255, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    # A colour of the palette is the mean of what it stands for; the background, which comes first, is exact.
    palette, background = reduced.getpalette(), reduced.getpixel((0, 0))
    palette[3 * background : 3 * background + 3] = image.getpixel((0, 0))
    reduced.putpalette(palette)
    return reduced if _fits(reduced, image, RARE) else None


def _reduced(image: Image.Image, palette: Image.Image | None) -> Image.Image:
    return image if palette is None else image.quantize(palette=palette, dither=Image.Dither.NONE)


def _fits(palette: Image.Image, image: Image.Image, rare: float = 0.0) -> bool:
    difference = ImageChops.difference(image, _reduced(image, palette).convert("RGB"))
    counts = np.reshape(difference.histogram(), (3, 256)).max(axis=0)  # pixels at each difference
    allowed = rare * image.width * image.height
    return counts[TOLERANCE + 1 :].sum() <= allowed and not counts[FARTHEST + 1 :].any()


def _png(image: Image.Image, **options) -> bytes:
    file = io.BytesIO()
    image.save(file, "png", **{"compress_level": 3} | options)
    return file.getvalue()
