"""Static figures: seven inches wide, opaque white, without pyplot, with alternative text."""

import base64
import io
import subprocess
import sys

import matplotlib
import matplotlib.style
import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from PIL import Image

from bn_course.live import COLOURS, figure, show, subplots, title
from bn_course.live.style import INK, STYLE

READERS_STYLES = {
    "none": {},
    "transparent": {"savefig.transparent": True, "savefig.bbox": "tight"},
    "dark": matplotlib.style.library["dark_background"],
    "ggplot": matplotlib.style.library["ggplot"],
}


def drawn():
    fig, ax = subplots(height=2)
    title(ax, "The mean goes to zero")
    ax.plot([0, 1], [0, 1])
    ax.set_xlabel("step")
    return fig


def pixels(png):
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGBA"))


def test_pyplot_is_never_imported():
    code = (
        "import sys\n"
        "from demo import Descent\n"
        "from bn_course.live import show, subplots\n"
        "show(subplots()[0], 'empty axes')\n"
        "Descent()._repr_mimebundle_()\n"
        "assert 'matplotlib' in sys.modules\n"
        "assert 'matplotlib.pyplot' not in sys.modules\n"
        "assert 'torch' not in sys.modules\n"
    )
    from demo import __file__ as demo

    folder = str(demo).rsplit("demo.py", 1)[0]
    subprocess.run([sys.executable, "-c", f"import sys; sys.path.append({folder!r})\n{code}"], check=True)


def test_figures_are_agg_and_seven_inches_wide():
    fig = figure(height=2.5)
    assert isinstance(fig.canvas, FigureCanvasAgg)
    assert fig.canvas.get_width_height() == (1400, 500)
    assert fig.canvas.manager is None


def test_subplots_returns_axes_as_pyplot_does():
    fig, axes = subplots(2, 3, height=4, sharex=True)
    assert axes.shape == (2, 3)
    assert axes[0, 0].figure is fig
    assert axes[0, 0].get_shared_x_axes().joined(axes[0, 0], axes[1, 2])


def test_rcparams_stay_as_they_were():
    before = dict(matplotlib.rcParams)
    show(drawn(), "A line.")
    assert dict(matplotlib.rcParams) == before


@pytest.mark.parametrize("readers", READERS_STYLES)
def test_the_picture_is_the_same_whatever_style_the_reader_chose(readers):
    expected = pixels(show(drawn(), "A line.").png)
    with matplotlib.rc_context(READERS_STYLES[readers]):
        fig, ax = subplots(height=2)
        title(ax, "The mean goes to zero")
        ax.plot([0, 1], [0, 1], linewidth=1.5, solid_capstyle="projecting")
        ax.set_xlabel("step")
        found = pixels(show(fig, "A line.").png)
    assert found.shape == (400, 1400, 4)
    assert (found[..., 3] == 255).all()
    assert (found[[0, 0, -1, -1], [0, -1, 0, -1], :3] == 255).all()
    assert (found[200, 400, :3] == 255).all()  # inside the axes, off the line
    np.testing.assert_array_equal(found, expected)


def test_axes_are_in_the_styles_colours():
    ax = drawn().axes[0]
    assert ax.lines[0].get_color() == next(iter(COLOURS.values()))
    assert ax.xaxis.label.get_color() == ax.xaxis.get_major_ticks()[0].label1.get_color() == INK
    assert ax.xaxis.get_major_ticks()[0].label1.get_size() == STYLE["xtick.labelsize"]
    assert not ax.spines["top"].get_visible()


def test_colours_of_norms_are_told_apart():
    colours = np.array([matplotlib.colors.to_rgb(colour) for colour in COLOURS.values()])
    assert len({tuple(colour) for colour in colours}) == len(COLOURS)
    # WCAG's relative luminance: every one has contrast of at least 2 to 1 with white.
    linear = np.where(colours <= 0.04045, colours / 12.92, ((colours + 0.055) / 1.055) ** 2.4)
    assert (1.05 / (linear @ [0.2126, 0.7152, 0.0722] + 0.05)).min() > 2


def test_title_stands_at_the_left():
    _, ax = subplots()
    artist = title(ax, "Depth hurts")
    assert ax.get_title(loc="left") == artist.get_text() == "Depth hurts"
    assert artist.get_fontweight() == "bold"


def test_show_carries_picture_size_and_alternative_text():
    picture = show(drawn(), "A rising line.")
    data, metadata = picture._repr_mimebundle_()
    assert base64.b64decode(data["image/png"]) == picture.png
    assert pixels(picture.png).shape == (400, 1400, 4)
    assert data["text/plain"] == repr(picture) == "A rising line."
    assert metadata["image/png"] == {"alt": "A rising line.", "width": 700}


@pytest.mark.parametrize("alt", ["", " \n"])
def test_show_refuses_a_figure_that_says_nothing(alt):
    with pytest.raises(ValueError, match="say what one would see"):
        show(drawn(), alt)


def test_the_same_figure_gives_the_same_bytes_and_no_version():
    one, two = show(drawn(), "A line.").png, show(drawn(), "A line.").png
    assert one == two
    assert b"atplotlib" not in one
