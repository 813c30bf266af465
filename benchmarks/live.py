"""How soon a figure follows a key: keydown to painted pixels in JupyterLab and Chromium.

    python benchmarks/live.py [--presses 80]

Writes evidence/live.json. A sample runs from the keydown's own time stamp to the frame that shows the new
figure: for a PNG from the kernel once it is decoded, for SVG drawn in the browser once it has changed. The
keys come one at a time, each 10 to 60 ms after the last was painted. CPU is the kernel's, for one redraw.
"""

import argparse
import json
import os
import platform
import random
import statistics
import sys
import time
from collections.abc import Iterator
from datetime import date
from importlib.metadata import version
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
EVIDENCE = REPOSITORY / "evidence" / "live.json"
HARNESS = REPOSITORY / "tests" / "browser"
sys.path.insert(0, str(HARNESS))

from demo import Descent, FourPanels  # noqa: E402
from lab import Lab, launch, serving  # noqa: E402
from playwright.sync_api import Browser, sync_playwright  # noqa: E402

WARM_UP = 10
WINDOW = {"width": 1200, "height": 900}
DEMO = (HARNESS / "demo.py").read_text(encoding="utf-8")
TRANSFORM = "from bn_course.explorers import TransformExplorer\nTransformExplorer()"
FIGURES = {  # the slider that moves, the class where the kernel draws, the notebook's cells
    "two panels": ("learning rate", Descent, (DEMO, "Descent()")),
    "four panels": ("learning rate", FourPanels, (DEMO, "FourPanels()")),
    "transform": ("scale γ", None, (TRANSFORM,)),
}
WATCH = """root => {
    window.bnSamples = [];
    let pressed = null;
    root.addEventListener('keydown', event => { pressed = event.timeStamp; }, true);
    const painted = () => {
        if (pressed === null) return;
        const start = pressed;
        pressed = null;
        requestAnimationFrame(() => {  // the task after a frame's callbacks comes after its paint
            const channel = new MessageChannel();
            channel.port1.onmessage = () => window.bnSamples.push(performance.now() - start);
            channel.port2.postMessage(null);
        });
    };
    const picture = root.querySelector('.bn-picture');
    if (picture) picture.addEventListener('load', () => picture.decode().then(painted));
    else new MutationObserver(painted).observe(
        root.querySelector('.bn-stage'), {subtree: true, childList: true, attributes: true});
}"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--presses", type=int, default=80)
    presses = parser.parse_args().presses
    with sync_playwright() as playwright:
        browser = launch(playwright)
        results = [
            *timed(browser, "bn-course lab", 1, presses),
            *timed(browser, "bn-course lab", 2, presses),
            *timed(browser, "jupyter lab", 1, presses),
        ]
        chromium = browser.version
        browser.close()
    packages = ("anywidget", "jupyter_server", "jupyterlab", "matplotlib", "pillow")
    report = {
        "what": "keydown to painted pixels in Chromium; CPU and bytes of a frame that the kernel draws",
        "results": results,
        "cores": os.cpu_count(),
        "machine": f"{platform.system()} {platform.machine()}, headless, no GPU",
        "versions": {name: version(name) for name in packages}
        | {"chromium": chromium, "python": platform.python_version()},
        "date": date.today().isoformat(),
    }
    EVIDENCE.parent.mkdir(exist_ok=True)
    EVIDENCE.write_text(json.dumps(report, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    show(results)


def timed(browser: Browser, command: str, density: int, presses: int) -> Iterator[dict]:
    """Each figure, in a lab started by `command`, on a screen of `density` pixels to the CSS pixel."""
    context = browser.new_context(viewport=WINDOW, device_scale_factor=density)
    with serving(prompt=command == "bn-course lab") as server:
        for figure, (slider, kernel, cells) in FIGURES.items():
            lab = Lab(context.new_page(), server)
            lab.open(server.write("figure.ipynb", *cells)).run_all()
            samples = measure(lab, slider, presses)
            assert not lab.errors(), lab.errors()
            lab.page.close()
            yield {
                "figure": figure,
                "drawn_in": "kernel" if kernel else "browser",
                "server": command,
                "pixels_to_css_pixel": density,
                "presses": presses,
                "median_ms": round(statistics.median(samples), 1),
                "p95_ms": round(statistics.quantiles(samples, n=20)[-1], 1),
                **(redraw(kernel(), density) if kernel else {}),
            }
    context.close()


def measure(lab: Lab, slider: str, presses: int) -> list[float]:
    """Milliseconds from key to paint; the slider swings between two values eight steps apart."""
    root = lab.page.locator(".bn-explorer")
    root.wait_for()
    explorer = lab.explorers()[0]
    root.evaluate(WATCH)
    pauses = random.Random(0)
    root.get_by_role("slider", name=slider, exact=True).focus()
    for press in range(WARM_UP + presses):
        lab.page.keyboard.press("ArrowRight" if press // 8 % 2 == 0 else "ArrowLeft")
        lab.page.wait_for_function("count => window.bnSamples.length > count", arg=press)
        # Keys fall anywhere between two frames; without this they would all fall just after one.
        lab.page.wait_for_timeout(pauses.uniform(10, 60))
    assert explorer.alert() == ""
    return lab.page.evaluate("window.bnSamples")[WARM_UP:]


def redraw(explorer: Descent, scale: int, times: int = 200) -> dict[str, float]:
    """CPU and bytes of one frame, in this process."""
    explorer.scale = scale
    rates = explorer.controls["rate"].values[4:13]
    sizes = []
    for rate in rates:
        explorer.set(rate=rate)
    start = time.process_time()
    for step in range(times):
        explorer.set(rate=rates[step % len(rates)])
        sizes.append(len(explorer.png))
    cpu = 1000 * (time.process_time() - start) / times
    assert explorer.error is None
    return {"cpu_ms": round(cpu, 1), "kilobytes": round(statistics.median(sizes) / 1000, 1)}


def show(results: list[dict]) -> None:
    """The table that a person reads."""
    heads = ("median", "p95", "CPU", "frame")
    print(f"{'figure':<12}{'drawn in':<9}{'server':<14}scale", *(f"{head:>9}" for head in heads))
    for r in results:
        own = f"{r['cpu_ms']:>7} ms{r['kilobytes']:>7} kB" if "cpu_ms" in r else ""
        print(
            f"{r['figure']:<12}{r['drawn_in']:<9}{r['server']:<14}{r['pixels_to_css_pixel']:>4}×"
            f"{r['median_ms']:>7} ms{r['p95_ms']:>7} ms{own}"
        )


if __name__ == "__main__":
    main()
