"""`erstwhile report`."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from contextlib import ExitStack, nullcontext
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from erstwhile.api.asking.over_time.stopping import Stop
from erstwhile.api.cli.console import err, out
from erstwhile.api.cli.counted import counted
from erstwhile.api.cli.layout import show
from erstwhile.api.cli.listing import Column, Listing
from erstwhile.api.cli.listing import Form as ListingForm
from erstwhile.api.cli.options import AsOf, KnownAt, Tz
from erstwhile.api.cli.over_time import Begin, End
from erstwhile.api.cli.progress import counting
from erstwhile.api.cli.run import fail, leave_the_pipe, open_runtime
from erstwhile.api.cli.times import read_known_at, read_moment, shown
from erstwhile.api.problems import bad_request
from erstwhile.api.reports.cells import text_of
from erstwhile.api.reports.forms import FORMS, Form, form_named, section_named, write_to
from erstwhile.api.reports.gathering import ReportWords, report_kind
from erstwhile.api.reports.header_words import header_words
from erstwhile.api.reports.spool import Spooled, SpooledSection, spooled
from erstwhile.api.support.text_files import text_of_file
from erstwhile.domain.reports.catalogue import REPORTS
from erstwhile.domain.reports.kind import ReportKind

LIST = "list"
CONTEXT = {"allow_extra_args": True, "ignore_unknown_options": True}
"""A report's own options are those of the catalogue."""
_LISTED = (
    Column("report", lambda each: each.name),
    Column("about", lambda each: each.about),
    Column("question", lambda each: each.question),
    Column("options", lambda each: ", ".join(_option_words(each))),
    Column("asked for by", lambda each: ", ".join(each.controls), usual=False),
)


def _names(incomplete: str) -> list[str]:
    return [each for each in (LIST, *REPORTS) if each.startswith(incomplete)]


def report(
    context: typer.Context,
    name: Annotated[
        str,
        typer.Argument(
            metavar="NAME", help="Which report; `list` shows all, with their options.",
            autocompletion=_names,
        ),
    ],
    as_of: AsOf = None,
    begin: Begin = None,
    end: End = None,
    known_at: KnownAt = None,
    account: Annotated[list[str] | None, typer.Option(help="This account only; again for more.")] = None,
    resource: Annotated[str, typer.Option(help="A resource's ARN, or s3://bucket/key.")] = "",
    file: Annotated[
        Path | None, typer.Option("--file", "-f", help="Write to this file; its ending says the form.")
    ] = None,
    output: Annotated[
        str, typer.Option("--output", "-o", metavar="FORM", help=f"table, {', '.join(FORMS)}.")
    ] = "",
    section: Annotated[str, typer.Option(help="With csv: which section. Default: the first.")] = "",
    columns: Annotated[
        str, typer.Option("--columns", metavar="NAME,NAME", help="In a table: these columns; `all` for every one.")
    ] = "",
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
    tz: Tz = None,
) -> None:  # fmt: skip
    """A report for auditors and reviewers: who has which access, what changed, which credentials are idle, …

    The header says on what it rests; with the same --as-of (or --from and --to) and --known-at it is the same again,
    byte for byte.
    """
    if name == LIST:
        _require_nothing(context.args)
        show(out, Listing(_LISTED, list(REPORTS.values())), ListingForm(columns=columns))
        return
    kind = report_kind(name)
    form = _form(output, file)
    if file is not None and file.exists() and not force:
        fail(f"{file} is there already: --force replaces it", 2)
    words = ReportWords(
        as_of=read_moment(as_of, "--as-of"), begin=read_moment(begin, "--from"), end=read_moment(end, "--to"),
        known_at=read_known_at(known_at), accounts=tuple(account or ()), resource=resource,
        options=_options(kind, context.args),
    )  # fmt: skip
    if form is not None and not form.is_text and file is None and sys.stdout.isatty():
        fail(f"{form.name} is nothing for a terminal: --file says where it goes", 2)
    with open_runtime() as runtime:
        runtime.projector.catch_up()
        with ExitStack() as report_made:
            with counting(kind.title, "states") as looked:
                found = report_made.enter_context(runtime.reports.report(kind.name, words, Stop(), looked))
            with counting(kind.title, "lines") as moved:
                made = spooled(found, moved)
        try:
            _write(made, form, file, section, columns)
        finally:
            made.close()


