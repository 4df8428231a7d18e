"""What is decided about keeping data, as events of this installation's own account: holds, retention periods, and that
something was erased. Who decided is the event's actor, why is one of its attributes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import LiteralString

from erstwhile.api.commanding.provenance import Provenance
from erstwhile.api.support.event_ids import new_event_id
from erstwhile.domain.event_log.event_log import EventLog
from erstwhile.domain.event_log.new_events import Append, NewEvent
from erstwhile.domain.events.account import SettingPut, SettingRemoved
from erstwhile.domain.vocabulary.identifiers import OWN
from erstwhile.domain.vocabulary.malformed import MalformedInput
from erstwhile.domain.vocabulary.storable_text import is_storable
from erstwhile.projections.sql import Connection

LONGEST = 2_000
"""Characters of a reason, and of other words."""
_ONE_AT_A_TIME: LiteralString = "SELECT pg_advisory_xact_lock(hashtext('erstwhile.keeping'))"
_NEWEST: LiteralString = """
SELECT DISTINCT ON (e.data->'body'->>'name') e.data->'body'->>'name', e.type, e.data->'body'->'attributes'
FROM event e
WHERE e.type IN ('iam.SettingPut', 'iam.SettingRemoved') AND e.account = %s AND e.data->'body'->>'category' = %s
ORDER BY e.data->'body'->>'name', e.position DESC
"""


class MalformedWords(MalformedInput):
    """words about keeping data that cannot be used"""

    code = "malformed_words"


def require_text(what: str, text: str) -> str:
    """Raises MalformedWords for no text, or one that no event may hold."""
    if not text.strip() or len(text) > LONGEST or not is_storable(text):
        raise MalformedWords(f"{what} has 1 to {LONGEST:,} characters")
    return text.strip()


def one_at_a_time(connection: Connection) -> None:
    """Until the end of the transaction, nobody else decides about keeping data."""
    connection.execute(_ONE_AT_A_TIME)


def current(connection: Connection, category: str) -> dict[str, dict[str, str]]:
    """Name → attributes of what is in force."""
    rows = connection.execute(_NEWEST, (OWN, category)).fetchall()
    return {name: dict(attributes or {}) for name, kind, attributes in rows if kind == "iam.SettingPut"}


def put(connection: Connection, category: str, name: str, attributes: Mapping[str, str], caller: Provenance) -> int:
    """Appends that it is so, in the caller's transaction; returns the event's position."""
    return _append(connection, SettingPut(category=category, name=name, attributes=dict(attributes)), caller)


def remove(connection: Connection, category: str, name: str, caller: Provenance) -> int:
    return _append(connection, SettingRemoved(category=category, name=name), caller)


def _append(connection: Connection, body: SettingPut | SettingRemoved, caller: Provenance) -> int:
    event = NewEvent(
        event_id=new_event_id(), account=OWN, body=body, actor=caller.actor, action=caller.action,
        request_id=caller.request_id,
    )  # fmt: skip
    [position] = EventLog.within(connection).append_batch([Append((event,))])
    assert position is not None  # it has no condition
    return position
