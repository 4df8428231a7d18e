"""Appending: batches of commands' events, each on its condition, in one transaction."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import orjson
import psycopg

from erstwhile.domain.event_log.append_condition import QueryItem
from erstwhile.domain.event_log.codec import CURRENT_VERSION, NUL_IN_JSON, encode
from erstwhile.domain.event_log.random_bytes import random_bytes
from erstwhile.domain.events import TYPE_NAMES, Actor, BareEvent, Body, Details, Envelope
from erstwhile.domain.replay.event_slots import stored_tag, tags
from erstwhile.domain.vocabulary.storable_text import storable


class Condition(msgspec.Struct, frozen=True):
    """Fails when an event after position `after` matches any of the items."""

    items: tuple[QueryItem, ...]
    after: int


class NewEvent(msgspec.Struct, frozen=True, kw_only=True):
    """An event to be appended. `occurred_at` None: the instant at which it is recorded."""

    event_id: str
    account: str
    body: Body
    occurred_at: datetime | None = None
    source: str = "api"
    actor: Actor = Actor()
    request_id: str = ""
    action: str = ""
    evidence: str = ""
    between: tuple[datetime, datetime] | None = None
    details: Details | None = None


class Append(msgspec.Struct, frozen=True):
    """One command's events and what they depend on."""

    events: tuple[NewEvent, ...]
    condition: Condition | None = None


def _encoded(details: Details) -> bytes:
    """What may have to be forgotten, as JSON that PostgreSQL can read: a caller chooses these texts."""
    try:
        data = msgspec.json.encode(details)
    except UnicodeEncodeError:
        data = b""
    if data and (b"\\u0000" not in data or not NUL_IN_JSON.search(data)):
        return data
    return msgspec.json.encode(
        Details(storable(details.source_ip), storable(details.user_agent), storable(details.session))
    )


def _as_json(event: NewEvent) -> dict[str, Any]:
    salt = digest = details = None
    if event.details is not None:
        details = _encoded(event.details)
        salt = random_bytes(16)
        digest = hashlib.sha256(salt + details).hexdigest()
    name = TYPE_NAMES[type(event.body)]
    envelope = Envelope(
        v=CURRENT_VERSION.get(name, 1),
        source=event.source,
        actor=event.actor,
        request_id=event.request_id,
        action=event.action,
        evidence=event.evidence,
        between=event.between,
        details_sha256=digest or "",
        body=event.body,
    )
    return {
        "id": event.event_id,
        "type": name,
        "account": event.account,
        "occurred_at": event.occurred_at,
        "tags": [stored_tag(tag) for tag in tags(event.account, event.body)],
        "data": orjson.Fragment(encode(envelope)),
        "salt": salt.hex() if salt else None,
        "details": details.decode() if details else None,
    }


def batch_item(append: Append) -> dict[str, Any]:
    """One command of a batch, as append_events() takes it. Raises NotIJson."""
    condition = append.condition
    return {
        "after": condition.after if condition else 0,
        "unless": None
        if condition is None
        else [{"types": each.types, "tags": [stored_tag(tag) for tag in each.tags]} for each in condition.items],
        "events": [_as_json(event) for event in append.events],
    }


class Appended(msgspec.Struct, frozen=True):
    """For each command the position of its last event, None where its condition failed; the position before the first,
    and when the first was recorded: each other is recorded a microsecond after the one before it."""

    positions: list[int | None]
    head: int
    stamp: datetime

    def told(self, commands: Iterable[tuple[str, Iterable[Body]]]) -> list[BareEvent]:
        """What was appended, where all was and the commands said nothing of when: (account, bodies) of each."""
        stamp, microsecond = self.stamp.astimezone(UTC), timedelta(microseconds=1)
        bodies = [(account, body) for account, of_one in commands for body in of_one]
        return [
            BareEvent(self.head + number + 1, stamp + number * microsecond, account, body)
            for number, (account, body) in enumerate(bodies)
        ]


def send_batch(connection: psycopg.Connection[Any], batch: Sequence[dict[str, Any]], whole: bool = False) -> Appended:
    """Appends within the connection's transaction, which must be READ COMMITTED; the caller commits. `whole`: nothing
    is appended unless everything is."""
    row = connection.execute(
        "SELECT positions, head, stamp FROM append_events(%s::jsonb, %s)", (orjson.dumps(batch).decode(), whole),
        prepare=True,
    ).fetchone()  # fmt: skip
    assert row is not None
    return Appended(*row)


@contextmanager
def holding_log(connection: psycopg.Connection[Any]) -> Iterator[None]:
    """Nobody else appends during the block: the lock is that of append_events()."""
    connection.execute("SELECT pg_advisory_lock(hashtext('erstwhile.event'))")
    try:
        yield
    finally:
        if not connection.closed:
            connection.execute("SELECT pg_advisory_unlock(hashtext('erstwhile.event'))")


def append_events(connection: psycopg.Connection[Any], appends: Sequence[Append]) -> list[int | None]:
    """`send_batch` of what `batch_item` makes of each: the positions."""
    return send_batch(connection, [batch_item(append) for append in appends]).positions
