"""PNG fast enough for a slider: 255 colours, chosen once and checked in every frame.

A frame of 1400 × 640 pixels takes about 13 ms to encode in full colour and 4 ms with a palette
that is already known, for half the bytes. A figure has few colours, and a palette fits until new
ones appear; then it is chosen anew. A frame that 255 colours cannot show stays in full colour.
"""

from __future__ import annotations

import io

from PIL import Image, ImageChops

TOLERANCE = 24  # of 255, in any channel; smaller differences pass unseen beside anti-aliasing


class Encoder:
    """Turns the frames of one figure into PNG."""

    def __init__(self):
        self._palette: Image.Image | None = None

    def __call__(self, canvas) -> bytes:
        image = opaque(canvas)
        return _png(self._reduced(image) or image)

    def _reduced(self, image: Image.Image) -> Image.Image | None:
        if self._palette is not None:
            reduced = image.quantize(palette=self._palette, dither=Image.Dither.NONE)
            if _alike(image, reduced):
                return reduced
        chosen = _few_colours(image)
        self._palette = chosen or self._palette
        return chosen


def opaque(canvas) -> Image.Image:
    """The canvas as it stands, without transparency: figures are opaque white."""
    size = canvas.get_width_height()
    return Image.frombuffer("RGBA", size, canvas.buffer_rgba()).convert("RGB")


def still(canvas) -> bytes:
    """The canvas as it stands, to be stored: in few colours where those suffice, and small."""
    image = opaque(canvas)
    return _png(_few_colours(image) or image, compress_level=9)


def _few_colours(image: Image.Image) -> Image.Image | None:
    """The image in 255 colours of its own; None where they do not show it."""
    reduced = image.quantize(255, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    # A colour of the palette is the mean of what it stands for; the background, in the corner, is exact.
    palette, background = reduced.getpalette(), reduced.getpixel((0, 0))
    palette[3 * background : 3 * background + 3] = image.getpixel((0, 0))
    reduced.putpalette(palette)
    return reduced if _alike(image, reduced) else None


def _alike(image: Image.Image, reduced: Image.Image) -> bool:
    # Every third pixel each way: what is missed is smaller than three pixels.
    size = (image.width // 3, image.height // 3)
    nearest = Image.Resampling.NEAREST
    shown = reduced.resize(size, nearest).convert("RGB")
    difference = ImageChops.difference(image.resize(size, nearest), shown)
    return max(high for _, high in difference.getextrema()) <= TOLERANCE


def _png(image: Image.Image, compress_level: int = 1) -> bytes:
    file = io.BytesIO()
    image.save(file, "png", compress_level=compress_level)
    return file.getvalue()
