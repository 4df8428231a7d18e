"""Events to be appended, and their encoding for the SQL function append_events()."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any

import msgspec
import orjson

from erstwhile.domain.event_log.append_condition import Condition
from erstwhile.domain.event_log.codec import CURRENT_VERSION, NUL_IN_JSON, encode
from erstwhile.domain.events import TYPE_NAMES, Actor, Body, Details, Envelope
from erstwhile.domain.events.slots import log_slots
from erstwhile.domain.vocabulary.slots import stored_text
from erstwhile.domain.vocabulary.storable_text import storable

SALT_LENGTH = 16
"""Random bytes that are hashed before an event's details: without them, an address could be guessed from its hash."""


class NewEvent(msgspec.Struct, frozen=True, kw_only=True):
    """An event to be appended. `occurred_at` None: the instant at which it is recorded. `salt`: SALT_LENGTH random
    bytes, which an event with `details` needs."""

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
    salt: bytes = b""


class Append(msgspec.Struct, frozen=True):
    """One command's events and what they depend on."""

    events: tuple[NewEvent, ...]
    condition: Condition | None = None


EncodedAppend = dict[str, Any]
"""One command of a batch, as append_events() takes it."""


def _encoded_details(details: Details) -> bytes:
    """Details as JSON that PostgreSQL can read: callers choose these texts."""
    try:
        data = msgspec.json.encode(details)
    except UnicodeEncodeError:
        data = b""
    if data and (b"\\u0000" not in data or not NUL_IN_JSON.search(data)):
        return data
    return msgspec.json.encode(
        Details(storable(details.source_ip), storable(details.user_agent), storable(details.session))
    )


def _encoded_event(event: NewEvent) -> dict[str, Any]:
    salt = digest = details = None
    if event.details is not None:
        if len(event.salt) < SALT_LENGTH:
            raise ValueError(f"the details of an event need a salt of {SALT_LENGTH} bytes")
        details = _encoded_details(event.details)
        salt = event.salt
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
        "tags": [slot.stored for slot in log_slots(event.account, event.body)],
        "data": orjson.Fragment(encode(envelope)),
        "salt": salt.hex() if salt else None,
        "details": details.decode() if details else None,
    }


def encoded(append: Append) -> EncodedAppend:
    """Raises NotIJson for text that the log cannot keep, ValueError for details without a salt."""
    condition = append.condition
    return {
        "after": condition.after if condition else 0,
        "unless": None
        if condition is None
        else [{"types": each.types, "tags": [stored_text(tag) for tag in each.tags]} for each in condition.items],
        "events": [_encoded_event(event) for event in append.events],
    }
