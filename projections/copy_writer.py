"""Writes rows by COPY: escapes every string as a field of PostgreSQL's text format.

Characters that PostgreSQL cannot store, NUL and lone surrogates, become U+FFFD.
Source: https://www.postgresql.org/docs/current/sql-copy.html (File Formats, Text Format)
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

import orjson

from erstwhile.domain.vocabulary.storable_text import storable
from erstwhile.projections.sql import Connection

NULL = "\\N"
_CHUNK = 10_000
"""Rows that are buffered before they are sent."""
_ESCAPES = str.maketrans({"\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"})
_NUL_IN_JSON = re.compile(r"(?<!\\)((?:\\\\)*)\\u0000")
_SURROGATE = re.compile("[\ud800-\udfff]")


class CopyWriter:
    """Buffers rows of one table. `texts` names the columns for any strings; `rest` the columns whose fields the caller
    formats from numbers, instants and bytes."""

    def __init__(self, connection: Connection, table: str, texts: Sequence[str], rest: Sequence[str]) -> None:
        self._connection = connection
        self._statement = f"COPY {table} ({', '.join((*texts, *rest))}) FROM STDIN"
        self._tabs = len(texts) - 1
        self._rows: list[str] = []

    def add(self, texts: Sequence[str], rest: str) -> None:
        """Adds a row; `rest` contains the other fields, joined by tabs."""
        row = "\t".join(texts)
        # Few rows need escaping: one search in the whole row decides that.
        if "\\" in row or "\n" in row or "\r" in row or "\0" in row or row.count("\t") != self._tabs:
            row = "\t".join(map(escaped, texts))
        self._rows.append(f"{row}\t{rest}")
        if len(self._rows) >= _CHUNK:
            self.flush()

    def flush(self) -> None:
        """Sends the buffered rows."""
        if not self._rows:
            return
        rows, self._rows = self._rows, []
        _send(self._connection, self._statement, rows)


def copy_rows(
    connection: Connection, table: str, texts: Sequence[str], rest: Sequence[str], rows: Iterable[tuple[Any, str]]
) -> None:
    """Copies rows into a table; each row has its strings and its other fields."""
    writer = CopyWriter(connection, table, texts, rest)
    for fields, others in rows:
        writer.add(fields, others)
    writer.flush()


def copy_lines(connection: Connection, table: str, columns: Sequence[str], lines: Sequence[str]) -> None:
    """Copies rows into a table; a line has the escaped fields of a row, joined by tabs."""
    _send(connection, f"COPY {table} ({', '.join(columns)}) FROM STDIN", lines)


def _send(connection: Connection, statement: str, lines: Sequence[str]) -> None:
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for begin in range(0, len(lines), 2_000):
            copy.write(_encoded("\n".join(lines[begin : begin + 2_000]) + "\n"))


def escaped(text: str) -> str:
    """Escapes a string as a field."""
    return text.replace("\0", "\ufffd").translate(_ESCAPES)


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
