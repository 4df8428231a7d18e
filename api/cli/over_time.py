"""Questions over time: timeline, ever, never, moments, diff, effect, provenance."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Annotated

import typer

from erstwhile.api.asking.over_time.ground import WindowWords
from erstwhile.api.asking.over_time.over_time import OverTime
from erstwhile.api.asking.over_time.pieces import Pieces
from erstwhile.api.asking.over_time.stopping import Stop
from erstwhile.api.cli import complete, render_differences, render_over_time
from erstwhile.api.cli.answering import Renderer, print_answer, print_pieces
from erstwhile.api.cli.context import ContextOption, given_context
from erstwhile.api.cli.listing import AsCsv, Columns, Form, Output, Reverse, StreamedOutput, form_of
from erstwhile.api.cli.options import AsJson, AsOf, KnownAt, Tz
from erstwhile.api.cli.proving import Prove
from erstwhile.api.cli.questions import Action, Principal, ResourceAccount
from erstwhile.api.cli.run import open_runtime
from erstwhile.api.cli.times import read_known_at, read_moment

Begin = Annotated[
    str | None,
    typer.Option("--from", metavar="TIME", help="From this moment on. Default: the first of which anything is known."),
]
End = Annotated[str | None, typer.Option("--to", metavar="TIME", help="Before this moment. Default: until now.")]
Resource = Annotated[str, typer.Argument(help="A resource's ARN, s3://bucket/key, or '*'.")]


Asking = Callable[[OverTime, Stop], AbstractContextManager[Pieces]]


def window(begin: str | None, end: str | None, known_at: str | None) -> WindowWords:
    """The window of the options. Raises Problem."""
    return WindowWords(
        begin=read_moment(begin, "--from"), end=read_moment(end, "--to"), known_at=read_known_at(known_at)
    )


def ask(asking: Asking, form: Form, render: Renderer) -> None:
    """Asks a question over a window, and prints the answer."""
    with open_runtime() as runtime:
        runtime.projector.catch_up()
        with asking(runtime.over_time, Stop()) as pieces:
            print_pieces(pieces, form, render)


def timeline(
    principal: Principal,
    action: Action,
    resource: Resource,
    begin: Begin = None,
    end: End = None,
    known_at: KnownAt = None,
    context: ContextOption = None,
    resource_account: ResourceAccount = None,
    output: StreamedOutput = "",
    as_csv: AsCsv = False,
    columns: Columns = "",
    reverse: Reverse = False,
    tz: Tz = None,
    prove: Prove = None,
    as_json: AsJson = False,
) -> None:
    """From when to when could a principal do it, and which event changed that?"""
    form = form_of(output, as_json, as_csv, columns, reverse, streams=True)
    words, given = window(begin, end, known_at), given_context(context)
    ask(
        lambda over_time, stop: over_time.timeline(
            principal, action, resource, words, stop, resource_account=resource_account, context=given
        ),
        form,
        render_over_time.timeline,
    )


def moments(
    of: Annotated[
        str,
        typer.Argument(
            metavar="OF",
            help="A user, role, group, policy, resource or account: its ARN, name (user/ada) or unique id.",
            autocompletion=complete.principals,
        ),
    ],
    begin: Begin = None,
    end: End = None,
    known_at: KnownAt = None,
    output: StreamedOutput = "",
    as_csv: AsCsv = False,
    columns: Columns = "",
    reverse: Reverse = False,
    tz: Tz = None,
    prove: Prove = None,
    as_json: AsJson = False,
) -> None:
    """Step from change to change of all that concerns a principal, group, policy, resource or account."""
    form = form_of(output, as_json, as_csv, columns, reverse, streams=True)
    words = window(begin, end, known_at)
    ask(lambda over_time, stop: over_time.moments(of, words, stop), form, render_over_time.moments)


def ever(
    action: Action,
    resource: Resource,
    begin: Begin = None,
    end: End = None,
    account: Annotated[str | None, typer.Option(help="Principals of this account only.")] = None,
    known_at: KnownAt = None,
    context: ContextOption = None,
    resource_account: ResourceAccount = None,
    output: StreamedOutput = "",
    as_csv: AsCsv = False,
    columns: Columns = "",
    reverse: Reverse = False,
    tz: Tz = None,
    prove: Prove = None,
    as_json: AsJson = False,
) -> None:
    """Who could at any time of a window, from when to when, and for how long in all?"""
    form = form_of(output, as_json, as_csv, columns, reverse, streams=True)
    words, given = window(begin, end, known_at), given_context(context)
    ask(
        lambda over_time, stop: over_time.ever(
            action, resource, words, stop, account=account, resource_account=resource_account, context=given
        ),
        form,
        render_over_time.ever,
    )


def never(
    action: Action,
    resource: Resource,
    begin: Begin = None,
    end: End = None,
    excepting: Annotated[
        list[str] | None,
        typer.Option("--except", help="A principal that may: an ARN, a name or a unique id; again for more."),
    ] = None,
    account: Annotated[str | None, typer.Option(help="Principals of this account only.")] = None,
    known_at: KnownAt = None,
    context: ContextOption = None,
    resource_account: ResourceAccount = None,
    output: StreamedOutput = "",
    as_csv: AsCsv = False,
    columns: Columns = "",
    reverse: Reverse = False,
    tz: Tz = None,
    prove: Prove = None,
    as_json: AsJson = False,
) -> None:
    """Could nobody at any time of a window, but for some? Exit status 0 if that holds, 1 if somebody could."""
    form = form_of(output, as_json, as_csv, columns, reverse, streams=True)
    words, given = window(begin, end, known_at), given_context(context)
    with open_runtime() as runtime:
        runtime.projector.catch_up()
        with runtime.over_time.never(
            action, resource, words, Stop(), excepting=excepting or (), account=account,
            resource_account=resource_account, context=given,
        ) as pieces:  # fmt: skip
            print_pieces(pieces, form, render_over_time.never)
            holds = pieces.head["holds"]
    if not holds:
        raise SystemExit(1)


def diff(
    begin: Annotated[str, typer.Option("--from", metavar="TIME", help="The moment before.")],
    end: Annotated[str | None, typer.Option("--to", metavar="TIME", help="The moment after. Default: now.")] = None,
    principal: Annotated[
        str | None, typer.Option(help="Of this principal only.", autocompletion=complete.principals)
    ] = None,
    account: Annotated[str | None, typer.Option(help="Of the principals of this account only.")] = None,
    resource: Annotated[str | None, typer.Option(help="On this resource, or these (a pattern), only.")] = None,
    known_at: KnownAt = None,
    output: StreamedOutput = "",
    as_csv: AsCsv = False,
    columns: Columns = "",
    reverse: Reverse = False,
    tz: Tz = None,
    prove: Prove = None,
    as_json: AsJson = False,
) -> None:
    """What was gained and lost between two moments, and by which events? Of effect, not of documents."""
    form = form_of(output, as_json, as_csv, columns, reverse, streams=True)
    words = window(begin, end, known_at)
    ask(
        lambda over_time, stop: over_time.diff(words, stop, principal=principal, account=account, resource=resource),
        form,
        render_differences.diff,
    )


def effect(
    position: Annotated[str, typer.Argument(metavar="POSITION", help="Of the event in the log: 31, or @31.")],
    known_at: KnownAt = None,
    output: StreamedOutput = "",
    as_csv: AsCsv = False,
    columns: Columns = "",
    reverse: Reverse = False,
    tz: Tz = None,
    prove: Prove = None,
    as_json: AsJson = False,
) -> None:
    """Whose access did one event change, and to what?"""
    form = form_of(output, as_json, as_csv, columns, reverse, streams=True)
    known = read_known_at(known_at)
    ask(lambda over_time, stop: over_time.effect(position, known, stop), form, render_differences.effect)


def replay(
    begin: Annotated[str, typer.Option("--from", metavar="TIME", help="From this moment on.")],
    end: End = None,
    principal: Annotated[
        str | None, typer.Option(help="The access of this principal only.", autocompletion=complete.principals)
    ] = None,
    account: Annotated[str | None, typer.Option(help="The access of the principals of this account only.")] = None,
    all_events: Annotated[bool, typer.Option("--all", help="The events, too, that changed nobody's access.")] = False,
    known_at: KnownAt = None,
    output: StreamedOutput = "",
    as_csv: AsCsv = False,
    columns: Columns = "",
    reverse: Reverse = False,
    tz: Tz = None,
    prove: Prove = None,
    as_json: AsJson = False,
) -> None:
    """Go through the events of a window one after the other: whose access did each change, and to what?"""
    form = form_of(output, as_json, as_csv, columns, reverse, streams=True)
    words = window(begin, end, known_at)
    ask(
        lambda over_time, stop: over_time.replay(
            words, stop, principal=principal, account=account, all_events=all_events
        ),
        form,
        render_differences.replay,
    )


def provenance(
    principal: Principal,
    action: Action,
    resource: Resource,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    context: ContextOption = None,
    resource_account: ResourceAccount = None,
    output: Output = "",
    as_csv: AsCsv = False,
    columns: Columns = "",
    reverse: Reverse = False,
    tz: Tz = None,
    prove: Prove = None,
    as_json: AsJson = False,
) -> None:
    """Who made it so, and by which right? The chain of grants, up to the account's root or to where knowledge ends."""
    form = form_of(output, as_json, as_csv, columns, reverse)
    moment, known = read_moment(as_of, "--as-of"), read_known_at(known_at)
    given = given_context(context)
    with open_runtime() as runtime:
        runtime.projector.catch_up()
        found = runtime.over_time.provenance(
            principal, action, resource, moment, known, Stop(), resource_account=resource_account, context=given
        )
    print_answer(found, form, render_over_time.provenance)
