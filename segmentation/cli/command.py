"""A command of the command line: known by a line, imported when it is asked for."""

import os
import sys
from collections.abc import Callable
from importlib import import_module
from types import ModuleType

import click
from click.core import ParameterSource

from segmentation.cli.options import Arguments

OF_DBT = " Other options are dbt's own, as --vars '{recipe: article}'."


class Command(click.Command):
    """One subcommand; its module says what can be asked, and does it.

    The module has ``PARAMETERS``, a list of click's, and ``run(arguments)``, which returns the exit
    code. ``ONE_OF`` in it names options of which one must be given, ``AT_MOST_ONE`` options that
    exclude each other.

    Parameters
    ----------
    name, module : str
        What it is called, and what is imported once it is.
    summary, example : str
        What it is for, and how it is called, without its name.
    passes_on : bool
        Whether options that are not declared are arguments, which go on to dbt.
    hidden : bool
        Whether it is left out of the list.
    """

    def __init__(
        self,
        name: str,
        module: str,
        summary: str,
        example: str,
        *,
        passes_on: bool = False,
        hidden: bool = False,
    ):
        super().__init__(
            name,
            help=f"{summary[0].upper()}{summary[1:]}.{OF_DBT if passes_on else ''}",
            short_help=summary,
            epilog=f"Example: segmentation {name} {example}",
            context_settings={"ignore_unknown_options": passes_on, "show_default": True},
            hidden=hidden,
        )
        self.module, self.example = module, example

    @property
    def _imported(self) -> ModuleType:
        return import_module(self.module)

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """Return the parameters of the module."""
        self.params = self._imported.PARAMETERS
        return super().get_params(ctx)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse, and refuse options that exclude each other."""
        try:
            rest = super().parse_args(ctx, args)
        except click.UsageError as error:
            error.ctx = error.ctx or ctx  # click's own parser does not say whose option it is
            raise
        for names, is_needed in (("ONE_OF", True), ("AT_MOST_ONE", False)):
            options = getattr(self._imported, names, ())
            given = [one for one in options if self._is_given(ctx, one)]
            if len(given) > 1:
                ctx.fail(f"{' and '.join(given)} exclude each other")
            if is_needed and options and not given and not ctx.resilient_parsing:
                ctx.fail(f"Say one of {', '.join(options)}")
        return rest

    def _is_given(self, ctx: click.Context, option: str) -> bool:
        name = next(one.name for one in self.params if option in one.opts)
        return ctx.get_parameter_source(name) is ParameterSource.COMMANDLINE

    def invoke(self, ctx: click.Context) -> int:
        """Run the command; return its exit code, or 2 after one sentence on standard error."""
        run, arguments = self._imported.run, Arguments(**ctx.params)
        return in_a_sentence(ctx.command_path, lambda: run(arguments))


def in_a_sentence(command: str, run: Callable[[], int]) -> int:
    """Return what `run` returns; 2 after one sentence, where it ends in an error of the world.

    Parameters
    ----------
    command : str
        Who says the sentence.
    run : callable
    """
    import duckdb

    from segmentation.published.served import CommandError

    try:
        return run()
    except CommandError as error:
        told = str(error)
    except BrokenPipeError:
        # The reader (`| head`) has enough; without this, Python complains again on exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except (OSError, MemoryError, duckdb.Error) as error:
        told = f"{str(error).splitlines()[0] if str(error) else type(error).__name__}."
    print(f"{command}: {told}", file=sys.stderr)
    return 2
