"""Policies without a database: `evaluate` decides requests that bring their policies, `test` runs policy tests."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer

from api.cli.run import fail
from api.simulation import evaluated

MAX_LINE = 8 * 1024 * 1024


def evaluate(
    file: Annotated[
        str, typer.Argument(metavar="FILE|-", help="Requests, one JSON object a line; - is standard input.")
    ],
    explain: Annotated[bool, typer.Option(help="Say which statement would have allowed it but for one part.")] = False,
) -> None:
    """Decide requests that bring their own policies: NDJSON in, NDJSON out, no database.

    A request: {"id": 1, "principal": ARN, "action": "s3:GetObject", "resource": ARN, "resource_account":
    "111122223333", "context": {…}, "policies": {"identity": [DOC], "resource": DOC, "scp": [[DOC]], …}}.
    A bad line gives {"id", "error"} and the rest goes on.
    """
    if file == "-":
        _answer(sys.stdin.buffer, explain)
        return
    path = Path(file)
    if not path.is_file():
        fail(f"there is no file {file}", 2)
    with path.open("rb") as lines:
        _answer(lines, explain)


def _answer(lines: Iterable[bytes], explain: bool) -> None:
    # Answers to a dialogue may not wait in the buffer, those to a file may.
    at_once = lines is sys.stdin.buffer
    for answer in _answers(lines, explain):
        sys.stdout.buffer.write(orjson.dumps(answer, option=orjson.OPT_APPEND_NEWLINE))
        if at_once:
            sys.stdout.buffer.flush()
    sys.stdout.buffer.flush()


def _answers(lines: Iterable[bytes], explain: bool) -> Iterator[dict[str, Any]]:
    for line in lines:
        if not line.strip():
            continue
        if len(line) > MAX_LINE:
            yield {"id": None, "error": f"the line has more than {MAX_LINE:,} bytes"}
            continue
        yield evaluated(line, explain)
