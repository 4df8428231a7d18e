"""Tables that spreadsheets write and read: cells that cannot become formulas, and files in the encodings that
spreadsheets save.

Source: CWE-1236, https://owasp.org/www-community/attacks/CSV_Injection"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

from erstwhile.domain.vocabulary.malformed import MalformedInput

_FORMULA = tuple("=+-@＝＋－＠\t\r")
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
MAX_BYTES = 64 * 1024 * 1024


class MalformedTable(MalformedInput):
    """not a table as CSV"""

    code = "malformed_table"


def neutral(text: str) -> str:
    """The text with an apostrophe before it, where a spreadsheet would take it for a formula."""
    return f"'{text}" if _may_be_formula(text) else text


def plain(text: str) -> str:
    """The text without the apostrophe that `neutral` put before it."""
    return text[1:] if text[:1] == "'" and _may_be_formula(text[1:]) else text


def _may_be_formula(text: str) -> bool:
    return text.startswith(_FORMULA) or text.lstrip().startswith(_FORMULA)


def csv_text(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table as CSV (RFC 4180), its cells neutral."""
    written = io.StringIO()
    writer = csv.writer(written)
    writer.writerow(columns)
    writer.writerows([neutral(cell) for cell in row] for row in rows)
    return written.getvalue()


def read_csv(data: bytes, required: Sequence[str]) -> Iterator[tuple[int, dict[str, str]]]:
    """The rows of a table, each with the number of its line in the file: lower-case column → text. UTF-8 with or
    without its mark, and UTF-16 with it; commas, semicolons or tabs. Raises MalformedTable, which says what is wrong:
    another encoding, columns that are missing, a row that is too long."""
    reader = csv.reader(io.StringIO(_decoded(data), newline=""), delimiter=_delimiter(data), strict=True)
    try:
        header = next(reader, None)
        if header is None:
            raise MalformedTable("the file is empty: a first row with the names of columns is expected")
        columns = [name.strip().lower().replace(" ", "_") for name in header]
        missing = [name for name in required if name not in columns]
        if missing:
            raise MalformedTable(
                f"the column {', '.join(missing)} is missing; the first row has {', '.join(columns) or 'none'}"
            )
        for row in reader:
            if len(row) > len(columns):
                raise MalformedTable(f"line {reader.line_num}: {len(row)} cells, and {len(columns)} columns")
            if any(cell.strip() for cell in row):
                cells = dict(zip(columns, row, strict=False))
                yield reader.line_num, {name: plain(cells.get(name, "").strip()) for name in columns}
    except csv.Error as error:
        raise MalformedTable(f"line {reader.line_num}: {error}") from None


def _decoded(data: bytes) -> str:
    if len(data) > MAX_BYTES:
        raise MalformedTable(f"the file has more than {MAX_BYTES:,} bytes")
    try:
        if data.startswith(_UTF16):
            return data.decode("utf-16")
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise MalformedTable(
            f"the file is not in UTF-8 (byte {error.start:,} is {data[error.start]:#04x}): save it as CSV UTF-8"
        ) from None


def _delimiter(data: bytes) -> str:
    first = _decoded(data).partition("\n")[0]
    return max(",;\t", key=first.count)
