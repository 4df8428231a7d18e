"""The questions: who-can, what-can, audit, status."""

from __future__ import annotations

from functools import partial
from typing import Annotated

import typer

from erstwhile.api.asking.over_time.stopping import Stop
from erstwhile.api.asking.requests import parse_filters, parse_limit
from erstwhile.api.cli import complete, render_access, render_several, render_status, render_trail
from erstwhile.api.cli.answering import print_answer
from erstwhile.api.cli.context import ContextOption, given_context
from erstwhile.api.cli.listing import AsCsv, Columns, OldestFirst, Output, Reverse, form_of
from erstwhile.api.cli.options import AsJson, AsOf, KnownAt, Lasting, Tz
from erstwhile.api.cli.proving import Prove, decision_basis
from erstwhile.api.cli.run import open_runtime
from erstwhile.api.cli.times import read_known_at, read_moment
from erstwhile.api.problems import bad_request
from erstwhile.domain.questions.asked import is_pattern
from erstwhile.projections.activity import activity_page
from erstwhile.projections.trail import audit_page

Principal = Annotated[
    str, typer.Argument(help="An ARN, a name, a unique id or an access key id.", autocompletion=complete.principals)
]
Action = Annotated[str, typer.Argument(help="An action, s3:GetObject.", autocompletion=complete.actions)]
ResourceAccount = Annotated[str | None, typer.Option(help="Whose resource it is, where its ARN does not say.")]

MoreActions = Annotated[list[str] | None, typer.Option("--action", help="One more action; again for more.")]
MoreResources = Annotated[list[str] | None, typer.Option("--resource", help="One more resource; again for more.")]


def who_can(
    action: Annotated[
        str, typer.Argument(help="An action, s3:GetObject; s3:Get* for each of them.", autocompletion=complete.actions)
    ],
    resource: Annotated[
        str, typer.Argument(help="A resource's ARN, '*', or a pattern: arn:aws:s3:::payroll/*, all or some of it.")
    ],
    more_actions: MoreActions = None,
    more_resources: MoreResources = None,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    account: Annotated[str | None, typer.Option(help="Principals of this account only.")] = None,
    resource_account: ResourceAccount = None,
    context: ContextOption = None,
    lasting: Lasting = False,
    output: Output = "",
    as_csv: AsCsv = False,
    columns: Columns = "",
    reverse: Reverse = False,
    tz: Tz = None,
    prove: Prove = None,
    as_json: AsJson = False,
) -> None:
    """Who can (or could) do an action on a resource: allowed, conditional, unknown."""
    form = form_of(output, as_json, as_csv, columns, reverse)
    when, given = _moment(as_of, known_at), given_context(context)
    actions, resources = [action, *(more_actions or [])], [resource, *(more_resources or [])]
    with open_runtime() as runtime:
        if len(actions) == len(resources) == 1 and not is_pattern(action):
            found = runtime.questions.who_can(action, resource, *when, account, resource_account, given)
            if lasting:
                found = runtime.over_time.add_lasting(found, Stop(), action, resource, resource_account, given)
            render = partial(render_access.who_can, question=f"who can {action} on {resource}")
        elif lasting:
            raise bad_request("lasting_of_several", "--lasting is told of one action on one resource: ask about each")
        else:
            found = runtime.several.who_can_each(actions, resources, *when, account, resource_account, given)
            render = partial(render_several.who_can_each)
    print_answer(found, form, render)


def what_can(
    principal: Principal,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    expand: Annotated[
        bool, typer.Option("--expand", help="Every action, with what denies and limits leave of its resources.")
    ] = False,
    as_policy: Annotated[
        bool,
        typer.Option("--as-policy", help="Its policies within its limits as one policy document, which is all output."),
    ] = False,
    lasting: Lasting = False,
    output: Output = "",
    as_csv: AsCsv = False,
    columns: Columns = "",
    reverse: Reverse = False,
    tz: Tz = None,
    prove: Prove = None,
    as_json: AsJson = False,
) -> None:
    """What a principal can (or could) do, and who gave it that."""
    form = form_of(output, as_json, as_csv, columns, reverse)
    with open_runtime() as runtime:
        found = runtime.questions.what_can(principal, *_moment(as_of, known_at), expand, as_policy)
        if lasting:
            found = runtime.over_time.add_lasting(found, Stop())
    print_answer(found, form, render_access.as_policy if as_policy else render_access.what_can)


def which_resources(
    principal: Principal,
    action: Action,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    resource_account: ResourceAccount = None,
    context: ContextOption = None,
    output: Output = "",
    as_csv: AsCsv = False,
    columns: Columns = "",
    reverse: Reverse = False,
    tz: Tz = None,
    prove: Prove = None,
    as_json: AsJson = False,
) -> None:
    """On which resources a principal may (or could) do an action: patterns, and how much of each."""
    form = form_of(output, as_json, as_csv, columns, reverse)
    with open_runtime() as runtime:
        when, given = _moment(as_of, known_at), given_context(context)
        found = runtime.questions.which_resources(principal, action, *when, resource_account, given)
    print_answer(found, form, render_access.which_resources)


