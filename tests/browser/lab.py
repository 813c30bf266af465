"""A real JupyterLab, driven by a real Chromium: what the browser tests and the benchmark share."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

import nbformat
from playwright.sync_api import Browser, BrowserContext, Locator, Page, Playwright

REPOSITORY = Path(__file__).resolve().parents[2]
COPIED = ("notebooks", "exercises")
CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SETTINGS = {
    "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
    # Every cell is in the page, whether or not it is scrolled to.
    "notebook-extension/tracker": {"windowingMode": "none"},
    "docmanager-extension/plugin": {"autosave": False},
}
PROMPT = "bn_course.websocket.PromptConnection"
PATIENCE = 300_000  # milliseconds, for every wait: it ends what hangs, however busy the machine is


def find_chromium(playwright: Playwright) -> str | None:
    """The browser on this machine: the system's, or the one that playwright installed."""
    for name in CHROMIUM:
        if path := shutil.which(name):
            return path
    path = playwright.chromium.executable_path
    return path if Path(path).exists() else None


def launch(playwright: Playwright) -> Browser:
    """Chromium; FileNotFoundError where there is none."""
    path = find_chromium(playwright)
    if path is None:
        raise FileNotFoundError(f"no browser: install one of {', '.join(CHROMIUM)}")
    return playwright.chromium.launch(executable_path=path, args=ARGUMENTS)


def new_context(browser: Browser, **options) -> BrowserContext:
    """A window of its own, which has patience."""
    context = browser.new_context(**options)
    context.set_default_timeout(PATIENCE)
    return context


class Server:
    """JupyterLab over a copy of the lessons, with settings and a learner's state of its own."""

    def __init__(self, folder: Path, prompt: bool = True):
        self.root = folder / "root"
        self.home = folder / "state"
        self.root.mkdir(parents=True)
        for name in COPIED:
            if (REPOSITORY / name).is_dir():
                shutil.copytree(REPOSITORY / name, self.root / name)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        self.log = folder / "jupyter.log"
        environment = os.environ | {
            "JUPYTER_CONFIG_DIR": str(folder / "config"),
            "JUPYTER_DATA_DIR": str(folder / "data"),
            "JUPYTER_RUNTIME_DIR": str(folder / "runtime"),
            "JUPYTER_PATH": str(REPOSITORY / "bn_course" / "_jupyter"),  # as `bn-course lab` does
            "JUPYTERLAB_SETTINGS_DIR": str(folder / "settings"),
            "JUPYTERLAB_WORKSPACES_DIR": str(folder / "workspaces"),
            "IPYTHONDIR": str(folder / "ipython"),
            "BN_COURSE_HOME": str(self.home),
            "OMP_NUM_THREADS": "1",
            "JUPYTER_PLATFORM_DIRS": "1",
        }
        for name, values in SETTINGS.items():
            file = folder / "settings" / "@jupyterlab" / f"{name}.jupyterlab-settings"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(json.dumps(values))
        # A token would protect nothing here: the server listens on loopback, for minutes.
        command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--expose-app-in-browser"]
        command += [f"--ServerApp.root_dir={self.root}", f"--ServerApp.port={port}"]
        command += ["--ServerApp.ip=127.0.0.1", "--ServerApp.port_retries=0"]
        command += [f"--ServerApp.kernel_websocket_connection_class={PROMPT}"] * prompt
        command += ["--IdentityProvider.token=", "--ServerApp.disable_check_xsrf=True"]
        if hasattr(os, "geteuid") and os.geteuid() == 0:
            command.append("--allow-root")
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                command, env=environment, stdout=log, stderr=log, start_new_session=True
            )
        try:
            self._wait()
        except BaseException:
            self.stop()
            raise

    def _wait(self) -> None:
        deadline = time.monotonic() + PATIENCE / 1000
        while time.monotonic() < deadline and self.process.poll() is None:
            with contextlib.suppress(OSError):
                urllib.request.urlopen(f"{self.url}/api/status", timeout=30).close()
                return
            time.sleep(0.2)
        raise RuntimeError(f"JupyterLab did not start:\n{self.log.read_text()[-3000:]}")

    def stop(self) -> None:
        """End the server, which ends its kernels."""
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def write(self, path: str, *cells: str) -> str:
        """A notebook of code cells at `path` under the server's root; returns the path."""
        notebook = nbformat.v4.new_notebook(
            cells=[nbformat.v4.new_code_cell(source) for source in cells],
            metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}},
        )
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(notebook, file)
        return path


