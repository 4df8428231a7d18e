"""A report as one JSON object, and as the lines whose SHA-256 is its content hash."""

from __future__ import annotations

from typing import IO

import orjson

from erstwhile.api.reports.spool import Spooled
from erstwhile.domain.reports.report import canonical


def write_json(report: Spooled, file: IO[bytes]) -> None:
    """`header`, `content_hash`, and `sections`, each with its rows as objects by the columns' names. Memory does not
    grow with the rows."""
    file.write(b'{"header":' + canonical(report.header.as_json()))
    file.write(b',"content_hash":' + canonical(report.content_hash) + b',"sections":[')
    for number, section in enumerate(report.sections):
        names = [column.name for column in section.columns]
        head = {
            "section": section.name, "title": section.title, "notes": section.notes,
            "columns": [{"name": each.name, "heading": each.heading, "kind": each.kind} for each in section.columns],
        }  # fmt: skip
        file.write((b"," if number else b"") + orjson.dumps(head)[:-1] + b',"rows":[')
        for at, row in enumerate(report.rows(section)):
            file.write((b"," if at else b"") + orjson.dumps(dict(zip(names, row, strict=True))))
        file.write(b"]}")
    file.write(b"]}\n")


def write_ndjson(report: Spooled, file: IO[bytes]) -> None:
    """The canonical lines: `sha256sum` of this file gives the content hash."""
    for line in report.lines():
        file.write(line)
