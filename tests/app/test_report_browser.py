"""Ensures that the report works in a real browser: offline, drawn, accessible, printable."""

import json
import re
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from segmentation.report.browser import draw_all
from segmentation.report.colours import looks
from segmentation.report.page import write_report

HARMLESS = re.compile(r"WebGL|GL Driver Message|GroupMarkerNotSet|willReadFrequently")
"""What Chromium logs where it draws WebGL in software."""


@pytest.fixture(scope="module")
def report(large_shop, tmp_path_factory):
    return write_report(large_shop, tmp_path_factory.mktemp("report") / "report.html")


class Watched:
    """A page with what it logged and asked of the network."""

    def __init__(self, chromium, report, **options):
        self.logged, self.requests = [], []
        self.context = chromium.new_context(offline=True, **options)
        self.page = self.context.new_page()
        self.page.on("console", lambda message: self.logged.append((message.type, message.text)))
        self.page.on("pageerror", lambda error: self.logged.append(("error", str(error))))
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.goto(report.as_uri())


@pytest.fixture(scope="module", params=["desktop", "phone"])
def watched(request, chromium, report):
    size = {"desktop": (1280, 900), "phone": (390, 844)}[request.param]
    scheme = {"desktop": "light", "phone": "dark"}[request.param]
    options = {"viewport": {"width": size[0], "height": size[1]}, "color_scheme": scheme}
    shown = Watched(chromium, report, **options)
    draw_all(shown.page)
    yield shown
    shown.context.close()


def drawn(page, name: str):
    """Scroll to one figure and return it when it is drawn: all of them take seconds."""
    plot = page.locator(f"[data-figure={name}]")
    plot.scroll_into_view_if_needed()
    plot.locator(".main-svg").first.wait_for()
    return plot


def coloured_pixels(plot) -> int:
    """Count pixels of data on the screen: page, texts and grids are grey, annotations hidden."""
    picture = plot.screenshot(style=".annotation { visibility: hidden }")
    pixels = np.asarray(Image.open(BytesIO(picture)).convert("RGB")).astype(int)
    return int((pixels.max(axis=2) - pixels.min(axis=2) > 40).sum())


def test_every_figure_is_drawn_and_not_blank(watched):
    plots = watched.page.locator(".plot").all()
    assert len(plots) > 18
    names = [plot.get_attribute("data-figure") for plot in plots]
    ink = dict(zip(names, map(coloured_pixels, plots), strict=True))
    assert {name: count for name, count in ink.items() if count < 300} == {}


def test_many_points_are_drawn_by_webgl(watched):
    kinds = watched.page.evaluate(
        "document.querySelector('[data-figure=map]').data.map(trace => trace.type)"
    )
    assert "scattergl" in kinds
    assert watched.page.locator("[data-figure=map] canvas").count() > 0
    assert watched.page.locator("[data-figure=space] canvas").count() > 0


def test_webgl_does_not_cover_the_numbers_of_the_centres(watched):
    look = looks([1, 2, 9])
    badges = watched.page.locator("[data-figure=map] .annotation-text-g")
    for segment in (1, 2, 9):
        badge = badges.filter(has_text=re.compile(f"^{segment}$"))
        badge.scroll_into_view_if_needed()
        pixels = np.asarray(Image.open(BytesIO(badge.screenshot())).convert("RGB")).astype(int)
        own = [int(look[segment].colour[start : start + 2], 16) for start in (1, 3, 5)]
        assert (np.abs(pixels - own).max(axis=2) < 12).mean() > 0.5, segment


def test_a_figure_without_its_data_would_count_as_blank(chromium, report):
    shown = Watched(chromium, report)
    plot = drawn(shown.page, "map")
    plot.evaluate("plot => Plotly.react(plot, [], plot.layout)")
    assert coloured_pixels(plot) < 300
    shown.context.close()


def test_nothing_leaves_the_machine(watched):
    elsewhere = [url for url in watched.requests if not url.startswith(("file:", "data:", "blob:"))]
    assert elsewhere == []


def test_the_console_is_quiet(watched):
    problems = [
        text
        for kind, text in watched.logged
        if kind in ("error", "warning") and not HARMLESS.search(text)
    ]
    assert problems == []


def test_nasty_names_are_shown_as_they_are_written(watched):
    heading = watched.page.locator("#card-1")
    assert '<script>alert(1)</script> & "quotes"' in heading.inner_text()
    assert watched.page.locator("img").count() == 0


def test_the_page_is_no_wider_than_the_screen(watched):
    assert watched.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_axe_finds_no_serious_fault(watched):
    from axe_playwright_python.sync_playwright import Axe

    for details in watched.page.locator("details").all()[:6]:
        details.evaluate("one => { one.open = true }")
    found = Axe().run(watched.page).response["violations"]
    serious = [
        f"{fault['id']}: {fault['nodes'][0]['html'][:120]}"
        for fault in found
        if fault["impact"] in ("serious", "critical")
    ]
    assert serious == []


def test_the_keyboard_reaches_content_segments_and_tables(chromium, report):
    shown = Watched(chromium, report)
    shown.page.keyboard.press("Tab")
    assert shown.page.evaluate("document.activeElement.className") == "skip"
    reached = set()
    for _ in range(80):
        shown.page.keyboard.press("Tab")
        reached.add(shown.page.evaluate("document.activeElement.tagName"))
    assert {"A", "BUTTON", "SUMMARY"} <= reached
    shown.context.close()


