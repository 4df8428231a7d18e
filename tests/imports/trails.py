"""A database with records in it, for tests of what is asked of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from erstwhile.api.imports.cloudtrail import CloudTrailImporter
from erstwhile.api.imports.summary import Summary
from erstwhile.api.runtime.database import Database
from erstwhile.api.service import Service
from tests.records import trail_file


def import_bytes(database: Database, folder: Path, data: bytes, name: str = "trail.json") -> Summary:
    """Imports one file and brings the read models up."""
    path = folder / name
    path.write_bytes(data)
    service = Service(database)
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
