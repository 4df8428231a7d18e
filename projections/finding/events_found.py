"""Events by position, by id and by the request that made them; records by their id."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable, Iterator
from typing import Any

from erstwhile.domain.event_log.event_log import EventLog
from erstwhile.domain.events import Event
from erstwhile.domain.vocabulary.identifiers import is_account_id
from erstwhile.projections.finding.found import Found
from erstwhile.projections.sql import Connection
from erstwhile.projections.trail_index.index import TrailIndex
from erstwhile.projections.trail_index.wanted import as_written

_MOST = 50
"""Events of one request that are listed."""
_POSITION = re.compile(r"^@?(\d{1,18})$", re.ASCII)
_OF_REQUEST = (
    "SELECT position FROM event WHERE data->>'request_id' = %(word)s AND position <= %(known)s{} "
    "ORDER BY position LIMIT %(most)s"
)
_ACCOUNTS = (
    "WITH RECURSIVE each (account) AS ((SELECT account FROM account_coverage ORDER BY account LIMIT 1) UNION ALL "
    "SELECT (SELECT c.account FROM account_coverage c WHERE c.account > each.account ORDER BY c.account LIMIT 1) "
    "FROM each WHERE each.account IS NOT NULL) SELECT account FROM each WHERE account IS NOT NULL"
)
"""The accounts with records, one probe of the index each."""
_RECORD = (
    "SELECT a.account, a.record_id, a.occurred_at, a.action, a.principal, a.error_code FROM activity a "
    "JOIN evidence_block b USING (block_id) "
    "WHERE a.account = ANY (%(accounts)s) AND a.record_id = %(record)s AND b.position <= %(known)s"
)
_OF_RECORD = (
    "SELECT position FROM event WHERE occurred_at = %(at)s AND data->>'evidence' = %(evidence)s "
    "AND position <= %(known)s ORDER BY position LIMIT %(most)s"
)


def events(connection: Connection, words: str, known_at: int, index: TrailIndex | None = None) -> Iterator[Found]:
    """The event at a position (`@4711`, 4711) or of an id, and the events of a request; a record (its id, or
    ACCOUNT/ID), and the events that were made of it."""
    positions: dict[int, None] = {}
    if (found := _POSITION.match(words)) and 0 < int(found[1]) <= known_at:
        positions[int(found[1])] = None
    if _is_uuid(words):
        position = EventLog.within(connection).find_event(words)
        if position is not None and position <= known_at:
            positions[position] = None
    positions |= dict.fromkeys(of_request(connection, words, known_at, index))
    records = list(_records(connection, words, known_at))
    for record, more in records:
        yield record
        positions |= more
    yield from map(_told, _read(connection, positions))


def of_request(connection: Connection, words: str, known_at: int, index: TrailIndex | None) -> list[int]:
    """The positions of the events of a request, the first of them."""
    arguments: dict[str, Any] = {"word": words, "known": known_at, "most": _MOST}
    among = ""
    keys = as_written(words)
    if index is not None and keys is not None:
        arguments["among"] = index.few(connection, keys, known_at)
        among = " AND position = ANY (%(among)s::bigint[])" if arguments["among"] is not None else ""
    return [row[0] for row in connection.execute(_OF_REQUEST.format(among), arguments).fetchall()]


def _is_uuid(words: str) -> bool:
    try:
        return str(uuid.UUID(words)) == words.lower()
    except ValueError:
        return False


def _read(connection: Connection, positions: Iterable[int]) -> list[Event]:
    return EventLog.within(connection).read_positions(sorted(positions))


def _told(event: Event) -> Found:
    envelope = event.envelope
    return Found(
        kind="event",
        account=event.account,
        name=f"@{event.position}",
        unique_id=event.event_id,
        of=envelope.actor.arn,
        first_seen=event.occurred_at,
        last_seen=event.occurred_at,
        position=event.position,
        evidence=envelope.evidence,
        words=f"{envelope.action or event.type} ({event.type})" if envelope.action else event.type,
    )


def _records(connection: Connection, words: str, known_at: int) -> Iterator[tuple[Found, dict[int, None]]]:
    account, slash, record_id = words.partition("/")
    if slash and is_account_id(account):
        accounts = [account]
    else:
        record_id = words
        accounts = [row[0] for row in connection.execute(_ACCOUNTS).fetchall()]
    arguments = {"accounts": accounts, "record": record_id, "known": known_at}
    for owner, name, at, action, principal, error in connection.execute(_RECORD, arguments).fetchall():
        evidence = f"{owner}/{name}"
        made = connection.execute(
            _OF_RECORD, {"at": at, "evidence": evidence, "known": known_at, "most": _MOST}
        ).fetchall()
        outcome = f"{action}, which failed: {error}" if error else action
        record = Found(
            kind="record", account=owner, name=evidence, of=principal, first_seen=at, last_seen=at, words=outcome
        )
        yield record, dict.fromkeys(row[0] for row in made)
