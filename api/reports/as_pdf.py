"""A report as PDF, for signatures: each row as a block of lines, since twenty columns do not fit on paper, with a place
to sign at the end. The fonts are PDF's own, so characters that these lack are written as escapes."""

from __future__ import annotations

import time
from collections.abc import Iterator
from hashlib import md5
from typing import IO

from reportlab.lib.pagesizes import A4
from reportlab.lib.utils import simpleSplit
from reportlab.pdfgen.canvas import Canvas

from erstwhile.api.problems import Problem
from erstwhile.api.reports.cells import text_of
from erstwhile.api.reports.header_words import header_words
from erstwhile.api.reports.spool import Spooled, SpooledSection
from erstwhile.api.reports.stamp import stamp_of
from erstwhile.api.support.visible import visible

MOST_ROWS = 20_000
"""Rows of a PDF: a canvas keeps its pages in memory until it is saved, and nobody signs a thousand pages."""
_PLAIN, _BOLD = "Helvetica", "Helvetica-Bold"
_WIDTH, _HEIGHT = A4
_MARGIN = 42.0
_LABEL = 120.0
"""Points (1/72 inch) that labels take."""


def write_pdf(report: Spooled, file: IO[bytes]) -> None:
    """Raises Problem 422 for a report of more than MOST_ROWS rows."""
    if report.rows_in_all > MOST_ROWS:
        raise Problem(
            422, "too_much",
            f"the report has {report.rows_in_all:,} lines, and a PDF at most {MOST_ROWS:,}: take XLSX, CSV, HTML or "
            "JSON, or ask about one account or resource",
        )  # fmt: skip
    canvas = Canvas(file, pagesize=A4, invariant=1, pageCompression=1)
    _date(canvas, report)
    paper = _Paper(canvas, _text(f"{report.header.title} · SHA-256 {report.content_hash}"))
    paper.line(_text(report.header.title), _BOLD, 16)
    for what, words in header_words(report.header, report.content_hash):
        paper.pair(_text(what), _text(words))
    for section in report.sections:
        _section(paper, report, section)
    paper.signatures()
    canvas.save()


def _date(canvas: Canvas, report: Spooled) -> None:
    canvas.setTitle(_text(report.header.title))
    canvas.setAuthor(report.header.generated_by)
    canvas.setSubject(_text(report.header.question))
    stamp = canvas._doc._timeStamp  # reportlab has no other way to choose the date
    stamp.t = stamp_of(report.header).timestamp()
    stamp.lt = time.gmtime(stamp.t)
    stamp.YMDhms = tuple(stamp.lt)[:6]
    stamp.dhh = stamp.dmm = 0
    stamp.tzname = "UTC"
    # Of the file's identifier, which reportlab begins with the machine's time or environment.
    canvas._doc.signature = md5(report.content_hash.encode(), usedforsecurity=False)


def _section(paper: _Paper, report: Spooled, section: SpooledSection) -> None:
    paper.space(12)
    paper.line(_text(section.title), _BOLD, 12)
    for note in section.notes:
        paper.line(_text(note), _PLAIN, 8)
    if not section.count:
        paper.line(_text(section.empty), _PLAIN, 9)
    for number, row in enumerate(report.rows(section), 1):
        paper.space(5)
        pairs = [
            (_text(column.heading), _text(text))
            for column, cell in zip(section.columns, row, strict=True)
            if (text := text_of(cell, column.kind))
        ]
        paper.line(f"{number} of {section.count}", _BOLD, 8)
        for heading, text in pairs:
            paper.pair(heading, text)


def _text(text: str) -> str:
    """In the characters that PDF's own fonts have (Windows-1252)."""
    return visible(text).encode("cp1252", "backslashreplace").decode("cp1252")


class _Paper:
    """Writes lines from the top of a page to its bottom, then on the next."""

    def __init__(self, canvas: Canvas, foot: str) -> None:
        self._canvas, self._foot = canvas, foot
        self._page = 0
        self._begin()

    def _begin(self) -> None:
        self._page += 1
        self._canvas.setFont(_PLAIN, 7)
        self._canvas.drawString(_MARGIN, _MARGIN / 2, self._foot[:150])
        self._canvas.drawRightString(_WIDTH - _MARGIN, _MARGIN / 2, f"page {self._page}")
        self._y = _HEIGHT - _MARGIN

    def _down(self, points: float) -> None:
        if self._y - points < _MARGIN:
            self._canvas.showPage()
            self._begin()
        self._y -= points

    def space(self, points: float) -> None:
        """An empty place, but at the top of a page."""
        if self._y < _HEIGHT - _MARGIN:
            self._y -= points

    def line(self, text: str, font: str, size: float) -> None:
        """A paragraph over the page's width."""
        for each in _lines(text, font, size, _WIDTH - 2 * _MARGIN):
            self._down(size * 1.25)
            self._canvas.setFont(font, size)
            self._canvas.drawString(_MARGIN, self._y, each)

    def pair(self, label: str, text: str) -> None:
        """A label, and beside it a paragraph."""
        size = 8.0
        for number, each in enumerate(_lines(text, _PLAIN, size, _WIDTH - 2 * _MARGIN - _LABEL)):
            self._down(size * 1.25)
            if number == 0:
                self._canvas.setFont(_BOLD, size)
                self._canvas.drawString(_MARGIN, self._y, label[:32])
            self._canvas.setFont(_PLAIN, size)
            self._canvas.drawString(_MARGIN + _LABEL, self._y, each)

    def signatures(self) -> None:
        """Places for a name, a date and a signature."""
        self.space(24)
        for words in ("Reviewed by (name)", "Date", "Signature"):
            self._down(28)
            self._canvas.setFont(_PLAIN, 9)
            self._canvas.drawString(_MARGIN, self._y, words)
            self._canvas.line(_MARGIN + _LABEL, self._y - 2, _WIDTH - _MARGIN, self._y - 2)


def _lines(text: str, font: str, size: float, width: float) -> Iterator[str]:
    """The text in lines that fit; a word that is longer than a line is broken."""
    for line in simpleSplit(text, font, size, width) or [""]:
        rest = line
        most = max(1, int(width / (size * 0.5)))
        while len(rest) > most:
            yield rest[:most]
            rest = rest[most:]
        yield rest
