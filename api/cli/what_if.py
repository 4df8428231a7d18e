"""`what-if`: who would gain and lose what, if changes were made that nobody made."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
import orjson
import typer

from erstwhile.api.asking.over_time.ground import WindowWords
from erstwhile.api.asking.over_time.stopping import Stop
from erstwhile.api.asking.over_time.what_if_questions import (
    Supposed,
    of_change_set,
    of_terraform,
    supposed_changes,
    together,
)
from erstwhile.api.cli import complete, render_differences
from erstwhile.api.cli.answering import print_pieces
from erstwhile.api.cli.listing import AsCsv, Columns, Reverse, StreamedOutput, form_of
from erstwhile.api.cli.options import AsJson, AsOf, KnownAt, Tz
from erstwhile.api.cli.proving import Prove
from erstwhile.api.cli.run import fail, open_runtime
from erstwhile.api.cli.times import read_known_at, read_moment
from erstwhile.api.problems import bad_request

FailOn = Literal["never", "gained", "lost", "any"]
_Words = tuple[str, ...]
_FILES = ("document", "trust")
"""Members whose word on the command line names a file."""

_OPTIONS: dict[str, tuple[str, _Words]] = {
    "--attach": ("attach-policy", ("principal", "policy")),
    "--detach": ("detach-policy", ("principal", "policy")),
    "--policy": ("set-policy", ("policy", "document")),
    "--put-inline": ("put-inline-policy", ("principal", "name", "document")),
    "--delete-inline": ("delete-inline-policy", ("principal", "name")),
    "--boundary": ("set-boundary", ("principal", "policy")),
    "--no-boundary": ("remove-boundary", ("principal",)),
    "--add-to-group": ("add-to-group", ("user", "group")),
    "--remove-from-group": ("remove-from-group", ("user", "group")),
    "--trust": ("set-trust", ("role", "document")),
    "--resource-policy": ("set-resource-policy", ("resource", "document")),
    "--scp": ("attach-guardrail", ("target", "document")),
    "--rcp": ("attach-guardrail", ("target", "document")),
    "--detach-guardrail": ("detach-guardrail", ("policy", "target")),
    "--remove": ("delete", ("what",)),
}
"""Each option: the change that it stands for, and the members that its words are, in their order."""


def _option(name: str, what: str) -> Any:
    words = " ".join("FILE" if each in _FILES else each.upper() for each in _OPTIONS[name][1])
    return typer.Option(name, metavar=f"'{words}'" if " " in words else words, help=f"{what}; again for more.")


Several = list[str] | None


def what_if(
    attach: Annotated[Several, _option("--attach", "A managed policy is attached to a user, group or role")] = None,
    detach: Annotated[Several, _option("--detach", "It is detached")] = None,
    policy: Annotated[Several, _option("--policy", "A managed policy says what a file says")] = None,
    put_inline: Annotated[Several, _option("--put-inline", "A user, group or role gets an inline policy")] = None,
    delete_inline: Annotated[Several, _option("--delete-inline", "It loses one")] = None,
    boundary: Annotated[Several, _option("--boundary", "A policy bounds a user or role")] = None,
    no_boundary: Annotated[Several, _option("--no-boundary", "A user or role has no boundary any more")] = None,
    add_to_group: Annotated[Several, _option("--add-to-group", "A user joins a group")] = None,
    remove_from_group: Annotated[Several, _option("--remove-from-group", "A user leaves a group")] = None,
    trust: Annotated[Several, _option("--trust", "A role gets another trust policy")] = None,
    resource_policy: Annotated[Several, _option("--resource-policy", "A resource gets another policy")] = None,
    scp: Annotated[Several, _option("--scp", "A service control policy is attached to a root, unit or account")] = None,
    rcp: Annotated[Several, _option("--rcp", "A resource control policy is")] = None,
    detach_guardrail: Annotated[Several, _option("--detach-guardrail", "A guardrail is detached")] = None,
    remove: Annotated[Several, _option("--remove", "A user, group, role or policy is deleted")] = None,
    changes: Annotated[
        str | None,
        typer.Option("--changes", metavar="FILE|-", help="Changes as JSON, a list as POST /v1/what-if takes it."),
    ] = None,
    plan: Annotated[
        str | None,
        typer.Option("--terraform-plan", metavar="FILE|-", help="What `terraform show -json` prints of a plan."),
    ] = None,
    plan_account: Annotated[
        str, typer.Option(help="The account that the plan is for, where it does not tell.", metavar="ACCOUNT")
    ] = "",
    change_set: Annotated[
        str | None,
        typer.Option(
            "--change-set",
            metavar="FILE|-",
            help="What `aws cloudformation describe-change-set --include-property-values` prints.",
        ),
    ] = None,
    template: Annotated[
        str | None,
        typer.Option(metavar="FILE|-", help="The change set's template, as JSON, for what the set does not tell."),
    ] = None,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    principal: Annotated[
        str | None, typer.Option(help="Of this principal only.", autocompletion=complete.principals)
    ] = None,
    account: Annotated[str | None, typer.Option(help="Of the principals of this account only.")] = None,
    resource: Annotated[str | None, typer.Option(help="On this resource, or these (a pattern), only.")] = None,
    calls_from: Annotated[
        str | None,
        typer.Option(
            "--calls-from",
            metavar="TIME",
            help="Tell instead which recorded calls since this moment would have failed; --as-of says when the changes "
            "would have been made. Default: at that moment.",
        ),
    ] = None,
    calls_to: Annotated[
        str | None, typer.Option("--calls-to", metavar="TIME", help="Calls before this moment. Default: until now.")
    ] = None,
    fail_on: Annotated[
        FailOn,
        typer.Option(
            "--fail-on",
            help="Exit with status 1 if somebody would gain, or lose, something; or if a call would or may fail.",
        ),
    ] = "never",
    output: StreamedOutput = "",
    as_csv: AsCsv = False,
    columns: Columns = "",
    reverse: Reverse = False,
    tz: Tz = None,
    prove: Prove = None,
    as_json: AsJson = False,
) -> None:
    """Who would gain and lose what, if changes were made that nobody made? Nothing is recorded.

    The options' changes are made in the order of this help, those of --changes next, then a plan's, then a change
    set's.

    Exit status 0: answered; 1: answered, and --fail-on applies; 2: a word or file is wrong.
    """
    form = form_of(output, as_json, as_csv, columns, reverse, streams=True)
    given = {
        "--attach": attach, "--detach": detach, "--policy": policy, "--put-inline": put_inline,
        "--delete-inline": delete_inline, "--boundary": boundary, "--no-boundary": no_boundary,
        "--add-to-group": add_to_group, "--remove-from-group": remove_from_group, "--trust": trust,
        "--resource-policy": resource_policy, "--scp": scp, "--rcp": rcp, "--detach-guardrail": detach_guardrail,
        "--remove": remove,
    }  # fmt: skip
    if template is not None and change_set is None:
        fail("--template completes what --change-set names", 2)
    supposed = _supposed(given, changes, plan, plan_account, change_set, template)
    moment, known = read_moment(as_of, "--as-of"), read_known_at(known_at)
    found: set[str] = set()
    if calls_to is not None and calls_from is None:
        fail("--calls-to ends what --calls-from begins", 2)
    if calls_from is not None:
        if resource is not None:
            fail("--resource narrows differences: it says nothing of recorded calls", 2)
        words = WindowWords(
            begin=read_moment(calls_from, "--calls-from"), end=read_moment(calls_to, "--calls-to"), known_at=known
        )
        with open_runtime() as runtime:
            runtime.projector.catch_up()
            with runtime.over_time.calls_that_would_fail(
                supposed, moment, words, Stop(), principal=principal, account=account
            ) as pieces:
                noted = msgspec.structs.replace(pieces, items=_noting("how", pieces.items, found))
                print_pieces(noted, form, render_differences.calls_that_would_fail)
        if found and fail_on != "never":
            raise SystemExit(1)
        return
    with open_runtime() as runtime:
        runtime.projector.catch_up()
        with runtime.over_time.what_if(
            supposed, moment, known, Stop(), principal=principal, account=account, resource=resource
        ) as pieces:
            noted = msgspec.structs.replace(pieces, items=_noting("change", pieces.items, found))
            print_pieces(noted, form, render_differences.what_if)
    # What is under other conditions is gained and lost in part.
    if (fail_on == "any" and found) or ({fail_on, "changed"} & found and fail_on != "never"):
        raise SystemExit(1)


def _noting(name: str, items: Iterator[dict[str, Any]], found: set[str]) -> Iterator[dict[str, Any]]:
    """The items; `found` gets the values of a member."""
    for each in items:
        found.add(each[name])
        yield each


def _supposed(
    given: dict[str, Several], changes: str | None, plan: str | None, plan_account: str, change_set: str | None,
    template: str | None,
) -> Supposed:  # fmt: skip
    parts = []
    for option, values in given.items():
        for words in values or ():
            [change] = supposed_changes([_change(option, words)]).changes
            parts.append(Supposed((change,), (f"{option} {words}",)))
    if changes is not None:
        parts.append(supposed_changes(_json(changes)))
    if plan is not None:
        parts.append(of_terraform(_json(plan), plan_account))
    if change_set is not None:
        parts.append(of_change_set(_json(change_set), _json(template) if template is not None else None))
    if not parts:
        fail("nothing is supposed: name a change, such as --attach 'user/ada AdministratorAccess'", 2)
    return together(*parts)


def _change(option: str, words: str) -> dict[str, Any]:
    """A change as JSON, from the words of an option; the last of them may have blanks. Raises Problem."""
    change, members = _OPTIONS[option]
    parts = words.split(maxsplit=len(members) - 1)
    if len(parts) != len(members):
        expected = " ".join("FILE" if each in _FILES else each.upper() for each in members)
        raise bad_request("malformed_change", f"{option} {words!r}: expected '{expected}'")
    found: dict[str, Any] = {"change": change}
    for member, word in zip(members, parts, strict=True):
        found[member] = _text(word) if member in _FILES else word
    if option == "--rcp":
        found["kind"] = "RESOURCE_CONTROL_POLICY"
    return found


def _text(file: str) -> str:
    try:
        return sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8")
    except OSError as error:
        fail(f"{file} cannot be read: {error.strerror}", 2)
    except UnicodeDecodeError:
        fail(f"{file} is not UTF-8", 2)


def _json(file: str) -> Any:
    try:
        return orjson.loads(_text(file))
    except orjson.JSONDecodeError as error:
        fail(f"{file} is not JSON: {error}", 2)
