"""Each report in each form, opened by readers of others; and issued again."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import openpyxl
import orjson
import pypdf
import pytest

from erstwhile.api.database.database import Database
from erstwhile.api.reports.cells import text_of
from erstwhile.api.reports.forms import FORMS
from erstwhile.api.reports.spool import Spooled
from erstwhile.api.runtime.runtime import ReadingRuntime
from erstwhile.domain.event_log.event_log import EventLog
from erstwhile.domain.reports.catalogue import REPORTS
from tests.support import report_stories
from tests.support.program import environment, erstwhile, run
from tests.support.reports import made, reading, words, written

_BEGIN_FORMULAS = ("=", "+", "-", "@", "\t", "\r")


@pytest.fixture(scope="module")
def runtime(told: Database) -> Iterator[ReadingRuntime]:
    with reading(told) as found:
        yield found


@pytest.fixture(scope="module", params=list(REPORTS))
def report(request: pytest.FixtureRequest, runtime: ReadingRuntime) -> Iterator[Spooled]:
    with made(runtime, request.param, words(request.param)) as found:
        yield found


def texts(report: Spooled, number: int) -> list[list[str]]:
    """The cells of a section, in words."""
    section = report.sections[number]
    return [
        [text_of(cell, column.kind) for cell, column in zip(row, section.columns, strict=True)]
        for row in report.rows(section)
    ]


def neutral(text: str) -> str:
    return f"'{text}" if text.startswith(_BEGIN_FORMULAS) else text


class _Tables(HTMLParser):
    """The rows of all tables, and whether the page loads or runs anything."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.foreign: list[str] = []
        self._in_cell = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "tr":
            self.rows.append([])
        self._in_cell = tag in ("td", "th")
        if self._in_cell:
            self.rows[-1].append("")
        if tag in ("script", "img", "link", "iframe") or any(name in ("src", "href", "onclick") for name, _ in attrs):
            self.foreign.append(tag)

    def handle_data(self, data: str) -> None:
        if self._in_cell:
            self.rows[-1][-1] += data

    def handle_endtag(self, tag: str) -> None:
        self._in_cell = False


def test_csv(report: Spooled) -> None:
    for number, section in enumerate(report.sections):
        head, *lines = csv.reader(io.StringIO(written(report, "csv", section.name).decode(), newline=""))
        assert head == [column.name for column in section.columns]
        kinds = [column.kind for column in section.columns]
        assert lines == [
            [cell if kind == "number" else neutral(cell) for cell, kind in zip(row, kinds, strict=True)]
            for row in texts(report, number)
        ]


def test_xlsx(report: Spooled) -> None:
    book = openpyxl.load_workbook(io.BytesIO(written(report, "xlsx")))
    header, *sheets = book.worksheets
    assert header["B2"].value == report.header.question
    assert len(sheets) == len(report.sections)
    for number, (sheet, section) in enumerate(zip(sheets, report.sections, strict=True)):
        head, *lines = sheet.iter_rows()
        assert [cell.value for cell in head] == [column.heading for column in section.columns]
        assert len(lines) == section.count
        for line, row in zip(lines, texts(report, number), strict=True):
            for cell, text, column in zip(line, row, section.columns, strict=True):
                assert cell.data_type != "f", (cell.coordinate, cell.value)
                if column.kind in ("text", "list", "boolean"):
                    assert (cell.value or "") == neutral(text)
                elif column.kind == "number" and text:
                    assert cell.value == float(text)
                elif column.kind == "instant" and cell.value is not None and not isinstance(cell.value, str):
                    assert cell.value.isoformat()[:19] == text[:19]


def test_html(report: Spooled) -> None:
    page = _Tables()
    page.feed(written(report, "html").decode())
    assert not page.foreign
    for number in range(len(report.sections)):
        for row in texts(report, number):
            assert row in page.rows


def test_pdf(report: Spooled) -> None:
    document = pypdf.PdfReader(io.BytesIO(written(report, "pdf")))
    text = "".join(page.extract_text() for page in document.pages)
    plain = "".join(text.split())
    assert report.content_hash in plain
    assert "".join(report.header.question.split()) in plain
    for number, section in enumerate(report.sections):
        assert f"{section.count}of{section.count}" in plain or not section.count
        for row in texts(report, number):
            for cell in row[:3]:
                assert "".join(cell.split()) in plain, cell
    assert "Signature" in text


def test_json_and_the_lines_whose_hash_it_is(report: Spooled) -> None:
    lines = written(report, "ndjson")
    assert hashlib.sha256(lines).hexdigest() == report.content_hash
    whole = orjson.loads(written(report, "json"))
    assert whole["content_hash"] == report.content_hash
    first, *rest = (orjson.loads(line) for line in lines.splitlines())
    assert whole["header"] == first
    assert sum(isinstance(each, list) for each in rest) == sum(len(each["rows"]) for each in whole["sections"])


def test_issued_again_later_and_elsewhere_the_bytes_are_equal(
    twins: tuple[Database, Database], runtime: ReadingRuntime, tmp_path: Path
) -> None:
    told, elsewhere = twins
    with told.connect() as connection:
        head = str(EventLog.within(connection).head())
    first = _all_of(runtime, head)
    # A copy of the log, in which more became known since, late records too; and each read model made anew.
    report_stories.more(elsewhere, tmp_path)
    for model in ("history", "audit"):
        assert erstwhile(elsewhere, "rebuild", model).returncode == 0
    with reading(elsewhere) as other:
        again = _all_of(other, head)
        with made(other, "mfa", words("mfa")) as now:
            assert written(now, "ndjson") != first["mfa", "ndjson"], "more is known now"
    assert [name for name in first if first[name] != again[name]] == []
    # Another machine: its zone, language and hashes of texts.
    for form in ("xlsx", "pdf"):
        file = tmp_path / f"report.{form}"
        _on_another_machine(
            elsewhere, "report", "entitlement-review", "--as-of", report_stories.AS_OF, "--known-at", head, "-f",
            str(file),
        )  # fmt: skip
        assert file.read_bytes() == first["entitlement-review", form], form


def _all_of(runtime: ReadingRuntime, known_at: str | None) -> dict[tuple[str, str], bytes]:
    found: dict[tuple[str, str], bytes] = {}
    for name in REPORTS:
        with made(runtime, name, words(name, known_at)) as report:
            found |= {(name, form): written(report, form) for form in FORMS}
    return found


def _on_another_machine(database: Database, *arguments: str) -> None:
    env = environment(
        database, TZ="Pacific/Chatham", LANG="C", LC_ALL="C", PYTHONHASHSEED="4711", SOURCE_DATE_EPOCH="1"
    )
    assert run(arguments, env, (0, 1, 2)) == 0
