"""A real browser for pictures and tests: Chromium or Chrome as the system has it."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
# A container's root has no sandbox, and without a graphics card WebGL draws in software.
OPTIONS = ("--no-sandbox", "--enable-unsafe-swiftshader")
DRAWN = "[...document.querySelectorAll('.plot')].every(plot => 'drawn' in plot.dataset)"
PATIENCE = 120_000
"""Milliseconds to wait for all figures: software WebGL on a busy machine is slow."""


def find_browser() -> str | None:
    """Return the path of the system's Chromium or Chrome, None if there is none."""
    return next((path for name in BROWSERS if (path := shutil.which(name))), None)


@contextmanager
def open_browser(*options: str) -> Iterator["Browser"]:
    """Start the system's browser, headless, for as long as the block runs.

    Parameters
    ----------
    *options : str
        Options of Chromium besides `OPTIONS`.

    Raises
    ------
    FileNotFoundError
        If there is no Chromium or Chrome.
    """
    from playwright.sync_api import sync_playwright

    path = find_browser()
    if path is None:
        raise FileNotFoundError(
            "no Chromium or Chrome found: install one, e.g. `apt-get install chromium`."
        )
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=[*OPTIONS, *options])
        try:
            yield browser
        finally:
            browser.close()


def draw_all(page: "Page") -> None:
    """Scroll through a report so that every figure draws, and wait until all have.

    Parameters
    ----------
    page : playwright Page
        Showing the report.
    """
    for plot in page.locator(".plot").all():
        plot.scroll_into_view_if_needed()
        page.wait_for_timeout(50)
    page.wait_for_function(DRAWN, timeout=PATIENCE)
