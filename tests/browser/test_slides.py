"""Slides, opened as a file: nothing from another host, nothing cut off, letters that can be read."""

import pytest

from bn_course.workshop.slides import write

pytestmark = pytest.mark.browser
READABLE = 18  # px, on a slide of 1280 × 720
LOOK = """() => Reveal.getSlides().map(slide => {
    const {h, v} = Reveal.getIndices(slide);
    Reveal.slide(h, v, 99);  // with every fragment shown
    const box = slide.getBoundingClientRect();
    const beyond = [...slide.querySelectorAll('p, li, table, pre, img, mjx-container')]
        .map(piece => piece.getBoundingClientRect())
        .some(piece => piece.width && (piece.right > box.right + 1 || piece.bottom > box.bottom + 1));
    return {text: slide.innerText.slice(0, 60), size: parseFloat(getComputedStyle(slide).fontSize),
            cut: beyond || slide.scrollHeight > slide.clientHeight + 1};
})"""


@pytest.fixture
def projector(page):
    """A page of a projector's size, and what it asked for that is no file beside it."""
    asked = []
    page.set_viewport_size({"width": 1280, "height": 720})
    page.on("request", lambda r: asked.append(r.url) if not r.url.startswith(("file:", "data:")) else None)
    page.on("requestfailed", lambda r: asked.append(r.url))
    page.on("pageerror", lambda error: asked.append(str(error)))
    return page, asked


@pytest.fixture(scope="module")
def slides(tmp_path_factory):
    """Lesson 03 has most mathematics."""
    return write("03_backward_pass", tmp_path_factory.mktemp("slides")).as_uri()


def test_every_slide_can_be_shown(projector, slides):
    page, asked = projector
    page.goto(slides)
    page.wait_for_function("window.Reveal?.isReady()")
    seen = page.evaluate(LOOK)
    assert len(seen) > 30
    assert [slide for slide in seen if slide["cut"] or slide["size"] < READABLE] == []
    assert page.locator("mjx-container").count() > 60
    assert page.locator("mjx-merror").count() == 0
    assert page.locator("section img").count() == page.locator("section img[alt]:not([alt=''])").count() > 3
    assert asked == []


def test_pages_to_print_are_as_full_as_the_slides(projector, slides):
    page, asked = projector
    page.goto(f"{slides}?print-pdf")
    pages = "[...document.querySelectorAll('.pdf-page > section')]"
    page.wait_for_function(f"{pages}.length > 30 && {pages}.every(slide => slide.style.fontSize)")
    assert page.evaluate(f"{pages}.filter(slide => slide.scrollHeight > 721).length") == 0
    assert asked == []
