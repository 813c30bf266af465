"""What Sphinx does with the course's files: it fills templates, brings figures alive, settles links."""

import posixpath
import re
import shutil
from functools import partial
from pathlib import Path

import jinja2
import ledger
import moving
import nbformat
import predicting
import reference
import scripts
import tab
from docstrings import as_rst
from docutils import nodes
from sphinx import addnodes

from bn_course import course, questions
from bn_course.experiments import card
from bn_course.explorers.page import static_html, with_live_figures
from bn_course.live.plot import STATE_MIME

ROOT = Path(__file__).resolve().parents[2]
# Filled by Jinja with FILLING.
TEMPLATES = ("docs/index", "docs/browser", "docs/claims", "docs/exercises", "docs/reference/")
PAGES = {"README": "docs/index", "exercises": "docs/exercises"}  # what is a page under another name
JINJA = jinja2.Environment(undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True)

ABOUT = """:::{{container}} about-this-page
This page shows the notebook as it was run, and takes your predictions. To move all figures and to be checked,
[start the course](../docs/index.md) and open [notebooks/{0}.ipynb](path:{0}.ipynb); what you practise is in
[exercises/{0}.ipynb](path:../exercises/{0}.ipynb).

{1}

<p class="bn-tally"></p>
:::"""
ABOUT_APPENDIX = """:::{{container}} about-this-page
This page shows the notebook as it was run. To run it, [start the course](../docs/index.md) and open
[notebooks/{0}.ipynb](path:{0}.ipynb).
:::"""
OPEN = '<a href="../lite/index.html?path=exercises/{}.ipynb">Open this exercise in the browser</a>'
PICTURE = re.compile(r"!\[[^\]]*\]\(\.\./docs/pictures/transform\.gif\)")


def setup(app):
    app.add_config_value("lite", "", "env")  # the folder of the browser edition, where both are published
    app.connect("config-inited", scripts.write)
    app.connect("source-read", read)
    app.connect("html-page-context", scripts.load)
    app.connect("html-page-context", level_captions, priority=900)  # after the theme
    app.connect("doctree-read", predicting.fold_outcomes)
    app.connect("doctree-read", describe_figures)
    app.connect("doctree-read", settle_links, priority=400)  # before downloads are collected
    app.connect("autodoc-process-docstring", as_rst, priority=400)  # before napoleon
    app.connect("build-finished", add_lite)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def read(app, docname, source):
    """A template filled, or a notebook made a page."""
    if docname.startswith(TEMPLATES):
        source[0] = JINJA.from_string(source[0]).render(
            FILLING, in_browser=partial(in_browser, app), lite=bool(app.config.lite)
        )
    elif docname.startswith("notebooks/"):
        notebook = with_live_figures(nbformat.reads(source[0], as_version=4))
        predicting.give_boxes(notebook)
        if app.config.lite:
            moving.offer(notebook)
        stem = Path(docname).name
        about = ABOUT_APPENDIX if stem in course.appendices() else ABOUT
        about = about.format(stem, in_browser(app, stem, after=", with nothing to install."))
        notebook.cells.insert(1, nbformat.v4.new_markdown_cell(about))
        source[0] = nbformat.writes(notebook)


def in_browser(app, stem, after=""):
    """The link to a lesson's exercise in the browser edition, where that is published too."""
    return f"{OPEN.format(stem)}{after}" if app.config.lite else ""


def level_captions(app, docname, template, context, doctree):
    """Captions of the navigation are headings, whose level Sphinx leaves out."""
    tree = context["furo_navigation_tree"]
    context["furo_navigation_tree"] = tree.replace('role="heading"', 'role="heading" aria-level="2"')


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


def readme(lite):
    """README.md as it reads from docs/, with a figure that moves and, where it is there, a link to lite/."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    text = re.sub(r'(\]\(|src=")(?!\w+:|#)', r"\1../", text)
    text = re.sub(r"^## Lessons$", '\\g<0>\n\n<p class="bn-tally"></p>', text, flags=re.M)
    if lite:
        text = text.replace("`lite/`", '<a href="../lite/index.html">lite/</a>')
    return PICTURE.sub(lambda _: f"```````{{raw}} html\n{first_figure()}\n```````", text)


def first_figure():
    """The figure of lesson 00, alive, in place of a picture of it."""
    notebook = nbformat.read(ROOT / "notebooks" / "00_start_here.ipynb", as_version=4)
    (output,) = (output for cell in notebook.cells for output in cell.get("outputs", [])
                 if STATE_MIME in output.get("data", {}))
    return static_html(output["data"], output["metadata"], "bn-explorer-1")


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
    "code": tab.code,
    "kind": ledger.kind,
    "kinds": ledger.kinds,
    "deciding": card.deciding,
    "first_check": tab.first_check,
    "numbers": ledger.numbers,
    "plain": ledger.plain,
    "sentence": card.sentence,
    "table": card.table,
    "tab_rows": tab.rows,
    "tried": ledger.tried,
    "names": reference.names,
    "package": reference.package,
    "questions": questions,
    "guides": guides,
    "readme": readme,
    "title": title,
}
