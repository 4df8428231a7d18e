"""One file of the trail: NDJSON, CSV, OCSF, CloudEvents or Parquet. Memory does not grow with it."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator
from importlib.metadata import version as version_of
from typing import IO, Any

import orjson

from erstwhile.api.support.spreadsheets import neutral
from erstwhile.domain.exports.trail.cloud_events import cloud_event
from erstwhile.domain.exports.trail.ocsf import ocsf_event
from erstwhile.domain.exports.trail.rows import COLUMNS, row_of

Events = Iterator[dict[str, Any]]
Write = Callable[[Events, IO[bytes]], None]


def form_of(name: str, log_name: str, ocsf_version: str) -> Write:
    """How a form is written. `log_name`: the source of CloudEvents. Raises MissingPyarrow."""
    match name:
        case "ndjson":
            return _lines(lambda event: event)
        case "ocsf":
            product = version_of("erstwhile")
            return _lines(lambda event: ocsf_event(event, product, ocsf_version))
        case "cloudevents":
            return _lines(lambda event: cloud_event(event, log_name))
        case "csv":
            return _write_csv
        case _:
            from erstwhile.api.exports.parquet import write_parquet

            return write_parquet


def _lines(made: Callable[[dict[str, Any]], dict[str, Any]]) -> Write:
    def write(events: Events, file: IO[bytes]) -> None:
        for event in events:
            file.write(orjson.dumps(made(event), option=orjson.OPT_APPEND_NEWLINE))

    return write


def _write_csv(events: Events, file: IO[bytes]) -> None:
    """RFC 4180, in UTF-8; no cell can be taken for a formula."""
    text = io.TextIOWrapper(file, "utf-8", newline="", write_through=True)
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    writer.writerows(map(_cells, events))
    text.flush()
    text.detach()


def _cells(event: dict[str, Any]) -> Iterable[str]:
    return [neutral(_text(cell)) for cell in row_of(event)]


def _text(cell: str | int | bool | None) -> str:
    if cell is None:
        return ""
    return str(cell).lower() if isinstance(cell, bool) else str(cell)
