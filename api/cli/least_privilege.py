"""`unused`: what nobody used; `narrow`: policies that allow what was used; `check`: checks of policies."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from erstwhile.api.asking import checks
from erstwhile.api.asking.over_time.least_privilege_questions import DAYS, LIKENESS_IN_HUNDREDTHS
from erstwhile.api.asking.over_time.stopping import Stop
from erstwhile.api.cli.answering import print_answer, print_pieces
from erstwhile.api.cli.given_files import given_bytes, given_file
from erstwhile.api.cli.listing import AsCsv, Columns, Form, Reverse, StreamedOutput, form_of
from erstwhile.api.cli.options import AsJson, AsOf, KnownAt, Tz
from erstwhile.api.cli.proving import Prove
from erstwhile.api.cli.render_least_privilege import check_result, groups_of_like_use, narrowed_policy, unused_things
from erstwhile.api.cli.run import fail, open_runtime, print_json
from erstwhile.api.cli.times import read_known_at, read_moment
from erstwhile.domain.use.own_map import MalformedMap, own_map, with_own
from erstwhile.projections.use.kept import ActionsOf

check = typer.Typer(
    help="Check policies before they are applied. Exit status 0: the check holds; 1: it does not; 2: bad input.",
    no_args_is_help=True,
)
MAX_BYTES = 1024 * 1024
_PolicyFile = Annotated[str, typer.Argument(metavar="FILE|-", help="A policy document; - is standard input.")]


_ActionMap = Annotated[
    Path | None,
    typer.Option(
        "--action-map", metavar="FILE", help="Which actions operations need: iam-dataset's map.json, or AWS's service "
        "reference as JSON. It goes before the built-in table.",
    ),
]  # fmt: skip


def _actions_of(path: Path | None) -> ActionsOf | None:
    if path is None:
        return None
    with given_file(str(path)) as file:
        data = file.read()
    try:
        mapped = with_own(own_map(data))
    except MalformedMap as error:
        fail(f"{path}: {error}", 2)
    return lambda call: mapped(call).actions


def unused(
    days: Annotated[int, typer.Option(help="So many days before now, or before --as-of.")] = DAYS,
    account: Annotated[str | None, typer.Option(help="Of this account only.")] = None,
    paths: Annotated[
        bool, typer.Option("--paths", help="First what closes most paths to administrator. It takes longer.")
    ] = False,
    action_map: _ActionMap = None,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    output: StreamedOutput = "",
    as_csv: AsCsv = False,
    columns: Columns = "",
    reverse: Reverse = False,
    tz: Tz = None,
    prove: Prove = None,
    as_json: AsJson = False,
) -> None:
    """What did nobody use? Users, roles, permission sets, keys, passwords, statements, actions; greatest risk first.

    What records cannot tell is said with the reason, and comes last. What is younger than the window is left out.
    """
    form = form_of(output, as_json, as_csv, columns, reverse, streams=True)
    moment, known = read_moment(as_of, "--as-of"), read_known_at(known_at)
    with open_runtime() as runtime:
        runtime.projector.catch_up()
        with runtime.over_time.unused(
            days, moment, known, Stop(), account=account, paths=paths, actions_of=_actions_of(action_map)
        ) as pieces:
            print_pieces(pieces, form, unused_things)


def alike(
    days: Annotated[int, typer.Option(help="So many days before now, or before --as-of.")] = DAYS,
    likeness: Annotated[
        int, typer.Option(help="How many of a hundred actions that either used both must have used.")
    ] = LIKENESS_IN_HUNDREDTHS,
    account: Annotated[str | None, typer.Option(help="Of this account only.")] = None,
    action_map: _ActionMap = None,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    output: StreamedOutput = "",
    as_csv: AsCsv = False,
    columns: Columns = "",
    reverse: Reverse = False,
    tz: Tz = None,
    prove: Prove = None,
    as_json: AsJson = False,
) -> None:
    """Which users and roles use the like? Groups, the largest first, with what all of a group used.

    --json and --output ndjson have a policy for each group that allows what all of it used.
    """
    form = form_of(output, as_json, as_csv, columns, reverse, streams=True)
    moment, known = read_moment(as_of, "--as-of"), read_known_at(known_at)
    with open_runtime() as runtime:
        runtime.projector.catch_up()
        with runtime.over_time.alike(
            days, moment, known, Stop(), account=account, likeness=likeness, actions_of=_actions_of(action_map)
        ) as pieces:
            print_pieces(pieces, form, groups_of_like_use)


def narrow(
    what: Annotated[str, typer.Argument(metavar="PRINCIPAL|POLICY", help="A user, a role, or a managed policy.")],
    window: Annotated[str, typer.Option(metavar="90d", help="The days that count as use.")] = f"{DAYS}d",
    drop_seasonal: Annotated[
        bool, typer.Option("--drop-seasonal", help="Also drop what was used in thirteen months, but not in the window.")
    ] = False,
    policy_only: Annotated[bool, typer.Option("--policy-only", help="Print the policy alone, as JSON.")] = False,
    action_map: _ActionMap = None,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    tz: Tz = None,
    prove: Prove = None,
    as_json: AsJson = False,
) -> None:
    """Propose a policy that allows what was used and nothing new, with evidence for each line and two proofs.

    Exit status 1: a recorded call would fail under it, or it allows something new.
    """
    number = window.removesuffix("d")
    if not number.isdecimal():
        fail(f"--window: expected a number of days such as 90d, not {window}", 2)
    moment, known = read_moment(as_of, "--as-of"), read_known_at(known_at)
    with open_runtime() as runtime:
        runtime.projector.catch_up()
        answer = runtime.over_time.narrow(
            what, int(number), moment, known, Stop(), drop_seasonal=drop_seasonal, actions_of=_actions_of(action_map)
        )
    if policy_only:
        print_json(answer["policy"])
    else:
        print_answer(answer, Form(as_json=as_json), narrowed_policy)
    replay = answer["replay"]
    if answer["nothing_new"]["holds"] is False or (replay is not None and not replay["holds"]):
        raise SystemExit(1)


@check.command(checks.NO_NEW_ACCESS)
def no_new_access(
    old: Annotated[str, typer.Argument(metavar="OLD", help="A policy document; several with commas.")],
    new: Annotated[str, typer.Argument(metavar="NEW", help="The same, as it would become.")],
    as_json: AsJson = False,
) -> None:
    """Does NEW allow nothing that OLD does not?"""
    _finish(checks.no_new_access(_documents(old), _documents(new)), as_json)


@check.command(checks.NO_PUBLIC_ACCESS)
def no_public_access(policy: _PolicyFile, as_json: AsJson = False) -> None:
    """Does the policy of a resource let nobody in without saying who it is?"""
    _finish(checks.no_public_access(_document(policy)), as_json)


@check.command(checks.NOT_GRANTED)
def not_granted(
    actions: Annotated[list[str], typer.Argument(metavar="ACTIONS…", help="Actions such as iam:*, as in policies.")],
    policy: Annotated[str, typer.Option(metavar="FILE|-", help="A policy document; several with commas.")],
    resource: Annotated[
        list[str] | None, typer.Option(help="On this resource, or these (a pattern); again for more. Default: on any.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Does a policy allow none of these actions?"""
    _finish(checks.not_granted(_documents(policy), actions, resource or ("*",)), as_json)


def _finish(answer: dict[str, Any], as_json: bool) -> None:
    print_answer(answer, Form(as_json=as_json), check_result)
    if not answer["holds"]:
        raise SystemExit(1)


def _documents(names: str) -> list[str]:
    return [_document(name) for name in names.split(",")]


def _document(name: str) -> str:
    try:
        return given_bytes(name, MAX_BYTES).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        fail(f"{name} is not UTF-8: {error.reason} at byte {error.start}", 2)
