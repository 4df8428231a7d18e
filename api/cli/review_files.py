"""Access reviews: handed out as evidence or as CSV, taken back, and asked again what was revoked.

What only one of these commands needs is imported where it is used: every command would start later for it.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from erstwhile.api.cli import render_reviews
from erstwhile.api.cli.answering import print_answer
from erstwhile.api.cli.caller import caller
from erstwhile.api.cli.console import out
from erstwhile.api.cli.listing import AsCsv, Columns, Output, Reverse, form_of
from erstwhile.api.cli.options import AsJson, KnownAt, Tz
from erstwhile.api.cli.reviews import As, Name, acting, app, print_progress, read_file
from erstwhile.api.cli.run import fail, open_runtime
from erstwhile.api.cli.times import read_known_at


@app.command("export")
def export(
    name: Name,
    file: Annotated[Path | None, typer.Option("--file", "-f", help="Where it goes. Default: standard output.")] = None,
    form: Annotated[str, typer.Option("--format", help="json: everything; csv: the lines, to decide in.")] = "json",
    known_at: KnownAt = None,
) -> None:
    """Hand out a review: as evidence (JSON), or as CSV that reviewers fill in and `review import` takes back. That it
    was handed out is on record, with the SHA-256 of the file."""
    from erstwhile.api.asking.reviewing.evidence import exported
    from erstwhile.api.reports.to_file import write_files

    with open_runtime() as runtime:
        runtime.projector.catch_up()
        data, note = exported(runtime.reviews, name, form, read_known_at(known_at))
        if file is None:
            sys.stdout.buffer.write(data)
            sys.stdout.flush()
        else:
            try:
                write_files({file: lambda opened: opened.writelines([data])})
            except OSError as error:
                fail(f"{file} cannot be written: {error.strerror}", 2)
        runtime.commands.execute(note, caller("erstwhile:ExportReview"))
    if file is not None:
        out.print(out.text(f"{file}: review {name} as known at @{note.known_at}, SHA-256 {note.sha256}"))


@app.command("import")
def import_(
    name: Name,
    file: Annotated[Path, typer.Argument(help="The CSV that was handed out, filled in; - for standard input.")],
    reviewer: As = None,
) -> None:
    """Take back a CSV that was handed out: its decisions, all or none."""
    from erstwhile.api.asking.reviewing.handed_out import taken_back

    data = read_file(file)
    with open_runtime() as runtime:
        with runtime.reviews.found(name) as found:
            command = taken_back(found, data, acting(reviewer))
        done = runtime.commands.execute(command, caller("erstwhile:ImportReviewDecisions"))
        print_progress(runtime, name, f"{len(command.decisions):,} decisions of {file}", bool(done.events))


@app.command("execute-check")
def execute_check(
    name: Name,
    known_at: KnownAt = None,
    output: Output = "",
    as_csv: AsCsv = False,
    columns: Columns = "",
    reverse: Reverse = False,
    tz: Tz = None,
    as_json: AsJson = False,
) -> None:
    """Ask again what was revoked: which event executed it, and can the principal still? Exit status 1 where something
    that was revoked holds still."""
    from erstwhile.api.asking.reviewing.evidence import execution, undone

    form = form_of(output, as_json, as_csv, columns, reverse)
    with open_runtime() as runtime:
        runtime.projector.catch_up()
        found = execution(runtime.reviews, name, read_known_at(known_at))
    print_answer(found, form, render_reviews.execution)
    if undone(found["revoked"]):
        raise SystemExit(1)


__all__ = ["app"]
