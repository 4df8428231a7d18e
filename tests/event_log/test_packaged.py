"""The `eventsourcing` library's own packaged DCB tests, on our recorder."""

from __future__ import annotations

from eventsourcing.dcb.tests import DCBRecorderTestCase

from erstwhile.api.runtime.database import Database
from erstwhile.domain.event_log.recorder import PostgresRecorder


class Packaged(DCBRecorderTestCase):
    """The packaged tests as methods to call."""

    def append_read(self, recorder: PostgresRecorder) -> None:
        self._test_append_read(recorder)

    def append_subscribe(self, recorder: PostgresRecorder) -> None:
        self._test_append_subscribe(recorder)


def test_append_and_read(any_database: Database) -> None:
    with any_database.pool() as pool:
        Packaged().append_read(PostgresRecorder(pool, any_database.dsn))


def test_append_and_subscribe(any_database: Database) -> None:
    with any_database.pool() as pool:
        Packaged().append_subscribe(PostgresRecorder(pool, any_database.dsn))
