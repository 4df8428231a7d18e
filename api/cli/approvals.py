"""Approvals of changes: lists of tickets, and by whom an event or a grant was approved. Exceptions and their owners."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from erstwhile.api.asking.reviewing.exceptions import ExceptionWords
from erstwhile.api.cli import complete, render_reviews
from erstwhile.api.cli.answering import print_answer
from erstwhile.api.cli.caller import caller
from erstwhile.api.cli.console import err, out
from erstwhile.api.cli.listing import AsCsv, Columns, Output, Reverse, form_of
from erstwhile.api.cli.options import AsJson, AsOf, KnownAt, Tz
from erstwhile.api.cli.run import fail, open_runtime, print_json
from erstwhile.api.cli.times import read_instant, read_known_at, read_moment
from erstwhile.domain.approvals.references import PATTERN, TAGS
from erstwhile.domain.vocabulary.instants import format_instant

app = typer.Typer(help="Who approved a change: lists of tickets, and what is on record.", no_args_is_help=True)
exceptions = typer.Typer(
    help="What is excepted from findings and controls, by whom, why, and until when.", no_args_is_help=True
)


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="A CSV with ticket, approved_by, and perhaps approved_at, event, note.")],
) -> None:
    """Take in a list of approvals, all or none."""
    try:
        data = file.read_bytes() if str(file) != "-" else sys.stdin.buffer.read()
    except OSError as error:
        fail(f"{file} cannot be read: {error.strerror}", 2)
    with open_runtime() as runtime:
        command = runtime.approvals.importing(file.name, data)
        runtime.commands.execute(command, caller("erstwhile:ImportApprovals"))
    count = len(command.approvals)
    out.print("1 approval is on record" if count == 1 else f"{count:,} approvals are on record")


@app.command("list")
def listing(
    ticket: Annotated[str, typer.Option(help="Those of this ticket.")] = "",
    known_at: KnownAt = None,
    output: Output = "",
    as_csv: AsCsv = False,
    columns: Columns = "",
    reverse: Reverse = False,
    tz: Tz = None,
    as_json: AsJson = False,
) -> None:
    """List the approvals on record."""
    form = form_of(output, as_json, as_csv, columns, reverse)
    with open_runtime() as runtime:
        found = runtime.approvals.listing(ticket, read_known_at(known_at))
    print_answer(found, form, render_reviews.approvals)


@app.command("rule")
def rule(
    pattern: Annotated[str, typer.Argument(help="A regular expression that finds tickets in names of sessions.")] = "",
    tags: Annotated[
        list[str] | None, typer.Option("--tag", metavar="KEY", help="A tag that names a ticket; again for more.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Say how the tickets that changes name are found; without words, print it."""
    with open_runtime() as runtime:
        now = runtime.approvals.listing()
        if pattern or tags is not None:
            command = runtime.approvals.rule(pattern or now["pattern"], now["tags"] if tags is None else tags)
            runtime.commands.execute(command, caller("erstwhile:SetTicketRule"))
            now |= {"pattern": command.pattern, "tags": command.tags}
    if as_json:
        print_json({"pattern": now["pattern"], "tags": now["tags"]})
        return
    default = " (the default)" if (now["pattern"], tuple(now["tags"])) == (PATTERN, TAGS) else ""
    out.print(out.text(f"tickets: {now['pattern']}, and tags {', '.join(now['tags']) or 'none'}{default}"))


@app.command("of-event")
def of_event(
    position: Annotated[str, typer.Argument(metavar="@POSITION", help="The event's log position.")],
    known_at: KnownAt = None,
    as_json: AsJson = False,
) -> None:
    """By whom was an event approved?"""
    with open_runtime() as runtime:
        runtime.projector.catch_up()
        found = runtime.approvals.of_event(position, read_known_at(known_at))
    if as_json:
        print_json(found)
    else:
        out.print(out.text(f"@{found['position']}: {found['words']}"))


@app.command("of-grant")
def of_grant(
    principal: Annotated[str, typer.Argument(help="An ARN, a name or a unique id.")],
    action: Annotated[str, typer.Argument(autocompletion=complete.actions)],
    resource: Annotated[str, typer.Argument(help="A resource's ARN, s3://bucket/key, or '*'.")],
    as_of: AsOf = None,
    known_at: KnownAt = None,
    resource_account: Annotated[str | None, typer.Option(help="Whose resource it is.")] = None,
    output: Output = "",
    as_csv: AsCsv = False,
    columns: Columns = "",
    reverse: Reverse = False,
    tz: Tz = None,
    as_json: AsJson = False,
) -> None:
    """By whom were the events approved by which a principal may do an action on a resource?"""
    form = form_of(output, as_json, as_csv, columns, reverse)
    moment, known = read_moment(as_of, "--as-of"), read_known_at(known_at)
    with open_runtime() as runtime:
        runtime.projector.catch_up()
        found = runtime.approvals.of_grant(principal, action, resource, moment, known, resource_account)
    print_answer(found, form, render_reviews.approved)


@exceptions.command("add")
def add(
    name: Annotated[str, typer.Argument(help="The exception's name.")],
    check: Annotated[str, typer.Argument(help="A kind of finding, a report or a control; '*' for all.")],
    target: Annotated[str, typer.Argument(help="What it is about, as the finding names it; * and ? for any.")],
    owner: Annotated[str, typer.Option(help="Who answers for it.")],
    reason: Annotated[str, typer.Option(help="Why.")],
    expires: Annotated[str, typer.Option(metavar="TIME", help="Until when it holds.")],
    account: Annotated[str, typer.Option(help="In this account only.")] = "",
    tz: Tz = None,
) -> None:
    """Except something from findings and controls: it is shown as excepted, with owner, reason and end."""
    words = ExceptionWords(
        name=name, check=check, target=target, owner=owner, reason=reason, account=account,
        expires=format_instant(read_instant(expires, "--expires")),
    )  # fmt: skip
    with open_runtime() as runtime:
        runtime.commands.execute(runtime.exceptions.adding(words), caller("erstwhile:AddException"))
        caution = runtime.exceptions.caution(words.check)
    if caution:
        err.print(err.text(caution))
    out.print(out.text(f"exception {name}: {check} of {target} until {words.expires}, answered for by {owner}"))


@exceptions.command("list")
def listing_of_exceptions(
    everything: Annotated[bool, typer.Option("--all", help="Those that expired or were removed, too.")] = False,
    known_at: KnownAt = None,
    output: Output = "",
    as_csv: AsCsv = False,
    columns: Columns = "",
    reverse: Reverse = False,
    tz: Tz = None,
    as_json: AsJson = False,
) -> None:
    """List the exceptions that hold."""
    form = form_of(output, as_json, as_csv, columns, reverse)
    with open_runtime() as runtime:
        runtime.projector.catch_up()
        found = runtime.exceptions.listing(everything, read_known_at(known_at))
    print_answer(found, form, render_reviews.exceptions)


@exceptions.command("remove")
def remove(
    name: Annotated[str, typer.Argument(help="The exception's name.")],
    reason: Annotated[str, typer.Option(help="Why.")] = "",
) -> None:
    """Except it no longer; that it was excepted stays on record."""
    with open_runtime() as runtime:
        runtime.commands.execute(runtime.exceptions.removal(name, reason), caller("erstwhile:RemoveException"))
    out.print(out.text(f"exception {name} is removed"))
