"""The trail as Parquet, for which `pyarrow` has to be installed."""

from __future__ import annotations

from importlib import import_module
from itertools import islice
from typing import IO, Any

from erstwhile.domain.exports.trail.rows import COLUMNS, row_of
from erstwhile.domain.vocabulary.instants import parse_instant

_TOGETHER = 10_000
"""Events of a row group."""
_INSTANTS = ("occurred_at", "recorded_at")


class MissingPyarrow(Exception):
    """`pyarrow` is not installed."""


def write_parquet(events: Any, file: IO[bytes]) -> None:
    """Instants are timestamps in UTC, to the microsecond. Raises MissingPyarrow."""
    arrow, parquet = require_pyarrow()
    types = {"position": arrow.int64(), "mfa": arrow.bool_()}
    types |= {name: arrow.timestamp("us", tz="UTC") for name in _INSTANTS}
    schema = arrow.schema([(name, types.get(name, arrow.string())) for name in COLUMNS])
    with parquet.ParquetWriter(file, schema, compression="zstd") as writer:
        while rows := [row_of(event) for event in islice(events, _TOGETHER)]:
            columns: list[Any] = [list(cells) for cells in zip(*rows, strict=True)]
            for name in _INSTANTS:
                place = COLUMNS.index(name)
                columns[place] = [parse_instant(text) for text in columns[place]]
            writer.write_table(arrow.table(dict(zip(COLUMNS, columns, strict=True)), schema=schema))


def require_pyarrow() -> tuple[Any, Any]:
    """pyarrow, and its part for Parquet. Raises MissingPyarrow."""
    try:
        return import_module("pyarrow"), import_module("pyarrow.parquet")
    except ImportError:
        raise MissingPyarrow("Parquet needs pyarrow: pip install 'erstwhile[parquet]'") from None
