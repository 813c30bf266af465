"""The site is built as `make site` builds it, once, and then read: by a parser, and by a browser."""

import functools
import os
import re
import subprocess
import sys
import threading
from html.parser import HTMLParser
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from importlib import import_module
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

import pytest
import stored
from lab import new_context
from playwright.sync_api import expect

from bn_course.experiments import DOES_NOT_HOLD, ledger

ROOT = Path(__file__).resolve().parents[2]
LIVE = {"00_start_here", "02_forward_pass", "05_convolutions", "11_layer_instance_group"}
LOOKED_AT = [
    "index",
    "docs/claims",
    "docs/reference/norms",
    "notebooks/02_forward_pass",
    "notebooks/05_convolutions",
]
PACKAGES = [f"bn_course{name}" for name in ("", ".experiments", ".live", ".nets", ".norms")]  # have __all__
SITE = "https://site.example/"  # where a test imagines the site to be


class Page(HTMLParser):
    """What a page loads, links to, and can be linked at."""

    def __init__(self, file, site):
        super().__init__()
        self.url = urljoin(SITE, file.relative_to(site).as_posix())
        self.text = file.read_text(encoding="utf-8")
        self.loads, self.links, self.ids, self.alts = [], [], set(), []
        self.feed(self.text)

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        self.ids |= {given[name] for name in ("id", "name") if given.get(name)}
        if tag == "a" and "href" in given:
            self.links.append(urljoin(self.url, given["href"]))
        elif tag == "link" and given["rel"] not in ("index", "search", "next", "prev"):
            self.loads.append(urljoin(self.url, given["href"]))
        elif given.get("src") and not given["src"].startswith("data:"):
            self.loads.append(urljoin(self.url, given["src"]))
        if tag == "img":
            self.alts.append(given.get("alt") or "")


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("build")
    command = [sys.executable, "-m", "sphinx", "-b", "html", "-c", "docs", "-W", "--keep-going", "-q"]
    command += ["-d", str(folder / "doctrees"), ".", str(folder / "site")]
    environment = {name: value for name, value in os.environ.items() if name != "GITHUB_REPOSITORY"}
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, env=environment)
    assert (done.returncode, done.stderr) == (0, "")  # a warning is an error
    return folder / "site"


@pytest.fixture(scope="module")
def pages(site):
    return {page.url: page for page in (Page(file, site) for file in site.rglob("*.html"))}


def file_of(url, site):
    path = site / unquote(urlsplit(url).path).lstrip("/")
    return path / "index.html" if path.is_dir() else path


def test_every_lesson_guide_and_package_is_a_page(site):
    lessons = [f"notebooks/{file.stem}" for file in ROOT.glob("notebooks/*.ipynb")]
    guides = [str(file.relative_to(ROOT).with_suffix("")) for file in ROOT.glob("docs/**/*.md")]
    packages = {file.parent.name for file in ROOT.glob("bn_course/*/__init__.py")} - {"checks"}
    reference = [f"docs/reference/{name}" for name in packages]
    missing = [page for page in lessons + guides + reference if not (site / f"{page}.html").is_file()]
    assert missing == []


def test_every_link_leads_somewhere(site, pages):
    for page in pages.values():
        for link in page.links:
            target, _, anchor = link.partition("#")
            if not target.startswith(SITE):
                parts = urlsplit(link)
                assert parts.scheme == "https", (page.url, link)
                assert re.fullmatch(r"[\w-]+(\.[\w-]+)+", parts.netloc), (page.url, link)
                assert not re.search(r"[\s<>`]", link), (page.url, link)
                continue
            assert file_of(target, site).is_file(), (page.url, link)
            if anchor and target in pages:
                assert unquote(anchor) in pages[target].ids, (page.url, link)


def test_nothing_is_loaded_from_elsewhere(site, pages):
    for page in pages.values():
        for url in page.loads:
            assert url.startswith(SITE), (page.url, url)
            assert file_of(url, site).is_file(), (page.url, url)
    for style in site.rglob("*.css"):
        assert not re.search(r"""(@import|url\()\s*["']?(https?:)?//""", style.read_text("utf-8")), style


def test_every_figure_of_a_lesson_is_shown_with_its_alternative_text(pages):
    for path in stored.LESSONS:
        outputs = [output for cell in stored.code_cells(stored.read(path)) for output in cell.outputs]
        figures = [output for output in outputs if "image/png" in output.get("data", {})]
        described = [" ".join(figure.metadata["image/png"]["alt"].split()) for figure in figures]
        assert pages[f"{SITE}notebooks/{path.stem}.html"].alts == described