def can(
    principal: Annotated[
        str,
        typer.Argument(
            help="An ARN, a name, a unique id or an access key id; user/b* for each.",
            autocompletion=complete.principals,
        ),
    ],
    action: Annotated[
        str, typer.Argument(help="An action, s3:GetObject; s3:Get* for each of them.", autocompletion=complete.actions)
    ],
    resource: Annotated[str, typer.Argument(help="A resource's ARN, '*', or a pattern: how much of it.")],
    more_principals: Annotated[
        list[str] | None, typer.Option("--principal", help="One more principal; again for more.")
    ] = None,
    more_actions: MoreActions = None,
    more_resources: MoreResources = None,
    context: ContextOption = None,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    resource_account: ResourceAccount = None,
    output: Output = "",
    as_csv: AsCsv = False,
    columns: Columns = "",
    reverse: Reverse = False,
    tz: Tz = None,
    prove: Prove = None,
    as_json: AsJson = False,
) -> None:
    """May (or might) a principal do it, and why? Exit status 0 for yes (to each), 1 for anything else."""
    form = form_of(output, as_json, as_csv, columns, reverse)
    given = given_context(context)
    when = _moment(as_of, known_at)
    principals = [principal, *(more_principals or [])]
    actions, resources = [action, *(more_actions or [])], [resource, *(more_resources or [])]
    is_one = len(principals) == len(actions) == len(resources) == 1
    with open_runtime() as runtime:
        if is_one and not any(map(is_pattern, (principal, action, resource))):
            found = runtime.questions.can(principal, action, resource, *when, resource_account, given)
            basis = decision_basis(runtime, found, resource_account, given)
            print_answer(found, form, render_several.decision, basis)
            effects = {found["effect"]}
        else:
            found = runtime.several.can_each(principals, actions, resources, *when, resource_account, given)
            print_answer(found, form, render_several.can_each)
            effects = {each.get("extent", each["effect"]) for each in found["answers"]}
    if effects - {"allow", "all"}:
        raise SystemExit(1)


def _moment(as_of: str | None, known_at: str | None) -> tuple[str | None, str | None]:
    return read_moment(as_of, "--as-of"), read_known_at(known_at)


def audit(
    account: Annotated[str, typer.Option(help="Twelve digits.")] = "",
    actor: Annotated[str, typer.Option(help="Part of the actor's ARN, unique id or access key id.")] = "",
    target: Annotated[str, typer.Option(help="Part of what was touched: user/ada, an ARN, a key id.")] = "",
    action: Annotated[str, typer.Option(help="Part of the call: iam:AttachUserPolicy, iam:Create*.")] = "",
    source_ip: Annotated[str, typer.Option(help="Addresses, networks (203.0.113.0/24), services.")] = "",
    session: Annotated[str, typer.Option(help="Part of the role session's name.")] = "",
    outcome: Annotated[str, typer.Option(help="success, failed, refused, drift, finding, seen; commas between.")] = "",
    since: Annotated[str, typer.Option(metavar="TIME", help="From this moment on.")] = "",
    until: Annotated[str, typer.Option(metavar="TIME", help="Before this moment.")] = "",
    text: Annotated[str, typer.Option(help="Free text.")] = "",
    known_at: KnownAt = None,
    activity: Annotated[bool, typer.Option("--activity", help="Every call, not only those about access.")] = False,
    everything: Annotated[
        bool, typer.Option("--everything", help="With what imports and catalogues say of themselves.")
    ] = False,
    limit: Annotated[int, typer.Option(help="Entries a page.", min=1, max=1000)] = 50,
    cursor: Annotated[str, typer.Option(help="The next page: the cursor that the last one printed.")] = "",
    output: Output = "",
    as_csv: AsCsv = False,
    columns: Columns = "",
    reverse: OldestFirst = False,
    tz: Tz = None,
    as_json: AsJson = False,
) -> None:
    """The audit trail, newest first: who did what to whom, from where, with what effect."""
    form = form_of(output, as_json, as_csv, columns)
    given = {
        "account": account, "actor": actor, "target": target, "action": action, "source_ip": source_ip,
        "session": session, "outcome": outcome, "since": read_moment(since, "--since") or "",
        "until": read_moment(until, "--until") or "", "text": text, "known_at": read_known_at(known_at) or "",
        "everything": "true" if everything else "",
    }  # fmt: skip
    with open_runtime() as runtime:
        runtime.projector.catch_up()
        read = activity_page if activity else partial(audit_page, index=runtime.trail_index)
        with runtime.connection() as connection:
            filters = parse_filters(connection, given)
            page = read(connection, filters, parse_limit(str(limit)), cursor, oldest_first=reverse)
    answer = {"entries": page.entries, "next_cursor": page.next_cursor}
    # The trail itself was read the other way round.
    print_answer(answer, form, render_trail.activity if activity else render_trail.audit)


def status(
    output: Output = "",
    as_csv: AsCsv = False,
    columns: Columns = "",
    reverse: Reverse = False,
    tz: Tz = None,
    as_json: AsJson = False,
) -> None:
    """What is known: accounts, records and gaps, read models and their lag, missing documents."""
    form = form_of(output, as_json, as_csv, columns, reverse)
    with open_runtime() as runtime:
        found = runtime.questions.status()
    print_answer(found, form, render_status.status)
