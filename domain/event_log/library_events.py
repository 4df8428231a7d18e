"""Events of the `eventsourcing` library ↔ rows of the log, and what `EventLog` returns through the library's interface.

Bytes that are one JSON object in sorted compact form are stored as that object; any others are wrapped.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import orjson
from eventsourcing.dcb.api import (
    DCBAppendCondition,
    DCBEvent,
    DCBQuery,
    DCBReadResponse,
    DCBSequencedEvent,
    DCBSubscription,
)

from erstwhile.domain.event_log.follow import Tail
from erstwhile.domain.event_log.new_events import EncodedAppend
from erstwhile.domain.vocabulary.slots import stored_text

if TYPE_CHECKING:
    import psycopg

    from erstwhile.domain.event_log.event_log import EventLog

COLUMNS = "e.position, e.type, e.data::text, e.tags"
_WRAPPED = "$bytes"
_PAGE = 1_000
"""Events that a subscription reads at once."""


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


def encoded_events(events: Sequence[DCBEvent], condition: DCBAppendCondition | None) -> EncodedAppend:
    """The library's events and condition as append_events() takes them; the database draws the ids."""
    return {
        "after": (condition.after or 0) if condition else 0,
        "unless": None
        if condition is None
        else [
            {"types": item.types, "tags": [stored_text(tag) for tag in item.tags]}
            for item in condition.fail_if_events_match.items
        ],
        "events": [
            {
                "id": None,
                "type": event.type,
                "account": "",
                "occurred_at": None,
                "tags": [stored_text(tag) for tag in event.tags],
                "data": orjson.Fragment(_to_json(event.data)),
                "salt": None,
                "details": None,
            }
            for event in events
        ],
    }


def sequenced_events(rows: Iterable[tuple[Any, ...]]) -> list[DCBSequencedEvent]:
    """Rows of COLUMNS as the library's events."""
    return [
        DCBSequencedEvent(DCBEvent(type=kind, data=_from_json(json.loads(data)), tags=tags), position)
        for position, kind, data, tags in rows
    ]


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


class Subscription(DCBSubscription["EventLog"]):
    """Blocks at the head of the log until events come; `stop` ends it."""

    def __init__(self, log: EventLog, dsn: str, query: DCBQuery | None, after: int | None) -> None:
        super().__init__(log, query, after)
        self._tail = Tail(dsn, self._read, _PAGE)
        self._pending: Iterator[DCBSequencedEvent] = iter(())

    def _read(self, connection: psycopg.Connection[Any]) -> tuple[list[DCBSequencedEvent], int]:
        events = list(self._recorder.within(connection).read(self._query, after=self._last_position, limit=_PAGE))
        return events, len(events)

    def stop(self) -> None:
        super().stop()
        self._tail.stop()

    def __next__(self) -> DCBSequencedEvent:
        while not self._has_been_stopped:
            for event in self._pending:
                self._last_position = event.position
                return event
            self._pending = iter(self._tail.next_page() or ())
        raise StopIteration
