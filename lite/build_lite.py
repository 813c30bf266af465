"""Write build/lite/: the course in a browser tab, a folder of files that any web server can hand out.

    python lite/build_lite.py [FOLDER]

JupyterLite with Pyodide's kernel, the lessons (what needs PyTorch is marked), the exercises as they are, and
every package as a file with its digest. Nothing is loaded from another host.
"""

import argparse
import hashlib
import json
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import lessons
import pyodide_files as pyodide
import table
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, writes

from bn_course import __version__, course

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parent
RUNTIME = f"static/pyodide-{pyodide.VERSION}"
LABEXTENSIONS = Path(sys.prefix) / "share" / "jupyter" / "labextensions"
KERNEL = "@jupyterlite/pyodide-kernel-extension"
EXTENSIONS = ("@jupyter-widgets/jupyterlab-manager", KERNEL, "anywidget")
KERNEL_WHEELS = ("ipykernel-*", "piplite-*", "pyodide_kernel-*", "widgetsnbextension-4*")
# What the kernel loads before its first cell. It asks for jedi, 5 MB for completion, and gets an empty one.
FIRST = (
    "micropip",
    "piplite",
    "ipykernel",
    "comm",
    "pyodide-kernel",
    "jedi",
    "ipython",
    "bn-course",
)
KERNELSPEC = {"name": "python", "display_name": "Python (Pyodide)", "language": "python"}
# JupyterLite takes a service worker that it has no note of for an old one and removes it while the kernel is
# reading through it. A page's first load leaves no note, so the second would find progress missing.
KNOWN = """<script>
  const worker = new URL("../service-worker.js?enableCache=false", location.href);
  try {{ localStorage.setItem(`${{worker}}-version`, "{version}"); }} catch {{}}
</script>
<script type="module" src="../predictions.js"></script>"""
STARTUP = 'c.InteractiveShellApp.extensions = ["bn_course.tab"]\n'


def build(target: Path) -> None:
    """Write the whole site to `target`, which is emptied first."""
    shutil.rmtree(target, ignore_errors=True)
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder)
        write_contents(source / "files")
        write_settings(source)
        gather_extensions(source / "labextensions")
        run_jupyterlite(source, target)
        wheels = [*pyodide.pure_wheels(), *kernel_wheels(), empty_jedi(source)]
        pyodide.lay(target / RUNTIME, wheels)
    finish(target)


def write_contents(files: Path) -> None:
    """The notebooks of the site."""
    (files / "notebooks").mkdir(parents=True)
    (files / "exercises").mkdir()
    for stem in course.exercises():
        lesson, _ = lessons.for_the_tab(stem)
        for folder, notebook in (("notebooks", lesson), ("exercises", json.loads(course.stub(stem)))):
            write_notebook(files / folder / f"{stem}.ipynb", notebook)
    for stem in course.appendices():
        write_notebook(files / "notebooks" / f"{stem}.ipynb", lessons.for_the_tab(stem)[0])
    (files / "my_work.ipynb").write_text(writes(my_work()), encoding="utf-8")


