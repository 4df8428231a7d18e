"""The export commands."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import IO, Annotated, Any

import msgspec
import orjson
import typer

from erstwhile.api.asking.over_time.ground import WindowWords
from erstwhile.api.asking.over_time.stopping import Stop
from erstwhile.api.asking.state_export import Layout, StateExport, export_state
from erstwhile.api.cli.bundles import bundle
from erstwhile.api.cli.console import err, out
from erstwhile.api.cli.counted import counted
from erstwhile.api.cli.export_trail import trail
from erstwhile.api.cli.incident.case import case_files, write_case
from erstwhile.api.cli.layout import show
from erstwhile.api.cli.ledger import require_signed
from erstwhile.api.cli.listing import Column, Listing
from erstwhile.api.cli.options import AsOf, KnownAt, Tz
from erstwhile.api.cli.over_time import Begin, End
from erstwhile.api.cli.run import fail, open_runtime, print_json
from erstwhile.api.cli.times import read_known_at, read_moment
from erstwhile.api.exports.cloudtrail_folder import new_folder
from erstwhile.api.reports.to_file import Write, write_files
from erstwhile.domain.vocabulary.instants import format_instant
from erstwhile.projections.ledger.proving import NotProven

app = typer.Typer(help="Write what is known in forms that other tools read.", no_args_is_help=True)
app.command("bundle")(bundle)
app.command("trail")(trail)


_LEFT_OUT = (Column("left out", lambda each: each.arn), Column("why", lambda each: each.why))


@app.command("state")
def state(
    folder: Annotated[
        str, typer.Argument(metavar="FOLDER|-", help="Where the files go; - prints the one of --account instead.")
    ],
    as_of: AsOf = None,
    known_at: KnownAt = None,
    account: Annotated[str | None, typer.Option(help="This account only.")] = None,
    layout: Annotated[
        Layout,
        typer.Option(
            help="aws: a file for each account, as AWS's tools print it. iam-collect: as that tool keeps accounts, "
            "resources and organisations, with the policies of resources."
        ),
    ] = "aws",
    force: Annotated[bool, typer.Option("--force", help="Replace files that are there.")] = False,
    tz: Tz = None,
) -> None:
    """Write the access state of an instant: each account as `aws iam get-account-authorization-details` prints it, each
    organisation as `import organization` reads it; or both, with the policies of resources, in the layout of
    iam-collect, which `import iam-collect` reads. Imported again, it gives the same decisions.

    What these forms cannot say (principals whose policies were never seen, the policies of resources) is listed, and
    stands in left-out.json.
    """
    if folder == "-" and account is None:
        fail("--account says which account is printed", 2)
    if folder == "-" and layout != "aws":
        fail(f"{layout} has many files: name a folder", 2)
    moment, known = read_moment(as_of, "--as-of"), read_known_at(known_at)
    with open_runtime() as runtime:
        runtime.projector.catch_up()
        found = export_state(runtime.history, moment, known, account, layout)
    if folder == "-":
        print_json(found.files.get(f"account-{account}.json", {}))
        for each in found.left_out:
            err.print(err.text(f"left out: {each.arn}: {each.why}"))
        return
    _write(Path(folder), found, force)


def _write(folder: Path, found: StateExport, force: bool) -> None:
    files: dict[str, Any] = found.files | {"left-out.json": msgspec.to_builtins(found.left_out)}
    there = sorted(name for name in files if (folder / name).exists())
    if there and not force:
        fail(f"{folder / there[0]} is there already: --force replaces it", 2)
    try:
        if folder.exists():
            _write_into(folder, files)
        else:
            with new_folder(folder) as part:
                _write_into(part, files)
    except OSError as error:
        fail(f"{folder} cannot be written: {error.strerror}", 2)
    at = f"as of {format_instant(found.moment.as_of)}, known at position {found.moment.known_at}"
    out.print(f"{counted(len(files), 'file')} in {out.text(str(folder))}, {at}")
    if found.left_out:
        show(out, Listing(_LEFT_OUT, list(found.left_out), ""))


def _write_into(folder: Path, files: dict[str, Any]) -> None:
    """All of them or none. Raises OSError."""
    writes: dict[Path, Write] = {}
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        writes[path] = partial(_write_json, data)
    write_files(writes)


def _write_json(data: Any, file: IO[bytes]) -> None:
    file.write(orjson.dumps(data, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))


@app.command("case")
def case(
    file: Annotated[str, typer.Argument(metavar="FILE.zip", help="The ZIP file that is written.")],
    about: Annotated[str, typer.Argument(metavar="ABOUT", help="As of `erstwhile incident`: a key, session, …")],
    begin: Begin = None,
    end: End = None,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
    tz: Tz = None,
) -> None:
    """Write a whole incident as one file: question, report, events, evidence, and a manifest with hashes.

    With --to, --as-of and --known-at, the same question gives the same bytes again.
    """
    path = Path(file)
    if path.exists() and not force:
        fail(f"{path} is there already: --force replaces it", 2)
    words = WindowWords(
        begin=read_moment(begin, "--from"), end=read_moment(end, "--to"), known_at=read_known_at(known_at)
    )
    moment = read_moment(as_of, "--as-of")
    with open_runtime() as runtime, runtime.connection() as connection:
        require_signed(runtime.database)
        runtime.projector.catch_up()
        with runtime.incidents.incident(about, words, Stop(), moment) as pieces:
            files = case_files(connection, pieces)
            known = int(pieces.head["known_at"])
        try:
            count = write_case(path, connection, files, known)
        except NotProven as error:
            fail(str(error))
        except OSError as error:
            fail(f"{path} cannot be written: {error.strerror}", 2)
    records = sum(name.startswith("evidence/") for name in files)
    out.print(f"{out.text(str(path))}: {counted(count, 'file')}, {records} of them records")
