"""One meaning of a word that was pasted."""

from __future__ import annotations

from datetime import datetime

import msgspec

Span = tuple[datetime | None, datetime | None]
"""From when to when; None stands for "since before all records" and "until now"."""


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """What a word means, and when that was."""

    kind: str
    """user, role, group, policy, instance-profile, resource, inline_policy, access_key, session, address, account,
    event, record."""
    account: str
    name: str
    """The ARN, or what it is called where it has none."""
    unique_id: str = ""
    of: str = ""
    """Whose it is: a key's, session's or inline policy's principal, a record's caller, an event's actor."""
    lives: tuple[Span, ...] = ()
    """When it existed, where that is known."""
    first_seen: datetime | None = None
    """When a record first shows it."""
    last_seen: datetime | None = None
    position: int | None = None
    """Of an event in the log."""
    evidence: str = ""
    """The record that an event rests on, account/id."""
    words: str = ""
    """What else is known of it."""
