"""How soon every interactive figure follows the reader, in JupyterLab and Chromium.

    python benchmarks/live.py [--presses 60] [--only NAME …]

Writes evidence/live.json (not with --only). Each explorer is measured on a screen of 1 and of 2 pixels to the
CSS pixel, in a JupyterLab as `bn-course lab` starts it:

- key: from the keydown's own time stamp to the frame that shows the new figure; one key at a time, each 10 to
  60 ms after the last was painted. What the kernel draws counts once it is on the canvas, SVG once it has
  changed.
- drag: two seconds of mouse moves, sixty a second, each to another value; the frames painted in a second, and
  how long after the last move the last of them, which is compared with what the kernel says of that value.
- CPU and kilobytes: of one frame that the kernel draws, in this process.

At the end, from starting JupyterLab to the first figure of the first lesson.
"""

import argparse
import itertools
import json
import os
import platform
import random
import signal
import statistics
import sys
import time
from collections.abc import Iterator
from datetime import date
from importlib.metadata import version
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
EVIDENCE = REPOSITORY / "evidence" / "live.json"
sys.path.insert(0, str(REPOSITORY / "tests" / "browser"))

from lab import Explorer, Lab, Server, launch, serving  # noqa: E402
from playwright.sync_api import Browser, Locator, sync_playwright  # noqa: E402
from rich.console import Console  # noqa: E402
from rich.table import Table  # noqa: E402

from bn_course.explorers import EXPLORERS, load  # noqa: E402
from bn_course.live import BrowserPlot, LivePlot  # noqa: E402

WARM_UP = 10
SPAN = 8  # values to each side of the start that a control swings through
DRAG, MOVE = 2.0, 1 / 60  # seconds
WINDOW = {"width": 1200, "height": 1000}
FIRST = "notebooks/00_start_here.ipynb"

# The most that each may be, or the least where it is frames a second.
TARGETS = {
    "kernel": {"median_ms": 50, "p95_ms": 80, "fps": 20, "settled_ms": 100, "kilobytes": 45},
    "browser": {"median_ms": 16, "p95_ms": 33, "fps": 20, "settled_ms": 100},
    "start": {"seconds": 8},
}
CPU_MS = {"two panels": 8, "four panels": 13}  # "four" and more, "two" for fewer

