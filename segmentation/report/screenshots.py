"""``python -m segmentation.report.screenshots``: pictures of the report, to be looked at.

Every section at desktop and phone width, light and dark, goes to ``target/screenshots``; the few
that the documentation shows go to ``docs/images`` as well, in fewer colours to stay small.
"""

import tempfile
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import click

from segmentation.cli.command import in_a_sentence
from segmentation.cli.options import PUBLISHED
from segmentation.report.browser import draw_all, open_browser
from segmentation.report.page import write_report

if TYPE_CHECKING:
    from playwright.sync_api import Browser

VIEWS = {
    "desktop-light": {"viewport": {"width": 1280, "height": 900}, "color_scheme": "light"},
    "desktop-dark": {"viewport": {"width": 1280, "height": 900}, "color_scheme": "dark"},
    "phone-light": {"viewport": {"width": 390, "height": 844}, "color_scheme": "light"},
    "phone-dark": {"viewport": {"width": 390, "height": 844}, "color_scheme": "dark"},
}
DOCUMENTED = {
    ("top", "desktop-light"): "report.png",
    ("where", "desktop-dark"): "report-where.png",
    ("how-many", "desktop-light"): "report-how-many.png",
    ("segments", "phone-dark"): "report-phone.png",
}
"""Section and view of the pictures in the documentation."""
TALLEST = 1400
"""Height at which a documented picture is cut, in pixels."""
COLOURS = 256


@click.command(params=[*PUBLISHED])
@click.option("--out", type=Path, default="target/screenshots", metavar="DIR")
@click.option("--docs", type=Path, default="docs/images", metavar="DIR")
def main(serving: Path, segmentation: str, out: Path, docs: Path) -> None:
    """Take pictures of every section of the report."""

    def taken() -> int:
        count = take_pictures(serving, segmentation, out, docs)
        print(f"{count} pictures in {out}; those of the documentation in {docs}")
        return 0

    click.get_current_context().exit(in_a_sentence("screenshots", taken))


def take_pictures(serving: str | Path, segmentation: str, out: Path, docs: Path) -> int:
    """Take pictures of every section of a fresh report in every view.

    Parameters
    ----------
    serving : path
        Folder of the published file.
    segmentation : str
        Its name.
    out, docs : Path
        Where all pictures, and those of the documentation, go.

    Returns
    -------
    int
        Number of pictures in `out`.
    """
    out.mkdir(parents=True, exist_ok=True)
    docs.mkdir(parents=True, exist_ok=True)
    count = 0
    with tempfile.TemporaryDirectory() as folder, open_browser() as browser:
        report = write_report(serving, Path(folder) / "report.html", segmentation)
        for view, options in VIEWS.items():
            for section, picture in _sections(browser, report, options).items():
                (out / f"report-{section}-{view}.png").write_bytes(picture)
                if (section, view) in DOCUMENTED:
                    (docs / DOCUMENTED[section, view]).write_bytes(slim(picture))
                count += 1
    return count


def _sections(browser: "Browser", report: Path, options: dict) -> dict[str, bytes]:
    page = browser.new_page(**options)
    page.goto(report.resolve().as_uri())
    draw_all(page)
    page.evaluate("scrollTo(0, 0)")
    page.wait_for_timeout(300)
    pictures = {"top": page.screenshot()}
    # The key stays in sight while one scrolls, and would lie over the pictures of tall sections.
    page.add_style_tag(content="aside { position: static !important }")
    for section in page.locator("main > section").all():
        pictures[section.get_attribute("id")] = section.screenshot()
    page.close()
    return pictures


def slim(picture: bytes) -> bytes:
    """Return a PNG in few colours, cut at `TALLEST`: it is shown, not measured."""
    from PIL import Image

    image = Image.open(BytesIO(picture)).convert("RGB")
    image = image.crop((0, 0, image.width, min(image.height, TALLEST)))
    slimmed = BytesIO()
    image.quantize(COLOURS, dither=Image.Dither.NONE).save(slimmed, "PNG", optimize=True)
    return slimmed.getvalue()


if __name__ == "__main__":
    main()