@contextlib.contextmanager
def serving(folder: Path | None = None, prompt: bool = True):
    """A `Server` that is gone at the end; `prompt` as `bn-course lab` starts it."""
    with contextlib.ExitStack() as stack:
        if folder is None:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        server = Server(folder, prompt)
        stack.callback(server.stop)
        yield server


class Lab:
    """A JupyterLab page: open a notebook, run it, look at what it shows."""

    def __init__(self, page: Page, server: Server):
        self.page, self.server = page, server
        self.page_errors: list[str] = []
        page.on("pageerror", self._raised)
        page.on("console", self._heard)

    def _raised(self, error) -> None:
        # JupyterLab 4.6 now and then takes its splash screen away twice when the theme is set early.
        if not ("'removeChild'" in str(error) and "jlab_core" in (error.stack or "")):
            self.page_errors.append(str(error))

    def _heard(self, message) -> None:
        if message.type == "error" and "anywidget" in message.text.lower():
            self.page_errors.append(message.text)

    def open(self, path: str, dark: bool = False) -> Lab:
        """Open a notebook and wait until its kernel answers (a run sent earlier is dropped)."""
        self.show(path, dark)
        self.page.evaluate(
            """async () => {
                await window.bnPanel.sessionContext.ready;
                await window.bnPanel.sessionContext.session.kernel.info;
            }"""
        )
        return self

    def show(self, path: str, dark: bool = False) -> None:
        """Open a notebook, whether or not there is a kernel for it."""
        self.page.goto(f"{self.server.url}/lab/tree/{path}?reset", wait_until="domcontentloaded")
        self.page.wait_for_function("window.jupyterapp?.restored")
        self.theme(dark)
        self.page.evaluate(
            """async path => {
                window.bnPanel = await window.jupyterapp.commands.execute(
                    'docmanager:open', {path, factory: 'Notebook'});
                await window.bnPanel.context.ready;
            }""",
            path,
        )

    def theme(self, dark: bool) -> None:
        """Show everything light or dark."""
        theme = "JupyterLab Dark" if dark else "JupyterLab Light"
        self.page.evaluate(
            """async theme => {
                await window.jupyterapp.restored;
                await window.jupyterapp.commands.execute('apputils:change-theme', {theme});
            }""",
            theme,
        )
        self.page.wait_for_function("name => document.body.dataset.jpThemeName === name", arg=theme)

    def run_all(self) -> None:
        """Run every cell and wait for the last; check `errors()` afterwards."""
        self.page.evaluate("window.jupyterapp.commands.execute('notebook:run-all-cells')")

    def run_cell(self, index: int) -> None:
        """Run one cell, counted from 0, and wait for it."""
        self.page.evaluate(
            """async index => {
                const notebook = window.bnPanel.content;
                notebook.deselectAll();
                notebook.activeCellIndex = index;
                await window.jupyterapp.commands.execute('notebook:run-cell');
            }""",
            index,
        )

    def errors(self) -> list[str]:
        """What went wrong: error outputs, errors of the page, widgets that did not appear."""
        outputs = self.page.evaluate(
            """() => [...window.bnPanel.content.widgets]
                .filter(cell => cell.model.type === 'code')
                .flatMap(cell => cell.model.outputs.toJSON())
                .filter(output => output.output_type === 'error')
                .map(output => `${output.ename}: ${output.evalue}`)"""
        )
        missing = self.page.get_by_text("Error displaying widget").all_inner_texts()
        return [*outputs, *missing, *self.page_errors]

    def explorers(self) -> list[Explorer]:
        """The explorers in the notebook, from top to bottom."""
        roots = self.page.locator(".jp-Notebook .bn-explorer")
        roots.first.wait_for()
        found = [Explorer(self.page, roots.nth(index)) for index in range(roots.count())]
        for explorer in found:
            explorer.wait_drawn()
        return found

    def explorer(self, label: str) -> Explorer:
        """The explorer of this label, once it has drawn."""
        root = self.page.locator(f'.jp-Notebook .bn-explorer[aria-label="{label}"]')
        root.wait_for()
        explorer = Explorer(self.page, root)
        explorer.wait_drawn()
        return explorer


