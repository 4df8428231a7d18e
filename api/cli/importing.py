"""What the import commands share: imports that are compared with what is known, and read models that come after."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from erstwhile.api.cli.progress import counting
from erstwhile.api.cli.run import open_runtime
from erstwhile.api.imports.documents import DocumentImporter
from erstwhile.api.imports.shipped import import_shipped
from erstwhile.api.imports.snapshots import Load
from erstwhile.api.imports.summary import Summary
from erstwhile.api.runtime.runtime import ReadingRuntime
from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.event_log.event_log import EventLog


def compared(max_file_bytes: int, read: Callable[[DocumentImporter, Load], Summary]) -> Summary:
    """An import that is compared with the history known so far."""
    with open_runtime() as runtime, runtime.database.connect() as connection:
        import_shipped(connection)

        def load(account: str, as_of: datetime) -> Directory:
            project(runtime)
            return runtime.history.past.directory(as_of, EventLog.within(connection).head(), account)

        summary = read(DocumentImporter(connection, max_file_bytes), load)
        project(runtime)
    return summary


def project(runtime: ReadingRuntime) -> None:
    """Brings the read models up, or waits for a running server to do so."""
    with counting("projecting", "events") as progress:
        if not runtime.projector.catch_up(progress=progress):
            with runtime.connection() as connection:
                runtime.projector.wait_for(EventLog.within(connection).head(), timeout=600)
    with runtime.connection() as connection:
        runtime.database.acknowledge(EventLog.within(connection).head())