def _write(made: Spooled, form: Form | None, file: Path | None, section: str, columns: str) -> None:
    if form is None:
        _print(made, section, columns)
    elif file is None:
        with counting(form.name, "lines") if not form.is_text else nullcontext(_nothing) as moved:
            _to_output(lambda: form.write(made, section_named(made, section), sys.stdout.buffer, moved))
    else:
        with counting(file.name, "lines") as moved:
            written = write_to(file, made, form, section, moved)
        for each in written:
            out.print(
                f"{out.text(str(each))}: {counted(made.rows_in_all, 'line')}, SHA-256 of the report {made.content_hash}"
            )


def _nothing(done: int, total: int) -> None:
    """Says nothing of progress: the report itself goes to the terminal."""


def _to_output(write: Callable[[], None]) -> None:
    try:
        write()
        sys.stdout.flush()
    except BrokenPipeError:
        leave_the_pipe()


def _form(output: str, file: Path | None) -> Form | None:
    """None for a table. Raises Problem."""
    ending = file.suffix[1:] if file is not None else ""
    chosen = output or ending or ("table" if file is None else "")
    if chosen == "table":
        if file is not None:
            raise bad_request("unknown_output", f"a table is for terminals: give {file} the ending of a form")
        return None
    if not chosen:
        raise bad_request("unknown_output", f"{file}: give it the ending of a form ({', '.join(FORMS)}), or --output")
    return form_named(chosen)


def _require_nothing(arguments: Sequence[str]) -> None:
    if arguments:
        raise bad_request("unknown_option", f"list takes no {arguments[0]}")


def _options(kind: ReportKind, arguments: Sequence[str]) -> dict[str, str]:
    """A report's own options: `--days 90` or `--days=90`; of a file, its content. Raises Problem."""
    known = {each.name: each for each in kind.options}
    given: dict[str, str] = {}
    rest = list(arguments)
    while rest:
        word = rest.pop(0)
        option, equals, value = word.removeprefix("--").partition("=")
        if not word.startswith("--") or option not in known:
            listed = "; ".join(_option_words(kind)) or "none of its own"
            raise bad_request("unknown_option", f"{kind.name} does not take {word!r}; its options: {listed}")
        if not equals:
            if not rest:
                raise bad_request("parameter_missing", f"--{option} needs a value: {known[option].help}")
            value = rest.pop(0)
        if option in given:
            raise bad_request("parameter_twice", f"--{option} is given twice")
        given[option] = _content(value) if known[option].is_file else value
    return given


def _content(path: str) -> str:
    """Raises Problem, OSError."""
    return text_of_file(Path(path).read_bytes(), path)


def _option_words(kind: ReportKind) -> list[str]:
    return [f"--{each.name} {'FILE' if each.is_file else each.default or '…'}" for each in kind.options]


def _print(made: Spooled, section: str, columns: str) -> None:
    chosen = [section_named(made, section)] if section else made.sections
    err.print(f"[bold]{err.text(made.header.title)}[/]")
    for what, words in header_words(made.header, made.content_hash):
        err.print(err.text(f"{what}: {words}"))
    for each in chosen:
        if len(made.sections) > 1:
            out.print(f"[bold]{out.text(each.title)}[/]")
        rows = list(made.rows(each))
        show(out, Listing(_columns(each, rows), rows, each.empty), ListingForm(columns=columns))
        for note in each.notes:
            err.print(err.text(f"note: {note}"))


def _columns(section: SpooledSection, rows: list[list[Any]]) -> tuple[Column, ...]:
    """Without being asked, a table has the columns that say something."""
    return tuple(
        Column(
            column.name.replace("_", "-"),
            partial(_shown_at, number, column.kind),
            usual=any(row[number] not in (None, "", []) for row in rows) or column.kind == "boolean",
        )
        for number, column in enumerate(section.columns)
    )


def _shown_at(number: int, kind: str, row: list[Any]) -> str:
    text = text_of(row[number], kind)
    return shown(text) if kind == "instant" else text
