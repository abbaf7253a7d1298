"""Ensures that pictures for the documentation stay small, and that a missing browser is said."""

from io import BytesIO

import pytest
from PIL import Image

from segmentation.report import browser, screenshots


def png(width: int, height: int) -> bytes:
    stream = BytesIO()
    Image.effect_noise((width, height), 90).convert("RGB").save(stream, "PNG")
    return stream.getvalue()


def test_a_tall_picture_is_cut_and_gets_smaller():
    picture = png(60, 2_000)
    slimmed = screenshots.slim(picture)
    assert Image.open(BytesIO(slimmed)).size == (60, screenshots.TALLEST)
    assert len(slimmed) < len(picture)


def test_a_short_picture_keeps_its_size():
    assert Image.open(BytesIO(screenshots.slim(png(50, 40)))).size == (50, 40)


def test_without_a_browser_the_command_says_what_to_install(
    published_shop, tmp_path, monkeypatch, capsys
):
    monkeypatch.setattr(browser.shutil, "which", lambda name: None)
    folders = ["--out", str(tmp_path / "out"), "--docs", str(tmp_path / "docs")]
    asked = ["--serving", str(published_shop), *folders]
    assert screenshots.main(asked, standalone_mode=False) == 2
    error = capsys.readouterr().err
    assert "apt-get install chromium" in error
    assert error.count("\n") == 1


def test_the_browser_is_looked_for_by_every_name(monkeypatch):
    chrome = {"google-chrome": "/opt/google-chrome"}
    monkeypatch.setattr(browser.shutil, "which", chrome.get)
    assert browser.find_browser() == "/opt/google-chrome"


@pytest.mark.parametrize("section", ["top", "where", "how-many", "segments"])
def test_documented_pictures_are_of_known_views(section):
    views = [view for name, view in screenshots.DOCUMENTED if name == section]
    assert len(views) == 1
    assert views[0] in screenshots.VIEWS
