"""A report as a workbook: a sheet with the header, then a sheet for each section. Memory does not grow with the rows.

Cells are text, numbers or instants, never formulas; the workbook's dates are the report's own.
"""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Sequence
from typing import IO, Any

import xlsxwriter

from erstwhile.api.reports.header_words import header_words
from erstwhile.api.reports.sheet_rows import SheetRows
from erstwhile.api.reports.spool import Moved, Spooled, SpooledSection
from erstwhile.api.reports.stamp import stamp_of
from erstwhile.api.support.harmless import harmless
from erstwhile.api.support.until_end import UntilEnd

MOST_ROWS = 1_048_576 - 1
"""Of a sheet, beside the line of headings.
Source: https://support.microsoft.com/office/excel-specifications-and-limits-1672b34d-7043-467e-8e27-269d656771c3"""
_OFTEN = 500


def write_xlsx(report: Spooled, file: IO[bytes], moved: Moved = lambda done, total: None) -> None:
    """Instants are in UTC, as Excel has them: to the millisecond. Raises OSError; then no temporary file is left."""
    target = UntilEnd(file)
    with tempfile.TemporaryDirectory(prefix="erstwhile-") as folder:
        book = xlsxwriter.Workbook(target, {
            "constant_memory": True, "strings_to_formulas": False, "strings_to_numbers": False,
            "strings_to_urls": False, "default_date_format": "yyyy-mm-dd hh:mm:ss", "remove_timezone": True,
            "tmpdir": folder,
        })  # fmt: skip
        try:
            writer = _Writer(report, book, moved)
            writer.head()
            for section in report.sections:
                writer.section(section)
            book.close()
        except BaseException:
            target.end()
            _close_sheets(book)
            raise


def _close_sheets(book: Any) -> None:
    """Closes the temporary files of the sheets, which the library leaves open when writing fails."""
    for sheet in book.worksheets():
        for handle in (sheet.fh, sheet.row_data_fh):
            if handle is not None:
                # The disk may be full still: what was not written yet is not wanted.
                with contextlib.suppress(OSError):
                    handle.close()


class _Writer:
    def __init__(self, report: Spooled, book: Any, moved: Moved) -> None:
        self._report, self._book, self._moved = report, book, moved
        header = report.header
        self._done = 0
        self._names: set[str] = set()
        self._bold = book.add_format({"bold": True})
        book.set_properties({
            "title": harmless(header.title), "subject": harmless(header.question), "author": header.generated_by,
            "comments": f"SHA-256 {report.content_hash}", "created": stamp_of(header).replace(tzinfo=None),
        })  # fmt: skip

    def head(self) -> None:
        """The sheet with the header: what, in words."""
        sheet = self._book.add_worksheet(self._name("Header"))
        sheet.set_column(0, 0, 26)
        sheet.set_column(1, 1, 100)
        rows = self._rows(sheet, ("text", "text"))
        rows.headings(("Report", self._report.header.title))
        for pair in header_words(self._report.header, self._report.content_hash):
            rows.row(pair)
        for section in self._report.sections:
            for note in section.notes:
                rows.row((section.title, note))

    def section(self, section: SpooledSection) -> None:
        """The sheets of a section: more than one where it has more rows than a sheet may have."""
        rows = self._sheet(section)
        for row in self._report.rows(section):
            if rows.count > MOST_ROWS:
                rows = self._sheet(section)
            rows.row(row)
            self._done += 1
            if self._done % _OFTEN == 0:
                self._moved(self._done, self._report.rows_in_all)

    def _sheet(self, section: SpooledSection) -> SheetRows:
        sheet = self._book.add_worksheet(self._name(section.title))
        sheet.freeze_panes(1, 0)
        sheet.autofilter(0, 0, min(section.count, MOST_ROWS), len(section.columns) - 1)
        sheet.set_column(0, len(section.columns) - 1, 22)
        rows = self._rows(sheet, [column.kind for column in section.columns])
        rows.headings([column.heading for column in section.columns])
        return rows

    def _rows(self, sheet: Any, kinds: Sequence[str]) -> SheetRows:
        return SheetRows(sheet, kinds, self._bold, self._book.default_date_format)

    def _name(self, title: str) -> str:
        """A sheet's name: 31 characters at most, none of []:*?/\\, each once."""
        plain = "".join(each for each in title if each not in "[]:*?/\\'")[:26] or "Sheet"
        name, number = plain, 1
        while name.lower() in self._names:
            number += 1
            name = f"{plain} ({number})"
        self._names.add(name.lower())
        return name
