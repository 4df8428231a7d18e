"""Who made a call, as the events that it makes say."""

from __future__ import annotations

from aiohttp import web

from erstwhile.api.aws.access.identity import Identity
from erstwhile.api.commanding.provenance import Provenance
from erstwhile.api.support.edge_key import EDGE
from erstwhile.domain.events import Actor, Details


def recorded_caller(request: web.Request, identity: Identity, action: str, request_id: str) -> Provenance:
    """The identity, from where it called, and with which client. `action`: the call, as iam:CreateUser."""
    details = Details(
        source_ip=request.app[EDGE].address(request),
        user_agent=request.headers.get("User-Agent", "")[:1_000],
        session=identity.session.session_name if identity.session is not None else "",
    )
    actor = identity.actor() if identity.access_key_id else Actor(type=identity.kind)
    return Provenance(actor, request_id, action, details)
