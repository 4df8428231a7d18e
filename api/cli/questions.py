"""The questions: who-can, what-can, audit, status."""

from __future__ import annotations

from typing import Annotated

import typer

from erstwhile.api.cli import render
from erstwhile.api.cli.run import AsJson, AsOf, KnownAt, open_service, out, print_json
from erstwhile.api.http.native import parse_filters, parse_limit
from erstwhile.api.problems import bad_request
from erstwhile.projections.trail import activity_page, audit_page

Principal = Annotated[str, typer.Argument(help="An ARN, a name, a unique id or an access key id.")]
ResourceAccount = Annotated[str | None, typer.Option(help="Whose resource it is, where its ARN does not say.")]


def who_can(
    action: Annotated[str, typer.Argument(help="An action, s3:GetObject.")],
    resource: Annotated[
        str, typer.Argument(help="A resource's ARN, '*', or a pattern: arn:aws:s3:::payroll/*, all or some of it.")
    ],
    as_of: AsOf = None,
    known_at: KnownAt = None,
    account: Annotated[str | None, typer.Option(help="Principals of this account only.")] = None,
    resource_account: ResourceAccount = None,
    as_json: AsJson = False,
) -> None:
    """Who can (or could) do an action on a resource: allowed, conditional, unknown."""
    with open_service() as service:
        found = service.who_can(action, resource, as_of, known_at, account, resource_account)
    if as_json:
        print_json(found)
    else:
        render.who_can(out, f"who can {action} on {resource}", found)


def what_can(
    principal: Principal,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    expand: Annotated[
        bool, typer.Option("--expand", help="Every action, with what denies and limits leave of its resources.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """What a principal can (or could) do, and who gave it that."""
    with open_service() as service:
        found = service.what_can(principal, as_of, known_at, expand)
    if as_json:
        print_json(found)
    else:
        render.what_can(out, found)


def which_resources(
    principal: Principal,
    action: Annotated[str, typer.Argument(help="An action, s3:GetObject.")],
    as_of: AsOf = None,
    known_at: KnownAt = None,
    resource_account: ResourceAccount = None,
    as_json: AsJson = False,
) -> None:
    """On which resources a principal may (or could) do an action: patterns, and how much of each."""
    with open_service() as service:
        found = service.which_resources(principal, action, as_of, known_at, resource_account)
    if as_json:
        print_json(found)
    else:
        render.which_resources(out, found)


def can(
    principal: Principal,
    action: Annotated[str, typer.Argument(help="An action, s3:GetObject.")],
    resource: Annotated[str, typer.Argument(help="A resource's ARN, or '*'.")],
    context: Annotated[
        list[str] | None,
        typer.Option(metavar="KEY=VALUE", help="A condition key, aws:SourceIp=203.0.113.9; again for more."),
    ] = None,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    resource_account: ResourceAccount = None,
    as_json: AsJson = False,
) -> None:
    """May (or might) a principal do it, and why? Exit status 0 for yes, 1 for anything else."""
    given = _context(context or [])
    with open_service() as service:
        found = service.can(principal, action, resource, as_of, known_at, resource_account, given)
    if as_json:
        print_json(found)
    else:
        render.decision(out, found)
    if found["effect"] != "allow":
        raise SystemExit(1)


def _context(pairs: list[str]) -> dict[str, tuple[str, ...]]:
    """KEY=VALUE options; one key given again has several values."""
    found: dict[str, tuple[str, ...]] = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals or ":" not in key:
            raise bad_request(
                "malformed_context", f"--context: expected KEY=VALUE such as aws:SourceIp=203.0.113.9, not {pair!r}"
            )
        found[key.lower()] = (*found.get(key.lower(), ()), value)
    return found


def audit(
    account: Annotated[str, typer.Option(help="Twelve digits.")] = "",
    actor: Annotated[str, typer.Option(help="Part of the actor's ARN, unique id or access key id.")] = "",
    target: Annotated[str, typer.Option(help="Part of what was touched: user/ada, an ARN, a key id.")] = "",
    action: Annotated[str, typer.Option(help="Part of the call: iam:AttachUserPolicy, iam:Create*.")] = "",
    source_ip: Annotated[str, typer.Option(help="The client's address.")] = "",
    session: Annotated[str, typer.Option(help="Part of the role session's name.")] = "",
    outcome: Annotated[str, typer.Option(help="success, failed, refused or drift.")] = "",
    since: Annotated[str, typer.Option(help="From this instant on: RFC 3339.")] = "",
    until: Annotated[str, typer.Option(help="Before this instant: RFC 3339.")] = "",
    text: Annotated[str, typer.Option(help="Free text.")] = "",
    known_at: KnownAt = None,
    activity: Annotated[bool, typer.Option("--activity", help="Every call, not only those about access.")] = False,
    limit: Annotated[int, typer.Option(help="Entries a page.", min=1, max=1000)] = 50,
    cursor: Annotated[str, typer.Option(help="The next page: the cursor that the last one printed.")] = "",
    as_json: AsJson = False,
) -> None:
    """The audit trail, newest first: who did what to whom, from where, with what effect."""
    given = {
        "account": account, "actor": actor, "target": target, "action": action, "source_ip": source_ip,
        "session": session, "outcome": outcome, "since": since, "until": until, "text": text,
        "known_at": known_at or "",
    }  # fmt: skip
    with open_service() as service:
        service.projector.catch_up()
        filters = parse_filters(service, given)
        with service.connection() as connection:
            read = activity_page if activity else audit_page
            page = read(connection, filters, parse_limit(str(limit)), cursor)
    if as_json:
        print_json({"entries": page.entries, "next_cursor": page.next_cursor})
    elif activity:
        render.activity(out, page.entries, page.next_cursor)
    else:
        render.audit(out, page.entries, page.next_cursor)


def status(as_json: AsJson = False) -> None:
    """What is known: accounts, records and gaps, read models and their lag, missing documents."""
    with open_service() as service:
        found = service.status()
    if as_json:
        print_json(found)
    else:
        render.status(out, found)
