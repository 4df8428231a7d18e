"""Administration: migrate, rebuild, tokens."""

from __future__ import annotations

from typing import Annotated

import msgspec
import typer

from erstwhile.api.cli.console import out
from erstwhile.api.cli.layout import show
from erstwhile.api.cli.listing import AsCsv, Column, Columns, Form, Listing, Reverse
from erstwhile.api.cli.options import AsJson, Tz
from erstwhile.api.cli.progress import counting
from erstwhile.api.cli.run import open_database, open_runtime, print_json, settings
from erstwhile.api.cli.times import read_instant, shown
from erstwhile.api.database import tokens as store
from erstwhile.api.database.database import Database
from erstwhile.api.problems import bad_request
from erstwhile.projections.projector import READ_MODELS
from erstwhile.projections.rebuild import RebuildRefused, UnknownReadModel
from erstwhile.projections.rebuild import rebuild as rebuild_model
from erstwhile.projections.use import USE
from erstwhile.projections.use.runs import rebuild as rebuild_use
from erstwhile.projections.watches.keeper import NAME as WATCHES

tokens = typer.Typer(help="Bearer tokens for the HTTP API.", no_args_is_help=True)


def migrate() -> None:
    """Apply what is missing of the database's schema. The embedded database does it by itself."""
    database = Database.open(settings())
    try:
        names = database.migrate()
    finally:
        database.close()
    out.print("\n".join(f"applied {name}" for name in names) or "nothing to apply: the schema is current")


_NAMES = (*READ_MODELS, WATCHES, USE)


def rebuild(name: Annotated[str, typer.Argument(help=f"The read model: {', '.join(_NAMES)}.")]) -> None:
    """Build a read model anew from the event log; watches, from history; use, from the evidence."""
    if name not in _NAMES:
        raise UnknownReadModel(f"there is no read model {name!r}; there are: {', '.join(_NAMES)}")
    if name == WATCHES:
        with open_runtime() as runtime:
            runtime.projector.catch_up()
            position = runtime.watch_keeper.rebuild()
        out.print(f"watches rebuilt as known at position {position:,}; their notices stay as they are")
        return
    if name == USE:
        with open_database() as database, database.connect() as connection:
            connection.execute("SET statement_timeout = 0")
            with counting(f"rebuilding {name}", "records") as progress:
                records = rebuild_use(connection, progress)
        out.print(f"{name} rebuilt from {records:,} records")
        return
    with open_database() as database:
        try:
            with counting(f"rebuilding {name}", "events") as progress:
                events = rebuild_model(database.connect_for_rebuild, name, progress)
        except KeyboardInterrupt:
            raise RebuildRefused(f"interrupted; {name} is as it was before") from None
    out.print(f"{name} rebuilt from {events:,} events")


@tokens.command("create")
def create(
    name: Annotated[str, typer.Argument(help="Whose token it is.")],
    scope: Annotated[
        list[str],
        typer.Option(help="read, import, review, audit, metrics or admin; may be given again, but for audit."),
    ],
    expires: Annotated[str, typer.Option(metavar="TIME", help="Until when it is valid. Default: for ever.")] = "",
    begin: Annotated[str, typer.Option("--from", metavar="TIME", help="Of an auditor: from when it reads.")] = "",
    end: Annotated[str, typer.Option("--to", metavar="TIME", help="Of an auditor: before which instant.")] = "",
    tz: Tz = None,
) -> None:
    """Make a token and print it, once. The name of a reviewer's token is the reviewer's; an auditor's token reads one
    period, and expires."""
    period = None
    if begin or end:
        if not (begin and end):
            raise bad_request("malformed_period", "a period has --from and --to")
        period = store.Period(read_instant(begin, "--from"), read_instant(end, "--to"))
    until = read_instant(expires, "--expires") if expires else None
    with open_database() as database, database.connect() as connection:
        token = store.create(connection, name, scope, until, period)
    out.print(out.text(f"The token of {name} ({', '.join(scope)}); it is not shown again:"))
    print(token)


_TOKENS = (
    Column("name", lambda each: each.name),
    Column("scopes", lambda each: ", ".join(each.scopes)),
    Column("created", lambda each: shown(each.created_at)),
    Column("expires", lambda each: shown(each.expires_at or "")),
    Column("reads", lambda each: f"{shown(each.reads_from)} – {shown(each.reads_to)}" if each.reads_from else ""),
)


@tokens.command("list")
def listing(
    as_csv: AsCsv = False, columns: Columns = "", reverse: Reverse = False, tz: Tz = None, as_json: AsJson = False
) -> None:
    """List the tokens' names and scopes."""
    with open_database() as database, database.connect() as connection:
        found = store.listing(connection)
    if as_json:
        print_json([msgspec.to_builtins(each) for each in found])
    else:
        show(out, Listing(_TOKENS, found, "there are no tokens"), Form(as_csv, columns, reverse))


@tokens.command("revoke")
def revoke(name: Annotated[str, typer.Argument(help="Whose token it is.")]) -> None:
    """Revoke a token; a running server forgets it within five seconds."""
    with open_database() as database, database.connect() as connection:
        store.revoke(connection, name)
    out.print(f"the token of {name} is revoked")
