"""The log behind the `eventsourcing` library's DCB interface, held to the library's own tests.

Bytes that are one JSON object in sorted compact form are stored as that object; any others are wrapped.
"""

from __future__ import annotations

import base64
import json
import uuid
from collections.abc import Iterator, Sequence
from typing import Any

import orjson
from eventsourcing.dcb.api import (
    DCBAppendCondition,
    DCBEvent,
    DCBQuery,
    DCBReadResponse,
    DCBRecorder,
    DCBSequencedEvent,
    DCBSubscription,
)
from eventsourcing.persistence import IntegrityError, ProgrammingError
from psycopg_pool import ConnectionPool

from erstwhile.domain.event_log.append import send_batch
from erstwhile.domain.event_log.follow import LogNotifications

_WRAPPED = "$bytes"
_PAGE = 1000


def _to_json(data: bytes) -> bytes:
    try:
        value = orjson.loads(data)
        canonical = orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    except orjson.JSONDecodeError:
        canonical = b""
    if canonical == data and isinstance(value, dict) and _WRAPPED not in value and b"\\u0000" not in data:
        return data
    return orjson.dumps({_WRAPPED: base64.b64encode(data).decode()})


def _from_json(value: dict[str, Any]) -> bytes:
    if _WRAPPED in value:
        return base64.b64decode(value[_WRAPPED])
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def _items(query: DCBQuery) -> list[dict[str, list[str]]]:
    return [{"types": item.types, "tags": item.tags} for item in query.items]


class ReadResponse(DCBReadResponse):
    """Events in order; `head` is the log's head, or the last event's position where a limit was given."""

    def __init__(self, events: list[DCBSequencedEvent], head: int | None) -> None:
        self._events = iter(events)
        self._head = head

    @property
    def head(self) -> int | None:
        return self._head

    def __next__(self) -> DCBSequencedEvent:
        return next(self._events)


class PostgresRecorder(DCBRecorder):
    """`DCBRecorder` on the tables and functions of migrations/."""

    def __init__(self, pool: ConnectionPool[Any], dsn: str) -> None:
        self._pool = pool
        self._dsn = dsn

    def read(
        self, query: DCBQuery | None = None, *, after: int | None = None, limit: int | None = None
    ) -> ReadResponse:
        items = _items(query or DCBQuery())
        where = "e.position > %s"
        arguments: list[Any] = [after or 0]
        if items:
            clauses = []
            for item in items:
                clause = ["true"]
                if item["types"]:
                    clause.append("e.type = ANY (%s)")
                    arguments.append(item["types"])
                for tag in item["tags"]:
                    clause.append("e.position IN (SELECT t.position FROM event_tag t WHERE t.tag = %s)")
                    arguments.append(tag)
                clauses.append(" AND ".join(clause))
            where += f" AND (({') OR ('.join(clauses)}))"
        limiting = "" if limit is None else f"LIMIT {int(limit)}"
        with self._pool.connection() as connection, connection.transaction():
            connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            rows = connection.execute(
                f"SELECT e.position, e.type, e.data::text, e.tags FROM event e WHERE {where} "
                f"ORDER BY e.position {limiting}",
                arguments,
            ).fetchall()
            top = connection.execute("SELECT max(position) FROM event").fetchone()
        events = [
            DCBSequencedEvent(DCBEvent(type=kind, data=_from_json(json.loads(data)), tags=tags), position)
            for position, kind, data, tags in rows
        ]
        if limit is None:
            return ReadResponse(events, top[0] if top else None)
        return ReadResponse(events, events[-1].position if events else None)

    def append(self, events: Sequence[DCBEvent], condition: DCBAppendCondition | None = None) -> int:
        """Raises IntegrityError when the condition fails, ProgrammingError for no events."""
        if not events:
            raise ProgrammingError("append needs at least one event")
        batch = [
            {
                "after": (condition.after or 0) if condition else 0,
                "unless": _items(condition.fail_if_events_match) if condition else None,
                "events": [
                    {
                        "id": str(uuid.uuid4()),
                        "type": event.type,
                        "account": "",
                        "occurred_at": None,
                        "tags": event.tags,
                        "data": orjson.Fragment(_to_json(event.data)),
                        "salt": None,
                        "details": None,
                    }
                    for event in events
                ],
            }
        ]
        with self._pool.connection() as connection:
            [position] = send_batch(connection, batch).positions
        if position is None:
            raise IntegrityError("an event that this append depends on came first")
        return position

    def subscribe(self, query: DCBQuery | None = None, *, after: int | None = None) -> Subscription:
        return Subscription(self, query, after)


class Subscription(DCBSubscription[PostgresRecorder]):
    """Blocks at the head of the log until events come; `stop` ends it."""

    def __init__(self, recorder: PostgresRecorder, query: DCBQuery | None = None, after: int | None = None) -> None:
        super().__init__(recorder, query, after)
        self._listener = LogNotifications(recorder._dsn)
        self._pending: Iterator[DCBSequencedEvent] = iter(())

    def stop(self) -> None:
        super().stop()
        self._listener.close()

    def __next__(self) -> DCBSequencedEvent:
        while not self._has_been_stopped:
            for event in self._pending:
                self._last_position = event.position
                return event
            response = self._recorder.read(self._query, after=self._last_position, limit=_PAGE)
            events = list(response)
            self._pending = iter(events)
            if not events:
                self._listener.wait()
        raise StopIteration
