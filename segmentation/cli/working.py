"""What long work shows: a line in a terminal, nothing where there is none."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def working(what: str) -> Iterator[None]:
    """Show on standard error what is being done, for as long as the block runs.

    Parameters
    ----------
    what : str
        A phrase, as "Drawing the report".
    """
    if not sys.stderr.isatty():
        yield
        return
    # What only programs see need not wait for it.
    from rich.console import Console

    with Console(stderr=True).status(f"{what} …"):
        yield
