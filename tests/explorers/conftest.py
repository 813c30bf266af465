"""`javascript`: call functions of an explorer's module in node, or in Chromium without it."""

import json
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).resolve().parents[1] / "browser"))

CALLS = "calls.map(([name, ...rest]) => module[name](...rest))"


def in_node(text, calls, folder):
    (folder / "module.mjs").write_text(text, encoding="utf-8")
    (folder / "calls.json").write_text(json.dumps(calls), encoding="utf-8")
    (folder / "main.mjs").write_text(
        "import { readFileSync } from 'node:fs';\n"
        "import * as module from './module.mjs';\n"
        "const calls = JSON.parse(readFileSync(new URL('./calls.json', import.meta.url)));\n"
        f"process.stdout.write(JSON.stringify({CALLS}));\n",
        encoding="utf-8",
    )
    command = ["node", str(folder / "main.mjs")]
    answer = subprocess.run(command, capture_output=True, text=True, timeout=600, encoding="utf-8")
    assert answer.returncode == 0, answer.stderr
    return json.loads(answer.stdout)


def in_chromium(text, calls):
    # In a thread of its own: the browser tests hold this one's event loop until the session ends.
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(_in_chromium, text, calls).result()


def _in_chromium(text, calls):
    from lab import launch
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = launch(playwright)  # no browser either: FileNotFoundError, and the test fails
        page = browser.new_page()
        answer = page.evaluate(
            """async ([text, calls]) => {
                const url = URL.createObjectURL(new Blob([text], {type: 'text/javascript'}));
                const module = await import(url);
                return JSON.stringify("""
            + CALLS
            + """);
            }""",
            [text, calls],
        )
        browser.close()
    return json.loads(answer)


@pytest.fixture
def javascript(tmp_path):
    """`javascript(text, calls)`: each call is [function, argument, …]; returns their values."""
    if shutil.which("node"):
        return lambda text, calls: in_node(text, calls, tmp_path)
    return in_chromium


@pytest.fixture
def javascript_in_chromium():
    """`javascript` as it is where node is missing."""
    return in_chromium
