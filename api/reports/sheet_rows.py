"""Rows of a workbook's sheet, written whole.

XlsxWriter writes cell by cell, which takes most of the time of a long report; and where its memory is constant it takes
a text that begins with `<r>` and ends with `</r>` for XML of its own, formulas and all. So rows go to the file of its
rows as XML that is made here (ECMA-376, part 1, 18.3.1.73 and 18.3.1.4): texts, numbers and instants, nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from html import escape
from typing import Any

from xlsxwriter.utility import xl_col_to_name

from erstwhile.api.reports.cells import text_of
from erstwhile.api.support.harmless import harmless
from erstwhile.domain.vocabulary.instants import parse_instant

MOST_CHARACTERS = 32_767
"""Of a cell.
Source: https://support.microsoft.com/office/excel-specifications-and-limits-1672b34d-7043-467e-8e27-269d656771c3"""
_CUT = " … (more: see the report as JSON)"
_ESCAPED = re.compile(r"(_x[0-9A-Fa-f]{4}_)")
"""What spreadsheets take for an escaped character."""
_DAY_ZERO = datetime(1899, 12, 30)
_FIRST_YEAR = 1901
"""Dates before March 1900 are off by a day in spreadsheets."""


class SheetRows:
    """The rows of one sheet, one after another. `bold`, `date`: the workbook's formats of headings and instants."""

    def __init__(self, sheet: Any, kinds: Sequence[str], bold: Any, date: Any) -> None:
        self._sheet = sheet
        self._kinds = kinds
        self._bold, self._date = bold, date
        self._letters = [xl_col_to_name(number) for number in range(len(kinds))]
        self._at = 0

    @property
    def count(self) -> int:
        """The rows that were written."""
        return self._at

    def headings(self, texts: Sequence[str]) -> None:
        """A row in bold."""
        style = self._bold._get_xf_index()
        cells = (
            _text(f"{letter}{self._at + 1}", each, f' s="{style}"')
            for letter, each in zip(self._letters, texts, strict=True)
        )
        self._row("".join(cells))

    def row(self, cells: Sequence[Any]) -> None:
        """A row of a report."""
        number = self._at + 1
        parts = [
            self._cell(f"{letter}{number}", cell, kind)
            for letter, cell, kind in zip(self._letters, cells, self._kinds, strict=True)
            if kind == "boolean" or not (cell is None or cell == "" or cell == [])
        ]
        self._row("".join(parts))

    def _row(self, xml: str) -> None:
        # The library keeps a sheet's extent for itself.
        self._sheet._check_dimensions(self._at, len(self._kinds) - 1)
        self._sheet._check_dimensions(self._at, 0)
        self._at += 1
        self._sheet.row_data_fh.write(f'<row r="{self._at}">{xml}</row>')

    def _cell(self, place: str, cell: Any, kind: str) -> str:
        if kind == "number":
            return f'<c r="{place}"><v>{cell:.16G}</v></c>'
        if kind == "instant" and (days := _days(cell)) is not None:
            return f'<c r="{place}" s="{self._date._get_xf_index()}"><v>{days:.16G}</v></c>'
        return _text(place, text_of(cell, kind))


def _text(place: str, text: str, style: str = "") -> str:
    shown = harmless(text)
    if len(shown) > MOST_CHARACTERS:
        shown = shown[: MOST_CHARACTERS - len(_CUT)] + _CUT
    if "_x" in shown:
        shown = _ESCAPED.sub(r"_x005F\1", shown)
    written = escape(shown, quote=False)
    return f'<c r="{place}"{style} t="inlineStr"><is><t xml:space="preserve">{written}</t></is></c>'


def _days(text: str) -> float | None:
    """An instant as spreadsheets count: days since the end of 1899, in UTC. None for infinity, and for what is too
    early."""
    if text.endswith("infinity"):
        return None
    found = parse_instant(text)
    if found.year < _FIRST_YEAR:
        return None
    since = found.replace(tzinfo=None) - _DAY_ZERO
    return since.days + round(since.seconds + since.microseconds / 1e6, 3) / 86_400
