"""The same in Firefox: opened, checked, reloaded."""

import shutil
import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
PUPPETEER = "puppeteer-core@24.43.1"  # the last that Node.js 20 runs


@pytest.mark.skipif(shutil.which("firefox-esr") is None, reason="there is no Firefox here")
def test_firefox_opens_checks_and_keeps(server, tmp_path):
    subprocess.run(["npm", "install", "--silent", "--no-save", "--prefix", tmp_path, PUPPETEER], check=True)
    package = tmp_path / "node_modules" / "puppeteer-core"
    command = ["node", HERE / "firefox.mjs", package, server.address]
    done = subprocess.run(command, capture_output=True, text=True, timeout=1200)
    assert done.returncode == 0, done.stderr[-3000:]
    assert "kept" in done.stdout
