"""Watches: add, change, remove, list, show, and their notices."""

from __future__ import annotations

import sys
import time
from contextlib import suppress
from typing import Annotated, Any

import orjson
import typer

from erstwhile.api.asking.requests import parse_limit
from erstwhile.api.asking.watching.watches import WatchWords
from erstwhile.api.cli import complete, render_watches
from erstwhile.api.cli.answering import print_answer
from erstwhile.api.cli.caller import caller
from erstwhile.api.cli.console import out, write_json
from erstwhile.api.cli.listing import AsCsv, Columns, Form, Output, Reverse, StreamedOutput, form_of
from erstwhile.api.cli.options import AsJson, Tz
from erstwhile.api.cli.run import leave_the_pipe, open_runtime
from erstwhile.api.problems import bad_request
from erstwhile.api.runtime.runtime import ReadingRuntime

app = typer.Typer(
    help="Mark what matters most: who can do it is kept up, and what changes that gives a notice.", no_args_is_help=True
)

PAUSE = 1.0
"""Seconds between two looks for new notices."""
Name = Annotated[str, typer.Argument(help="The watch's name.")]
Action = Annotated[
    str,
    typer.Argument(
        help="An action, s3:GetObject; s3:Get* for all that it matches now.", autocompletion=complete.actions
    ),
]
Resource = Annotated[str, typer.Argument(help="A resource's ARN, s3://bucket/key, or '*'.")]
MoreActions = Annotated[list[str] | None, typer.Option("--action", help="One more action; again for more.")]
Excepting = Annotated[
    list[str] | None,
    typer.Option(
        "--except", help="A principal that may, and is not told of: an ARN, a name or a unique id; again for more."
    ),
]
Account = Annotated[str | None, typer.Option(help="Principals of this account only.")]
ResourceAccount = Annotated[str | None, typer.Option(help="Whose resource it is, where its ARN does not say.")]
Note = Annotated[str | None, typer.Option(help="The owner's own words: whom to ask, what to do.")]


@app.command("add")
def add(
    name: Name,
    action: Action,
    resource: Resource,
    more_actions: MoreActions = None,
    excepting: Excepting = None,
    account: Account = None,
    resource_account: ResourceAccount = None,
    note: Note = None,
) -> None:
    """Watch who can do an action on a resource, from now on."""
    words = WatchWords(
        name=name, actions=[action, *(more_actions or [])], resource=resource, resource_account=resource_account,
        account=account, excepting=excepting or (), note=note or "",
    )  # fmt: skip
    with open_runtime() as runtime:
        runtime.projector.catch_up()
        runtime.commands.execute(runtime.watches.command(words, exists=False), caller("erstwhile:AddWatch"))
        _print_now(runtime, name)


@app.command("change")
def change(
    name: Name,
    actions: MoreActions = None,
    resource: Annotated[str | None, typer.Option(help="Another resource.")] = None,
    excepting: Excepting = None,
    account: Account = None,
    resource_account: ResourceAccount = None,
    note: Note = None,
) -> None:
    """Change what is given of a watch; the rest stays. What is given again takes the place of what there was."""
    given: dict[str, Any] = {
        "actions": actions, "resource": resource, "excepting": excepting, "account": account,
        "resource_account": resource_account, "note": note,
    }  # fmt: skip
    words = {key: value for key, value in given.items() if value is not None}
    if not words:
        raise bad_request("nothing_to_change", "say what is to change: --action, --resource, --except, --note, …")
    with open_runtime() as runtime:
        runtime.projector.catch_up()
        done = runtime.commands.execute(runtime.watches.changed(name, words), caller("erstwhile:ChangeWatch"))
        if done.events:
            _print_now(runtime, name)
        else:
            out.print(f"watch {out.text(name)} is so already")


@app.command("remove")
def remove(name: Name) -> None:
    """Watch it no longer; the notices stay."""
    with open_runtime() as runtime:
        runtime.projector.catch_up()
        runtime.commands.execute(runtime.watches.removal(name), caller("erstwhile:RemoveWatch"))
    out.print(f"watch {out.text(name)} is removed")


def _print_now(runtime: ReadingRuntime, name: str) -> None:
    """What is watched now, and how many may do it."""
    runtime.projector.catch_up()
    [told] = [each for each in runtime.watches.listing()["watches"] if each["name"].lower() == name.lower()]
    out.print(
        f"watch {out.text(told['name'])}: {out.text(render_watches.what(told))}; now {render_watches.counts(told)}"
    )


@app.command("list")
def listing(
    output: Output = "",
    as_csv: AsCsv = False,
    columns: Columns = "",
    reverse: Reverse = False,
    tz: Tz = None,
    as_json: AsJson = False,
) -> None:
    """List what is watched, with how many may do it now."""
    form = form_of(output, as_json, as_csv, columns, reverse)
    with open_runtime() as runtime:
        runtime.projector.catch_up()
        found = runtime.watches.listing()
    print_answer(found, form, render_watches.listing)


@app.command("show")
def show(
    name: Name,
    output: Output = "",
    as_csv: AsCsv = False,
    columns: Columns = "",
    reverse: Reverse = False,
    tz: Tz = None,
    as_json: AsJson = False,
) -> None:
    """Show a watch: who could, from when to when."""
    form = form_of(output, as_json, as_csv, columns, reverse)
    with open_runtime() as runtime:
        runtime.projector.catch_up()
        found = runtime.watches.show(name)
    print_answer(found, form, render_watches.show)


@app.command("notices")
def notices(
    name: Annotated[str | None, typer.Argument(help="The watch's name; of all watches where it is left out.")] = None,
    after: Annotated[int, typer.Option(metavar="ID", help="Those after the notice of this id.", min=0)] = 0,
    limit: Annotated[int, typer.Option(help="How many at most.", min=1, max=1_000)] = 1_000,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on with those that come, until Ctrl-C.")] = False,
    output: StreamedOutput = "",
    as_csv: AsCsv = False,
    columns: Columns = "",
    reverse: Reverse = False,
    tz: Tz = None,
    as_json: AsJson = False,
) -> None:
    """What became different for a watch, and by which events?"""
    form = form_of(output, as_json, as_csv, columns, reverse, streams=True)
    if follow and (as_csv or as_json or reverse or output in ("csv", "json")):
        raise bad_request("unknown_output", "--follow prints a table's lines, or --output ndjson")
    with open_runtime() as runtime:
        runtime.projector.catch_up()
        found = runtime.watches.notices(name, after, parse_limit(str(limit)))
        if not follow and not form.as_lines:
            print_answer(found, form, render_watches.notices)
            return
        with suppress(KeyboardInterrupt):  # the usual end of following
            _print_lines(found, form)
            while follow or found["next_after"] is not None:
                after = max((each["id"] for each in found["notices"]), default=after)
                if found["next_after"] is None:
                    time.sleep(PAUSE)
                    runtime.projector.catch_up()
                found = runtime.watches.notices(name, after, parse_limit(str(limit)))
                _print_lines(found, form)


def _print_lines(found: dict[str, Any], form: Form) -> None:
    try:
        for each in found["notices"]:
            if form.as_lines:
                write_json(orjson.dumps(each).decode())
            else:
                for line in render_watches.lines(each):
                    out.print(out.text(line))
        sys.stdout.flush()
    except BrokenPipeError:
        leave_the_pipe()
