"""The question who can get where."""

from __future__ import annotations

from typing import Annotated

import typer

from erstwhile.api.asking.over_time.stopping import Stop
from erstwhile.api.asking.reaching import LIMIT, MAX_LIMIT, MAX_STEPS, STEPS, ReachWords
from erstwhile.api.cli import complete, render_reach
from erstwhile.api.cli.answering import print_answer
from erstwhile.api.cli.listing import AsCsv, Columns, Output, Reverse, form_of
from erstwhile.api.cli.options import AsJson, AsOf, KnownAt, Tz
from erstwhile.api.cli.proving import Prove
from erstwhile.api.cli.run import open_runtime
from erstwhile.api.cli.times import read_known_at, read_moment


def reach(
    source: Annotated[
        str | None,
        typer.Argument(
            metavar="[FROM]",
            help="From whom: an ARN, a name, a unique id or an access key id. Default: from anybody.",
            autocompletion=complete.principals,
        ),
    ] = None,
    to: Annotated[
        str | None,
        typer.Option("--to", metavar="PRINCIPAL", help="To whom.", autocompletion=complete.principals),
    ] = None,
    to_administrator: Annotated[
        bool, typer.Option("--to-administrator", help="To whoever may everything in its account.")
    ] = False,
    account: Annotated[str | None, typer.Option(help="With --to-administrator: of this account only.")] = None,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    since: Annotated[
        str | None,
        typer.Option(
            "--since", metavar="TIME", help="Show the paths that opened or closed since then, and by which events."
        ),
    ] = None,
    ever_since: Annotated[
        str | None,
        typer.Option("--ever-since", metavar="TIME", help="Show the paths at any time since then, and when each was."),
    ] = None,
    steps: Annotated[int, typer.Option(help="The most steps of a path.", min=1, max=MAX_STEPS)] = STEPS,
    limit: Annotated[
        int | None, typer.Option(help=f"The most paths: {LIMIT}, and of a table all.", min=1, max=MAX_LIMIT)
    ] = None,
    table: Annotated[
        bool,
        typer.Option("--table", help="With --json, all paths as a table: each step once, each path as their numbers."),
    ] = False,
    output: Output = "",
    as_csv: AsCsv = False,
    columns: Columns = "",
    reverse: Reverse = False,
    tz: Tz = None,
    prove: Prove = None,
    as_json: AsJson = False,
) -> None:
    """Who can (or could) become whom, by which steps, and what would close them?"""
    if table and not as_json:
        raise typer.BadParameter("a table of paths comes as JSON: add --json", param_hint="--table")
    form = form_of(output, as_json, as_csv, columns, reverse)
    words = ReachWords(
        source=source, target=to, to_administrator=to_administrator, account=account,
        as_of=read_moment(as_of, "--as-of"), known_at=read_known_at(known_at), since=read_moment(since, "--since"),
        ever_since=read_moment(ever_since, "--ever-since"),
        steps=steps, limit=limit, table=table,
    )  # fmt: skip
    with open_runtime() as runtime:
        runtime.projector.catch_up()
        found = runtime.reaching.reach(words, Stop())
    print_answer(found, form, render_reach.reach)
