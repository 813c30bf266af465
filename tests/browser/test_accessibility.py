"""Everybody can use it: by keyboard, with a screen reader, enlarged, in a narrow window, light or dark.

axe-core examines all that the course puts into a notebook. `make accessibility` prints what it finds.
"""

import pytest
from axe_playwright_python.sync_playwright import Axe
from lab import Lab, new_context

from bn_course.explorers import EXPLORERS, load
from bn_course.explorers.page import static_html
from bn_course.grading.catalogue import predictions
from bn_course.live import BrowserPlot

pytestmark = pytest.mark.browser

GRAVE = ("critical", "serious")
LETTERS, NUMBER = (
    next(name for name, p in predictions().items() if isinstance(p.answer, kind)) for kind in (str, float)
)
OTHERS = {
    "prediction, letters": f"predict({LETTERS!r}, choices='abc')",
    "prediction, number": f"predict({NUMBER!r})",
    "report, wrong": "with suppress(AssertionError):\n    check(lambda x: x, name='double')",
    "report, passed": "check(lambda x: 2 * x, name='double')",
    "hint": "hint('double')",
    "progress": "progress()",
    "evidence": "evidence('one_class_batches')",
    "review": "review(before='03')",
    "inventory": "inventory('before')",
    "own words": "own_words('02')",
    "figure": "fig, ax = subplots()\nshow(fig, 'Empty axes from zero to one')",
}
IMPORTS = """
from contextlib import suppress
from bn_course import check, hint, predict, progress
from bn_course.experiments import evidence
from bn_course.explorers import load
from bn_course.live import show, subplots
from bn_course.review import inventory, own_words, review
"""
PARTS = [*EXPLORERS, *OTHERS]
# In the pixels of a page. Enlarged to 200 %, a page has half as many in a window of 1200 × 900.
WINDOWS = {"1200": (1200, 900), "800": (800, 900), "200 %": (600, 450)}
every_explorer = pytest.mark.parametrize("name", EXPLORERS)


class Course(Lab):
    """A notebook with everything that the course shows, a cell each, in a window of any size."""

    def __init__(self, page, server):
        super().__init__(page, server)
        self.table = {part: [] for part in PARTS}

    def part(self, name):
        """The output of a part."""
        cells = self.page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-CodeCell")
        return cells.nth(1 + PARTS.index(name)).locator(".jp-OutputArea-output").first

    def controls(self, name):
        """What Tab stops at, in the order of the page: of a group of options, the one that is chosen."""
        stops = self.part(name).locator(
            "input:not([type=radio]), input:checked, textarea, button, [tabindex='0']"
        )
        unchosen = self.part(name).locator("fieldset:not(:has(:checked)) label:first-child > input")
        return [stop for stop in stops.or_(unchosen).all() if stop.is_visible()]

    def window(self, name):
        width, height = WINDOWS[name]
        self.page.set_viewport_size({"width": width, "height": height})
        self.page.wait_for_function(
            "width => innerWidth === width && document.getElementById('main').clientWidth <= width", arg=width
        )
        self.page.wait_for_timeout(300)  # JupyterLab lays its panels out when the window rests


@pytest.fixture(scope="module")
def course(chromium, server):
    context = new_context(chromium, viewport={"width": 1200, "height": 900})
    course = Course(context.new_page(), server)
    path = server.write("everything.ipynb", IMPORTS, *(f"load({n!r})()" for n in EXPLORERS), *OTHERS.values())
    course.open(path).run_all()
    course.page.wait_for_function(
        """() => window.bnPanel.content.widgets.every(
            cell => cell.model.executionCount && cell.model.executionState !== 'running')""",
    )
    assert len(course.explorers()) == len(EXPLORERS)
    assert course.errors() == []
    yield course
    context.close()
    print("\n\nSerious or critical findings of axe + lesser ones, light and dark, in windows of", *WINDOWS)
    for part, counts in course.table.items():
        print(f"{part:22}", *(f"{count:>7}" for count in counts))


@pytest.fixture
def usual(course):
    course.theme(dark=False)
    course.window("1200")
    return course


# What is wrong with where things stand in an output, each in a few words.
MISPLACED = """output => {
    const wrong = [];
    const frame = output.getBoundingClientRect();
    const outside = (box, its) => box.left < its.left - 1 || box.right > its.right + 1;
    const beside = (box, its) => box.left >= its.right - 1 || its.left >= box.right - 1
        || box.top >= its.bottom - 1 || its.top >= box.bottom - 1;
    const within = (one, other) => one.contains(other) || other.contains(one);
    if (output.scrollWidth > output.clientWidth + 1) wrong.push('wider than its place');
    const things = [...output.querySelectorAll('.bn-control, .bn-button, .bn-options label, img, svg')]
        .map(node => ({node, name: node.innerText || node.tagName, box: node.getBoundingClientRect()}))
        .filter(({box}) => box.width);
    for (const {node, name, box} of things) {
        if (outside(box, frame)) wrong.push(`${name}: cut off`);
        if (node.scrollWidth > Math.max(node.clientWidth, box.width) + 1) wrong.push(`${name}: too wide`);
        const over = things.find(other => !within(node, other.node) && !beside(box, other.box));
        if (over) wrong.push(`${name}: over ${over.name}`);
    }
    for (const text of output.querySelectorAll('svg text')) {
        const box = text.getBoundingClientRect();
        if (box.width && outside(box, text.closest('svg').getBoundingClientRect()))
            wrong.push(`${text.textContent}: cut off`);
    }
    return wrong;
}"""


