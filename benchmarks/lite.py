"""How soon the first check is there in a browser's tab, and what goes over the wire until then.

    python benchmarks/lite.py      # after make lite

Writes evidence/lite.json. Cold: a browser that was never here opens the first page, then an exercise, and
runs its first check; a static server on loopback sends text as gzip. Warm: the exercise once more. Each three
times, in some three minutes; the median counts. Megabytes hang on nothing, seconds on what else runs: where
that is much at the beginning, nothing is stored.
"""

import json
import os
import platform
import statistics
import sys
import time
from datetime import date
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
EVIDENCE = REPOSITORY / "evidence" / "lite.json"
sys.path[:0] = [str(REPOSITORY / "tests" / "browser"), str(REPOSITORY / "lite")]

import pyodide_files  # noqa: E402
from lab import launch, new_context  # noqa: E402
from playwright.sync_api import sync_playwright  # noqa: E402
from serving import served  # noqa: E402
from tab_page import Tab, shown  # noqa: E402

TARGETS = {"cold_seconds": 12, "cold_megabytes": 15, "warm_seconds": 6}
EXERCISE = "exercises/02_forward_pass.ipynb"
RIGHT = "def batch_stats(x):\n    return x.mean(axis=0), x.var(axis=0)"
NAMES = [f"{when}_{what}" for when in ("cold", "warm") for what in ("seconds", "megabytes", "files")]
TIMES = int(os.environ.get("BN_COURSE_TIMES", "3"))
BUSY = 0.5  # processes that want to run, on average over a minute, before anything is begun


def first_check(tab: Tab, server, first: bool) -> list[float]:
    """Seconds, megabytes and answers with a content, from the address to the first report."""
    server.sent.clear()
    start = time.perf_counter()
    if first:
        tab.page.goto(f"{server.address}/index.html")
        tab.page.wait_for_function("navigator.serviceWorker.controller")
    tab.open(EXERCISE)
    tab.write("batch_stats", RIGHT)
    said = shown(tab.run("imports", "batch_stats", "check_batch_stats"))
    seconds = time.perf_counter() - start
    if "bn-passed" not in said:
        raise RuntimeError(said)
    return [round(seconds, 2), round(sum(size for _, size in server.sent) / 1e6, 2), len(server.sent)]


def measured(site: Path) -> list[dict]:
    """One row for each time: cold and warm."""
    rows = []
    with served(site) as server, sync_playwright() as playwright:
        browser = launch(playwright)
        for _ in range(TIMES):
            context = new_context(browser, viewport={"width": 1280, "height": 900})
            tab, load = Tab(context.new_page(), server), os.getloadavg()[0]
            found = [*first_check(tab, server, first=True), *first_check(tab, server, first=False)]
            rows.append(dict(zip(NAMES, found, strict=True)) | {"load": load})
            context.close()
        browser.close()
    return rows


def main() -> None:
    site = Path(os.environ.get("BN_COURSE_LITE", REPOSITORY / "build" / "lite"))
    load = os.getloadavg()[0]
    rows = measured(site)
    medians = {name: statistics.median(row[name] for row in rows) for name in rows[0]}
    record = {
        "what": "seconds and megabytes to the first check in a browser's tab, cold and warm",
        "targets": TARGETS,
        "median": medians,
        "runs": rows,
        "date": date.today().isoformat(),
        "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} processors",
        "pyodide": pyodide_files.VERSION,
    }
    print(json.dumps(medians))
    if load > BUSY:
        raise SystemExit(f"The load was {load:.1f} at the beginning: not stored. Wait for a quiet minute.")
    EVIDENCE.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