def write_notebook(file: Path, notebook: dict) -> None:
    """A notebook for the tab's kernel."""
    notebook["metadata"]["kernelspec"] = KERNELSPEC
    file.write_text(json.dumps(notebook, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def my_work():
    """The notebook from which work is taken along, brought in and brought up to date."""
    return new_notebook(
        cells=[
            new_markdown_cell(
                "# My work\n\nYour answers, predictions and progress are kept by this browser. "
                "Run a cell: <kbd>Shift</kbd> + <kbd>Enter</kbd>.\n\n## Download my work\n\n"
                "One file, for another browser or for the installed course: `bn-course unpack my-work.zip`.",
                id="download-words",
            ),
            new_code_cell("from bn_course import tab\n\ntab.download()", id="download"),
            new_markdown_cell(
                "## Upload\n\nA file from here, or from `bn-course pack` in an installed course. "
                "No answer is overwritten: where there are two, yours from here is kept beside.",
                id="upload-words",
            ),
            new_code_cell("import ipywidgets  # brings the button\n\ntab.upload()", id="upload"),
            new_markdown_cell(
                "## Update\n\nWhen the course has been renewed since you wrote in a notebook: the new one "
                "comes, with your answers in it. What you had is kept beside.",
                id="update-words",
            ),
            new_code_cell("tab.update()", id="update"),
        ],
        metadata={"kernelspec": KERNELSPEC},
    )


def write_settings(source: Path) -> None:
    """JupyterLite's own settings: where Pyodide is, and names in the browser's storage that stay."""
    kernel = {
        "pyodideUrl": f"./{RUNTIME}/pyodide.mjs",
        "disablePyPIFallback": True,
        "loadPyodideOptions": {"packages": FIRST, "lockFileURL": f"./{RUNTIME}/{pyodide.LOCK}"},
    }
    data = {
        "appName": "Batch normalisation",
        "faviconUrl": "./favicon.svg",
        "exposeAppInBrowser": True,
        "enableMemoryStorage": True,  # a browser that keeps nothing runs the course all the same
        "contentsStorageName": "bn-course contents",
        "settingsStorageName": "bn-course settings",
        "workspacesStorageName": "bn-course workspaces",
        "litePluginSettings": {f"{KERNEL}:kernel": kernel},
    }
    settings = {"jupyter-lite-schema-version": 0, "jupyter-config-data": data}
    (source / "jupyter-lite.json").write_text(json.dumps(settings), encoding="utf-8")


def gather_extensions(folder: Path) -> None:
    """The extensions of JupyterLab that the course needs, and no others that are installed here."""
    for name in EXTENSIONS:
        shutil.copytree(LABEXTENSIONS / name, folder / name)
    shutil.copytree(REPOSITORY / "bn_course" / "_jupyter" / "labextensions", folder, dirs_exist_ok=True)


def run_jupyterlite(source: Path, target: Path) -> None:
    config = {
        "LiteBuildConfig": {
            "apps": ["lab"],
            "contents": [str(source / "files")],
            "ignore_sys_prefix": ["federated_extensions"],
            "no_sourcemaps": True,
            "no_unused_shared_packages": True,
            "output_dir": str(target.resolve()),
        },
        "FederatedExtensionAddon": {"extra_labextensions_path": [str(source / "labextensions")]},
    }
    (source / "jupyter_lite_config.json").write_text(json.dumps(config), encoding="utf-8")
    command = [sys.executable, "-m", "jupyterlite_core", "build", "--lite-dir", str(source)]
    done = subprocess.run(command, cwd=source, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"JupyterLite could not be built:\n{done.stdout}{done.stderr}")


def kernel_wheels() -> list[Path]:
    """What the kernel's own package brings."""
    folder = LABEXTENSIONS / KERNEL / "static" / "pypi"
    return [next(folder.glob(f"{pattern}.whl")) for pattern in KERNEL_WHEELS]


def empty_jedi(folder: Path) -> Path:
    """A wheel called jedi that holds the kernel's start-up file instead."""
    wheel = folder / "jedi-0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("jedi-0.data/data/etc/ipython/ipython_config.py", STARTUP)
        archive.writestr("jedi-0.dist-info/METADATA", "Metadata-Version: 2.1\nName: jedi\nVersion: 0\n")
        archive.writestr(
            "jedi-0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        archive.writestr("jedi-0.dist-info/RECORD", "")
    return wheel


def finish(target: Path) -> None:
    """The start page with the table of what runs, the service worker, and the headers."""
    page = (HERE / "start.html").read_text(encoding="utf-8")
    rows = "\n".join(map(_row, table.rows()))
    edition = hashlib.sha256(b"".join(map(Path.read_bytes, sorted((target / "files").rglob("*.ipynb")))))
    lite = json.loads((target / "jupyter-lite.json").read_text(encoding="utf-8"))["jupyter-config-data"]
    words = {"ROWS": rows, "VERSION": __version__, "EDITION": edition.hexdigest()[:16]}
    for name, text in words.items():
        page = page.replace(f"[[{name}]]", text)
    (target / "index.html").write_text(page, encoding="utf-8")
    lab = target / "lab" / "index.html"
    known = KNOWN.format(version=lite["appVersion"])
    lab.write_text(lab.read_text(encoding="utf-8").replace("<head>", f"<head>{known}", 1), encoding="utf-8")
    docs = REPOSITORY / "docs"
    scripts = (HERE / "predictions.js", docs / "_scripts" / "kept.js")
    for file in (HERE / "_headers", docs / "_static" / "favicon.svg", *scripts):
        shutil.copy(file, target)
    (target / "service-worker.js").rename(target / "jupyterlite-service-worker.js")
    shutil.copy(HERE / "service-worker.js", target / "service-worker.js")


def _row(lesson: dict) -> str:
    stem, runs, asked = lesson["stem"], len(lesson["checked"]), len(lesson["checked"] + lesson["unchecked"])
    cells = lesson["cells"] - len(lesson["marked"])
    return (
        f'<tr><th scope="row"><a href="lab/index.html?path=notebooks/{stem}.ipynb">{lesson["title"]}</a></th>'
        f"<td>{cells} of {lesson['cells']}</td>"
        f'<td><a href="lab/index.html?path=exercises/{stem}.ipynb">{runs} of {asked}</a></td></tr>'
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", nargs="?", type=Path, default=REPOSITORY / "build" / "lite")
    target = parser.parse_args().folder
    build(target)
    print(f"The course is in {target}; serve it: python -m http.server -d {target} 8000")


if __name__ == "__main__":
    main()
