"""`erstwhile find` and `erstwhile list`: what a pasted word is, what there was at an instant."""

from __future__ import annotations

from typing import Annotated

import typer

from erstwhile.api.cli import render_lookups
from erstwhile.api.cli.answering import print_answer
from erstwhile.api.cli.listing import AsCsv, Columns, Output, Reverse, form_of
from erstwhile.api.cli.options import AsJson, AsOf, KnownAt, Tz
from erstwhile.api.cli.proving import Prove
from erstwhile.api.cli.run import open_runtime
from erstwhile.api.cli.times import read_known_at, read_moment
from erstwhile.projections.listing import KINDS


def find(
    words: Annotated[
        str,
        typer.Argument(
            metavar="ANYTHING",
            help="An ARN, a name, a unique id, an access key, a session, an IP address, a record, an event's id or "
            "position, a request's id.",
        ),
    ],
    known_at: KnownAt = None,
    output: Output = "",
    as_csv: AsCsv = False,
    columns: Columns = "",
    reverse: Reverse = False,
    tz: Tz = None,
    prove: Prove = None,
    as_json: AsJson = False,
) -> None:
    """What is this, when was it, and where to go on? Lists every meaning."""
    form = form_of(output, as_json, as_csv, columns, reverse)
    with open_runtime() as runtime:
        runtime.projector.catch_up()
        found = runtime.lookups.find(words, read_known_at(known_at))
    print_answer(found, form, render_lookups.found)


def listing(
    kind: Annotated[str, typer.Argument(metavar="KIND", help=", ".join(KINDS), autocompletion=lambda: list(KINDS))],
    as_of: AsOf = None,
    known_at: KnownAt = None,
    account: Annotated[str, typer.Option(help="Of this account only; aws for AWS's own policies.")] = "",
    limit: Annotated[int, typer.Option(help="Entries a page.", min=1, max=1000)] = 50,
    cursor: Annotated[str, typer.Option(help="The next page: the cursor that the last one printed.")] = "",
    output: Output = "",
    as_csv: AsCsv = False,
    columns: Columns = "",
    reverse: Reverse = False,
    tz: Tz = None,
    prove: Prove = None,
    as_json: AsJson = False,
) -> None:
    """List the users, roles, groups, policies, keys or resources that there are, or were."""
    form = form_of(output, as_json, as_csv, columns, reverse)
    with open_runtime() as runtime:
        runtime.projector.catch_up()
        found = runtime.lookups.listing(
            kind, read_moment(as_of, "--as-of"), read_known_at(known_at), account, limit, cursor
        )
    print_answer(found, form, render_lookups.entities)