WATCH = """root => {
    window.bnKeys = []; window.bnPaints = []; window.bnMoved = 0;
    let pressed = null, waiting = false;
    root.addEventListener('keydown', event => { pressed = event.timeStamp; }, true);
    root.addEventListener('input', event => { window.bnMoved = event.timeStamp; }, true);
    const changed = () => {
        if (waiting) return;
        waiting = true;
        requestAnimationFrame(() => {  // the task after a frame's callbacks comes after its paint
            const channel = new MessageChannel();
            channel.port1.onmessage = () => {
                waiting = false;
                window.bnPaints.push(performance.now());
                if (pressed !== null) window.bnKeys.push(performance.now() - pressed);
                pressed = null;
            };
            channel.port2.postMessage(null);
        });
    };
    const drawn = root.querySelector('.bn-picture');  // by the kernel; numbered once it is on the canvas
    new MutationObserver(changed).observe(root.querySelector('.bn-stage'), {
        subtree: true, childList: true, attributes: true, ...(drawn && {attributeFilter: ['data-frame']})});
}"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--presses", type=int, default=60)
    parser.add_argument("--only", nargs="+", choices=EXPLORERS, metavar="NAME")
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # an exception: the JupyterLab is ended too
    results = []
    with sync_playwright() as playwright:
        browser = launch(playwright)
        for density in (1, 2):
            for result in figures(browser, density, arguments.only or EXPLORERS, arguments.presses):
                results.append(result)
                print(result["figure"], density, result["median_ms"], file=sys.stderr, flush=True)
        if not arguments.only:
            results.append(first_figure(browser))
        chromium = browser.version
        browser.close()
    if not arguments.only:
        store(results, chromium)
    Console(width=None if sys.stdout.isatty() else 110).print(table(results))


def figures(browser: Browser, density: int, names: list[str], presses: int) -> Iterator[dict]:
    """Each explorer on a screen of `density` pixels to the CSS pixel."""
    context = browser.new_context(viewport=WINDOW, device_scale_factor=density)
    with serving() as server:
        for name in names:
            drawn_here = load(name)()
            drawn_here.scale = density
            field, values = swing(drawn_here)
            kernel = not isinstance(drawn_here, BrowserPlot)
            lab = Lab(context.new_page(), server)
            shown = opened(lab, server, type(drawn_here).__name__)
            keys = press(lab, shown, drawn_here, field, values, presses)
            yield {
                "figure": name,
                "drawn_in": "kernel" if kernel else "browser",
                "control": drawn_here.controls[field].label,
                "panels": len(drawn_here.view.fig.axes),
                "pixels_to_css_pixel": density,
                "presses": presses,
                "median_ms": round(statistics.median(keys), 1),
                "p95_ms": round(statistics.quantiles(keys, n=20)[-1], 1),
                **dragged(lab, shown, drawn_here, field, values),
                **(redrawn(drawn_here, field, values) if kernel else {}),
            }
            assert not lab.errors(), lab.errors()
            lab.page.close()
    context.close()


def swing(explorer: LivePlot) -> tuple[str, list[int]]:
    """A control of which each step shows another figure, and the indices that it swings through."""
    order = ("slider", "player", "choice", "switch")
    for field, control in sorted(explorer.controls.items(), key=lambda item: order.index(item[1].kind)):
        at = explorer.at[field]
        values = list(range(max(0, at - SPAN), min(len(control.values), at + SPAN + 1)))
        frames = []
        for index in values:
            explorer.set(**{field: control.values[index]})
            frames.append(explorer.view.png(explorer.result, 1))
        refused = explorer.error
        explorer.reset()
        if refused is None and all(one != other for one, other in itertools.pairwise(frames)):
            return field, values
    raise ValueError(f"{explorer.label}: no control of which each step shows another figure")


def to_and_fro(values: list[int], start: int) -> Iterator[int]:
    """Indices one step apart, from the one after `start`, turning round at both ends."""
    cycle = [*values, *values[-2:0:-1]]
    place = cycle.index(start)
    return itertools.islice(itertools.cycle(cycle), place + 1, None)


def opened(lab: Lab, server: Server, name: str) -> Explorer:
    lab.open(server.write("figure.ipynb", f"from bn_course.explorers import {name}\n{name}()")).run_all()
    (shown,) = lab.explorers()
    shown.root.evaluate(WATCH)
    return shown


def press(
    lab: Lab, shown: Explorer, here: LivePlot, field: str, values: list[int], presses: int
) -> list[float]:
    """Milliseconds from key to paint."""
    control, at = here.controls[field], here.at[field]
    focused(shown, control).focus()
    pauses = random.Random(0)
    for count, index in enumerate(itertools.islice(to_and_fro(values, at), WARM_UP + presses)):
        forth = "Space" if control.kind == "switch" else "ArrowRight" if index > at else "ArrowLeft"
        lab.page.keyboard.press(forth)
        lab.page.wait_for_function("count => window.bnKeys.length > count", arg=count)
        # Keys fall anywhere between two frames; without this they would all fall just after one.
        lab.page.wait_for_timeout(pauses.uniform(10, 60))
        at = index
    here.set(**{field: control.values[at]})
    assert shown.alert() == ""
    return lab.page.evaluate("window.bnKeys")[WARM_UP:]


def focused(shown: Explorer, control) -> Locator:
    """What takes the keys of a control: of options, the one that is chosen."""
    if control.kind == "choice":
        options = shown.root.get_by_role("radiogroup", name=control.label, exact=True).or_(
            shown.root.get_by_role("group", name=control.label, exact=True)
        )
        return options.get_by_role("radio", checked=True)
    role = "checkbox" if control.kind == "switch" else "slider"
    return shown.root.get_by_role(role, name=control.label, exact=True)


def dragged(lab: Lab, shown: Explorer, here: LivePlot, field: str, values: list[int]) -> dict[str, float]:
    """Frames a second while a slider is dragged, and how long after the last move the last comes."""
    control, at = here.controls[field], here.at[field]
    if control.kind not in ("slider", "player"):
        return {}
    slider = shown.slider(control.label)
    slider.scroll_into_view_if_needed()
    box, mouse = slider.bounding_box(), lab.page.mouse
    thumb = 16  # CSS pixels: its centre runs from 8 after the left end to 8 before the right one

    def go(index: int) -> None:
        share = index / (len(control.values) - 1)
        mouse.move(box["x"] + thumb / 2 + share * (box["width"] - thumb), box["y"] + box["height"] / 2)

    go(at)
    mouse.down()
    lab.page.wait_for_timeout(300)
    lab.page.evaluate("window.bnPaints = []")
    begun = time.perf_counter()
    for count, index in enumerate(to_and_fro(values, at)):
        time.sleep(max(0.0, begun + count * MOVE - time.perf_counter()))
        go(index)
        seconds = time.perf_counter() - begun
        if seconds > DRAG:
            break
    lab.page.wait_for_timeout(700)
    mouse.up()
    assert int(slider.input_value()) == index, "the mouse does not reach the value"
    here.set(**{field: control.values[index]})
    assert shown.alt() == here.describe(here.result), "the last figure is not that of the last value"
    paints, moved = lab.page.evaluate("[window.bnPaints, window.bnMoved]")
    while_moving = [paint for paint in paints if paint <= moved]
    return {"fps": round(len(while_moving) / seconds, 1), "settled_ms": round(max(paints[-1] - moved, 0), 1)}


def redrawn(here: LivePlot, field: str, values: list[int], rounds: int = 3) -> dict[str, float]:
    """CPU and bytes of one frame: the quickest of a few swings through the values."""
    control = here.controls[field]
    path = list(itertools.islice(to_and_fro(values, here.at[field]), 2 * (len(values) - 1)))
    spent, sizes = [], []
    for _ in range(rounds + 1):
        begun = time.process_time()
        for index in path:
            here.set(**{field: control.values[index]})
            sizes.append(len(here.png))
        spent.append(time.process_time() - begun)
    assert here.error is None
    cpu = 1000 * min(spent[1:]) / len(path)
    return {"cpu_ms": round(cpu, 1), "kilobytes": round(statistics.median(sizes) / 1000, 1)}


def first_figure(browser: Browser, times: int = 3) -> dict:
    """Seconds from starting JupyterLab to the first lesson's figure, painted."""
    taken = []
    for _ in range(times):
        context = browser.new_context(viewport=WINDOW)
        begun = time.perf_counter()
        with serving() as server:
            lab = Lab(context.new_page(), server).open(FIRST)
            lab.page.evaluate(
                """async () => {
                    const notebook = window.bnPanel.content;
                    notebook.activeCellIndex = notebook.widgets.findIndex(
                        cell => cell.model.type === 'code'
                            && cell.model.sharedModel.getSource().includes('Explorer()'));
                    notebook.deselectAll();
                    window.jupyterapp.commands.execute('notebook:run-cell');
                }"""
            )
            lab.explorers()
            taken.append(time.perf_counter() - begun)
        context.close()
    return {"figure": "first figure", "drawn_in": "start", "seconds": round(statistics.median(taken), 1)}