def test_a_segment_is_highlighted_from_the_keyboard(watched):
    button = watched.page.locator("button[data-segment='9']")
    button.focus()
    watched.page.keyboard.press("Enter")
    assert button.get_attribute("aria-pressed") == "true"
    faded = "document.querySelector('[data-figure=snake]').data.map(trace => trace.opacity)"
    watched.page.wait_for_function(f"{faded}.join() === '0.08,0.08,1'")
    watched.page.keyboard.press("Enter")
    watched.page.wait_for_function(f"{faded}.join() === '1,1,1'")


def test_the_space_turns_by_buttons(watched):
    eye = "document.querySelector('[data-figure=space]').layout.scene.camera.eye.x"
    before = watched.page.evaluate(eye)
    watched.page.locator("[data-turn=left]").click()
    watched.page.wait_for_function(f"Math.abs({eye} - {before}) > 0.1")


def test_figures_follow_the_colours_of_the_system(chromium, report):
    shown = Watched(chromium, report, color_scheme="light")
    drawn(shown.page, "sizes")
    ink = "document.querySelector('[data-figure=sizes]')._fullLayout.font.color"
    assert shown.page.evaluate(ink) == "#1b2027"
    shown.page.emulate_media(color_scheme="dark")
    shown.page.wait_for_function(f"{ink} === '#e8ecf1'")
    shown.context.close()


def test_the_page_prints_whole_without_having_been_scrolled(chromium, report):
    shown = Watched(chromium, report, color_scheme="dark")
    shown.page.wait_for_selector("[data-drawn]", state="attached", timeout=60_000)
    shown.page.evaluate(
        """addEventListener("beforeprint", () => {
            window.printed = {
                drawn: document.querySelectorAll(".plot .main-svg").length,
                plots: document.querySelectorAll(".plot").length,
                closed: document.querySelectorAll("details:not([open])").length,
                ink: document.querySelector(".plot")._fullLayout.font.color,
            };
        })"""
    )
    document = shown.page.pdf()
    printed = shown.page.evaluate("window.printed")
    assert printed["drawn"] >= printed["plots"] > 18
    assert printed["closed"] == 0
    assert printed["ink"] == "#1b2027"
    assert document.count(b"/Type /Page\n") + document.count(b"/Type /Page ") > 5
    assert shown.page.locator("details[open]").count() == 0
    shown.context.close()


def test_what_a_marketer_acts_on_prints_on_two_pages(chromium, report):
    shown = Watched(chromium, report)
    shown.page.evaluate(
        """document.querySelectorAll("main > :not(#segments), footer").forEach(e => e.remove())"""
    )
    document = shown.page.pdf()
    assert 1 <= document.count(b"/Type /Page\n") + document.count(b"/Type /Page ") <= 2
    shown.context.close()


def test_a_rule_is_copied_and_a_card_is_a_file(chromium, report):
    shown = Watched(chromium, report, permissions=["clipboard-read", "clipboard-write"])
    card = shown.page.locator("article.card").first
    card.get_by_role("button", name="Copy the rule").click()
    card.get_by_role("button", name="Copied").wait_for()
    copied = shown.page.evaluate("navigator.clipboard.readText()")
    assert copied == card.locator("[id^=rule-]").text_content()
    with shown.page.expect_download() as download:
        card.get_by_role("link", name="as CSV").click()
    text = Path(download.value.path()).read_text(encoding="utf-8")
    assert text.splitlines()[1].startswith("Name,") and copied in text.replace('""', '"')
    shown.context.close()


def test_without_the_drawing_code_the_words_and_tables_stay(chromium, report, tmp_path):
    broken = tmp_path / "broken.html"
    html = report.read_text(encoding="utf-8")
    opening = '<script type="text/plain" id="plotly">'
    start = html.index(opening) + len(opening)
    broken.write_text(
        html[:start] + "%%%" + html[html.index("</script>", start) :], encoding="utf-8"
    )
    shown = Watched(chromium, broken)
    shown.page.wait_for_selector("body.broken")
    told = shown.page.locator(".plot").first.inner_text()
    assert told == "This browser cannot draw the figure; the table below has its content."
    assert shown.page.locator("#chart-sizes table").count() == 1
    assert json.dumps(shown.logged) == "[]"
    shown.context.close()


@pytest.mark.parametrize(
    ("width", "contents"), [(1280, "Sections"), (390, "Contents")], ids=["desktop", "phone"]
)
def test_contents_lead_to_a_section_and_mark_it(chromium, report, width, contents):
    shown = Watched(chromium, report, viewport={"width": width, "height": 844})
    page = shown.page
    if contents == "Contents":
        page.locator("details.narrow summary").click()
    links = page.get_by_role("navigation", name=contents).get_by_role("link")
    last = links.filter(has_text="What is bought together")
    last.click()
    page.wait_for_function("scrollY > 500")
    marked = f"nav[aria-label={contents}] a[aria-current]"
    page.wait_for_function(
        "selector => document.querySelector(selector)?.hash === '#baskets'", arg=marked
    )
    assert page.locator("details.narrow[open]").count() == 0
    shown.context.close()
