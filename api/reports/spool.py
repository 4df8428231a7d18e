"""A report's canonical lines in a temporary file: the hash of all rows stands in the header, and rows are many. So they
are made once, hashed and counted, and read again by what writes them."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable, Iterator
from typing import IO, Any

import msgspec
import orjson

from erstwhile.domain.reports.report import Column, Header, Report, Row, canonical, section_head

Moved = Callable[[int, int], None]
"""What is called with the number of rows that were made so far, and with how many there are (0: not known yet)."""
_OFTEN = 500


class SpooledSection(msgspec.Struct, frozen=True, kw_only=True):
    """A section whose rows are in the file from `begin` on."""

    name: str
    title: str
    columns: tuple[Column, ...]
    notes: tuple[str, ...]
    empty: str
    begin: int
    count: int


class Spooled:
    """A report that can be read again and again. Cells are as JSON has them: instants are RFC 3339 text, lists are
    lists."""

    def __init__(self, header: Header, file: IO[bytes], sections: list[SpooledSection], content_hash: str) -> None:
        self.header = header
        self.sections = sections
        self.content_hash = content_hash
        self._file = file

    @property
    def rows_in_all(self) -> int:
        return sum(each.count for each in self.sections)

    def rows(self, section: SpooledSection) -> Iterator[list[Any]]:
        """The rows of a section. One section is read at a time."""
        self._file.seek(section.begin)
        for _ in range(section.count):
            yield orjson.loads(self._file.readline())

    def lines(self) -> Iterator[bytes]:
        """The canonical lines, whose SHA-256 the content hash is."""
        self._file.seek(0)
        for line in self._file:  # noqa: UP028 - who stops reading a `yield from` closes the file
            yield line

    def close(self) -> None:
        self._file.close()


def spooled(report: Report, moved: Moved = lambda done, total: None) -> Spooled:
    """Makes all rows of a report. Raises OSError where the temporary file cannot be written."""
    file = tempfile.TemporaryFile()  # noqa: SIM115 - the report closes it
    try:
        return _written(report, file, moved)
    except BaseException:
        file.close()
        raise


def _written(report: Report, file: IO[bytes], moved: Moved) -> Spooled:
    digest = hashlib.sha256()
    made = 0

    def put(line: bytes) -> None:
        digest.update(line)
        file.write(line)

    put(canonical(report.header.as_json()) + b"\n")
    sections: list[SpooledSection] = []
    for section in report.sections:
        put(canonical(section_head(section)) + b"\n")
        begin, count = file.tell(), 0
        for row in section.rows:
            put(_line(row, len(section.columns)))
            count += 1
            made += 1
            if made % _OFTEN == 0:
                moved(made, 0)
        sections.append(SpooledSection(
            name=section.name, title=section.title, columns=section.columns, notes=section.notes,
            empty=section.empty, begin=begin, count=count,
        ))  # fmt: skip
    file.flush()
    moved(made, made)
    return Spooled(report.header, file, sections, digest.hexdigest())


def _line(row: Row, width: int) -> bytes:
    if len(row) != width:
        raise ValueError(f"a row of {len(row)} cells, in a section of {width} columns")
    return canonical(row) + b"\n"
