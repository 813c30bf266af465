"""What Sphinx does with the course's files: it fills templates, brings figures alive, settles links."""

import posixpath
import re
import shutil
from pathlib import Path

import jinja2
import ledger
import moving
import nbformat
import predicting
import reference
from docstrings import as_rst
from docutils import nodes
from scripts import SOURCES
from sphinx import addnodes

from bn_course import questions
from bn_course.explorers.page import with_live_figures
from bn_course.live.plot import SHELL_CSS

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = ("docs/index", "docs/claims", "docs/exercises", "docs/reference/")  # filled by Jinja with FILLING
PAGES = {"README": "docs/index", "exercises": "docs/exercises"}  # what is a page under another name
JINJA = jinja2.Environment(undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True)

ABOUT = """:::{{container}} about-this-page
This page shows the notebook as it was run. To move every figure, to predict and to be checked,
[start the course](../docs/index.md) and open [notebooks/{0}.ipynb](path:{0}.ipynb); what you practise is in
[exercises/{0}.ipynb](path:../exercises/{0}.ipynb).

<p class="bn-tally"></p>
:::"""


def setup(app):
    app.add_config_value("lite", "", "env")  # the folder of the browser edition, where both are published
    app.connect("config-inited", write_scripts)
    app.connect("source-read", read)
    app.connect("html-page-context", load_scripts)
    app.connect("doctree-read", predicting.fold_outcomes)
    app.connect("doctree-read", describe_figures)
    app.connect("doctree-read", settle_links, priority=400)  # before downloads are collected
    app.connect("autodoc-process-docstring", as_rst, priority=400)  # before napoleon
    app.connect("build-finished", add_lite)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def write_scripts(app, config):
    """What the pages load, made anew from the course's own modules."""
    folder = Path(app.doctreedir) / "scripts"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "shell.css").write_text(SHELL_CSS, encoding="utf-8")
    (folder / "predictions.js").write_text(predicting.script(), encoding="utf-8")
    if config.lite:
        (folder / "explorers.js").write_text(moving.script(ROOT / config.lite), encoding="utf-8")
        shutil.copy(SOURCES / "worker.js", folder)
    config.html_static_path.append(str(folder))


def load_scripts(app, docname, template, context, doctree):
    """A lesson's page loads what its boxes and figures need."""
    if docname.startswith("notebooks/"):
        app.add_css_file("shell.css")
        app.add_js_file("predictions.js", loading_method="defer")
        if app.config.lite:
            app.add_js_file("explorers.js", loading_method="defer")


def read(app, docname, source):
    """A template filled, or a notebook made a page."""
    if docname.startswith(TEMPLATES):
        source[0] = JINJA.from_string(source[0]).render(FILLING)
    elif docname.startswith("notebooks/"):
        notebook = with_live_figures(nbformat.reads(source[0], as_version=4))
        predicting.give_boxes(notebook)
        if app.config.lite:
            moving.offer(notebook)
        about = nbformat.v4.new_markdown_cell(ABOUT.format(Path(docname).name))
        notebook.cells.insert(1, about)
        source[0] = nbformat.writes(notebook)


def add_lite(app, failed):
    """The browser edition stands beside the site, in lite/."""
    if app.config.lite and not failed:
        shutil.copytree(ROOT / app.config.lite, app.outdir / "lite", dirs_exist_ok=True)


def describe_figures(app, doctree):
    """Give a stored figure its alternative text: the text/plain beside it, which MyST-NB drops."""
    for bundle in doctree.findall(nodes.container):
        if bundle.get("nb_element") == "mime_bundle":
            for image in bundle.findall(nodes.image):
                image["alt"] = next(bundle.findall(nodes.literal_block)).astext()


def settle_links(app, doctree):
    """Send a link to a file that is no page here to the page that shows it, or make it a download."""
    for link in list(doctree.findall(addnodes.pending_xref)):
        if link["reftype"] != "myst":
            continue
        target = link["reftarget"]
        if link.get("refdomain") != "doc":  # not a file, but it may be a folder
            target = posixpath.normpath(posixpath.join(posixpath.dirname(app.env.docname), target))
        if target in PAGES:
            link.attributes |= {"refdomain": "doc", "reftarget": PAGES[target], "reftargetid": None}
        elif target not in app.env.found_docs and (files := sorted(ROOT.glob(f"{target}.*"))):
            file = f"/{files[0].relative_to(ROOT).as_posix()}"
            download = addnodes.download_reference("", "", *link.children, reftarget=file)
            download["refdoc"] = link["refdoc"]
            link.replace_self(download)


def readme():
    """README.md as it reads from docs/."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    return re.sub(r'(\]\(|src=")(?!\w+:|#)', r"\1../", text)


def guides():
    """The pages for who teaches: all of docs/ that is no template, and of deploy/."""
    files = [*ROOT.glob("docs/**/*.md"), *ROOT.glob("deploy/*.md")]
    pages = sorted(file.relative_to(ROOT).as_posix() for file in files)
    first = "docs/instructors.md"
    return [first, *(page for page in pages if page != first and not page.startswith(TEMPLATES))]


def title(stem):
    """A lesson's title, its first line: 02 · The forward pass."""
    notebook = nbformat.read(ROOT / "notebooks" / f"{stem}.ipynb", as_version=4)
    return notebook.cells[0].source.splitlines()[0].removeprefix("# ")


FILLING = {
    "claims": ledger.claims,
    "kind": ledger.kind,
    "kinds": ledger.kinds,
    "numbers": ledger.numbers,
    "plain": ledger.plain,
    "names": reference.names,
    "package": reference.package,
    "questions": questions,
    "guides": guides,
    "readme": readme,
    "title": title,
}
