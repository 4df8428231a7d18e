"""`erstwhile backup`, `erstwhile restore` and `erstwhile doctor`."""

from __future__ import annotations

from hashlib import file_digest
from pathlib import Path
from typing import Annotated

import typer
from msgspec import to_builtins

from erstwhile.api.cli.console import err, out
from erstwhile.api.cli.ledger import Keys, trusted_keys
from erstwhile.api.cli.options import AsJson
from erstwhile.api.cli.progress import counting
from erstwhile.api.cli.run import fail, open_database, print_json, settings


def backup(
    file: Annotated[Path, typer.Argument(help="The file to write; it must not exist.")],
) -> None:
    """Write all that the database has to one file, as it is at this moment; servers go on meanwhile. Private keys are
    not in it."""
    from erstwhile.api.keeping.backup import back_up

    if file.exists():
        fail(f"{file} exists already: a backup takes no other's place", 2)
    if not file.absolute().parent.is_dir():
        fail(f"there is no folder {file.absolute().parent}", 2)
    with open_database() as database, database.connect() as connection, counting("backing up", "rows") as progress:
        manifest = back_up(connection, file, progress)
    with file.open("rb") as written:
        digest = file_digest(written, "sha256").hexdigest()
    rows = sum(each.rows for each in manifest.tables)
    out.print(
        out.text(
            f"{file}: {rows:,} rows of {len(manifest.tables)} tables; the log to position {manifest.events:,}, "
            f"of which {manifest.signed:,} are signed; {file.stat().st_size:,} bytes, SHA-256 {digest}"
        )
    )
    err.print(err.text(f"not in it, and needed beside it: ledger.key and master.key of {settings().home}"))


def restore(
    file: Annotated[Path, typer.Argument(help="A backup.")],
    key: Keys = None,
    even_if_altered: Annotated[
        bool, typer.Option("--even-if-altered", help="Also where the log is not what was signed.")
    ] = False,
) -> None:
    """Fill an empty database from a backup, and verify it: every row against the backup's hashes, every event against
    the signed checkpoints. Whatever goes wrong, the database stays empty."""
    from erstwhile.api.keeping.backup_file import opened
    from erstwhile.api.keeping.restore import restore as fill
    from erstwhile.api.ledger.told import verdict_lines

    trusted = trusted_keys(key) if key is not None else []
    with (
        opened(file) as read,
        open_database() as database,
        database.owner() as connection,
        counting("restoring", "rows") as progress,
    ):
        verdict = fill(connection, read, trusted, even_if_altered, progress)
    for line in verdict_lines(verdict):
        out.print(out.text(line))
    out.print(f"restored: {verdict.events:,} events, {sum(each.rows for each in read.manifest.tables):,} rows")
    if key is None and verdict.checkpoints:
        err.print("the keys are those that the backup names: who wrote it could have signed anew; see --key")


_STYLES = {"ok": "green", "beware": "yellow", "wrong": "bold red"}


def doctor(as_json: AsJson = False) -> None:
    """Look for what is wrong with this installation, and say what to do. Exit status 1 if something is wrong."""
    from erstwhile.api.keeping.doctor import State, examine

    found = []
    for each in examine(settings()):
        found.append(each)
        if not as_json:
            out.print(f"[{_STYLES[each.state]}]{each.state:6}[/] {each.check}: {out.text(each.found)}")
            if each.advice:
                out.print(f"       {out.text(each.advice)}")
    is_well = all(each.state is not State.WRONG for each in found)
    if as_json:
        print_json({"ok": is_well, "findings": to_builtins(found)})
    raise SystemExit(0 if is_well else 1)
