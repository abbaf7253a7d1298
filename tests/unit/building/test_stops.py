"""Ensures that a signal becomes one exception with a sentence and the exit code of a shell."""

import os
import signal

import pytest

from segmentation.building.stops import Stopped, signals_caught


@pytest.mark.parametrize(
    ("number", "name", "code"),
    [(signal.SIGINT, "Ctrl-C", 130), (signal.SIGTERM, "SIGTERM", 143), (signal.SIGHUP, "its", 129)],
)
def test_a_signal_is_an_exception_and_a_second_one_changes_nothing(number, name, code):
    outside = signal.signal(number, signal.SIG_DFL)
    tidied = False
    with pytest.raises(Stopped) as stopped, signals_caught():
        try:
            os.kill(os.getpid(), number)
        finally:
            os.kill(os.getpid(), number)
            tidied = True
    assert tidied
    assert str(stopped.value).startswith(f"The build was stopped by {name}")
    assert "nothing was published" in str(stopped.value)
    assert stopped.value.exit_code == code
    assert signal.signal(number, outside) is signal.SIG_DFL


def test_a_signal_that_was_ignored_goes_on_being_ignored():
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with signals_caught():
            os.kill(os.getpid(), signal.SIGHUP)
    finally:
        signal.signal(signal.SIGHUP, before)
