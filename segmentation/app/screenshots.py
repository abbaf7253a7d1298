"""``python -m segmentation.app.screenshots``: pictures of every page of the app, to be looked at.

They go to ``target/screenshots``; the few that the documentation shows go to ``docs/images`` too.
"""

import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import urlopen

import click

from segmentation.app.__main__ import ROOT, served_environment, streamlit_command, url
from segmentation.cli.command import in_a_sentence
from segmentation.published.served import open_published
from segmentation.report.browser import PATIENCE, open_browser
from segmentation.report.screenshots import VIEWS, slim

ADDRESSES = {
    "overview": "",
    "segments": "segments",
    **{f"segments-{view}": f"segments?view={view}" for view in ("compare", "all", "map", "rfm")},
    "how_many": "how_many",
    "predict": "predict",
    "find": "find?customer={someone}",
    "rules": "rules",
    "products": "products",
    "campaigns": "campaigns",
    "health": "health",
}
"""Of the pages, by what their pictures are called."""
DOCUMENTED = {
    ("overview", "desktop-light"): "app.png",
    ("segments", "desktop-light"): "app-segment.png",
    ("predict", "desktop-light"): "app-predict.png",
    ("rules", "desktop-light"): "app-rules.png",
    ("segments", "phone-dark"): "app-phone.png",
}
TALLEST = 9_000
"""Height at which a page is cut, in pixels."""


@click.command()
@click.option("--serving", type=Path, default="serving", envvar="SEGMENTATION_SERVING")
@click.option("--out", type=Path, default="target/screenshots", metavar="DIR")
@click.option("--docs", type=Path, default="docs/images", metavar="DIR")
def main(serving: Path, out: Path, docs: Path) -> None:
    """Take pictures of every page of the app."""
    for folder in (out, docs):
        folder.mkdir(parents=True, exist_ok=True)

    def taken() -> int:
        count = take_pictures(serving, out, docs)
        print(f"{count} pictures in {out}; those of the documentation in {docs}")
        return 0

    click.get_current_context().exit(in_a_sentence("screenshots", taken))


def take_pictures(serving: str | Path, out: Path, docs: Path) -> int:
    """Take pictures of every page in every view; return how many."""
    count = 0
    with open_published(serving) as published:
        ((someone,),) = published.rows(f"select min({published.key}) from {published.members}")
    with served_app(serving) as address, open_browser() as browser:
        for view, options in VIEWS.items():
            page = browser.new_page(**options)
            page.set_default_timeout(PATIENCE)
            for name, picture in _pictures(page, address, str(someone), options["viewport"]):
                (out / f"app-{name}-{view}.png").write_bytes(picture)
                if (name, view) in DOCUMENTED:
                    (docs / DOCUMENTED[name, view]).write_bytes(slim(picture))
                count += 1
            page.close()
    return count


@contextmanager
def served_app(serving: str | Path) -> Iterator[str]:
    """Serve the app on a free port for as long as the block runs; give its address."""
    port = free_port()
    environment = served_environment(serving)
    command = streamlit_command("127.0.0.1", port)
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        try:
            wait_for(f"{url('127.0.0.1', port)}/_stcore/health", process)
            yield url("127.0.0.1", port)
        finally:
            process.terminate()


def free_port() -> int:
    """Return a port that nothing listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(address: str, process: subprocess.Popen) -> None:
    """Return when the address answers; RuntimeError if the process ends first or takes too long."""
    for _ in range(PATIENCE // 200):
        try:
            with urlopen(address, timeout=1):
                return
        except OSError:
            if process.poll() is not None:
                raise RuntimeError("the app ended before it served a page.") from None
            time.sleep(0.2)
    raise RuntimeError("the app did not start.")


def _pictures(page, address: str, someone: str, size: dict) -> Iterator[tuple[str, bytes]]:
    for name, asked in ADDRESSES.items():
        page.goto(f"{address}/{asked.format(someone=someone)}")
        yield name, _whole(page, size)


def settle(page) -> None:
    """Wait until Streamlit has drawn the page whole."""
    page.wait_for_selector("h1")
    page.wait_for_timeout(300)
    page.wait_for_selector('[data-testid="stApp"][data-test-script-state="notRunning"]')
    page.wait_for_timeout(500)


def _whole(page, size: dict) -> bytes:
    """Return a picture of the whole page: Streamlit scrolls inside, so the window grows."""
    settle(page)
    height = page.get_by_test_id("stMain").evaluate("main => main.scrollHeight")
    tall = min(max(height, size["height"]), TALLEST)
    page.set_viewport_size({"width": size["width"], "height": tall})
    page.wait_for_timeout(900)
    picture = page.screenshot()
    page.set_viewport_size(size)
    return picture


if __name__ == "__main__":
    main()
