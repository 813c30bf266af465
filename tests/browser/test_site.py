"""The site is built as `make site` builds it, once, and then read: by a parser, and by a browser."""

import re
from importlib import import_module
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
import stored
from axe_playwright_python.sync_playwright import Axe
from built import ROOT, SITE, Page, build, file_of, served, visit
from lab import new_context
from playwright.sync_api import expect

from bn_course.experiments import DOES_NOT_HOLD, ledger
from bn_course.explorers import TransformExplorer
from bn_course.grading.catalogue import predictions

LIVE = {
    "index", "00_start_here", "02_forward_pass", "03_backward_pass", "05_convolutions", "08_why_it_works",
    "10_small_batches", "11_layer_instance_group",
}  # fmt: skip
LOOKED_AT = [
    "index",
    "docs/claims",
    "docs/reference/norms",
    "notebooks/02_forward_pass",
    "notebooks/05_convolutions",
]
PACKAGES = [f"bn_course{name}" for name in ("", ".experiments", ".live", ".nets", ".norms")]  # have __all__


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    return build(tmp_path_factory.mktemp("build"))


@pytest.fixture(scope="module")
def pages(site):
    return {page.url: page for page in (Page(file, site) for file in site.rglob("*.html"))}


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
    for path in stored.EVERY_LESSON:
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


@pytest.fixture(scope="module")
def address(site):
    with served(site) as address:
        yield address


@pytest.mark.browser
@pytest.mark.parametrize("width", [1400, 400])
@pytest.mark.parametrize("name", LOOKED_AT)
def test_a_page_fits_asks_nobody_else_and_complains_of_nothing(chromium, address, name, width):
    errors = []
    with new_context(chromium, viewport={"width": width, "height": 900}) as context:
        page = visit(context, f"{address}{name}.html", errors)
        page.wait_for_load_state("networkidle")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert errors == []


@pytest.mark.browser
def test_formulas_are_set_and_can_be_read_aloud(chromium, address):
    errors = []
    with new_context(chromium) as context:
        page = visit(context, f"{address}notebooks/03_backward_pass.html", errors)
        expect(page.locator("mjx-container").first).to_be_visible()
        assert page.locator(".math").count() == page.locator(".math > mjx-container").count() > 20
        assert page.locator("mjx-assistive-mml math").count() == page.locator("mjx-container").count()
        assert page.locator("mjx-merror, mjx-container [data-mjx-error]").count() == 0
    assert errors == []


@pytest.mark.browser
def test_a_flagship_explorer_answers_the_keyboard(chromium, address):
    errors = []
    with new_context(chromium) as context:
        page = visit(context, f"{address}notebooks/02_forward_pass.html", errors)
        explorer = page.get_by_role("region", name=TransformExplorer.label)
        slider = explorer.get_by_label("shift β")
        before = explorer.get_by_role("img").get_attribute("aria-label")
        slider.focus()
        page.keyboard.press("ArrowRight")
        expect(explorer.get_by_role("img")).not_to_have_attribute("aria-label", before)
        expect(explorer).to_contain_text("Output y: batch mean 1.10")
    assert errors == []


@pytest.mark.browser
def test_the_ledger_can_be_filtered_and_the_site_searched(chromium, address):
    errors = []
    with new_context(chromium) as context:
        page = visit(context, f"{address}docs/claims.html", errors)
        page.get_by_label("what does not").check()
        shown = page.locator(".claim:visible")
        assert shown.count() == sum(entry.verdict == DOES_NOT_HOLD for entry in ledger()) > 0
        page = visit(context, f"{address}search.html?q=Bessel", errors)
        expect(page.locator("#search-results")).to_contain_text("04 · Training and inference")
    assert errors == []


def test_every_prediction_is_asked_once_on_the_page_of_its_lesson(pages):
    asked = [(path.stem[:2], name, letters) for path in stored.LESSONS
             for name, letters in pages[f"{SITE}notebooks/{path.stem}.html"].asked]
    assert sorted(name for _, name, _ in asked) == sorted(predictions())
    for number, name, letters in asked:
        assert name.startswith(number)
        answer = predictions()[name].answer
        assert answer in letters if isinstance(answer, str) else letters == ""


@pytest.mark.browser
def test_a_prediction_unfolds_its_outcome_is_kept_and_is_counted(chromium, address):
    errors, right = [], predictions()["02-variance"].said("b")
    with new_context(chromium) as context:
        page = visit(context, f"{address}notebooks/02_forward_pass.html", errors)
        outcome = page.locator(".bn-outcome").first
        expect(page.get_by_text("is the standardised batch. On paper")).not_to_be_visible()
        box = page.get_by_role("region", name="Prediction 02-variance")
        box.get_by_role("radio", name="√4.667 = 2.160").press("Space")
        page.keyboard.press("ArrowRight")
        box.get_by_role("button", name="Record").press("Enter")
        expect(box.get_by_role("status")).to_have_text(f"Recorded: {right}, 75 % sure. Now read on.")
        expect(page.get_by_text("is the standardised batch. On paper")).to_be_visible()
        counted = f"1 of 7 on this page; 1 of {len(predictions())} in the course; 75 % sure: 1 of 1 came true"
        expect(page.locator(".bn-tally")).to_contain_text(counted)
        page.reload()
        expect(outcome).to_have_attribute("open", "")
        expect(box.get_by_role("radio", name=right, exact=True)).to_be_checked()
        expect(page.locator(".bn-outcome[open]")).to_have_count(1)
        page = visit(context, f"{address}docs/index.html", errors)
        expect(page.locator(".bn-tally")).to_contain_text(f"1 of {len(predictions())} in the course")
    assert errors == []


@pytest.mark.browser
@pytest.mark.parametrize(("width", "scheme"), [(1400, "light"), (390, "dark")])
def test_axe_finds_nothing_serious(chromium, address, width, scheme):
    with new_context(chromium, viewport={"width": width, "height": 900}, color_scheme=scheme) as context:
        for name in ("docs/index", "notebooks/03_backward_pass"):
            page = visit(context, f"{address}{name}.html", [])
            page.wait_for_load_state("networkidle")
            page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true; })")
            page.wait_for_function("""() => [...document.querySelectorAll('pre, div.math')].every(
                place => place.scrollWidth <= place.clientWidth || place.tabIndex === 0)""")
            found = Axe().run(page).response["violations"]
            assert [rule["id"] for rule in found if rule["impact"] in ("critical", "serious")] == []
