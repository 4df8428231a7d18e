"""Who gives a command, and what commits beside its events."""

from __future__ import annotations

from typing import Any, LiteralString

import msgspec

from erstwhile.domain.events import Actor, Details
from erstwhile.domain.vocabulary.storable_text import is_storable, storable


class Provenance(msgspec.Struct, frozen=True):
    """Who gives a command, by what call."""

    actor: Actor = Actor()
    request_id: str = ""
    action: str = ""
    details: Details | None = None


SideStatement = tuple[LiteralString, tuple[Any, ...]]
"""A statement that commits with a command's events, for what does not belong into the log; and its parameters."""


def storable_provenance(caller: Provenance) -> Provenance:
    """With texts that the database can keep: callers choose some (a session's name, a user agent), and no choice of
    theirs may prevent the record."""
    actor, details = caller.actor, caller.details or Details()
    texts = (actor.arn, actor.id, actor.type, actor.access_key, actor.invoked_by, caller.request_id, caller.action)
    if is_storable("".join((*texts, details.source_ip, details.user_agent, details.session))):
        return caller
    arn, unique_id, kind, access_key, invoked_by, request_id, action = map(storable, texts)
    cleaned = Details(storable(details.source_ip), storable(details.user_agent), storable(details.session))
    return Provenance(
        Actor(arn=arn, id=unique_id, type=kind, access_key=access_key, mfa=actor.mfa, invoked_by=invoked_by),
        request_id,
        action,
        None if caller.details is None else cleaned,
    )
