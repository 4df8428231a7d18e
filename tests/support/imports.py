"""A database with records in it, for tests of what is asked of them."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import orjson

from erstwhile.api.database.database import Database
from erstwhile.api.imports.cloudtrail import CloudTrailImporter
from erstwhile.api.imports.documents import DocumentImporter
from erstwhile.api.imports.summary import Summary
from erstwhile.api.runtime.runtime import ReadingRuntime
from erstwhile.domain.event_log.event_log import EventLog
from erstwhile.domain.vocabulary.instants import parse_instant
from tests.support.records import trail_file


def import_bytes(database: Database, folder: Path, data: bytes, name: str = "trail.json") -> Summary:
    """Imports one file and brings the read models up."""
    path = folder / name
    path.write_bytes(data)
    service = ReadingRuntime(database)
    try:
        with database.connect() as connection:
            summary = CloudTrailImporter(connection).import_files([path])
        service.projector.catch_up()
    finally:
        service.close()
    return summary


def import_records(database: Database, folder: Path, *records: dict[str, Any]) -> Summary:
    """The same of records."""
    return import_bytes(database, folder, trail_file(*records))


class Imports:
    def __init__(self, service: ReadingRuntime, folder: Path) -> None:
        self.service, self.folder = service, folder

    def snapshot(self, data: Any, at: str, complete: bool = True) -> Summary:
        path = self.folder / "snapshot.json"
        path.write_bytes(orjson.dumps(data))
        with self.service.database.connect() as connection:

            def load(account: str, as_of: datetime) -> Any:
                self.service.projector.catch_up()
                return self.service.history.past.directory(as_of, EventLog.within(connection).head(), account)

            found = DocumentImporter(connection).snapshot(path, parse_instant(at), complete, load)
        self.service.projector.catch_up()
        return found

    def document(self, run: Any) -> Summary:
        with self.service.database.connect() as connection:
            found: Summary = run(DocumentImporter(connection))
        self.service.projector.catch_up()
        return found
