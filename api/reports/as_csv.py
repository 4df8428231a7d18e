"""A report as CSV: one section, its columns' names in the first line (RFC 4180, but for line ends of one character).

The header stands in a file of its own beside it, in the W3C's form for that (https://www.w3.org/TR/tabular-metadata/):
readers of CSV know no lines that are not rows.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import IO, Any

import orjson

from erstwhile.api.reports.cells import text_of
from erstwhile.api.reports.spool import Spooled, SpooledSection
from erstwhile.api.support.harmless import harmless

_TYPES = {"text": "string", "instant": "dateTime", "number": "number", "boolean": "string", "list": "string"}


def write_csv(report: Spooled, section: SpooledSection, file: IO[bytes]) -> None:
    """Lists have a semicolon and a space between their parts; yes, no and unknown are said in words."""
    text = io.TextIOWrapper(file, encoding="utf-8", newline="", write_through=False)
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([column.name for column in section.columns])
    writer.writerows(_lines(report, section))
    text.flush()
    text.detach()


def _lines(report: Spooled, section: SpooledSection) -> Iterator[list[str]]:
    kinds = [column.kind for column in section.columns]
    for row in report.rows(section):
        yield [_cell(cell, kind) for cell, kind in zip(row, kinds, strict=True)]


def _cell(cell: Any, kind: str) -> str:
    text = text_of(cell, kind)
    return text if kind == "number" else harmless(text)


def csv_metadata(report: Spooled, section: SpooledSection, name: str) -> bytes:
    """The header of a CSV file of this name, as JSON."""
    columns = [
        {"name": each.name, "titles": each.heading, "datatype": _TYPES[each.kind]}
        | ({"separator": "; "} if each.kind == "list" else {})
        for each in section.columns
    ]  # fmt: skip
    return orjson.dumps(
        {
            "@context": "http://www.w3.org/ns/csvw",
            "url": name,
            "dc:title": report.header.title,
            "tableSchema": {"columns": columns},
            "notes": [{
                "header": report.header.as_json(), "content_hash": report.content_hash, "section": section.name,
                "section_notes": section.notes, "rows": section.count,
            }],
        },
        option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE | orjson.OPT_SORT_KEYS,
    )  # fmt: skip
