"""A report: a header that says on what it rests, and sections of columns and rows.

A report has no clock of its own: everything in it follows from its question, its instants, the log position and the
records that were known there. So it can be issued again later, and its content hash is the same.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

import msgspec
import orjson

from erstwhile.domain.vocabulary.instants import format_instant

Kind = Literal["text", "instant", "number", "boolean", "list"]
"""What a column's cells are: `text` str, `instant` datetime, `number` int or float, `boolean` bool, `list` a tuple of
str. Every cell may be None: of a boolean, that is "unknown"; of the others, that there is none or that nobody knows,
which another column or a note says."""

Cell = str | int | float | datetime | bool | tuple[str, ...] | None
Row = tuple[Cell, ...]


class Column(msgspec.Struct, frozen=True):
    """`name` is for programs (`granted_by`), `heading` for people (`Granted by`)."""

    name: str
    heading: str
    kind: Kind = "text"


class Section(msgspec.Struct, frozen=True, kw_only=True):
    """A table. `rows` may be an iterator, which is read once; `empty` is said where there are none."""

    name: str
    title: str
    columns: tuple[Column, ...]
    rows: Iterable[Row]
    notes: tuple[str, ...] = ()
    empty: str = "none"


class Gap(msgspec.Struct, frozen=True):
    """A time of which no record tells: [begin, end)."""

    begin: datetime
    end: datetime


class AccountCoverage(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of an account. `mode`: governed, observed, or unknown. `gaps`: the times without records in what
    the report is about, in order."""

    account: str
    mode: str
    first_record: datetime | None = None
    last_record: datetime | None = None
    records: int = 0
    gaps: tuple[Gap, ...] = ()


class Header(msgspec.Struct, frozen=True, kw_only=True):
    """What a report was asked, and on what it rests.

    `parameters` are the question's options by name, in order. A report is about an instant (`as_of`) or a window
    [`begin`, `end`). `position` is the log position that it reads, `known_at` when that was recorded (None for position
    0). `notes` say what is not known, in words."""

    report: str
    title: str
    question: str
    parameters: tuple[tuple[str, str], ...] = ()
    as_of: datetime | None = None
    begin: datetime | None = None
    end: datetime | None = None
    known_at: datetime | None = None
    position: int = 0
    accounts: tuple[str, ...] = ()
    coverage: tuple[AccountCoverage, ...] = ()
    notes: tuple[str, ...] = ()
    engine_version: str = ""
    data_version: str = ""
    generated_by: str = "erstwhile"

    def as_json(self) -> dict[str, Any]:
        """The header as JSON; instants as text."""
        told: dict[str, Any] = orjson.loads(canonical(msgspec.to_builtins(self, builtin_types=(datetime,))))
        told["parameters"] = dict(self.parameters)
        return told


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """A header and its sections. The rows may be iterators, so that a report is read once."""

    header: Header
    sections: Sequence[Section]

    @property
    def name(self) -> str:
        return self.header.report


_OPTIONS = orjson.OPT_PASSTHROUGH_DATETIME


def _told(value: object) -> object:
    if isinstance(value, datetime):
        return format_instant(value)
    raise TypeError(f"{type(value).__name__} is no cell of a report")


def canonical(value: object) -> bytes:
    """A value as canonical JSON (RFC 8785: members in order, no spaces). Instants are RFC 3339 text in UTC.

    Raises TypeError for a value that JSON has not."""
    return orjson.dumps(value, default=_told, option=_OPTIONS | orjson.OPT_SORT_KEYS)


def section_head(section: Section) -> dict[str, Any]:
    """A section without its rows."""
    return {
        "section": section.name, "title": section.title, "notes": list(section.notes), "empty": section.empty,
        "columns": [{"name": each.name, "heading": each.heading, "kind": each.kind} for each in section.columns],
    }  # fmt: skip


def canonical_lines(report: Report) -> Iterator[bytes]:
    """The report as lines of canonical JSON, without newlines: the header, then of each section its head and a line (an
    array of cells) for each row. It reads the rows."""
    yield canonical(report.header.as_json())
    for section in report.sections:
        yield canonical(section_head(section))
        yield from map(canonical, section.rows)


def content_hash(lines: Iterable[bytes]) -> str:
    """The SHA-256, in hexadecimal digits, of a report's canonical lines, each ended by a newline."""
    digest = hashlib.sha256()
    for line in lines:
        digest.update(line)
        digest.update(b"\n")
    return digest.hexdigest()


def options_of(parameters: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """Options as a header has them: those that say something, by name."""
    return tuple(sorted((name, text) for name, text in parameters.items() if text))
