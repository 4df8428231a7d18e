"""`erstwhile incident`."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterable
from typing import Annotated, Any

import typer

from erstwhile.api.asking.incident.sections import SECTIONS
from erstwhile.api.asking.over_time.ground import WindowWords
from erstwhile.api.asking.over_time.pieces import Pieces
from erstwhile.api.asking.over_time.stopping import Stop
from erstwhile.api.cli import complete
from erstwhile.api.cli.answering import print_pieces
from erstwhile.api.cli.console import out
from erstwhile.api.cli.incident import markdown, page
from erstwhile.api.cli.incident.tables import TIMELINE, hash_words, head_words, part_of, timeline_rows
from erstwhile.api.cli.incident.terminal import print_part
from erstwhile.api.cli.listing import Form
from erstwhile.api.cli.options import AsJson, AsOf, KnownAt, Tz
from erstwhile.api.cli.over_time import Begin, End
from erstwhile.api.cli.proving import Prove
from erstwhile.api.cli.run import leave_the_pipe, open_runtime
from erstwhile.api.cli.times import read_known_at, read_moment
from erstwhile.api.problems import bad_request
from erstwhile.api.support.harmless import harmless

FORMS = ("table", "markdown", "html", "json", "csv", "ndjson")


def incident(
    about: Annotated[
        str,
        typer.Argument(
            metavar="ABOUT",
            help="An access key, a session (its ARN or name), a user or role (name, ARN, unique id), an IP address.",
            autocompletion=complete.principals,
        ),
    ],
    begin: Begin = None,
    end: End = None,
    as_of: AsOf = None,
    section: Annotated[
        list[str] | None,
        typer.Option("--section", help=f"Only this section; again for more: {', '.join(SECTIONS)}."),
    ] = None,
    known_at: KnownAt = None,
    output: Annotated[
        str,
        typer.Option(
            "--output", "-o", metavar="FORM",
            help="table, markdown, html (one page), json, csv (the timeline), or ndjson: a line a section.",
        ),
    ] = "",
    tz: Tz = None,
    prove: Prove = None,
    as_json: AsJson = False,
) -> None:  # fmt: skip
    """The report of an incident: whose is it, what could it do, what did it do, what is left, is it over?"""
    form = _form(output, as_json)
    wanted = _wanted(section or [], form)
    words = WindowWords(
        begin=read_moment(begin, "--from"), end=read_moment(end, "--to"), known_at=read_known_at(known_at)
    )
    moment = read_moment(as_of, "--as-of")
    with open_runtime() as runtime:
        runtime.projector.catch_up()
        with runtime.incidents.incident(about, words, Stop(), moment, wanted) as pieces:
            _print(pieces, form)


def _form(output: str, as_json: bool) -> str:
    """Raises Problem."""
    if output not in ("", *FORMS):
        raise bad_request("unknown_output", f"--output: there is no form {output!r}; there are: {', '.join(FORMS)}")
    if as_json and output not in ("", "json"):
        raise bad_request("unknown_output", f"one form at a time: json or {output}")
    return "json" if as_json else output or "table"


def _wanted(sections: list[str], form: str) -> tuple[str, ...]:
    if form == "csv":
        return ("timeline",)
    return tuple(each.strip().replace("-", "_") for each in sections)


def _print(pieces: Pieces, form: str) -> None:
    if form in ("json", "ndjson"):
        print_pieces(pieces, Form(as_json=form == "json", as_lines=form == "ndjson"), lambda *_: None)
        return
    try:
        _PRINTERS[form](pieces)
        sys.stdout.flush()
    except BrokenPipeError:
        leave_the_pipe()


def _table(pieces: Pieces) -> None:
    for line in head_words(pieces.head):
        out.print(out.text(line))
    sys.stdout.flush()
    for section in pieces.items:
        print_part(out, part_of(section))
        sys.stdout.flush()
    out.print()
    out.print(out.text(hash_words(pieces.tail()["content_hash"])))


def _lines(lines: Iterable[str]) -> None:
    for line in lines:
        sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _markdown(pieces: Pieces) -> None:
    report = pieces.whole()  # its hash stands at the top
    _lines(markdown.head_lines(head_words(report)))
    for section in report["sections"]:
        _lines(markdown.part_lines(part_of(section)))


def _html(pieces: Pieces) -> None:
    report = pieces.whole()
    _lines(page.head_lines(head_words(report)))
    for section in report["sections"]:
        _lines(page.part_lines(part_of(section)))
    _lines([page.END])


def _csv(pieces: Pieces) -> None:
    """The timeline, which is what a spreadsheet has use for."""
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(TIMELINE)
    for section in pieces.items:
        entries: list[dict[str, Any]] = section.get("entries", [])
        for row in timeline_rows(entries):
            writer.writerow([harmless(cell) for cell in row])


_PRINTERS = {"table": _table, "markdown": _markdown, "html": _html, "csv": _csv}
