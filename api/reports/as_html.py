"""A report as one HTML page that loads nothing else, to read and to print. A policy of the page's own forbids scripts,
images and connections; all text of others is escaped."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import IO, Any

from jinja2 import Environment, StrictUndefined, Template

from erstwhile.api.reports.cells import text_of
from erstwhile.api.reports.header_words import header_words
from erstwhile.api.reports.spool import Spooled, SpooledSection
from erstwhile.api.support.visible import visible

_TOGETHER = 500
"""Pieces of the page that are written at once."""


@cache
def _page() -> Template:
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=False, keep_trailing_newline=True)
    return environment.from_string((files("erstwhile.api.reports") / "page.html").read_text("utf-8"))


def write_html(report: Spooled, file: IO[bytes]) -> None:
    """Memory does not grow with the rows."""
    stream = _page().stream(
        title=visible(report.header.title),
        header=[
            (visible(what), visible(words)) for what, words in header_words(report.header, report.content_hash)
        ],
        sections=(_section(report, each) for each in report.sections),
    )  # fmt: skip
    stream.enable_buffering(_TOGETHER)
    for piece in stream:
        file.write(piece.encode())


def _section(report: Spooled, section: SpooledSection) -> dict[str, Any]:
    return {
        "title": visible(section.title), "notes": [visible(each) for each in section.notes], "count": section.count,
        "empty": section.empty, "headings": [visible(each.heading) for each in section.columns],
        "rows": _rows(report, section),
    }  # fmt: skip


def _rows(report: Spooled, section: SpooledSection) -> Iterator[list[str]]:
    kinds = [column.kind for column in section.columns]
    for row in report.rows(section):
        yield [visible(text_of(cell, kind)) for cell, kind in zip(row, kinds, strict=True)]
