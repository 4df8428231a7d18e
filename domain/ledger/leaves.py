"""An event's commitment: the entry of the tree.

The entry is SHA-256 over the canonical JSON (RFC 8785) of all that the log keeps of the event, 32 bytes: of bounded
size, and never the document. It has the salted hash of the event's details in place of them, so what may have to be
forgotten can be. The position is not in it: that is the place of the leaf in the tree. So an event that was taken out,
put in or moved shows as that, even where the others were numbered anew.
"""

from __future__ import annotations

import re
from hashlib import sha256
from typing import Any

import orjson
import rfc8785

_BEYOND = re.compile(rb"[\xf0-\xf4]")
"""Characters outside the Basic Multilingual Plane: RFC 8785 sorts keys by UTF-16, where these come earlier."""
_USUAL = len("2026-03-01 12:00:00.123456+00")


def canonical_json(value: Any) -> bytes:
    """RFC 8785, of what events hold: objects, arrays, text, whole numbers up to 2^53, true, false, null. (A test holds
    that no event has a fraction.) The fast writer gives the same bytes but for the order of rare keys."""
    fast = orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    return rfc8785.dumps(value) if not fast.isascii() and _BEYOND.search(fast) else fast


def canonical_instant(text: str) -> str:
    """PostgreSQL's text of an instant in UTC, `2026-03-01 12:00:00.5+00` → `2026-03-01T12:00:00.500000Z`. Instants of
    years beyond 9999 or before 1 keep their form."""
    if len(text) == _USUAL and text.endswith("+00"):
        return f"{text[:10]}T{text[11:26]}Z"
    day, _, rest = text.partition(" ")
    clock = rest.removesuffix("+00")
    if len(rest) != len(clock) + 3:
        return text
    whole, _, fraction = clock.partition(".")
    return f"{day}T{whole}.{fraction:0<6}Z"


def canonical_event(
    event_id: str, recorded_at: str, occurred_at: str, event_type: str, account: str, tags: list[str], data: Any
) -> bytes:
    """The canonical JSON of an event: instants as `canonical_instant` makes them, `data` the decoded envelope."""
    return canonical_json({
        "account": account, "data": data, "event_id": event_id, "occurred_at": occurred_at, "recorded_at": recorded_at,
        "tags": tags, "type": event_type,
    })  # fmt: skip


def entry_of(canonical: bytes) -> bytes:
    """The commitment to an event's canonical JSON."""
    return sha256(canonical).digest()
