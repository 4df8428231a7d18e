"""Asks for reports in tests."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from erstwhile.api.asking.over_time.stopping import Stop
from erstwhile.api.database.database import Database
from erstwhile.api.reports.forms import FORMS, section_named
from erstwhile.api.reports.gathering import ReportWords
from erstwhile.api.reports.spool import Spooled, spooled
from erstwhile.api.runtime.runtime import ReadingRuntime
from erstwhile.domain.reports.catalogue import REPORTS
from tests.support.report_stories import AS_OF, FROM, OPTIONS, TO


@contextmanager
def reading(database: Database) -> Iterator[ReadingRuntime]:
    runtime = ReadingRuntime(database)
    try:
        runtime.projector.catch_up()
        yield runtime
    finally:
        runtime.close()


def words(name: str, known_at: str | None = None, **more: Any) -> ReportWords:
    """The instant or window of the story, with the options that the report cannot do without."""
    more = {"options": OPTIONS.get(name, {})} | more
    if REPORTS[name].about == "window":
        return ReportWords(begin=FROM, end=TO, known_at=known_at, **more)
    return ReportWords(as_of=AS_OF, known_at=known_at, **more)


@contextmanager
def made(runtime: ReadingRuntime, name: str, asked: ReportWords) -> Iterator[Spooled]:
    with runtime.reports.report(name, asked, Stop()) as report:
        found = spooled(report)
    try:
        yield found
    finally:
        found.close()


def written(report: Spooled, form: str, section: str = "") -> bytes:
    """A report as a file."""
    file = io.BytesIO()
    FORMS[form].write(report, section_named(report, section), file, lambda done, total: None)
    return file.getvalue()


def rows(report: Spooled, *columns: str, section: str = "") -> list[tuple[Any, ...]]:
    """Some columns of a section's rows."""
    chosen = section_named(report, section)
    places = [[each.name for each in chosen.columns].index(column) for column in columns]
    return [tuple(row[place] for place in places) for row in report.rows(chosen)]
