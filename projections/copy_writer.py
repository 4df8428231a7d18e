"""Writes rows by COPY in PostgreSQL's text format (`copy_text.py`).

Characters that PostgreSQL cannot store, NUL and lone surrogates, become U+FFFD.
Source: https://www.postgresql.org/docs/current/sql-copy.html (File Formats, Text Format)
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any

import orjson

from erstwhile.domain.vocabulary.storable_text import storable
from erstwhile.projections.copy_text import joined
from erstwhile.projections.sql import Connection

NULL = "\\N"
_CHUNK = 10_000
"""Rows that are buffered before they are sent."""
_NUL_IN_JSON = re.compile(r"(?<!\\)((?:\\\\)*)\\u0000")
_SURROGATE = re.compile("[\ud800-\udfff]")


class CopyWriter:
    """Buffers rows of one table. `texts` names the columns for any strings; `rest` the columns whose fields the caller
    formats from numbers, instants and bytes."""

    def __init__(self, connection: Connection, table: str, texts: Sequence[str], rest: Sequence[str]) -> None:
        self._connection = connection
        self._statement = f"COPY {table} ({', '.join((*texts, *rest))}) FROM STDIN"
        self._texts: list[Sequence[str]] = []
        self._rest: list[str] = []

    def add(self, texts: Sequence[str], rest: str) -> None:
        """Adds a row; `rest` contains the other fields, joined by tabs."""
        self._texts.append(texts)
        self._rest.append(rest)
        if len(self._rest) >= _CHUNK:
            self.flush()

    def flush(self) -> None:
        """Sends the buffered rows."""
        if not self._rest:
            return
        texts, rest = self._texts, self._rest
        self._texts, self._rest = [], []
        self.send(texts, rest)

    def send(self, texts: Sequence[Sequence[str]], rest: Sequence[str]) -> None:
        """Sends rows at once: the strings of each, and its other fields."""
        lines = [f"{row}\t{others}" for row, others in zip(joined(texts), rest, strict=True)]
        _send(self._connection, self._statement, lines)


def copy_rows(
    connection: Connection, table: str, texts: Sequence[str], rest: Sequence[str], rows: Iterable[tuple[Any, str]]
) -> None:
    """Copies rows into a table; each row has its strings and its other fields."""
    writer, left = CopyWriter(connection, table, texts, rest), iter(rows)
    while some := list(islice(left, _CHUNK)):
        writer.send(*zip(*some, strict=True))


def copy_lines(connection: Connection, table: str, columns: Sequence[str], lines: Sequence[str]) -> None:
    """Copies rows into a table; a line has the escaped fields of a row, joined by tabs."""
    _send(connection, f"COPY {table} ({', '.join(columns)}) FROM STDIN", lines)


def _send(connection: Connection, statement: str, lines: Sequence[str]) -> None:
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for begin in range(0, len(lines), 2_000):
            copy.write(_encoded("\n".join(lines[begin : begin + 2_000]) + "\n"))


def bytes_field(data: bytes) -> str:
    """Formats bytes as a field of a bytea column."""
    return f"\\\\x{data.hex()}"


def json_text(value: Any) -> str:
    """Formats a value as JSON that jsonb accepts, as a string for `add`."""
    try:
        text = orjson.dumps(value).decode()
    except TypeError:
        text = orjson.dumps(_without_surrogates(value)).decode()
    return _NUL_IN_JSON.sub("\\1\ufffd", text) if "\\u0000" in text else text


def _without_surrogates(value: Any) -> Any:
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, dict):
        return {storable(str(name)): _without_surrogates(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_without_surrogates(each) for each in value]
    return value


def _encoded(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError:
        return _SURROGATE.sub("\ufffd", text).encode()
