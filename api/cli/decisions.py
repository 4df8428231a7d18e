"""`erstwhile decisions`: what was answered to whom, and whether it would be answered so again."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from typing import Annotated

import typer

from erstwhile.api.asking.requests import parse_limit
from erstwhile.api.cli.caller import caller
from erstwhile.api.cli.console import err, out
from erstwhile.api.cli.counted import counted
from erstwhile.api.cli.layout import show
from erstwhile.api.cli.ledger import catch_up
from erstwhile.api.cli.listing import AsCsv, Column, Columns, Form, Listing, Reverse
from erstwhile.api.cli.options import AsJson, Tz
from erstwhile.api.cli.progress import counting
from erstwhile.api.cli.run import fail, open_database, open_runtime, print_json
from erstwhile.api.cli.times import read_instant, read_moment, shown
from erstwhile.api.decision_log.told import logged_json
from erstwhile.api.decision_log.words import decision_filters
from erstwhile.api.http.authzen.recheck import recheck as recheck_all
from erstwhile.api.http.authzen.recheck import rechecked_json
from erstwhile.api.keeping.retention import prune as prune_days
from erstwhile.projections.decision_rows import page
from erstwhile.projections.ledger import decision_proofs
from erstwhile.projections.ledger.decision_tree import DecisionKeeper
from erstwhile.projections.ledger.keeper import latest
from erstwhile.projections.ledger.proving import NotProven
from erstwhile.projections.ledger.tiles import DECISIONS

app = typer.Typer(help="The decisions that a server served, where they are recorded.", no_args_is_help=True)

Subject = Annotated[str, typer.Option(help="Of this subject alone, written as it was asked.")]
Action = Annotated[str, typer.Option(help="Of this action alone.")]
Resource = Annotated[str, typer.Option(help="Of this resource alone.")]
Effect = Annotated[str, typer.Option(help="allow, explicit_deny, implicit_deny, conditional or error.")]
AskedBy = Annotated[str, typer.Option("--asked-by", help="Asked with the token of this name.")]
Since = Annotated[str | None, typer.Option(metavar="TIME", help="Decided from this instant on.")]
Until = Annotated[str | None, typer.Option(metavar="TIME", help="Decided before this instant.")]

_DECISIONS = (
    Column("when", lambda each: shown(each["decided_at"])),
    Column("asked by", lambda each: each["asked_by"]),
    Column("subject", lambda each: each["subject"]),
    Column("action", lambda each: each["action"]),
    Column("resource", lambda each: each["resource"]),
    Column("effect", lambda each: each["effect"]),
    Column("revision", lambda each: str(each["revision"])),
    Column("microseconds", lambda each: str(each["latency_us"]), usual=False),
    Column("id", lambda each: str(each["id"]), usual=False),
)


def _given(
    subject: str, action: str, resource: str, effect: str, asked_by: str, since: str | None, until: str | None
) -> dict[str, str]:
    return {
        "subject": subject, "action": action, "resource": resource, "effect": effect, "asked_by": asked_by,
        "since": read_moment(since, "--since") or "", "until": read_moment(until, "--until") or "",
    }  # fmt: skip


@app.command("list")
def listing(
    subject: Subject = "",
    action: Action = "",
    resource: Resource = "",
    effect: Effect = "",
    asked_by: AskedBy = "",
    since: Since = None,
    until: Until = None,
    limit: Annotated[int, typer.Option(help="How many.")] = 50,
    tz: Tz = None,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
    columns: Columns = "",
    reverse: Reverse = False,
) -> None:
    """Show the decisions that were served, the newest first."""
    with open_database() as database, database.connect() as connection:
        filters = decision_filters(connection, _given(subject, action, resource, effect, asked_by, since, until))
        found, _ = page(connection, filters, parse_limit(str(limit)))
    told = [logged_json(each) for each in found]
    if as_json:
        print_json({"entries": told})
    else:
        show(out, Listing(_DECISIONS, told, "no decision is recorded"), Form(as_csv, columns, reverse))


@app.command("recheck")
def recheck(
    subject: Subject = "",
    action: Action = "",
    resource: Resource = "",
    effect: Effect = "",
    asked_by: AskedBy = "",
    since: Since = None,
    until: Until = None,
    limit: Annotated[int, typer.Option(help="The newest so many.", min=1, max=1_000_000)] = 1_000,
    tz: Tz = None,
    as_json: AsJson = False,
) -> None:
    """Ask decisions again of the log as it was. Exit status 0: all come out equal; 1: some do not."""
    with open_runtime() as runtime, runtime.connection() as connection:
        runtime.projector.catch_up()
        filters = decision_filters(connection, _given(subject, action, resource, effect, asked_by, since, until))
        with counting("asking again", "decisions") as progress:
            found = recheck_all(runtime.history, runtime.names, filters, limit, lambda done: progress(done, limit))
    told = rechecked_json(found)
    if as_json:
        print_json(told)
    else:
        out.print(f"{found.equal:,} come out equal, {len(found.unequal):,} do not")
        for each in found.unequal:
            logged = each.logged
            words = (
                f"{logged.id}: {logged.subject} {logged.action} {logged.resource} was {logged.effect}, is {each.now}"
            )
            err.print(err.text(words))
        if found.masked:
            out.print(f"{found.masked:,} cannot be asked again: values of their questions were not recorded")
    raise SystemExit(1 if found.unequal else 0)


@app.command("prune")
def prune(before: Annotated[str, typer.Option(metavar="DAY", help="The first day that stays.")], tz: Tz = None) -> None:
    """Drop the days before a day, and put that on record. It needs the rights of the database's owner."""
    day = read_instant(before, "--before").astimezone(UTC).date()
    if day > datetime.now(UTC).date():
        fail("--before is a day that has not come: nothing would stay", 2)
    with open_database() as database, database.owner() as connection:
        dropped = prune_days(connection, day, caller("erstwhile:PruneDecisions"))
        out.print(f"{counted(dropped, 'day is', 'days are')} dropped")


@app.command("checkpoint")
def checkpoint() -> None:
    """Sign the decisions that came, and print the checkpoint: keep it where the operator cannot change it."""
    with open_database() as database:
        catch_up(database, DecisionKeeper)
        with database.connect() as connection:
            note = latest(connection, DECISIONS)
    if note is None:
        fail("no decision is recorded: there is nothing to sign")
    sys.stdout.write(str(note))


@app.command("receipt")
def receipt(
    number: Annotated[int, typer.Argument(metavar="ID", help="As `list --columns id,subject` shows it.")],
) -> None:
    """Print a proof that a decision was served, to be verified offline by `erstwhile verify FILE`."""
    with open_database() as database:
        catch_up(database, DecisionKeeper)
        with database.connect() as connection:
            try:
                sys.stdout.write(str(decision_proofs.receipt(connection, number)))
            except NotProven as error:
                fail(str(error))