def target(result: dict, what: str) -> float | None:
    """What a measurement may be at most, or, of frames a second, at least."""
    if what == "cpu_ms" and result["drawn_in"] == "kernel":
        return CPU_MS["four panels" if result["panels"] >= 4 else "two panels"]
    return TARGETS[result["drawn_in"]].get(what)


def misses(result: dict, what: str) -> bool:
    limit = target(result, what)
    if limit is None or what not in result:
        return False
    return result[what] < limit if what == "fps" else result[what] > limit


def store(results: list[dict], chromium: str) -> None:
    packages = ("anywidget", "jupyter_server", "jupyterlab", "matplotlib", "pillow")
    report = {
        "what": "every explorer in JupyterLab and Chromium: key to paint, dragging, CPU and bytes of a frame",
        "targets": {**TARGETS, "cpu_ms": CPU_MS},
        "results": results,
        "cores": os.cpu_count(),
        "machine": f"{platform.system()} {platform.machine()}, headless, no GPU",
        "versions": {name: version(name) for name in packages}
        | {"chromium": chromium, "python": platform.python_version()},
        "date": date.today().isoformat(),
    }
    EVIDENCE.write_text(json.dumps(report, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def table(results: list[dict]) -> Table:
    """What a person reads: in brackets the target, where it is missed."""
    columns = {
        "median_ms": "key, median ms",
        "p95_ms": "p95 ms",
        "fps": "frames/s",
        "settled_ms": "settled ms",
        "cpu_ms": "CPU ms",
        "kilobytes": "kB",
        "seconds": "seconds",
    }
    shown = Table("figure", "in", "×", "panels", *columns.values())
    for result in results:
        cells = [str(result.get(what, "")) for what in columns]
        for place, what in enumerate(columns):
            if misses(result, what):
                cells[place] += f" [red]({target(result, what)})"
        about = (str(result.get(what, "")) for what in ("drawn_in", "pixels_to_css_pixel", "panels"))
        shown.add_row(result["figure"], *about, *cells)
    missed = sum(misses(result, what) for result in results for what in columns)
    shown.caption = f"{missed} measurements miss their target" if missed else "Every target is met"
    return shown


if __name__ == "__main__":
    main()