# A frame that the kernel drew has a number; a figure that the browser draws is its elements.
SHOWN = """root => root.querySelector('.bn-stage canvas')?.dataset.frame
    ?? root.querySelector('.bn-stage').innerHTML"""


class Explorer:
    """One explorer in a page."""

    def __init__(self, page: Page, root: Locator):
        self.page, self.root = page, root

    def wait_drawn(self) -> None:
        """Until the figure is there, at as many pixels as this screen shows."""
        self.root.locator("svg, [data-frame]").first.wait_for()
        self.page.wait_for_function(
            """root => [...root.querySelectorAll('.bn-picture')].every(canvas =>
                canvas.width === parseInt(canvas.style.width) * (devicePixelRatio > 1 ? 2 : 1))""",
            arg=self.root.element_handle(),
        )

    def slider(self, label: str) -> Locator:
        return self.root.get_by_role("slider", name=label, exact=True)

    def controls(self) -> list[Locator]:
        """Every slider, option and check box."""
        return self.root.locator("input").all()

    def picture(self) -> str:
        """What is shown, as text: it changes when the figure does."""
        return self.root.evaluate(SHOWN)

    def alt(self) -> str:
        return self.root.locator(".bn-stage canvas, .bn-stage svg").first.get_attribute("aria-label")

    def waits_to_say(self, words: str) -> None:
        """Wait until the figure's alternative text has these words; the test fails where it never does."""
        self.root.page.wait_for_function(
            "([root, words]) => root.querySelector('.bn-picture').ariaLabel.includes(words)",
            arg=[self.root.element_handle(), words],
        )

    def alert(self) -> str:
        return self.root.get_by_role("alert").inner_text()

    def press(self, control: Locator, key: str = "ArrowRight", times: int = 1) -> None:
        """Move a control as a reader without a mouse does."""
        control.focus()
        for _ in range(times):
            self.page.keyboard.press(key)

    def changes(self, act) -> None:
        """Do `act()` and wait until the figure is another one; the test fails where it stays."""
        before = self.picture()
        act()
        self.page.wait_for_function(
            f"([root, before]) => ({SHOWN})(root) !== before",
            arg=[self.root.element_handle(), before],
        )

    def fits(self, width: int) -> None:
        """Make the window this wide; the test fails where the explorer does not follow, or sticks out."""
        self.page.set_viewport_size({"width": width, "height": 900})
        self.page.wait_for_function(
            """([root, width]) => innerWidth === width && root.clientWidth < width
                && root.scrollWidth <= root.clientWidth + 1""",
            arg=[self.root.element_handle(), width],
        )

    def visit_controls(self) -> None:
        """Move every control by keyboard; fails where the figure does not follow.

        A slider that stands at its end is moved back; options and check boxes take Space.
        """
        for control in self.controls():
            kind = control.get_attribute("type")
            if kind == "range":
                at_end = control.evaluate("c => c.value === c.max")
                key = "ArrowLeft" if at_end else "ArrowRight"
            elif not control.is_checked() or kind == "checkbox":
                key = "Space"
            else:
                continue
            self.changes(lambda c=control, k=key: self.press(c, k))
            self.changes(lambda: self.root.get_by_role("button", name="Reset").press("Enter"))

    def screenshot(self, file: Path) -> None:
        self.root.screenshot(path=file)
