"""What long work shows: a line in a terminal, nothing where there is none."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def working(what: str) -> Iterator[Callable[[str], None]]:
    """Show on standard error what is being done, for as long as the block runs.

    Parameters
    ----------
    what : str
        A phrase, as "Drawing the report"; the block gets a function that changes it.
    """
    if not sys.stderr.isatty():
        yield lambda phrase: None
        return
    # What only programs see need not wait for it.
    from rich.console import Console

    with Console(stderr=True).status(f"{what} …") as status:
        yield lambda phrase: status.update(f"{phrase} …")
