"""`erstwhile config show`: the settings, and where each has its value from."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.table import Table

from erstwhile.api.cli.console import err, out
from erstwhile.api.cli.run import print_json

app = typer.Typer(no_args_is_help=True, help="Settings: of the file, of the environment, and the defaults.")


@app.callback()
def config() -> None:
    """Settings: of the file, of the environment, and the defaults."""


@app.command("show")
def show(as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """Show each setting, its value (secrets masked), and where the value comes from."""
    from erstwhile.api.configuration.file import nearest
    from erstwhile.api.configuration.shown import shown, unknown

    rows = shown()
    for name in unknown():
        err.print(f"[yellow]beware:[/] {err.text(name)} is no setting{err.text(nearest(name))}")
    if as_json:
        print_json(rows)
        return
    table = Table("setting", "value", "from", box=None, pad_edge=False)
    for row in rows:
        style = "dim" if row["from"] == "default" else ""
        table.add_row(*(out.text(row[name]) for name in ("key", "value", "from")), style=style)
    out.print(table)
