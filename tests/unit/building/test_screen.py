"""Ensures that a terminal gets one progress line, and everything else plain text."""

import os
import pty
import subprocess
import sys

import pytest

SHOW = """
from segmentation.building.screen import Screen
with Screen() as screen:
    screen.stage("Fitting models")
    screen.step("Fitting clusters", 187, 340)
    screen.warn("Too few customers. " * 20)
screen.fail("It failed.")
"""


def in_a_terminal(**environment: str) -> str:
    """Run it in a terminal of its own and return every byte it gets."""
    master, slave = pty.openpty()
    shown = b""
    with subprocess.Popen(
        [sys.executable, "-c", SHOW], stderr=slave, env=environment_with(**environment)
    ):
        os.close(slave)
        while True:
            try:
                shown += os.read(master, 10_000)
            except OSError:  # Linux says so that the other side is closed.
                break
    os.close(master)
    return shown.decode()


def environment_with(**environment: str) -> dict[str, str]:
    without = {key: value for key, value in os.environ.items() if key not in ("NO_COLOR", "TERM")}
    return without | {"TERM": "xterm", "COLUMNS": "80"} | environment


def test_a_terminal_gets_a_line_that_says_what_is_done_and_how_far():
    shown = in_a_terminal()
    assert "187 of 340" in shown and "Fitting clusters" in shown
    assert "\x1b[33mWarning: Too few customers." in shown
    assert "\x1b[31mIt failed." in shown


def test_no_color_is_no_colour():
    shown = in_a_terminal(NO_COLOR="1")
    assert "187 of 340" in shown and "Warning: Too few customers." in shown
    assert "\x1b[3" not in shown


@pytest.mark.parametrize("variable", ["TERM", "FORCE_COLOR"])
def test_a_file_gets_no_progress_no_codes_and_no_broken_lines(variable):
    done = subprocess.run(
        [sys.executable, "-c", SHOW],
        env=environment_with(**{variable: "1" if variable == "FORCE_COLOR" else "xterm-256color"}),
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr.splitlines() == [
        "Fitting models",
        "Warning: " + "Too few customers. " * 20,
        "It failed.",
    ]


def test_a_terminal_that_cannot_draw_gets_lines():
    shown = in_a_terminal(TERM="dumb")
    assert shown.startswith("Fitting models\r\nWarning: ")
    assert "187" not in shown
