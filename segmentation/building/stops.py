"""Signals that end a build become an exception, so that nothing of it is left running or behind."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager

NAMES = {
    signal.SIGINT: "Ctrl-C",
    signal.SIGTERM: "SIGTERM",
    signal.SIGHUP: "its terminal, which was closed",
}


class Stopped(BaseException):
    """A signal asked the build to end.

    Attributes
    ----------
    number : int
        The signal.
    result : str
        What becomes of the published files; whoever knows better says so.
    """

    def __init__(self, number: int):
        self.number = number
        self.result = "nothing was published, and the published files are as before."

    def __str__(self) -> str:
        return f"The build was stopped by {NAMES[self.number]}: {self.result}"

    @property
    def exit_code(self) -> int:
        """What a shell says of a process that a signal ended."""
        return 128 + self.number


@contextmanager
def signals_caught() -> Iterator[None]:
    """Raise `Stopped` at the first signal and ignore others, which would disturb the tidying up.

    A signal that is ignored already, as ``nohup`` does with one, goes on being ignored.
    """
    before = {number: signal.getsignal(number) for number in NAMES}
    caught = [number for number, handler in before.items() if handler is not signal.SIG_IGN]

    def stop(number: int, _: object) -> None:
        for other in caught:
            signal.signal(other, signal.SIG_IGN)
        raise Stopped(number)

    for number in caught:
        signal.signal(number, stop)
    try:
        yield
    finally:
        for number in caught:
            signal.signal(number, before[number])
