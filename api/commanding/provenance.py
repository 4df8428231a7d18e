"""Who gives a command, and what commits beside its events."""

from __future__ import annotations

from typing import Any, LiteralString

import msgspec

from erstwhile.domain.events import Actor, Details
from erstwhile.domain.vocabulary.storable_text import is_storable, storable


class Provenance(msgspec.Struct, frozen=True):
    """Who gives a command, and how."""

    actor: Actor = Actor()
    request_id: str = ""
    action: str = ""
    details: Details | None = None


SideStatement = tuple[LiteralString, tuple[Any, ...]]
"""What belongs to a command and not into the log: a statement that commits with its events, and its parameters."""


def storable_provenance(caller: Provenance) -> Provenance:
    """What a caller chooses of this (a session's name, an agent) must not keep anything from being recorded."""
    actor, details = caller.actor, caller.details or Details()
    told = (actor.arn, actor.id, actor.type, actor.access_key, actor.invoked_by, caller.request_id, caller.action)
    if is_storable("".join((*told, details.source_ip, details.user_agent, details.session))):
        return caller
    arn, unique_id, kind, access_key, invoked_by, request_id, action = map(storable, told)
    cleaned = Details(storable(details.source_ip), storable(details.user_agent), storable(details.session))
    return Provenance(
        Actor(arn=arn, id=unique_id, type=kind, access_key=access_key, mfa=actor.mfa, invoked_by=invoked_by),
        request_id,
        action,
        None if caller.details is None else cleaned,
    )
