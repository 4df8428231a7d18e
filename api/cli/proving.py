"""`--prove FILE`: the answer of a question as a file that anybody verifies offline."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import IO, TYPE_CHECKING, Annotated, Any

import orjson
import typer

from erstwhile.api.cli.console import err
from erstwhile.api.cli.run import fail, open_database
from erstwhile.domain.vocabulary.context_values import ContextValues

if TYPE_CHECKING:
    from erstwhile.api.runtime.runtime import ReadingRuntime

_target: list[Path] = []

Prove = Annotated[
    Path | None,
    typer.Option(
        "--prove", metavar="FILE", callback=lambda path: _set(path),
        help="Write the answer with the proof of its events; `erstwhile verify FILE` checks it offline.",
    ),
]  # fmt: skip


def _set(path: Path | None) -> Path | None:
    _target[:] = [path] if path is not None else []
    return path


def is_proving() -> bool:
    """Whether the file of --prove was asked for."""
    return bool(_target)


def prove(answer: Any, basis: Any = None) -> None:
    """Writes the file of --prove, where it was given. Ends the command where the answer cannot be proven."""
    if not _target:
        return
    from erstwhile.api.cli.ledger import require_signed
    from erstwhile.api.ledger.answers import prove_answer
    from erstwhile.api.reports.to_file import write_files
    from erstwhile.projections.ledger.proving import NotProven

    path = _target.pop()
    with open_database() as database:
        require_signed(database)
        with database.connect() as connection:
            try:
                file = prove_answer(connection, _words(sys.argv[1:]), answer, basis)
            except NotProven as error:
                fail(str(error))
    data = orjson.dumps(file, default=_plain, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
    try:
        write_files({path: lambda target: _write(target, data)})
    except OSError as error:
        fail(f"{path} cannot be written: {error.strerror}", 2)
    err.print(err.text(f"{path}: the answer, and {len(file.events):,} events with their proofs"))


def decision_basis(
    runtime: ReadingRuntime, answer: dict[str, Any], resource_account: str | None, context: ContextValues
) -> Any:
    """What a decision rests on, where the file of --prove was asked for."""
    if not _target:
        return None
    from erstwhile.api.ledger.answers import basis_of

    with runtime.connection() as connection:
        return basis_of(connection, runtime.history, runtime.names, answer, resource_account, context)


def _write(target: IO[bytes], data: bytes) -> None:
    target.write(data)


def _plain(value: Any) -> Any:
    import msgspec

    return msgspec.to_builtins(value)


def _words(arguments: list[str]) -> list[str]:
    """The question without where its proof goes."""
    kept = [each for each in arguments if not each.startswith("--prove=")]
    if "--prove" in kept:
        at = kept.index("--prove")
        del kept[at : at + 2]
    return kept
