"""`erstwhile forget`, `erstwhile hold …` and `erstwhile retention …`: what is deleted, and what is not."""

from __future__ import annotations

from typing import Annotated

import typer
from msgspec import to_builtins

from erstwhile.api.cli.caller import caller
from erstwhile.api.cli.console import out
from erstwhile.api.cli.layout import show
from erstwhile.api.cli.listing import AsCsv, Column, Columns, Form, Listing, Reverse
from erstwhile.api.cli.options import AsJson, Tz
from erstwhile.api.cli.run import fail, open_database, print_json
from erstwhile.api.cli.times import read_instant, shown
from erstwhile.api.keeping import holds as store
from erstwhile.api.keeping import retention as periods
from erstwhile.domain.vocabulary.instants import format_instant

holds = typer.Typer(help="Legal holds: what they are about is neither forgotten nor deleted.", no_args_is_help=True)
retention = typer.Typer(help="How long evidence, activity and decisions are kept.", no_args_is_help=True)


def forget(
    subject: Annotated[str, typer.Argument(help="An ARN, a unique id, a session's name, an access key or an address.")],
    reason: Annotated[str, typer.Option(help="Why: it stands in the log.")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Count, and change nothing.")] = False,
    as_json: AsJson = False,
) -> None:
    """Delete the details of a subject's events, its evidence, and who is behind its recorded calls and decisions. It
    needs the rights of the database's owner."""
    from erstwhile.api.keeping.forget import forget as forget_subject

    if not dry_run and not reason.strip():
        fail("say why: --reason; or look what there is first: --dry-run", 2)
    with open_database() as database, database.owner() as connection:
        found = forget_subject(connection, subject, reason, caller("erstwhile:Forget"), dry_run)
    if as_json:
        print_json({**to_builtins(found), "dry_run": dry_run})
        return
    if not (found.events or found.calls or found.decisions):
        out.print("nothing erasable of this subject is kept; write it as the records have it")
        return
    verb = "would be erased" if dry_run else "are erased"
    out.print(
        f"the details of {found.events:,} events, {found.calls:,} records with who made these calls, and "
        f"{found.decisions:,} decisions {verb}"
    )
    if found.position:
        out.print(f"the event at position {found.position:,} says so")


@holds.command("add")
def add(
    name: Annotated[str, typer.Argument(help="The hold's name.")],
    reason: Annotated[str, typer.Option(help="Why: it stands in the log.")],
    principal: Annotated[str, typer.Option(help="Of this ARN, session or access key alone.")] = "",
    account: Annotated[str, typer.Option(help="Of this account alone.")] = "",
    begin: Annotated[str, typer.Option("--from", metavar="TIME", help="What happened from this instant on.")] = "",
    end: Annotated[str, typer.Option("--to", metavar="TIME", help="What happened before this instant.")] = "",
    tz: Tz = None,
) -> None:
    """Keep what concerns a principal, an account or a time range, whatever its age and whoever asks to be forgotten."""
    since = read_instant(begin, "--from") if begin else None
    until = read_instant(end, "--to") if end else None
    with open_database() as database, database.connect() as connection:
        store.add(connection, name, reason, caller("erstwhile:AddHold"), principal, account, since, until)
    out.print(f"{out.text(name)} is held")


_HOLDS = (
    Column("name", lambda each: each.name),
    Column("principal", lambda each: each.principal),
    Column("account", lambda each: each.account),
    Column("from", lambda each: shown(each.since)),
    Column("to", lambda each: shown(each.until)),
    Column("reason", lambda each: each.reason),
)


@holds.command("list")
def listing(
    as_csv: AsCsv = False, columns: Columns = "", reverse: Reverse = False, tz: Tz = None, as_json: AsJson = False
) -> None:
    """List the holds that are in force."""
    with open_database() as database, database.connect() as connection:
        found = store.holds(connection)
    if as_json:
        print_json(to_builtins(found))
    else:
        show(out, Listing(_HOLDS, found, "nothing is held"), Form(as_csv, columns, reverse))


@holds.command("release")
def release(name: Annotated[str, typer.Argument(help="The hold's name.")]) -> None:
    """End a hold: what it kept may be forgotten and deleted again."""
    with open_database() as database, database.connect() as connection:
        store.release(connection, name, caller("erstwhile:ReleaseHold"))
    out.print(f"{out.text(name)} is released")


Kind = Annotated[str, typer.Argument(help="evidence, activity or decisions.")]


@retention.command("set")
def set_period(kind: Kind, days: Annotated[str, typer.Argument(help="Days, or `forever`.")]) -> None:
    """Set how long something is kept: what is older goes each day, while a server runs."""
    if days != "forever" and not (days.isascii() and days.isdigit() and len(days) < 9):
        fail(f"DAYS is a number or `forever`, not {days[:40]!r}", 2)
    with open_database() as database, database.connect() as connection:
        number = None if days == "forever" else int(days)
        periods.set_period(connection, kind, number, caller("erstwhile:SetRetention"))
    out.print(f"{kind}: {'kept for ever' if days == 'forever' else f'kept for {int(days):,} days'}")


_PERIODS = (
    Column("what", lambda each: each.kind),
    Column("kept for", lambda each: "ever" if each.days is None else f"{each.days:,} days"),
    Column("decided", lambda each: "by default" if each.is_default else "yes"),
    Column("gone before", lambda each: shown(each.applied)),
)


@retention.command("show")
def show_periods(
    as_csv: AsCsv = False, columns: Columns = "", reverse: Reverse = False, tz: Tz = None, as_json: AsJson = False
) -> None:
    """Show how long what is kept, and before which instant it is gone."""
    with open_database() as database, database.connect() as connection:
        found = periods.periods(connection)
    if as_json:
        print_json(to_builtins(found))
    else:
        show(out, Listing(_PERIODS, found, ""), Form(as_csv, columns, reverse))


@retention.command("apply")
def apply() -> None:
    """Delete what is older than its period and not held, now."""
    with open_database() as database, database.connect() as connection:
        found = periods.apply(connection, caller("erstwhile:ApplyRetention"))
    for each in found:
        unit = "blocks of evidence" if each.kind == "evidence" else f"rows of {each.kind}"
        out.print(f"{each.deleted:,} {unit} from before {shown(format_instant(each.before))} are deleted")
    if not found:
        out.print("nothing is older than its period")