def examine(course):
    """What axe finds in each part: (part, impact, rule, element)."""
    found = Axe().run(course.page, context=".jp-OutputArea-output").response["violations"]
    where = """selector => [...document.querySelectorAll('.jp-CodeCell')].indexOf(
        document.querySelector(selector).closest('.jp-CodeCell'))"""
    return [
        (PARTS[course.page.evaluate(where, node["target"][0]) - 1], rule["impact"], rule["id"], node["html"])
        for rule in found
        for node in rule["nodes"]
    ]


@pytest.mark.parametrize("window", WINDOWS)
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_axe_has_no_serious_finding(course, window, dark):
    course.window(window)
    course.theme(dark)
    found = examine(course)
    for part in PARTS:
        grave = [impact in GRAVE for name, impact, *_ in found if name == part]
        course.table[part].append(f"{sum(grave)} + {len(grave) - sum(grave)}")
    assert [finding for finding in found if finding[1] in GRAVE] == []


@pytest.mark.parametrize("window", WINDOWS)
def test_nothing_is_cut_off_and_nothing_overlaps(course, window):
    course.window(window)
    wrong = {name: course.part(name).evaluate(MISPLACED) for name in PARTS}
    assert {name: problems for name, problems in wrong.items() if problems} == {}


ASKING = ("prediction, letters", "prediction, number", "review", "inventory", "own words")


@pytest.mark.parametrize("name", [*EXPLORERS, *ASKING])
def test_tab_stops_at_every_control_in_order(usual, name):
    stops = usual.controls(name)
    assert len(stops) >= 2
    stops[0].focus()
    for number, stop in enumerate(stops):
        if number:
            usual.page.keyboard.press("Tab")
        assert stop.evaluate("stop => stop === document.activeElement"), stop.evaluate("s => s.outerHTML")
        ring = stop.evaluate("stop => getComputedStyle(stop).outlineStyle")
        assert ring != "none", f"nothing shows that the focus is on {stop.evaluate('s => s.outerHTML')}"


@pytest.mark.parametrize("name", [*EXPLORERS, *ASKING])
def test_every_control_has_a_name_of_its_own(usual, name):
    names = usual.part(name).evaluate(
        """output => [...output.querySelectorAll('input, textarea, button')].map(control => {
            const group = control.type === 'radio'
                ? control.closest('fieldset').querySelector('legend').innerText + ': ' : '';
            const label = control.getAttribute('aria-label') ?? control.labels[0]?.innerText;
            return group + (label ?? control.innerText);
        })"""
    )
    assert all(text.strip() for text in names)
    assert len(set(names)) == len(names)


@every_explorer
def test_the_text_alternative_follows_the_state(usual, name):
    """It is a sentence, and another one after some control has moved."""
    explorer = usual.explorer(load(name).label)
    before = explorer.alt()
    assert len(before.split()) > 8
    for control in explorer.controls():
        kind = control.get_attribute("type")
        at_end = kind == "range" and control.evaluate("c => c.value === c.max")
        explorer.press(control, {"range": "Home" if at_end else "End"}.get(kind, "Space"))
        usual.page.wait_for_timeout(150)
        if explorer.alt() != before:
            break
    usual.page.wait_for_function(
        "([root, before]) => root.querySelector('.bn-stage canvas, .bn-stage svg').ariaLabel !== before",
        arg=[explorer.root.element_handle(), before],
    )
    explorer.root.get_by_role("button", name="Reset").press("Enter")


def test_a_figure_in_a_lesson_has_its_text_alternative(usual):
    image = usual.part("figure").locator("img")
    assert image.get_attribute("alt") == "Empty axes from zero to one"


def test_a_prediction_is_made_by_keyboard(usual):
    """JupyterLab's shortcuts for Enter and for the arrows stay out of it; what was recorded stays."""
    box = usual.part("prediction, letters")
    box.get_by_role("button", name="Record").press("Enter")
    box.get_by_text("Choose one first.").wait_for()
    box.get_by_role("radio").first.press("Space")
    second = box.locator(".bn-options").first.locator("label").nth(1).inner_text()
    usual.page.keyboard.press("ArrowRight")
    box.get_by_role("radio", name="rather sure").press("ArrowRight")
    box.get_by_role("button", name="Record").press("Enter")
    box.get_by_text(f"Recorded: {second}, 95 % sure. Now run on.").wait_for()
    assert all(control.is_disabled() for control in box.locator("input, button").all())
    box = usual.part("prediction, number")
    box.get_by_role("textbox", name="I predict").fill("half")
    usual.page.keyboard.press("Enter")
    box.get_by_text("A number, please").wait_for()
    box.get_by_role("textbox", name="I predict").fill("0.5")
    usual.page.keyboard.press("Enter")
    box.get_by_text("Recorded: 0.5, 75 % sure.").wait_for()


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_the_page_without_a_kernel_has_no_serious_finding(page, tmp_path, dark):
    flagships = [name for name in EXPLORERS if issubclass(load(name), BrowserPlot)]
    assert flagships
    figures = [
        f"<h2>{load(name).label}</h2>{static_html(*load(name)()._repr_mimebundle_(), name)}"
        for name in flagships
    ]
    colours = "background: #111; color: #eee" if dark else "background: #fff; color: #222"
    file = tmp_path / "page.html"
    file.write_text(
        f"<!doctype html><html lang='en'><meta charset='utf-8'><title>Figures</title>"
        f"<body style='{colours}'><main><h1>Figures</h1>{''.join(figures)}</main>",
        encoding="utf-8",
    )
    page.goto(file.as_uri())
    page.locator(".bn-explorer").nth(len(flagships) - 1).wait_for()
    found = Axe().run(page).response["violations"]
    assert [(rule["id"], rule["impact"]) for rule in found if rule["impact"] in GRAVE] == []