def test_flagship_explorers_are_alive_in_their_lessons(pages):
    alive = {Path(url).stem for url, page in pages.items() if "bn-explorer-1" in page.text}
    assert alive == LIVE


def test_the_ledger_has_every_claim_with_its_verdict_and_evidence(pages):
    page = pages[f"{SITE}docs/claims.html"]
    for entry in ledger():
        place = page.text.index(f'id="claim-{entry.name.replace("_", "-")}"')
        claim = page.text[place : place + 20_000]
        verdict = re.search(r"<strong>(.*?)\.?</strong>", claim, re.DOTALL)[1]
        assert re.sub(r"\W", "", verdict.lower()) == re.sub(r"\W", "", entry.verdict.lower()), entry.name
        assert f"/{entry.name}.json" in claim


@pytest.mark.parametrize("name", PACKAGES)
def test_the_reference_has_every_function_and_class_that_a_package_exports(pages, name):
    package = import_module(name)
    exported = [f"{name}.{export}" for export in package.__all__ if callable(getattr(package, export))]
    page = pages[f"{SITE}docs/reference/{name.partition('.')[2] or 'index'}.html"]
    assert [export for export in exported if export not in page.ids] == []


def test_exercises_can_be_downloaded_and_solutions_cannot(site):
    downloads = {file.read_bytes() for file in site.glob("_downloads/*/*")}
    assert [file.name for file in stored.EXERCISES if file.read_bytes() not in downloads] == []
    assert [file.name for file in stored.SOLUTIONS if file.read_bytes() in downloads] == []
    assert not any(b"BEGIN SOLUTION" in download for download in downloads)


def visit(context, url, errors):
    """A new page at `url`; what it asks of another host, cannot load or complains of goes to `errors`."""
    page = context.new_page()
    host = urlsplit(url).netloc
    page.on("request", lambda r: urlsplit(r.url).netloc in (host, "") or errors.append(r.url))
    page.on("response", lambda r: r.ok or errors.append(f"{r.status} {r.url}"))
    page.on("console", lambda message: message.type == "error" and errors.append(message.text))
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(url)
    return page


class Handler(SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def served(site):
    with ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Handler, directory=site)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


@pytest.mark.browser
@pytest.mark.parametrize("width", [1400, 400])
@pytest.mark.parametrize("name", LOOKED_AT)
def test_a_page_fits_asks_nobody_else_and_complains_of_nothing(chromium, served, name, width):
    errors = []
    with new_context(chromium, viewport={"width": width, "height": 900}) as context:
        page = visit(context, f"{served}{name}.html", errors)
        page.wait_for_load_state("networkidle")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert errors == []


@pytest.mark.browser
def test_formulas_are_set_and_can_be_read_aloud(chromium, served):
    errors = []
    with new_context(chromium) as context:
        page = visit(context, f"{served}notebooks/03_backward_pass.html", errors)
        expect(page.locator("mjx-container").first).to_be_visible()
        assert page.locator(".math").count() == page.locator(".math > mjx-container").count() > 20
        assert page.locator("mjx-assistive-mml math").count() == page.locator("mjx-container").count()
        assert page.locator("mjx-merror, mjx-container [data-mjx-error]").count() == 0
    assert errors == []


@pytest.mark.browser
def test_a_flagship_explorer_answers_the_keyboard(chromium, served):
    errors = []
    with new_context(chromium) as context:
        page = visit(context, f"{served}notebooks/02_forward_pass.html", errors)
        explorer = page.locator(".bn-explorer")
        slider = explorer.get_by_label("shift β")
        before = explorer.get_by_role("img").get_attribute("aria-label")
        slider.focus()
        page.keyboard.press("ArrowRight")
        expect(explorer.get_by_role("img")).not_to_have_attribute("aria-label", before)
        expect(explorer).to_contain_text("Output y: batch mean 1.10")
    assert errors == []


@pytest.mark.browser
def test_the_ledger_can_be_filtered_and_the_site_searched(chromium, served):
    errors = []
    with new_context(chromium) as context:
        page = visit(context, f"{served}docs/claims.html", errors)
        page.get_by_label("what does not").check()
        shown = page.locator(".claim:visible")
        assert shown.count() == sum(entry.verdict == DOES_NOT_HOLD for entry in ledger()) > 0
        page = visit(context, f"{served}search.html?q=Bessel", errors)
        expect(page.locator("#search-results")).to_contain_text("04 · Training and inference")
    assert errors == []
