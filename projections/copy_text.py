"""Fields of PostgreSQL's text format: strings, escaped; instants; arrays. It needs no connection.

Source: https://www.postgresql.org/docs/current/sql-copy.html (File Formats, Text Format)
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

import orjson

from erstwhile.domain.vocabulary.instants import BEFORE, FOREVER

_ESCAPES = str.maketrans({"\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"})


def joined(texts: Sequence[Sequence[str]]) -> Sequence[str]:
    """The strings of each row, escaped and joined by tabs."""
    rows = list(map("\t".join, texts))
    # Few rows need escaping: one search in all of them decides that.
    if not _need_escapes("\n".join(rows), sum(map(len, texts)) - len(texts), len(texts) - 1):
        return rows
    return [
        "\t".join(map(escaped, each)) if _need_escapes(row, len(each) - 1, 0) else row
        for row, each in zip(rows, texts, strict=True)
    ]


def _need_escapes(text: str, tabs: int, breaks: int) -> bool:
    """Whether fields have characters that mean something else in the format."""
    return "\\" in text or "\r" in text or "\0" in text or text.count("\t") != tabs or text.count("\n") != breaks


def escaped(text: str) -> str:
    """Escapes a string as a field."""
    return text.replace("\0", "\ufffd").translate(_ESCAPES)


def array_text(texts: Collection[str]) -> str:
    """Formats strings as PostgreSQL's literal of an array, itself a string for `add`.

    Source: https://www.postgresql.org/docs/current/arrays.html#ARRAYS-IO
    """
    if not texts:
        return "{}"
    joined = '","'.join(texts)
    # Few strings need escaping: one search in all of them decides that.
    if "\\" in joined or joined.count('"') != 2 * len(texts) - 2:
        joined = '","'.join([each.replace("\\", "\\\\").replace('"', '\\"') for each in texts])
    return f'{{"{joined}"}}'


def instant_text(instant: datetime) -> str:
    """Formats an instant for PostgreSQL."""
    if instant == FOREVER:
        return "infinity"
    if instant == BEFORE:
        return "-infinity"
    # Six times as fast as isoformat(), and each row has two or three instants.
    return orjson.dumps(instant).decode()[1:-1]
