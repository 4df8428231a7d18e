"""The command tree."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer
from typer.exceptions import Abort, TyperException

from erstwhile.api.cli.commands import COMMANDS
from erstwhile.api.cli.console import err
from erstwhile.api.cli.lazy_group import lazy_group
from erstwhile.api.cli.options import Tz
from erstwhile.api.cli.run import fail, guarded, set_home

INTERRUPTED = 130
"""What Ctrl-C becomes in the command line's library."""

app = typer.Typer(
    name="erstwhile",
    cls=lazy_group(COMMANDS),
    help="Who can do what, who could do what at any moment of the past, and the proof.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="The data lies in the user's data directory, or where ERSTWHILE_HOME or ERSTWHILE_DATABASE_URL say.",
)


@app.callback()
def options(
    home: Annotated[Path | None, typer.Option(help="Where the embedded database lies; or ERSTWHILE_HOME.")] = None,
    config: Annotated[Path | None, typer.Option(help="A TOML file with settings; or ERSTWHILE_CONFIG.")] = None,
    tz: Tz = None,
    _version: Annotated[
        bool, typer.Option("--version", help="Print the version.", callback=lambda on: _print_version(on))
    ] = False,
) -> None:
    from erstwhile.api.configuration import file
    from erstwhile.api.database.settings import use_lists

    file.use(config)
    set_home(home)
    use_lists()


def _print_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"erstwhile {version('erstwhile')}")
        raise typer.Exit


def main() -> None:
    """The entry point of `erstwhile`."""
    if os.environ.get("_ERSTWHILE_COMPLETE") == "complete_bash" and "COMP_WORDS" in os.environ:
        from erstwhile.api.cli import complete

        complete.answer_bash(app)
    else:
        guarded(_run)


def _run() -> None:
    try:
        status = app(standalone_mode=False)
    except Abort:
        fail("ended before all was asked")
    except TyperException as error:
        _explain(error)
        raise SystemExit(error.exit_code) from None
    if status == INTERRUPTED:
        err.print("\ninterrupted; what was acknowledged is kept, and the command may be run again")
    raise SystemExit(status if isinstance(status, int) else 0)


def _explain(error: TyperException) -> None:
    """What was wrong with the words of a command, where its help is."""
    words = error.format_message()
    if not words:  # a command without any words: its help has been shown
        return
    context = getattr(error, "ctx", None)
    err.print(f"[bold red]error:[/] {err.text(words)}")
    if context is not None:
        err.print(err.text(f"{context.get_usage()}\n{context.command_path} --help says more").replace("\\n", "\n"))
