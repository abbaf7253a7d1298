"""What a build shows: one progress line in a terminal, a line per stage where there is none."""

import sys
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn
from rich.table import Column
from rich.text import Text


class Screen:
    """Standard error of a build; it is entered while there is progress to show.

    Parameters
    ----------
    verbose : bool
        Whether dbt's own lines are shown, instead of the progress.
    """

    def __init__(self, verbose: bool = False):
        self.verbose = verbose
        is_terminal = sys.stderr.isatty()
        self._console = Console(stderr=True, force_terminal=is_terminal, highlight=False)
        self._is_drawn = is_terminal and not self._console.is_dumb_terminal and not verbose
        self._stages: list[str] = []
        phrase = TextColumn(
            "{task.description}",
            markup=False,
            table_column=Column(no_wrap=True, overflow="ellipsis", ratio=1),
        )
        self._progress = Progress(
            *(BarColumn(20), TextColumn("{task.fields[far]}"), phrase),
            console=self._console,
            transient=True,
            disable=not self._is_drawn,
            expand=True,
        )
        self._task = self._progress.add_task("", total=None, far="")

    def __enter__(self) -> "Screen":
        """Begin to draw."""
        self._progress.start()
        return self

    def __exit__(
        self, kind: type | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Take the progress line away."""
        self._progress.stop()

    def stage(self, name: str) -> None:
        """Say what the build does from now on; a stage that was named is not named again."""
        if self._is_drawn:
            self._progress.update(self._task, description=name)
        elif not self.verbose and name not in self._stages:
            self._stages.append(name)
            self.say(name)

    def step(self, phrase: str, number: int, total: int) -> None:
        """Say what is being done and how far the build is."""
        self._progress.update(
            self._task,
            description=phrase,
            completed=number,
            total=total,
            far=f"{number} of {total}",
        )

    def warn(self, sentence: str) -> None:
        """Show a warning, which stays on the screen."""
        self.say(f"Warning: {sentence}", "yellow")

    def fail(self, sentence: str) -> None:
        """Show what ended the build."""
        self.say(sentence, "red")

    def say(self, sentence: str, style: str = "") -> None:
        """Show a line, however long; a terminal breaks it, a file does not."""
        self._console.print(Text(sentence, style), soft_wrap=True)
