"""The scripts of a page, made of the course's own modules."""

import json
import re
import shutil
from pathlib import Path

import moving
import predicting

from bn_course.live.plot import SHELL_CSS, module_text

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ROOT / "docs" / "_scripts"


def write(app, config):
    """Write what the pages load to a folder of the build, from which it comes to `_static/`."""
    folder = Path(app.doctreedir) / "scripts"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / "shell.css").write_text(SHELL_CSS, encoding="utf-8")
    classic(folder / "predictions.js", predicting.table())
    if config.lite:
        classic(folder / "explorers.js", moving.whereabouts(ROOT / config.lite))
        shutil.copy(SOURCES / "worker.js", folder)
    config.html_static_path.append(str(folder))


def load(app, docname, template, context, doctree):
    """A lesson's page, and the first, load what their boxes and figures need."""
    if docname.startswith("notebooks/") or docname == app.config.root_doc:
        app.add_css_file("shell.css")
        for name in ("predictions.js", "explorers.js")[: 2 if app.config.lite else 1]:
            app.add_js_file(name, loading_method="defer")


def classic(file, given):
    """Write the module of `file`'s name, which exports `start`, as a script that calls it with `given`.

    Not as a module, because a browser loads none for a page that it opened from a disk.
    """
    text = re.sub(r"^export ", "", module_text(SOURCES / file.name), flags=re.M)
    call = f"start({json.dumps(given, ensure_ascii=False)});"
    file.write_text(f"(() => {{\n{text}\n{call}\n}})();\n", encoding="utf-8")
