"""`erstwhile export bundle`: events with their proof, as one file that is verified offline."""

from __future__ import annotations

from pathlib import Path
from typing import IO, Annotated

import typer

from erstwhile.api.cli.console import err, out
from erstwhile.api.cli.counted import counted
from erstwhile.api.cli.ledger import require_signed
from erstwhile.api.cli.options import KnownAt, Tz
from erstwhile.api.cli.over_time import Begin, End
from erstwhile.api.cli.run import fail, open_runtime
from erstwhile.api.cli.times import read_known_at, read_moment


def bundle(
    file: Annotated[str, typer.Argument(metavar="FILE.zip", help="The ZIP file that is written.")],
    begin: Begin = None,
    end: End = None,
    known_at: KnownAt = None,
    account: Annotated[list[str] | None, typer.Option(help="Events of this account; again for more.")] = None,
    principal: Annotated[str | None, typer.Option(help="Events about one principal, and those of what it did.")] = None,
    report: Annotated[
        Path | None,
        typer.Option(metavar="FILE.json", help="A report in JSON: the events that it was made from, and the report."),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
    tz: Tz = None,
) -> None:
    """Write events, what they rest on and the proof that they are in the signed log as one file. Whoever has the public
    keys verifies it offline: `erstwhile verify FILE.zip --key KEYS`, or by hand, as its README says.

    With --known-at, the same question gives the same bytes again.
    """
    from erstwhile.api.ledger.archive import ArchiveWriter
    from erstwhile.api.ledger.bundle import Written, write_bundle
    from erstwhile.api.ledger.selecting import of_report, select
    from erstwhile.api.reports.to_file import write_files
    from erstwhile.projections.ledger.proving import NotProven

    path = Path(file)
    if path.exists() and not force:
        fail(f"{path} is there already: --force replaces it", 2)
    if report is not None and (begin or end or known_at or account or principal):
        fail("--report says itself which events it rests on: give no other selection with it", 2)
    words = read_moment(begin, "--from"), read_moment(end, "--to"), read_known_at(known_at)
    accounts, more = tuple(sorted(set(account or ()))), {}
    if report is not None:
        position, accounts, data = of_report(report)
        words, more = (None, None, str(position)), {"report.json": [data]}
    written: list[Written] = []
    with open_runtime() as runtime, runtime.connection() as connection:
        require_signed(runtime.database)
        runtime.projector.catch_up()
        selection, question = select(connection, runtime.history, *words, accounts, principal)

        def write(target: IO[bytes]) -> None:
            with ArchiveWriter(target) as archive:
                written.append(write_bundle(connection, archive, selection, question, more))

        try:
            write_files({path: write})
        except NotProven as error:
            fail(str(error))
        except OSError as error:
            fail(f"{path} cannot be written: {error.strerror}", 2)
    [made] = written
    out.print(
        f"{out.text(str(path))}: {counted(made.events, 'event')}, {counted(made.records, 'record')}, under the "
        f"checkpoint of {made.head.size:,} events"
    )
    if not made.events:
        err.print("no event was selected")
