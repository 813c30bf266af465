"""Take the README's pictures from the real thing: JupyterLab in Chromium.

    python tools/pictures.py

writes docs/pictures/report.png, a wrong answer and what the course says of it, and
docs/pictures/transform.gif, the figure of lesson 02 while its sliders move.
"""

import io
import sys
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

REPOSITORY = Path(__file__).resolve().parent.parent
PICTURES = REPOSITORY / "docs" / "pictures"
sys.path.insert(0, str(REPOSITORY / "tests" / "browser"))

from lab import Lab, Server, launch, serving  # noqa: E402

WRONG = """\
def batch_norm_forward(x, gamma, beta, eps=1e-5):
    mean, var = x.mean(axis=0), x.var(axis=0, ddof=1)
    x_hat = (x - mean) / np.sqrt(var + eps)
    return gamma * x_hat + beta"""
MOVES = (  # there and back, so that the animation has no seam
    ("input mean μ", "ArrowRight"),
    ("input mean μ", "ArrowLeft"),
    ("scale γ", "ArrowRight"),
    ("scale γ", "ArrowLeft"),
    ("shift β", "ArrowRight"),
    ("shift β", "ArrowLeft"),
)
FRAMES, PRESSES = 6, 2  # of each move, and for each frame
MILLISECONDS = 90  # a frame


def main() -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright, serving() as server:
        browser = launch(playwright)
        report(browser, server).save(PICTURES / "report.png", optimize=True)
        first, *others = animation(browser, server)
        timing = {"duration": MILLISECONDS, "loop": 0}
        first.save(PICTURES / "transform.gif", save_all=True, append_images=others, optimize=True, **timing)
        browser.close()
    for file in sorted(PICTURES.iterdir()):
        print(f"{file.relative_to(REPOSITORY)}: {file.stat().st_size / 1000:.0f} kB")


def report(browser: Browser, server: Server) -> Image.Image:
    """The second question of lesson 02, answered with the sample variance."""
    page = browser.new_page(viewport={"width": 900, "height": 640})
    lab = Lab(page, server).open("exercises/02_forward_pass.ipynb")
    page.evaluate("window.jupyterapp.commands.execute('application:toggle-left-area')")
    order = page.evaluate("window.bnPanel.content.widgets.map(cell => cell.model.id)")
    page.evaluate(
        "([at, code]) => window.bnPanel.content.widgets[at].model.sharedModel.setSource(code)",
        [order.index("batch_norm_forward"), WRONG],
    )
    for name in ("imports", "batch_norm_forward", "check_batch_norm_forward"):
        lab.run_cell(order.index(name))
    cells = page.locator(".jp-Notebook .jp-Cell")
    cells.nth(order.index("check_batch_norm_forward")).locator(".bn-report").wait_for()
    cells.nth(order.index("batch_norm_forward")).evaluate("cell => cell.scrollIntoView({block: 'start'})")
    return shot(page.screenshot())


def animation(browser: Browser, server: Server) -> list[Image.Image]:
    """Frames of the explorer while keys move its sliders."""
    source = "from bn_course.explorers import TransformExplorer\nTransformExplorer()"
    page = browser.new_page(viewport={"width": 1000, "height": 900})
    lab = Lab(page, server).open(server.write("figure.ipynb", source))
    lab.run_all()
    (explorer,) = lab.explorers()
    frames = []
    for slider, key in MOVES:
        for _ in range(FRAMES):
            explorer.press(explorer.slider(slider), key, PRESSES)
            frames.append(shot(explorer.root.screenshot()))
    return frames


def shot(png: bytes) -> Image.Image:
    """A screenshot in 64 colours: it shows flat colours and text."""
    return Image.open(io.BytesIO(png)).convert("RGB").quantize(64, dither=Image.Dither.NONE)


if __name__ == "__main__":
    main()
