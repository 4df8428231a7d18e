"""The `eventsourcing` library's own packaged DCB tests, on the log that the product uses."""

from __future__ import annotations

from eventsourcing.dcb.tests import DCBRecorderTestCase

from erstwhile.api.database.database import Database
from erstwhile.domain.event_log.event_log import EventLog


class Packaged(DCBRecorderTestCase):
    """The packaged tests as methods to call."""

    def append_read(self, recorder: EventLog) -> None:
        self._test_append_read(recorder)

    def append_subscribe(self, recorder: EventLog) -> None:
        self._test_append_subscribe(recorder)


def test_append_and_read(any_database: Database) -> None:
    Packaged().append_read(any_database.event_log)


def test_append_and_read_over_one_connection(any_database: Database) -> None:
    with any_database.connect() as connection:
        Packaged().append_read(EventLog.within(connection))


def test_append_and_subscribe(any_database: Database) -> None:
    Packaged().append_subscribe(any_database.event_log)
