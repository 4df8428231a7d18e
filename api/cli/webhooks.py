"""Webhooks: where events and notices are sent."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

import typer

from erstwhile.api.aws.secrets.vault import open_vault
from erstwhile.api.cli.console import out
from erstwhile.api.cli.counted import counted
from erstwhile.api.cli.layout import show
from erstwhile.api.cli.listing import AsCsv, Column, Columns, Form, Listing, Reverse
from erstwhile.api.cli.options import AsJson, Tz
from erstwhile.api.cli.run import fail, open_database, print_json, settings
from erstwhile.api.cli.times import shown
from erstwhile.api.problems import Problem, bad_request, not_found
from erstwhile.api.webhooks import words
from erstwhile.domain.event_log.event_log import EventLog
from erstwhile.domain.vocabulary.identifiers import AWS_MANAGED, OWN, is_account_id
from erstwhile.domain.vocabulary.instants import format_instant
from erstwhile.projections import webhook_rows
from erstwhile.projections.sql import Connection
from erstwhile.projections.watches import notices
from erstwhile.projections.webhook_rows import Webhook

app = typer.Typer(help="Webhooks: events and notices, sent to others as CloudEvents.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="The webhook's name.")]
_WEBHOOKS = (
    Column("name", lambda each: each["name"]),
    Column("url", lambda each: each["url"]),
    Column("types", lambda each: ",".join(each["types"]) or "all"),
    Column("account", lambda each: each["account"], usual=False),
    Column("position", lambda each: str(each["position"])),
    Column("lag", lambda each: str(each["lag"])),
    Column("sent", lambda each: str(each["sent"])),
    Column("attempts", lambda each: str(each["attempts"])),
    Column("dead letters", lambda each: str(each["dead_letters"])),
    Column("last error", lambda each: each["last_error"]),
)
_LETTERS = (
    Column("id", lambda each: str(each["id"])),
    Column("webhook", lambda each: each["webhook"]),
    Column("what", lambda each: f"@{each['position']}" if each["position"] else f"notice {each['notice']}"),
    Column("when", lambda each: shown(each["died_at"])),
    Column("attempts", lambda each: str(each["attempts"])),
    Column("last error", lambda each: each["last_error"]),
    Column("asked again", lambda each: "yes" if each["asked_again"] else ""),
)


@app.command("add")
def add(
    url: Annotated[str, typer.Argument(help="Where messages are sent: https://HOST/…")],
    secret_file: Annotated[
        Path,
        typer.Option("--secret-file", metavar="FILE", help="What signs: whsec_ and base64, or any text."),
    ],
    name: Annotated[str, typer.Option(help="What it is called; without it, its host.")] = "",
    types: Annotated[
        str,
        typer.Option(help="Of these types, with commas between: iam.User*, notice (of watches). Without it, all."),
    ] = "",
    account: Annotated[str, typer.Option(help="Events of this account alone.")] = "",
    begin: Annotated[
        int | None,
        typer.Option("--from", metavar="POSITION", help="Those after this position; without it, what comes.", min=0),
    ] = None,
) -> None:
    """Send events and notices to a URL, from now on. A server that runs does it."""
    where = words.parse_url(url)
    called = words.parse_name(name or re.sub(r"[^A-Za-z0-9._-]", "-", urlsplit(where).hostname or "")[:64])
    if account and account not in (AWS_MANAGED, OWN) and not is_account_id(account):
        raise bad_request("malformed_parameter", f"--account must be twelve digits, not {account[:40]!r}")
    secret, kinds = words.parse_secret(secret_file.read_bytes()), words.parse_message_types(types)
    with open_database() as database, database.connect() as connection:
        head = EventLog.within(connection).head()
        if begin is not None and begin > head:
            fail(f"--from {begin} is beyond the log, which ends at {head}", 2)
        if len(webhook_rows.names(connection)) >= words.MOST:
            fail(f"there are {words.MOST} webhooks already: remove one")
        key, sealed = open_vault(settings().home).seal(secret, webhook_rows.purpose(called))
        new = Webhook(called, where, kinds, account, key, sealed, head if begin is None else begin,
                      notices.last(connection), 0)  # fmt: skip
        if not webhook_rows.add(connection, new):
            fail(f"there is a webhook {called} already: choose another --name, or remove it")
    out.print(f"webhook {out.text(called)}: {out.text(where)} gets what comes after position {new.position}")


@app.command("list")
def listing(
    tz: Tz = None, as_json: AsJson = False, as_csv: AsCsv = False, columns: Columns = "", reverse: Reverse = False
) -> None:
    """List webhooks, and how far each is."""
    with open_database() as database, database.connect() as connection:
        found = webhook_rows.figures(connection)
    if as_json:
        print_json({"webhooks": found})
    else:
        show(out, Listing(_WEBHOOKS, found, "there is no webhook"), Form(as_csv, columns, reverse))


@app.command("remove")
def remove(name: Name) -> None:
    """Send nothing more to a webhook; its dead letters go, too."""
    with open_database() as database, database.connect() as connection:
        if not webhook_rows.remove(connection, name):
            raise _unknown(connection, name)
    out.print(f"webhook {out.text(name)} is removed")


@app.command("dead-letters")
def dead_letters(
    name: Annotated[str | None, typer.Argument(help="The webhook's name; of all where it is left out.")] = None,
    tz: Tz = None,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
    columns: Columns = "",
    reverse: Reverse = False,
) -> None:
    """List the messages that were given up."""
    with open_database() as database, database.connect() as connection:
        if name is not None and name not in webhook_rows.names(connection):
            raise _unknown(connection, name)
        rows = webhook_rows.dead_letters(connection, name)
    found: list[dict[str, Any]] = [
        {"id": each.id, "webhook": each.webhook, "position": each.position, "notice": each.notice,
         "attempts": each.attempts, "last_error": each.last_error, "died_at": format_instant(each.died_at),
         "asked_again": each.asked_again}
        for each in rows
    ]  # fmt: skip
    if as_json:
        print_json({"dead_letters": found})
    else:
        show(out, Listing(_LETTERS, found, "no message was given up"), Form(as_csv, columns, reverse))


@app.command("redeliver")
def redeliver(
    name: Name,
    ids: Annotated[list[int] | None, typer.Argument(metavar="[ID…]", help="Dead letters; without it, all.")] = None,
) -> None:
    """Send dead letters once more."""
    with open_database() as database, database.connect() as connection:
        if name not in webhook_rows.names(connection):
            raise _unknown(connection, name)
        missing = sorted(set(ids or ()) - webhook_rows.letter_ids(connection, name))
        if missing:
            raise not_found("unknown_dead_letter", f"the webhook {name[:80]} has no dead letter {missing[0]}")
        count = webhook_rows.ask_again(connection, name, ids or None)
    out.print(f"{counted(count, 'message')} {'is' if count == 1 else 'are'} sent again")


@app.command("replay")
def replay(
    name: Name,
    begin: Annotated[int, typer.Option("--from", metavar="POSITION", help="Those after this position.", min=0)],
) -> None:
    """Send all events after a position again."""
    with open_database() as database, database.connect() as connection:
        head = EventLog.within(connection).head()
        if begin > head:
            fail(f"--from {begin} is beyond the log, which ends at {head}", 2)
        if not webhook_rows.replay(connection, name, begin):
            raise _unknown(connection, name)
    out.print(f"webhook {out.text(name)} gets what comes after position {begin}")


def _unknown(connection: Connection, name: str) -> Problem:
    there = ", ".join(webhook_rows.names(connection)) or "none"
    return not_found("unknown_webhook", f"there is no webhook {name[:80]}; there are: {there}")
