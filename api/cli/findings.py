"""What the events and calls of a window did that somebody should look at."""

from __future__ import annotations

from datetime import timedelta
from importlib.metadata import version
from typing import Annotated, Any

import orjson
import typer

from erstwhile.api.asking.over_time.ground import WindowWords
from erstwhile.api.asking.over_time.ocsf import ocsf_event
from erstwhile.api.asking.over_time.stopping import Stop
from erstwhile.api.cli import render_findings
from erstwhile.api.cli.answering import print_pieces
from erstwhile.api.cli.console import err, write_json
from erstwhile.api.cli.listing import AsCsv, Columns, Reverse, form_of
from erstwhile.api.cli.options import AsJson, KnownAt, Tz
from erstwhile.api.cli.over_time import End, window
from erstwhile.api.cli.proving import Prove
from erstwhile.api.cli.run import open_runtime
from erstwhile.api.runtime.runtime import ReadingRuntime
from erstwhile.domain.vocabulary.instants import format_instant
from erstwhile.projections.window_calls import brought_after

_OCSF = "ocsf"
ChangeHours = Annotated[
    str | None,
    typer.Option(
        "--change-hours", metavar="HH:MM-HH:MM",
        help="The hours, in UTC, in which changes are expected; somebody who becomes an administrator then is no "
        "finding.",
    ),
]  # fmt: skip


def findings(
    begin: Annotated[str, typer.Option("--from", metavar="TIME", help="From this moment on.")],
    end: End = None,
    account: Annotated[str | None, typer.Option(help="What concerns this account only.")] = None,
    change_hours: ChangeHours = None,
    known_at: KnownAt = None,
    output: Annotated[
        str,
        typer.Option(
            "--output", "-o", metavar="FORM",
            help="table, json, csv, ndjson, or ocsf: a line of JSON for each finding, as an event of the Open "
            "Cybersecurity Schema Framework.",
        ),
    ] = "",
    as_csv: AsCsv = False,
    columns: Columns = "",
    reverse: Reverse = False,
    tz: Tz = None,
    prove: Prove = None,
    as_json: AsJson = False,
) -> None:  # fmt: skip
    """Find what somebody should look at: new administrators, paths to administrator, exposure, keys from new networks,
    calls that turned off records or alarms."""
    form = form_of(output, as_json, as_csv, columns, reverse, streams=True, other=_OCSF)
    words = window(begin, end, known_at)
    with open_runtime() as runtime:
        runtime.projector.catch_up()
        with runtime.over_time.findings(
            words, Stop(), account=account, change_hours=change_hours
        ) as pieces:  # fmt: skip
            if form.other != _OCSF:
                print_pieces(pieces, form, render_findings.findings)
                return
            answer = pieces.whole()
            for each in form.rows(answer["findings"]):
                write_json(orjson.dumps(ocsf_event(each, version("erstwhile"))).decode())
            for note in answer["notes"]:
                err.print(err.text(note))


def brought(runtime: ReadingRuntime, after: int) -> dict[str, Any] | None:
    """The findings about what imports brought after a log position; None where they brought no calls."""
    with runtime.connection() as connection:
        span = brought_after(connection, after)
    if span is None:
        return None
    first, last = span
    words = WindowWords(begin=format_instant(first), end=format_instant(last + timedelta(seconds=1)))
    with runtime.over_time.findings(words, Stop(), after=after) as pieces:
        return pieces.whole()
